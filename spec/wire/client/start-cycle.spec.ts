import { expect } from 'chai';
import { z } from 'zod';
import { Get, Inject, Plugin } from '../../../decorators/index.js';
import { WireService } from '../../../lib/api/wire-service.js';
import { defineApi, get } from '../../../lib/contract/index.js';
import { BackendStartupError } from '../../../lib/errors/backend-startup-error.js';
import type { BackplaneError } from '../../../lib/errors/backplane-error.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';
import { own, rejection, serve } from './wire-fixture.js';

/** A plugin whose `init()` takes a while and then calls these, one after the other. */
function plugin(pluginId: string, calls: readonly string[], pause = 0) {
  @Plugin({ pluginId })
  class Calling {
    constructor(@Inject(WireService) private readonly wire: WireService) {}

    async init(): Promise<void> {
      await new Promise(resolve => setTimeout(resolve, pause));
      for (const target of calls) await this.wire.call(apiOf(target).hello, {}, own);
    }

    @Get('/hello', { allow: 'unauthenticated' })
    hello(): unknown {
      return {};
    }
  }
  return Calling;
}

function apiOf(pluginId: string) {
  return defineApi({
    pluginId,
    operations: { hello: get('/hello', { allow: 'unauthenticated', response: z.unknown() }) },
  });
}

async function problemsOf(features: (new (...args: never[]) => object)[]) {
  const begin = performance.now();
  const error = await rejection(TestBackend.start({ features, config: { backend: { logger: { level: 'silent' } } } }));
  expect(error).to.be.instanceOf(BackendStartupError);
  expect(performance.now() - begin).to.be.below(2_000);
  return (error as BackendStartupError).problems;
}

/** What has kept these plugins from starting. */
async function causesOf(features: (new (...args: never[]) => object)[]) {
  return (await problemsOf(features)).map(({ cause }) => (cause as BackplaneError).problem);
}

describe('Plugins that call each other while they start', () => {
  it('fail at once, both with the path, where each waits for the other', async () => {
    const problems = await causesOf([plugin('catalog', ['search']), plugin('search', ['catalog'], 150)]);

    expect(problems.map(({ code }) => code)).to.deep.equal(['START_CYCLE', 'START_CYCLE']);
    for (const { message } of problems) {
      expect(message).to.equal('Plugins wait for each other to start: search -> catalog -> search');
    }
    expect(problems[0]!.path).to.deep.equal([`in plugin 'catalog'`, `-> operation 'hello' of plugin 'search'`]);
  });

  it('fail where the circle is longer', async () => {
    const problems = await causesOf([
      plugin('a', ['b']),
      plugin('b', ['c'], 10),
      plugin('c', ['d'], 20),
      plugin('d', ['a'], 30),
      plugin('aside', []),
    ]);

    expect(problems.map(({ code }) => code)).to.deep.equal(Array(4).fill('START_CYCLE'));
    expect(problems[0]!.message).to.match(/: d -> a -> b -> c -> d$/);
  });

  it('fail where one waits for itself', async () => {
    const problems = await causesOf([plugin('alone', ['alone'])]);

    expect(problems.map(({ code, message }) => [code, message])).to.deep.equal([
      ['START_CYCLE', 'Plugins wait for each other to start: alone -> alone'],
    ]);
  });

  it('wait for each other where that comes to an end, for longer than others may', async () => {
    await using backend = await TestBackend.start({
      features: [plugin('a', ['b', 'c']), plugin('b', ['c']), plugin('c', [], 80)],
      config: { backend: { lifecycle: { startupRequestPauseTimeout: 20 } } },
    });

    expect(backend.result.plugins.map(({ failure }) => failure)).to.deep.equal([undefined, undefined, undefined]);
  });

  it('are told at once that another has failed', async () => {
    @Plugin({ pluginId: 'broken' })
    class BrokenPlugin {
      async init(): Promise<void> {
        await new Promise(resolve => setTimeout(resolve, 20));
        throw new Error('no database');
      }
    }

    const problems = await problemsOf([plugin('a', ['broken']), BrokenPlugin]);

    expect(problems.map(({ code }) => code)).to.include('PLUGIN_INIT_FAILED');
  });

  it('say whose answer from another process they were waiting for when their time was over', async () => {
    using silent = await serve(() => {});
    const features = [plugin('a', ['elsewhere'])];
    const config = {
      backend: { logger: { level: 'silent' }, startup: { initTimeout: '2s' } },
      discovery: {
        endpoints: [{ target: `http://127.0.0.1:${silent.port}/api/{{pluginId}}`, plugins: ['elsewhere'] }],
      },
    };

    const error = await rejection(TestBackend.start({ features, config }));

    const [problem] = (error as BackendStartupError).problems;
    const call = "operation 'hello' of plugin 'elsewhere'";
    expect(problem!.message).to.equal(`Plugin 'a' init did not finish in 2000 ms (waiting for: ${call})`);
    expect(problem!.path).to.include(`-> ${call}`);
    expect(problem!.fix).to.match(/^where that waits for 'a' in turn, /);
  });
});
