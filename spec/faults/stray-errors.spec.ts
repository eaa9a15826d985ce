import { expect } from 'chai';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterCheck } from './harness/after-check.js';
import { type ChildBackend, spawnBackend } from './harness/child-backend.js';
import { get } from './harness/http-get.js';
import { LoadClient } from './harness/load-client.js';
import { nightly } from './harness/nightly.js';
import { until } from './harness/until.js';

const isolate = (intensity: object = {}) => ({
  supervision: { default: { onStrayError: 'isolate' }, intensity },
  startup: { retry: { initialDelay: 200 } },
});
/** Resolves once the plugin has made that error, and has been started anew. */
async function ready(child: ChildBackend & { at: number }, plugin: string, error: string): Promise<void> {
  await child.line(({ fields }) => JSON.stringify(fields['error'] ?? '').includes(error));
  await until(`plugin ${plugin}`, () => isUp(child, plugin));
}
async function isUp({ at }: { at: number }, plugin: string): Promise<boolean> {
  return (await get(at, `/api/${plugin}/ping`)).status === 200;
}
const messages = ({ log }: ChildBackend, wanted: string) => log.messages().filter(message => message === wanted);
const strays = ({ log }: ChildBackend) =>
  log.of('error').filter(line => line.message.startsWith('Nobody caught an error'));

describe('An error that nobody caught, outside of any request', () => {
  it('R8: is charged to the plugin whose code it was, 100 times of 100', async () => {
    await using child = await spawnBackend('stray-errors', { backend: isolate({ restarts: 100 }) });

    for (const kind of ['timer', 'immediate', 'rejection', 'async function', 'emitter']) {
      for (const plugin of ['one', 'two']) await get(child.at, `/api/${plugin}/stray/${encodeURIComponent(kind)}/10`);
      for (const plugin of ['one', 'two']) await ready(child, plugin, `${plugin} ${kind} 9`);
    }

    const seen = strays(child);
    expect(seen).to.have.length(100);
    for (const { fields } of seen) expect(JSON.stringify(fields['error'])).to.include(`"${String(fields['plugin'])} `);
  });

  it('R8: ends the process with 70 within 6 s; what was being answered is answered, and nothing is cut off', async function () {
    this.timeout(nightly(60_000, 300_000));
    for (let n = 0; n < nightly(1, 50); n++) {
      await using child = await spawnBackend('stray-errors');
      const load = new LoadClient({ port: child.at, connections: 20, path: '/api/probe/ping', reconnect: false });
      const slow = Array.from({ length: 20 }, () => get(child.at, '/api/probe/slow'));
      await until('20 slow answers', () => messages(child, 'probe: slow answer begun').length === 20);

      await get(child.at, '/api/one/stray/timer/1');
      const thrown = performance.now();
      const [{ code, at }, answers, result] = await Promise.all([child.exit(), Promise.all(slow), load.end()]);

      expect(code).to.equal(70);
      expect(at - thrown).to.be.below(6_000);
      expect(answers.map(({ status, complete }) => status === 200 && complete)).to.deep.equal(answers.map(() => true));
      expect(result.requests).to.be.above(20);
      expect(result).to.include({ reset: 0, truncated: 0, serverErrors: 0 });
      expect(strays(child).map(line => line.fields['plugin'])).to.deep.equal(['one']);
      expect(child.log.messages().filter(message => message === 'stray: shutdown hook')).to.have.length(2);
    }
  });

  it('R8: ends the process within 6 s also where a request would take longer', async () => {
    await using child = await spawnBackend('request-errors');
    const endless = get(child.at, '/api/faulty/stray').catch(() => undefined);

    const thrown = (await child.line(line => line.message.startsWith('Nobody caught')), performance.now());
    const { code, at } = await child.exit();

    expect(code).to.equal(70);
    expect(at - thrown).to.be.below(6_000);
    await endless;
  });

  it('R8: takes out only that plugin, where it is to be isolated, and starts it anew; others do not notice', async () => {
    await using child = await spawnBackend('stray-errors', { backend: isolate() });
    const others = new LoadClient({ port: child.at, connections: 10, path: '/api/two/ping' });
    const own = new LoadClient({ port: child.at, connections: 2, path: '/api/one/ping' });

    await get(child.at, '/api/one/stray/timer/1');
    await child.line(line => line.message.startsWith('Nobody caught'));
    const during = await get(child.at, '/api/one/ping');
    await ready(child, 'one', 'one timer 0');
    const after = await get(child.at, '/api/one/ping');
    const [untouched, restarted] = await Promise.all([others.end(), own.end()]);

    expect([during.status, after.status]).to.deep.equal([503, 200]);
    expect(untouched.ok).to.equal(untouched.requests);
    expect(restarted).to.include({ reset: 0, truncated: 0 });
    expect(restarted.serverErrors).to.be.above(0);
    expect(child.log.messages()).to.include('stray: shutdown hook');
    await afterCheck(child);
  });

  it('R8: is charged to the plugin that listens for the end of what others have begun', async () => {
    await using child = await spawnBackend('throwing-listeners', { backend: isolate({ restarts: 10 }) });

    for (const to of ['signal', 'request', 'response']) {
      const caller = request({ port: child.at, path: `/api/one/listen/${to}` }).on('error', () => {});
      caller.end();
      await child.line(({ message }) => message === `listens to ${to}`);
      caller.destroy();
      await ready(child, 'one', `the end of the ${to}`);
    }
    await get(child.at, '/api/two/publish');
    await ready(child, 'one', 'the end of the event');

    expect(strays(child).map(({ fields }) => fields['plugin'])).to.deep.equal(['one', 'one', 'one', 'one']);
  });

  it('R8: ends the process with 70 where a plugin has to be isolated more often than is borne', async () => {
    await using child = await spawnBackend('stray-errors', { backend: isolate({ restarts: 2 }) });

    for (let n = 0; n < 3; n++) {
      await get(child.at, '/api/one/stray/timer/1');
      await until('the error', () => strays(child).length === n + 1);
      if (n < 2) await until('the next life', () => isUp(child, 'one'));
    }
    const { code } = await child.exit();

    expect(code).to.equal(70);
    expect(strays(child)).to.have.length(3);
    expect(strays(child).at(-1)?.message).to.include('the backend stops');
  });

  it('R8: ends the process with 70 where no plugin can be named, however plugins are treated', async () => {
    await using child = await spawnBackend('stray-errors', { backend: isolate() });

    child.kill('SIGUSR2');
    const { code } = await child.exit();

    expect(code).to.equal(70);
    expect(strays(child)[0]?.message).to.include('outside of any plugin');
  });
});

describe('A rejection that is handled late', () => {
  for (const wait of ['tick', 'turn', 'timeout']) {
    it(`R10: is no error where that is one ${wait} later`, async () => {
      await using child = await spawnBackend('late-handling');

      for (let n = 0; n < 20; n++) await get(child.at, `/api/late/handle/${wait}`);
      await sleep(200);

      expect(strays(child)).to.deep.equal([]);
      await afterCheck(child);
    });
  }

  it('R10: is an error where that is 50 ms later', async () => {
    await using child = await spawnBackend('late-handling');

    await get(child.at, '/api/late/handle/late');
    const { code } = await child.exit();

    expect(code).to.equal(70);
    expect(strays(child).map(line => line.fields['plugin'])).to.deep.equal(['late']);
  });
});
