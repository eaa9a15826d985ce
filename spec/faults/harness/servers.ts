import { once } from 'node:events';
import { connect } from 'node:net';
import { testServers } from '../../../lib/testing/test-server.js';

interface Server {
  readonly name: string;
  /** Names another one than that at its standard port of this machine. */
  readonly variable: string;
  readonly standard: string;
}

const servers = {
  postgres: testServers.postgres,
  mysql: { ...testServers.mysql, name: 'MariaDB' },
  redis: { name: 'Redis', variable: 'BACKPLANE_TEST_REDIS', standard: 'redis://127.0.0.1:6379' },
  nats: { name: 'NATS', variable: 'BACKPLANE_TEST_NATS', standard: 'nats://127.0.0.1:4222' },
} as const satisfies Record<string, Server>;

export type ServerId = keyof typeof servers;

export const serverIds = Object.keys(servers) as ServerId[];

/** Where the tests expect the server. */
export function urlOf(id: ServerId): URL {
  const { variable, standard } = servers[id];
  return new URL(process.env[variable] ?? standard);
}

/** Leaves out the suite that calls it where the server does not answer; `.ci/run` sees to it that all do. */
export function uses(id: ServerId): void {
  before(async function () {
    if (!(await answers(id))) this.skip();
  });
}

/** One line for each server: whether tests run on it, and where. */
export async function describeServers(): Promise<string> {
  const lines = serverIds.map(async id => {
    const { name, variable } = servers[id];
    const { host } = urlOf(id);
    return (await answers(id))
      ? `${name}: tests run on the one at ${host}`
      : `${name}: none answers at ${host}, and its tests are left out; ${variable} names another one`;
  });
  return (await Promise.all(lines)).join('\n');
}

/** Whether somebody listens where the tests expect the server. */
export async function answers(id: ServerId): Promise<boolean> {
  const { hostname, port } = urlOf(id);
  const socket = connect({ host: hostname, port: Number(port || new URL(servers[id].standard).port) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(3_000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
