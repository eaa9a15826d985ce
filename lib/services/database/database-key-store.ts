import { AsyncResource } from 'node:async_hooks';
import type { DataSource } from 'typeorm';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { DatabaseService } from '../../api/database-service.js';
import { PluginKeyStore, type PublicKey, type StoredKey } from '../../api/plugin-key-store.js';

const table = 'backplane_public_keys';

interface Row {
  readonly public_key: string;
  /** In ms since 1970; some drivers give such numbers as texts. */
  readonly expires_at: number | string;
}

/** The public keys of all instances of a plugin, in a table of the plugin's own database. */
@Service({ implements: PluginKeyStore })
export class DatabaseKeyStore extends PluginKeyStore {
  static {
    Object.freeze(this.prototype);
  }

  readonly #database: DatabaseService;
  /** Where it was made: not within the transaction of whoever happens to need a key, which may be undone. */
  readonly #outside = new AsyncResource('backplane.key-store');
  #prepared: Promise<void> | undefined;

  constructor(@Inject(DatabaseService) database: DatabaseService) {
    super();
    this.#database = database;
  }

  override add({ key, expiresAt }: StoredKey): Promise<void> {
    return this.#use(async (dataSource, name) => {
      const [first, second, third] = parametersOf(dataSource);
      await dataSource.query(`DELETE FROM ${name} WHERE expires_at < ${first}`, [Date.now()]);
      await dataSource.query(
        `INSERT INTO ${name} (kid, public_key, expires_at) VALUES (${first}, ${second}, ${third})`,
        [key.kid, JSON.stringify(key), expiresAt.getTime()],
      );
    });
  }

  override list(): Promise<readonly StoredKey[]> {
    return this.#use(async (dataSource, name) => {
      const [first] = parametersOf(dataSource);
      const sql = `SELECT public_key, expires_at FROM ${name} WHERE expires_at >= ${first}`;
      const rows = (await dataSource.query(sql, [Date.now()])) as readonly Row[];
      return rows.flatMap(row => {
        const key = keyIn(row.public_key);
        return key ? [{ key, expiresAt: new Date(Number(row.expires_at)) }] : [];
      });
    });
  }

  /** `work` with the table, whose name is given as SQL has it. */
  #use<T>(work: (dataSource: DataSource, name: string) => Promise<T>): Promise<T> {
    return this.#outside.runInAsyncScope(async () => {
      try {
        const dataSource = await this.#database.getDataSource();
        await (this.#prepared ??= prepare(dataSource));
        return await work(dataSource, dataSource.driver.escape(table));
      } catch (error) {
        // Who comes next looks whether the table is still there.
        this.#prepared = undefined;
        throw error;
      }
    });
  }
}

/** Whether it is a key, whoever shows it finds out. */
function keyIn(text: string): PublicKey | undefined {
  try {
    return JSON.parse(text) as PublicKey;
  } catch {
    return undefined;
  }
}

/** Makes the table where it is not there: whoever may not do that can have it made by somebody else. */
async function prepare(dataSource: DataSource): Promise<void> {
  const name = dataSource.driver.escape(table);
  const isThere = () => dataSource.query(`SELECT kid FROM ${name} WHERE 1 = 0`);
  try {
    await isThere();
    return;
  } catch {
    // It is not, or what follows fails as well.
  }
  const columns = 'kid varchar(255) NOT NULL PRIMARY KEY, public_key text NOT NULL, expires_at bigint NOT NULL';
  try {
    await dataSource.query(`CREATE TABLE IF NOT EXISTS ${name} (${columns})`);
  } catch (error) {
    // Another instance may have been faster.
    await isThere().catch(() => {
      throw error;
    });
  }
}

function parametersOf({ driver }: DataSource): [string, string, string] {
  const [first = '', second = '', third = ''] = [0, 1, 2].map(index => driver.createParameter(`p${index}`, index));
  return [first, second, third];
}
