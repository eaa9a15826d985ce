import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterCheck } from './harness/after-check.js';
import { atOnce } from './harness/at-once.js';
import { ChildBackend } from './harness/child-backend.js';
import { freePort } from './harness/free-port.js';
import { codeOf, get, type Answer } from './harness/http-get.js';
import { until } from './harness/until.js';

interface Part {
  readonly plugin: 'front' | 'back';
  readonly port: number;
  readonly other: number;
}

interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly backend?: Readonly<Record<string, unknown>>;
}

/** The process of one of the two plugins, at a port that it keeps over its restarts. */
function spawn({ plugin, port, other }: Part, { env, backend }: StartOptions = {}): ChildBackend & { at: number } {
  const child = new ChildBackend('wire-part', {
    env: { FIXTURE_PLUGIN: plugin, FIXTURE_OTHER: String(other), ...env },
    backend: { listen: { host: '127.0.0.1', port }, requestLog: false, ...backend },
  });
  return Object.assign(child, { at: port });
}

async function parts(): Promise<[Part, Part]> {
  const [front, back] = [await freePort(), await freePort()];
  return [
    { plugin: 'front', port: front, other: back },
    { plugin: 'back', port: back, other: front },
  ];
}

const unavailable = { code: 'dependency_unavailable', message: 'Something that this needs is not available' };

/** Asks one time after the other, until it is told to end. */
function keepAsking(port: number, path: string) {
  const answers: Answer[] = [];
  const over = new AbortController();
  const done = (async () => {
    while (!over.signal.aborted) {
      answers.push(await get(port, path));
      await sleep(5);
    }
  })();
  return {
    answers,
    end: async (): Promise<Answer[]> => {
      over.abort();
      await done;
      return answers;
    },
  };
}

const errorOf = ({ text }: Answer): unknown => (JSON.parse(text) as { error: unknown }).error;

describe('A plugin whose neighbour runs in another process', () => {
  it('answers 503 in a fixed sentence while that is dead, soon without asking, and goes on once it is back', async () => {
    const [frontPart, backPart] = await parts();
    await using front = spawn(frontPart);
    const back = spawn(backPart);
    await Promise.all([front.started(), back.started()]);
    const load = keepAsking(front.at, '/api/front/ask');
    await until('a good answer', () => load.answers.some(({ status }) => status === 200));

    back.kill('SIGKILL');
    await back.exit();
    await back[Symbol.asyncDispose]();
    await until('the circuit to be open', () => load.answers.filter(({ status }) => status === 503).length > 20);
    await using again = spawn(backPart);
    await again.started();
    await until('a good answer again', () => load.answers.at(-1)?.status === 200);
    const answers = await load.end();

    const failures = answers.filter(({ status }) => status !== 200);
    for (const answer of failures) {
      expect(answer.status).to.equal(503);
      expect(errorOf(answer)).to.deep.equal(unavailable);
      expect(answer.duration).to.be.below(atOnce);
    }
    expect(failures.map(({ duration }) => duration).toSorted((a, b) => a - b)[10]).to.be.below(30);
    expect(answers.at(-1)!.text).to.include(String(again.pid));
    await afterCheck(front);
  });

  it('is not kept longer than its own caller waits by one that hangs, and goes on once that does', async () => {
    const [frontPart, backPart] = await parts();
    await using front = spawn(frontPart, { backend: { wire: { timeout: 300 } } });
    await using back = spawn(backPart);
    await Promise.all([front.started(), back.started()]);
    await get(front.at, '/api/front/ask');

    back.kill('SIGSTOP');
    const late = await get(front.at, '/api/front/ask');
    back.kill('SIGCONT');

    expect([late.status, codeOf(late)]).to.deep.equal([504, 'deadline_exceeded']);
    expect(late.duration).to.be.within(290, 290 + atOnce);
    await until('a good answer again', async () => (await get(front.at, '/api/front/ask')).status === 200);
    await afterCheck(front);
  });

  it('answers well, or with 503, while that is restarted under load', async () => {
    const [frontPart, backPart] = await parts();
    await using front = spawn(frontPart);
    const back = spawn(backPart);
    await Promise.all([front.started(), back.started()]);
    const loads = Array.from({ length: 8 }, () => keepAsking(front.at, '/api/front/ask'));

    back.kill('SIGTERM');
    const { code } = await back.exit();
    await back[Symbol.asyncDispose]();
    await using again = spawn(backPart);
    await again.started();
    for (const { answers } of loads) await until('a good answer again', () => answers.at(-1)?.status === 200);
    const answers = (await Promise.all(loads.map(load => load.end()))).flat();

    expect(code).to.equal(0);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect([answer.status, errorOf(answer)]).to.deep.equal([503, unavailable]);
    }
  });

  it('is believed as soon as it has started anew, with new keys', async () => {
    const [frontPart, backPart] = await parts();
    const front = spawn(frontPart);
    await using back = spawn(backPart);
    await Promise.all([front.started(), back.started()]);
    expect((await get(front.at, '/api/front/ask')).status).to.equal(200);

    front.kill('SIGTERM');
    await front.exit();
    await front[Symbol.asyncDispose]();
    await using again = spawn(frontPart);
    await again.started();
    const answer = await get(again.at, '/api/front/ask');

    expect([answer.status, answer.text]).to.deep.equal([200, JSON.stringify({ told: back.pid })]);
  });

  it('has that one stop when its own caller has gone, and tells it how much time there is', async () => {
    const [frontPart, backPart] = await parts();
    const token = 'a-token-of-the-program-that-asks-here';
    const auth = { externalAccess: [{ type: 'static', options: { token, subject: 'program' } }] };
    await using front = spawn(frontPart, { backend: { auth } });
    await using back = spawn(backPart);
    await Promise.all([front.started(), back.started()]);

    const headers = { 'x-backplane-timeout': '400', authorization: `Bearer ${token}` };
    const answer = await get(front.at, '/api/front/wait', { headers });

    expect([answer.status, codeOf(answer)]).to.deep.equal([504, 'deadline_exceeded']);
    const { fields } = await back.line(({ message }) => message === 'back: asked');
    expect(fields['left']).to.be.within(1, 400);
    await back.line(({ message }) => message === 'back: given up');
  });

  it('is answered with 508 where the calls go round in a circle', async () => {
    const [frontPart, backPart] = await parts();
    await using front = spawn(frontPart);
    await using back = spawn(backPart);
    await Promise.all([front.started(), back.started()]);

    const answer = await get(front.at, '/api/front/bounce');

    expect([answer.status, codeOf(answer)]).to.deep.equal([508, 'loop_detected']);
    await afterCheck(front);
    await afterCheck(back);
  });
});

