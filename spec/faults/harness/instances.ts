import type { JsonObject } from '../../../lib/api/config-service.js';
import { ChildBackend, type SpawnOptions } from './child-backend.js';
import { LeaseLog } from './lease-log.js';

/** As in the requirements, in ms: another instance takes over within lease and poll. */
export const lease = 3_000;
export const poll = 500;

/** Instances of a backend, the fixture `working`, that share a database, and what their tasks have said. */
export class Instances implements AsyncDisposable {
  readonly log = new LeaseLog();
  readonly #database: JsonObject;
  readonly #children: ChildBackend[] = [];

  constructor(database: JsonObject) {
    this.#database = database;
  }

  async add(env: SpawnOptions['env'] = {}, nodeOptions: readonly string[] = []): Promise<ChildBackend> {
    const backend = { database: this.#database, scheduler: { lease, poll } };
    const child = new ChildBackend('working', { env: { ...env }, backend, nodeOptions });
    this.#children.push(child);
    this.log.follow(child);
    return child.started(30_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(child => child[Symbol.asyncDispose]()));
  }
}

/** In ms, the same for all processes. */
export function machineTime(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
