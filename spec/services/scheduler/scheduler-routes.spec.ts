import { expect } from 'chai';
import { Get, Plugin } from '../../../decorators/index.js';
import type { AccessRestriction } from '../../../lib/api/credentials.js';
import { AuditSink, type AuditRecord } from '../../../lib/api/auditor-service.js';
import { mockCredentials } from '../../../lib/testing/mock-credentials.js';
import { override } from '../../../lib/testing/override.js';
import { TestBackend, type TestBackendOptions } from '../../../lib/testing/test-backend.js';
import { pluginWithTasks, type Tasks } from './scheduler-fixture.js';

const path = '/api/worker/.backplane/scheduler/v1/tasks';
const user = { headers: { authorization: mockCredentials.user.header('user:default/ada') } };
const service = { headers: { authorization: mockCredentials.service.header() } };

const patient = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve()));

@Plugin({ pluginId: 'plain' })
class PlainPlugin {
  @Get('/route')
  route(): void {}
}

async function start(tasks: Tasks, options: TestBackendOptions = {}): Promise<TestBackend> {
  const config = { backend: { logger: { level: 'silent' } } };
  return TestBackend.start({ features: [pluginWithTasks('worker', ...tasks)], config, ...options });
}

function codeOf(body: unknown): unknown {
  return (body as { error: { code: unknown } }).error.code;
}