describe('Two processes that need each other', () => {
  const asks = { FIXTURE_ASKS_IN_INIT: 'yes' };

  it('start in one go where one waits for the other to be ready', async () => {
    const [frontPart, backPart] = await parts();
    await using back = spawn(backPart, { env: { FIXTURE_INIT_MS: '800' } });
    await back.port();
    await using front = spawn(frontPart, { env: asks });

    await Promise.all([front.started(), back.started()]);

    expect((await get(front.at, '/api/front/ask')).status).to.equal(200);
  });

  it('start one after the other where the first goes on without what it asks for', async () => {
    const [frontPart, backPart] = await parts();
    const startup = { default: { onPluginBootFailure: 'continue' }, retry: { initialDelay: 200 } };
    await using front = spawn(frontPart, { env: asks, backend: { startup } });
    await front.started();
    const early = await get(front.at, '/api/front/ask');
    await using back = spawn(backPart);
    await back.started();

    await until('the first to have started', async () => (await get(front.at, '/api/front/ask')).status === 200);

    expect(early.status).to.equal(503);
  });

  it('say why they do not start where each waits for the other', async () => {
    const [frontPart, backPart] = await parts();
    const backend = { lifecycle: { startupRequestPauseTimeout: 300 } };
    await using front = spawn(frontPart, { env: { ...asks, FIXTURE_INIT_MS: '500' }, backend });
    await using back = spawn(backPart, { env: { ...asks, FIXTURE_INIT_MS: '500' }, backend });

    const exits = await Promise.all([front.exit(), back.exit()]);

    expect(exits.map(({ code }) => code)).to.deep.equal([1, 1]);
    for (const { stderr } of [front, back]) {
      expect(stderr).to.match(
        /\[PLUGIN_INIT_FAILED\] .*\n(.*\n)*.*cause: RemoteError: Plugin '\w+' (has not started yet|is not available)/,
      );
    }
  });
});
