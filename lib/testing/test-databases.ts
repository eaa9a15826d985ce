import { tmpdir } from 'node:os';
import type { JsonObject } from '../api/config-service.js';
import type { DatabaseService } from '../api/database-service.js';
import { givenDatabases } from '../given-services.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { mockServices } from './mock-services.js';
import { refuseProduction } from './refuse-production.js';
import { type TestDatabaseKind, testDatabaseKinds, type TestPlace } from './test-database-kinds.js';
import { type TestedPlugin, testedDatabase } from './tested-database.js';

/** SQLite and PGlite come with their packages; PostgreSQL and MySQL, or MariaDB, are servers. */
export type TestDatabaseId = keyof typeof testDatabaseKinds;

const allIds = Object.keys(testDatabaseKinds) as TestDatabaseId[];

/**
 * Databases to run the same tests on: those that this machine has. Servers are the ones at `BACKPLANE_TEST_POSTGRES` and
 * `BACKPLANE_TEST_MYSQL`, URLs of an administrator, or else at the standard local ports, where they let somebody in.
 *
 * Needs no test runner. Disposing it removes whatever it has made.
 *
 * @example
 * const databases = await TestDatabases.create();
 * after(() => databases[Symbol.asyncDispose]());
 *
 * for (const id of databases.eachSupportedId()) {
 *   it(`keeps letters on ${id}`, async () => {
 *     await using database = await databases.init(id);
 *     await using backend = await TestBackend.start({ features: [LettersPlugin], config: { backend: { database: database.config } } });
 *   });
 * }
 */
export class TestDatabases implements AsyncDisposable {
  readonly #kinds: ReadonlyMap<TestDatabaseId, TestDatabaseKind>;
  readonly #made = new Set<TestDatabase>();

  private constructor(kinds: ReadonlyMap<TestDatabaseId, TestDatabaseKind>) {
    this.#kinds = kinds;
  }

  /**
   * `ids` are those that the tests are for: by default all. `directory` is where files are kept, by default the one for
   * temporary files; one in memory, as `/dev/shm`, is faster where tests commit often.
   */
  static async create({
    ids = allIds,
    directory = tmpdir(),
  }: { readonly ids?: readonly TestDatabaseId[]; readonly directory?: string } = {}): Promise<TestDatabases> {
    refuseProduction('TestDatabases');
    const found = await Promise.all(
      ids.map(async id => [id, await testDatabaseKinds[id](directory).catch(absent)] as const),
    );
    return new TestDatabases(new Map(found.filter((entry): entry is [TestDatabaseId, TestDatabaseKind] => !!entry[1])));
  }

  /** In the order in which they were asked for. */
  eachSupportedId(): readonly TestDatabaseId[] {
    return [...this.#kinds.keys()];
  }

  supports(id: TestDatabaseId): boolean {
    return this.#kinds.has(id);
  }

  /** A fresh database, for as many plugins as a backend has. Rejects with `NO_TEST_DATABASE`. */
  async init(id: TestDatabaseId): Promise<TestDatabase> {
    const kind = this.#kinds.get(id);
    if (!kind) throw noTestDatabase(id, this.eachSupportedId());
    const place = await kind.make();
    const database = new TestDatabase(id, place, () => this.#made.delete(database));
    this.#made.add(database);
    return database;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#made].map(database => database[Symbol.asyncDispose]()));
    await Promise.all([...this.#kinds.values()].map(({ end }) => end()));
  }
}

/** One fresh database, until it is disposed. */
export class TestDatabase implements AsyncDisposable {
  readonly id: TestDatabaseId;
  /** What `backend.database` is to say. Tables of plugins without migrations are made from their entities. */
  readonly config: JsonObject;
  readonly #place: TestPlace;
  readonly #onEnd: () => void;
  readonly #services = new Set<AsyncDisposable>();
  #newService: ReturnType<typeof givenDatabases> | undefined;

  /** @internal Made by `TestDatabases.init()`. */
  constructor(id: TestDatabaseId, place: TestPlace, onEnd: () => void) {
    this.id = id;
    this.config = { ...place.config, synchronize: true };
    this.#place = place;
    this.#onEnd = onEnd;
  }

  /** The database of one plugin, without a backend. PGlite and SQLite in memory are not shared with a backend. */
  service(plugin: TestedPlugin = {}): DatabaseService & AsyncDisposable {
    this.#newService ??= givenDatabases({
      config: mockServices.rootConfig({ data: { backend: { database: this.config } } }),
      instance: mockServices.rootInstanceMetadata(),
    });
    const service = testedDatabase(this.#newService, plugin);
    this.#services.add(service);
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#services].map(service => service[Symbol.asyncDispose]()));
    await this.#place.remove();
    this.#onEnd();
  }
}

function absent(): undefined {}

function noTestDatabase(id: TestDatabaseId, supported: readonly TestDatabaseId[]): BackplaneError {
  const others = supported.length > 0 ? `, as there is ${supported.join(', ')}` : '';
  return new BackplaneError({
    code: 'NO_TEST_DATABASE',
    message: `There is no database '${id}' here to test with${others}`,
    path: [],
    fix: 'go through eachSupportedId(), install its package, or start its server and name it in the environment.',
  });
}
