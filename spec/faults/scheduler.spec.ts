import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../lib/api/config-service.js';
import type { Place } from '../services/database/database-suite.js';
import { ChildBackend, type SpawnOptions } from './harness/child-backend.js';
import { LeaseLog } from './harness/lease-log.js';
import { nightly } from './harness/nightly.js';
import { pause } from './harness/pause.js';
import { PostgresPlace } from './harness/postgres.js';
import { uses } from './harness/servers.js';

async function folder(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'backplane-'));
  return {
    config: { connection: { directory } },
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
  };
}

async function schemas(): Promise<Place> {
  const place = await PostgresPlace.create();
  return { config: place.schemas, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

/** As in the requirements: takeover within lease and poll. */
const lease = 3_000;
const poll = 500;

/** Instances of a backend that share a database, and what their tasks have said. */
class Instances implements AsyncDisposable {
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

for (const [client, open] of [
  ['SQLite in files', folder],
  ['PostgreSQL', schemas],
] as const) {
  describe(`instances that share tasks on ${client}`, () => {
    if (open === schemas) uses('postgres');

    it('take over from one that is killed, one at a time, and number the runs upwards', async function () {
      const kills = nightly(5, 50);
      this.timeout(kills * 15_000);
      await using place = await open();
      await using instances = new Instances(place.config);
      await Promise.all([instances.add(), instances.add(), instances.add()]);
      const takeovers: number[] = [];

      for (let kill = 0; kill < kills; kill++) {
        const holder = await instances.log.holder();
        await pause(Math.random() * 500);
        holder.child.kill('SIGKILL');
        const killed = Number(process.hrtime.bigint() / 1_000_000n);
        instances.log.killed(holder.child, killed);
        await holder.child.exit();
        const next = await instances.log.start(run => run.fence > holder.fence);
        takeovers.push(next.at - killed);
        await instances.add();
      }

      expect(instances.log.overlaps()).to.deep.equal([]);
      expect(instances.log.fences()).to.deep.equal(instances.log.fences().toSorted((a, b) => a - b));
      expect(new Set(instances.log.fences()).size).to.equal(instances.log.fences().length);
      console.log(`      takeovers: ${takeovers.map(Math.round).join(', ')} ms`);
      expect(Math.max(...takeovers)).to.be.at.most(lease + poll);
    });
  });
}
