import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { ask, firstAnswer } from './first-answer.mjs';
import { freePort } from './free-port.mjs';

/** How long a server may take to answer, in ms. */
const deadline = 120_000;

const memoryReporter = fileURLToPath(new URL('servers/report-memory.mjs', import.meta.url));

/** The time from the spawn of a server to the first answer of the last of its plugins, in ms. */
export async function coldStart(peer, plugins) {
  return await withServer(peer, plugins, { nodeOptions: [], stdio: 'ignore' }, ({ elapsed }) => elapsed);
}

/** The memory, in KiB, of a server that has collected its garbage after it answered. */
export async function memoryOf(peer, plugins) {
  const options = { nodeOptions: ['--expose-gc', '--import', memoryReporter], stdio: 'ipc' };
  return await withServer(peer, plugins, options, async ({ child, ended }) => {
    child.send('memory');
    const [report] = await once(child, 'message', { signal: ended });
    return { heap: report.heapUsed / 1024, resident: report.rss / 1024 };
  });
}

/**
 * Runs `use` with a server of `plugins` plugins that has answered, and ends the server. `server` is the file to run
 * instead of the peer's own, `cpu` the only one it may use.
 */
export async function withServer(peer, plugins, { nodeOptions, stdio, server = peer.server, cpu }, use) {
  const port = await freePort();
  const urlOf = (pluginId, route = 'hello') => `http://127.0.0.1:${port}/api/${pluginId}/${route}`;
  const last = `p${plugins}`;

  // At the level `error` neither Backstage nor Backplane logs a start; the others do not log by themselves.
  const env = { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error' };
  const spawned = performance.now();
  const command = [process.execPath, ...nodeOptions, server, String(plugins), String(port)];
  const [program, ...args] = cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe', stdio],
  });
  const gone = once(child, 'exit');
  const stderr = textOf(child.stderr);
  const ended = new AbortController();
  child.once('exit', () => ended.abort(new Error('The server ended.')));
  try {
    await firstAnswer(urlOf(last), answerOf(last), AbortSignal.any([ended.signal, AbortSignal.timeout(deadline)]));
    const elapsed = performance.now() - spawned;

    const first = await ask(urlOf('p1'), AbortSignal.timeout(deadline));
    if (first?.text !== answerOf('p1')) throw new Error(`Plugin 'p1' answered ${JSON.stringify(first)}.`);
    return await use({ child, elapsed, ended: ended.signal, urlOf });
  } catch (error) {
    throw new Error(`${peer.name} with ${plugins} plugins failed.\n${stderr()}`, { cause: error });
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

function answerOf(pluginId) {
  return JSON.stringify({ hello: pluginId });
}

function textOf(stream) {
  let text = '';
  stream.setEncoding('utf8').on('data', chunk => (text += chunk));
  return () => text.trim();
}
