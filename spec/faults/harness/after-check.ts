import { expect } from 'chai';
import type { ChildBackend } from './child-backend.js';
import { get } from './http-get.js';

interface Probe {
  readonly pid: number;
  readonly polluted: boolean;
  /** Sockets, timers and the like that keep the process alive. */
  readonly resources: number;
}

/** How many sockets and timers there are while nothing goes on. */
export async function resourcesOf(port: number): Promise<number> {
  return (await probe(port)).resources;
}

/** After a fault: the same process, well and unharmed, and nothing left over. */
export async function afterCheck(child: ChildBackend & { at: number }, baseline?: number): Promise<void> {
  const liveness = await get(child.at, '/.backplane/health/v1/liveness');
  expect(liveness.status).to.equal(200);
  expect(liveness.duration).to.be.below(100);
  const { pid, polluted, resources } = await probe(child.at);
  expect(pid).to.equal(child.pid);
  expect(polluted).to.equal(false);
  if (baseline !== undefined) expect(resources).to.be.closeTo(baseline, 2);
}

async function probe(port: number): Promise<Probe> {
  const answer = await get(port, '/api/probe/state');
  expect(answer.status).to.equal(200);
  return JSON.parse(answer.text) as Probe;
}
