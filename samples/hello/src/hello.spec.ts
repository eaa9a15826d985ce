import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const program = fileURLToPath(new URL('./hello.js', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}

async function answerOf(url: string): Promise<Response> {
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(url).catch(() => undefined);
    if (response) return response;
    await sleep(50);
  }
  throw new Error(`Nobody answers at ${url}`);
}

describe('the hello program', () => {
  let child: ChildProcess;

  afterEach(() => {
    child.kill('SIGKILL');
  });

  it('answers a request and ends when it is told to', async () => {
    const port = await freePort();
    child = spawn(process.execPath, [program], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { ...process.env, APP_CONFIG_backend_listen: String(port) },
      stdio: 'ignore',
    });

    const response = await answerOf(`http://127.0.0.1:${port}/api/hello/world`);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');

    expect(await response.json()).to.deep.equal({ greeting: 'Hello, world!' });
    expect(await exited).to.deep.equal([0, null]);
  });
});
