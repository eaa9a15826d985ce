import { expect } from 'chai';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../../lib/api/config-service.js';
import type { Part } from './part-program.js';

const program = fileURLToPath(new URL('part-program.js', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function start(part: Part): Promise<ChildProcess> {
  const child = fork(program, [JSON.stringify(part)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the program ended'))),
  ]);
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** The same configuration for all parts; each listens at its own port. */
function configOf(port: number, endpoints: JsonObject[]): JsonObject {
  return { backend: { listen: { host: '127.0.0.1', port }, logger: { level: 'silent' } }, discovery: { endpoints } };
}

/** What the world outside sees of the two plugins. */
async function observe(port: number): Promise<unknown[]> {
  const at = `http://127.0.0.1:${port}/api/relay`;
  const answers = [
    await fetch(`${at}/greet/a%2Fb`),
    await fetch(`${at}/refused`),
    await fetch(`${at}/reflect`, { method: 'POST', body: '{"a":[1,"ü",null,{"b":1e21}]}' }),
    await fetch(`${at}/reflect`, { method: 'POST', body: 'no json' }),
  ];
  return Promise.all(
    answers.map(async answer => {
      const { requestId: _, ...body } = (await answer.json()) as Record<string, unknown>;
      return [answer.status, body];
    }),
  );
}

describe('Two plugins', () => {
  it('behave the same in one process and in two, by configuration alone', async function () {
    this.timeout(60_000);
    const [relayAt, mirrorAt] = [await freePort(), await freePort()];
    const endpoints = Object.entries({ relay: relayAt, mirror: mirrorAt }).map(([plugin, port]) => ({
      target: `http://127.0.0.1:${port}/api/{{pluginId}}`,
      plugins: [plugin],
    }));

    const together = await start({ plugins: ['relay', 'mirror'], config: configOf(relayAt, endpoints) });
    const asOne = await observe(relayAt);
    await stop(together);
    const parts = await Promise.all([
      start({ plugins: ['relay'], config: configOf(relayAt, endpoints) }),
      start({ plugins: ['mirror'], config: configOf(mirrorAt, endpoints) }),
    ]);
    const asTwo = await observe(relayAt);
    await Promise.all(parts.map(stop));

    expect(asTwo).to.deep.equal(asOne);
    expect(asOne[0]).to.deep.equal([200, { name: 'a/b', by: 'service' }]);
    expect(asOne[1]).to.have.nested.property('[1].status', 403);
  });
});
