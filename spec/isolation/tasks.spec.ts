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

  it('I40 is neither triggered nor cancelled by another plugin, which does not learn why it has failed', async () => {
    const failing = (): never => {
      throw new Error('hidden');
    };
    const config = { backend: { logger: { level: 'silent' } } };
    const features = [pluginWithTasks('b', [{ id: 'refresh', manual: true }, failing])];
    await using backend = await TestBackend.start({ features, config });
    const routes = '/api/b/.backplane/scheduler/v1/tasks';
    const as = (subject: string) => ({ headers: { authorization: mockCredentials.service.header({ subject }) } });
    await backend.runTask('refresh', { pluginId: 'b' });

    for (const action of ['trigger', 'cancel']) {
      const { status, body } = await backend.request.post(`${routes}/refresh/${action}`, as('plugin:a'));
      expect(status, action).to.equal(403);
      expect(body).to.have.nested.property('error.code', 'foreign_plugin');
    }
    for (const path of [routes, `${routes}/refresh/history`]) {
      expect((await backend.request.get(path, as('plugin:a'))).text).not.to.contain('hidden');
      expect((await backend.request.get(path, as('plugin:b'))).text).to.contain('hidden');
    }
    expect((await backend.request.post(`${routes}/refresh/trigger`, as('plugin:b'))).status).to.equal(204);
  });
});
