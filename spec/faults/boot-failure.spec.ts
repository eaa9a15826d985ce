import { expect } from 'chai';
import { atOnce } from './harness/at-once.js';
import { afterCheck } from './harness/after-check.js';
import { ChildBackend, runBackend, spawnBackend } from './harness/child-backend.js';
import { importCost } from './harness/import-cost.js';
import { codeOf, get } from './harness/http-get.js';
import { isClosed } from './harness/raw-http.js';

const forgiving = { startup: { plugins: { bad: { onPluginBootFailure: 'continue' } } } };

describe('A plugin that does not start', () => {
  it('R1: ends the process at once, with plugin, file and chain of causes, and what had started stopped in reverse', async () => {
    const child = await runBackend('failing-init');

    expect(child.code).to.equal(1);
    expect(child.duration).to.be.below(atOnce + (await importCost()));
    expect(child.stderr)
      .to.include('[PLUGIN_INIT_FAILED]')
      .and.to.include("in plugin 'bad' (spec/faults/fixtures/failing-init.ts:4:2)");
    expect(child.stderr).to.match(/cause: Error: the table is missing[^]*cause: Error: the disk is offline/);
    expect(child.log.of('error').map(line => line.fields['plugin'])).to.deep.equal(['bad']);
    const hooks = child.log.messages().filter(message => message.startsWith('good: '));
    expect(hooks).to.deep.equal(['good: second hook', 'good: first hook']);
    expect(await isClosed(await child.port())).to.equal(true);
  });

  it('R1: is told together with another that does not start either', async () => {
    const child = await runBackend('two-failing-inits');

    expect(child.code).to.equal(1);
    expect(child.stderr)
      .to.include('for 2 reasons')
      .and.to.match(/the first reason[^]*the second reason/);
  });

  it('R1: is told, with 1, also where a signal comes while the start is undone', async () => {
    await using child = new ChildBackend('failing-init', { env: { FIXTURE_HOOK_MS: '300' } });
    await child.line(line => line.message === 'good: second hook');

    child.kill('SIGTERM');
    const { code } = await child.exit();

    expect(code).to.equal(1);
    expect(child.stderr).to.include('[PLUGIN_INIT_FAILED]');
    expect(child.log.messages()).to.include.members(['good: first hook', 'Backend is stopped']);
  });

  it('R1: ends the process with 70 and its name where it has left an error that nobody catches', async () => {
    const child = await runBackend('stray-in-init');

    expect(child.code).to.equal(70);
    expect(child.stderr).to.include('nobody awaits this');
    const stray = child.log.all.find(line => line.message.startsWith('Nobody caught an error'));
    expect(stray?.fields['plugin']).to.equal('careless');
    expect(child.log.messages()).to.include.members(['careless: shutdown hook', 'Backend is stopped']);
  });

  it('R8: ends the process within 6 s of such an error, also where its shutdown hook hangs', async () => {
    const child = await runBackend('stray-in-init', { env: { FIXTURE_HANGS: '1' } });

    expect(child.code).to.equal(70);
    expect(child.duration).to.be.below(6_000 + (await importCost()));
    expect(child.stderr).to.include("(waiting for: shutdown hook 'close pool' of plugin 'careless')");
  });

  it('R2: is left out where configuration allows that; the rest works, and the log says so', async () => {
    await using child = await spawnBackend('failing-init', { backend: forgiving });

    const bad = await get(child.at, '/api/bad/anything');
    expect([bad.status, codeOf(bad)]).to.deep.equal([503, 'plugin_unavailable']);
    expect(bad.duration).to.be.below(atOnce);
    expect((await get(child.at, '/api/good/ping')).status).to.equal(200);
    expect((await get(child.at, '/.backplane/health/v1/readiness')).status).to.equal(200);
    const entry = child.log.all.find(line => line.message.startsWith("Plugin 'bad' failed to start"));
    expect(entry?.level).to.equal('warn');
    expect(JSON.stringify(entry)).to.include('the table is missing');
    await afterCheck(child);
  });

  it('R2: shows up in the health of the plugins, without its error', async () => {
    await using child = await spawnBackend('failing-init', {
      backend: { ...forgiving, health: { plugins: 'public' } },
    });

    const plugins = await get(child.at, '/.backplane/health/v1/plugins');

    expect(plugins.text)
      .to.match(/"pluginId":"bad","status":"error"/)
      .and.not.to.include('table');
  });

  it('R2: is tried again with growing waits until it starts, and is refused at once till then', async () => {
    const startup = { default: { onPluginBootFailure: 'continue' }, retry: { initialDelay: 300 } };
    await using child = await spawnBackend('flaky', { backend: { startup } });

    const early = await get(child.at, '/api/flaky/ping');
    const started = await child.line(line => line.message.startsWith("Plugin 'flaky' started"));
    const late = await get(child.at, '/api/flaky/ping');

    expect([early.status, codeOf(early)]).to.deep.equal([503, 'plugin_unavailable']);
    expect(early.duration).to.be.below(atOnce);
    expect([late.status, late.text]).to.deep.equal([200, 'attempt 3']);
    const times = [...child.log.all.filter(line => line.message.startsWith("Plugin 'flaky' failed")), started].map(
      line => Date.parse(line.fields['time'] as string),
    );
    expect(times[1]! - times[0]!).to.be.within(290, 290 + atOnce);
    expect(times[2]! - times[1]!).to.be.within(590, 590 + atOnce);
  });
});

describe('A module that does not start', () => {
  it('R1: ends the process with the names of module and plugin', async () => {
    const child = await runBackend('failing-module');

    expect(child.code).to.equal(1);
    expect(child.stderr).to.include("[MODULE_INIT_FAILED] init() of module 'broken' of plugin 'host' failed");
  });

  it('R1: ends the process even where its plugin may fail', async () => {
    const startup = { plugins: { host: { onPluginBootFailure: 'continue' } } };
    const child = await runBackend('failing-module', { backend: { startup } });

    expect(child.code).to.equal(1);
  });

  it('R2: is left out with its routes where configuration allows that; its plugin and the other modules work', async () => {
    const modules = { broken: { onPluginModuleBootFailure: 'continue' } };
    await using child = await spawnBackend('failing-module', {
      backend: { startup: { plugins: { host: { modules } } } },
    });

    expect((await get(child.at, '/api/host/ping')).status).to.equal(200);
    expect((await get(child.at, '/api/host/sound')).status).to.equal(200);
    expect((await get(child.at, '/api/host/broken')).status).to.equal(404);
    await afterCheck(child);
  });
});
