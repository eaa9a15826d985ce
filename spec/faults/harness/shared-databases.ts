import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { TestDatabases, type TestDatabaseId } from '../../../lib/testing/test-databases.js';
import type { Place } from '../../services/database/database-suite.js';
import { answers, type ServerId, uses } from './servers.js';

export type SharedDatabase = Extract<TestDatabaseId, 'sqlite-files' | 'postgres-schemas' | 'mysql'>;

/** Where writing to disk takes no time, if there is such a place: thousands of commits are waited for. */
const directory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const shared: readonly (readonly [SharedDatabase, string, ServerId?])[] = [
  ['sqlite-files', 'SQLite in files'],
  ['postgres-schemas', 'PostgreSQL', 'postgres'],
  ['mysql', 'MySQL', 'mysql'],
];

/** A suite for each kind of database that several processes may share; `open` gives one that is fresh. */
export function onSharedDatabases(
  title: string,
  suite: (open: () => Promise<Place>, id: SharedDatabase) => void,
  ids: readonly SharedDatabase[] = shared.map(([id]) => id),
): void {
  for (const [id, name, server] of shared) {
    if (!ids.includes(id)) continue;
    describe(`${title} ${name}`, () => {
      if (server) uses(server);
      suite(() => placeOf(id), id);
    });
  }
}

/** What has to hold on every such database. All are tried at the same time, where nearly all of it is waiting. */
export function onAllSharedDatabases(
  fact: string,
  patience: number,
  isSo: (place: Place) => Promise<void>,
  ids: readonly SharedDatabase[] = shared.map(([id]) => id),
): void {
  describe(fact, function () {
    this.timeout(patience);
    const outcomes = new Map<SharedDatabase, Promise<void>>();

    async function outcomeOn(id: SharedDatabase): Promise<void> {
      await using place = await placeOf(id);
      await isSo(place);
    }

    before(async () => {
      for (const [id, , server] of shared) {
        if (!ids.includes(id) || (server && !(await answers(server)))) continue;
        const outcome = outcomeOn(id);
        outcome.catch(() => {}); // Its test tells.
        outcomes.set(id, outcome);
      }
    });

    after(() => Promise.allSettled(outcomes.values()));

    for (const [id, name] of shared) {
      if (!ids.includes(id)) continue;
      it(`on ${name}`, async function () {
        if (!outcomes.has(id)) this.skip();
        await outcomes.get(id);
      });
    }
  });
}

/** A fresh database of that kind. */
export async function placeOf(id: TestDatabaseId): Promise<Place> {
  const databases = await TestDatabases.create({ ids: [id], directory });
  const { config } = await databases.init(id);
  return { config, [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose]() };
}