describe('the routes of tasks', () => {
  it('let nobody in without credentials, and no cookie', async () => {
    await using backend = await start([[{ id: 'work', manual: true }, () => {}]]);
    const { request } = backend;
    const cookie = { headers: { cookie: mockCredentials.user.cookie() } };

    for (const options of [{}, cookie, { headers: { authorization: mockCredentials.user.invalidHeader() } }]) {
      expect((await request.get(path, options)).status).to.equal(401);
      expect((await request.get(`${path}/work/history`, options)).status).to.equal(401);
      expect((await request.post(`${path}/work/trigger`, options)).status).to.equal(401);
      expect((await request.post(`${path}/work/cancel`, options)).status).to.equal(401);
      expect((await request.post(`${path}/other/trigger`, options)).status).to.equal(401);
    }
  });

  it('are not for a program whose token has few permissions here, which says nothing of tasks', async () => {
    await using backend = await start([
      [{ id: 'work', manual: true }, () => Promise.reject(new Error('told to operators'))],
    ]);
    const as = (accessRestrictions: readonly AccessRestriction[]) => ({
      headers: { authorization: mockCredentials.service.header({ accessRestrictions }) },
    });
    const post = async (action: string, restriction: AccessRestriction) =>
      backend.request.post(`${path}/work/${action}`, as([{ plugin: 'other', permissions: ['x'] }, restriction]));

    for (const restriction of [{ permissions: ['work.read'] }, { actions: ['read'] }, { actions: ['create'] }]) {
      for (const action of ['trigger', 'cancel']) {
        const { status, body } = await post(action, { plugin: 'worker', ...restriction });
        expect([status, codeOf(body)]).to.deep.equal([403, 'restricted_token']);
      }
    }
    expect((await post('trigger', { plugin: 'worker' })).status).to.equal(204);
    await backend.clock.advance('1s');
    const told = async (restriction: AccessRestriction) =>
      JSON.stringify((await backend.request.get(`${path}/work/history`, as([restriction]))).body);
    expect(await told({ plugin: 'worker' })).to.include('told to operators');
    expect(await told({ plugin: 'worker', actions: ['read'] }))
      .to.include('failed')
      .and.not.include('told to operators');
  });

  it('list the tasks', async () => {
    await using backend = await start([
      [{ id: 'work', every: '5m', timeout: '1m' }, () => {}],
      [{ id: 'sweep', cron: '0 3 * * *', scope: 'local' }, () => {}],
    ]);
    await backend.clock.advance('1m');

    const { status, body, headers } = await backend.request.get(path, user);

    expect([status, headers['cache-control']]).to.deep.equal([200, 'no-store']);
    expect(body).to.deep.equal({
      tasks: [
        {
          id: 'work',
          pluginId: 'worker',
          scope: 'global',
          frequency: { every: 300_000 },
          timeout: 60_000,
          status: 'idle',
          nextRunAt: '2030-01-01T00:05:00.000Z',
          lastRun: {
            fence: 1,
            startedAt: '2030-01-01T00:00:00.001Z',
            endedAt: '2030-01-01T00:00:00.001Z',
            outcome: 'completed',
          },
        },
        {
          id: 'sweep',
          pluginId: 'worker',
          scope: 'local',
          frequency: { cron: '0 3 * * *', timeZone: 'UTC' },
          timeout: 3_600_000,
          status: 'idle',
          nextRunAt: '2030-01-01T03:00:00.000Z',
        },
      ],
    });
  });

  it('let a task run, and end, and say so in the audit with who wanted it', async () => {
    const records: AuditRecord[] = [];
    const overrides = [override(AuditSink).withValue({ write: record => void records.push(record) } as AuditSink)];
    await using backend = await start([[{ id: 'work', manual: true }, patient]], { overrides });
    const { request, clock } = backend;

    expect((await request.post(`${path}/work/trigger`, user)).status).to.equal(204);
    await clock.settle();
    const again = await request.post(`${path}/work/trigger`, user);
    expect([again.status, codeOf(again.body)]).to.deep.equal([409, 'conflict']);
    expect((await request.post(`${path}/work/cancel`, service)).status).to.equal(204);
    await clock.advance('2s');
    const idle = await request.post(`${path}/work/cancel`, service);
    expect([idle.status, codeOf(idle.body)]).to.deep.equal([409, 'conflict']);

    const { body } = await request.get(`${path}/work/history`, user);
    expect((body as { runs: { outcome: string }[] }).runs.map(({ outcome }) => outcome)).to.deep.equal(['cancelled']);
    expect(records.map(({ eventId, status, actor }) => [eventId, status, actor.actorId])).to.deep.equal([
      ['task-trigger', 'initiated', 'user:default/ada'],
      ['task-trigger', 'succeeded', 'user:default/ada'],
      ['task-trigger', 'initiated', 'user:default/ada'],
      ['task-trigger', 'failed', 'user:default/ada'],
      ['task-cancel', 'initiated', 'external:test-service'],
      ['task-cancel', 'succeeded', 'external:test-service'],
      ['task-cancel', 'initiated', 'external:test-service'],
      ['task-cancel', 'failed', 'external:test-service'],
    ]);
  });

  it('know no task but the plugin’s, and no other method', async () => {
    await using backend = await start([[{ id: 'work', manual: true }, () => {}]]);
    const { request } = backend;

    for (const id of ['other', 'WORK', '%2e%2e', "x'%20OR%20'1'='1", '__proto__']) {
      expect((await request.post(`${path}/${id}/trigger`, user)).status, id).to.be.oneOf([400, 404]);
      expect((await request.post(`${path}/${id}/cancel`, user)).status, id).to.be.oneOf([400, 404]);
      expect((await request.get(`${path}/${id}/history`, user)).status, id).to.be.oneOf([400, 404]);
    }
    expect((await request.get(`${path}/work/trigger`, user)).status).to.equal(405);
  });

  it('tell what a task has failed with to services, and to no user', async () => {
    const failing = (): never => {
      throw new Error('postgres://root:hunter2@db');
    };
    await using backend = await start([[{ id: 'work', manual: true }, failing]]);
    await backend.runTask('work', { pluginId: 'worker' });

    for (const place of [path, `${path}/work/history`]) {
      expect((await backend.request.get(place, user)).text)
        .to.contain('failed')
        .and.not.to.contain('hunter2');
      expect((await backend.request.get(place, service)).text).to.contain('hunter2');
    }
  });

  it('are there only where a plugin has tasks, and in no document of its api', async () => {
    await using backend = await start([[{ id: 'work', manual: true }, () => {}]], {
      features: [pluginWithTasks('worker', [{ id: 'work', manual: true }, () => {}]), PlainPlugin],
    });

    const { body } = await backend.request.get('/api/worker/.backplane/openapi.json', user);
    expect(JSON.stringify(body)).not.to.contain('scheduler');
    expect((await backend.request.get(path.replace('worker', 'plain'), user)).status).to.equal(404);
    expect((await backend.request.get('/api/plain/route', user)).status).to.equal(204);
  });
});
