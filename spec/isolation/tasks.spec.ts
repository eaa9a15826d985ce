import { expect } from 'chai';
import { SchedulerService } from '../../lib/api/scheduler-service.js';
import { mockCredentials } from '../../lib/testing/mock-credentials.js';
import { TestBackend } from '../../lib/testing/test-backend.js';
import { pluginWithTasks } from '../services/scheduler/scheduler-fixture.js';

describe('A task', () => {
  it('I40 is its plugin’s alone, whatever the tasks of others are called', async () => {
    const runs: string[] = [];
    const waiting = (signal: AbortSignal): Promise<void> =>
      new Promise(resolve => signal.addEventListener('abort', () => resolve()));
    const config = { backend: { logger: { level: 'silent' } } };
    const features = [
      pluginWithTasks('a', [{ id: 'refresh', manual: true }, () => void runs.push('a')]),
      pluginWithTasks(
        'b',
        [{ id: 'refresh', manual: true }, () => void runs.push('b')],
        [{ id: 'secret', manual: true }, waiting],
      ),
    ];
    await using backend = await TestBackend.start({ features, config });
    const [a, b] = ['a', 'b'].map(pluginId => backend.get(SchedulerService, { pluginId })) as [
      SchedulerService,
      SchedulerService,
    ];
    const statusOf = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'done',
        (error: { status?: number }) => error.status,
      );

    expect((await backend.runTask('refresh', { pluginId: 'a' })).outcome).to.equal('completed');
    expect(runs).to.deep.equal(['a']);
    expect(await b.getHistory('refresh')).to.deep.equal([]);
    expect((await a.getTasks()).map(({ id, pluginId }) => [id, pluginId])).to.deep.equal([['refresh', 'a']]);
    await b.triggerTask('secret');
    await backend.clock.settle();
    expect(await statusOf(a.cancelTask('secret'))).to.equal(404);
    expect(await statusOf(a.triggerTask('secret'))).to.equal(404);
    const headers = { authorization: mockCredentials.user.header() };
    const routes = '/api/a/.backplane/scheduler/v1/tasks';
    expect((await backend.request.post(`${routes}/secret/cancel`, { headers })).status).to.equal(404);
    expect((await b.getTasks()).find(({ id }) => id === 'secret')).to.include({ status: 'running' });
  });
});
