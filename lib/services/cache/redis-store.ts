import { createHash, randomBytes } from 'node:crypto';
import { type RedisConnection, RedisRefusal, type RedisReply, RedisUnavailable } from '../../api/root-redis-service.js';
import { AlteredEntry, type CacheStore, type EntryVersion, type StoredEntry } from './cache-store.js';

/** How long an entry without a ttl is kept after it was written, in ms, so that nothing is left behind for ever. */
const longest = 7 * 86_400_000;
/** How long it is remembered that an entry was deleted, in ms: a value that was being computed meanwhile is not kept. */
const deletion = 600_000;
/** How many entries that could not be removed are remembered, before all are taken for such. */
const mostOwed = 1_000;

/** Characters of what a generation, and what one writing of an entry, is known by. */
const idLength = 16;

/**
 * Writes an entry, `KEYS[2]`, as one of the generation in `KEYS[1]`; where `ARGV[1]` and `ARGV[2]` say which generation and
 * which writing of it was read, only while these are the last ones.
 */
const writeScript = `
local generation = redis.call('GET', KEYS[1])
if ARGV[1] ~= '' then
  if generation ~= ARGV[1] then return 0 end
  if redis.call('GETRANGE', KEYS[2], 0, #ARGV[1] + ${idLength - 1}) ~= ARGV[2] then return 0 end
elseif not generation then
  generation = ARGV[3]
  redis.call('SET', KEYS[1], generation)
end
redis.call('SET', KEYS[2], generation .. ARGV[4], 'PX', ARGV[5])
return 1`;

/**
 * The entries of one plugin in Redis.
 *
 * An entry is called after a hash of its key, below a name with the id of the plugin, and begins with the plugin's present
 * generation and an id of its own. Who clears the cache begins another generation: entries of the one before do not count any
 * more, wherever and whenever they are written, and end by themselves. What was to be removed while the server was away is
 * removed before anything else is read.
 */
export class RedisStore implements CacheStore {
  readonly #redis: RedisConnection;
  readonly #name: string;
  readonly #maxValueSize: number;
  readonly #owed = new Set<string>();
  #owesAll = false;
  #settling: Promise<void> | undefined;

  /** `name` has no other plugin of this backend, nor of another one that shares the server. */
  constructor(redis: RedisConnection, name: string, maxValueSize: number) {
    this.#redis = redis;
    this.#name = name;
    this.#maxValueSize = maxValueSize;
  }

  async read(key: string): Promise<StoredEntry> {
    // No more than may be there: somebody else may have written more.
    const end = String(2 * idLength + this.#maxValueSize);
    const [, generation, stored] = await Promise.all([
      this.#settle(),
      this.#redis.send('GET', this.#generation),
      this.#redis.send('GETRANGE', this.#entry(key), '0', end),
    ]);
    if (typeof generation !== 'string') return { text: undefined, version: versionOf(await this.#begin(), stored) };
    const text = textOf(stored, generation);
    if (text !== undefined && Buffer.byteLength(text) > this.#maxValueSize) throw new AlteredEntry();
    return { text: text === '' ? undefined : text, version: versionOf(generation, stored) };
  }

  async write(key: string, text: string, ttl = longest, since?: EntryVersion): Promise<void> {
    await this.#replace(this.#entry(key), text, ttl, since);
  }

  async delete(key: string): Promise<void> {
    await this.#replace(this.#entry(key), '', deletion);
  }

  async clear(): Promise<void> {
    this.#owesAll = true;
    await this.#settle();
  }

  /** What is not replaced is removed all the same, as soon as that is possible. */
  async #replace(entry: string, text: string, ttl: number, since?: EntryVersion): Promise<void> {
    const [generation = '', head = ''] = since === undefined ? [] : since.split(' ');
    const keys = [this.#generation, entry];
    const values = [generation, head, newId(), newId() + text, String(ttl)];
    try {
      await Promise.all([this.#settle(), this.#redis.send('EVAL', writeScript, '2', ...keys, ...values)]);
    } catch (error) {
      this.#owed.add(entry);
      // A server that is full still takes what makes room.
      if (error instanceof RedisRefusal) await this.#settle();
      throw error;
    }
  }

  /**
   * Has what should have been removed before be so. It is sent at once, so that it comes before whatever is sent next; what
   * is read meanwhile counts only once it has worked.
   */
  #settle(): Promise<void> {
    if (this.#owesAll || this.#owed.size > 0) {
      const settling = Promise.all([this.#removeOwed(), this.#settling]).then(() => {});
      const done = () => {
        if (this.#settling === settling) this.#settling = undefined;
      };
      settling.then(done, done);
      this.#settling = settling;
    }
    return this.#settling ?? Promise.resolve();
  }

  async #removeOwed(): Promise<void> {
    const owesAll = this.#owesAll || this.#owed.size > mostOwed;
    const owed = [...this.#owed];
    this.#owed.clear();
    this.#owesAll = false;
    try {
      if (owesAll) await this.#renew();
      else await this.#redis.send('DEL', ...owed);
    } catch (error) {
      if (owesAll) this.#owesAll = true;
      else owed.forEach(entry => this.#owed.add(entry));
      throw error;
    }
  }

  async #renew(): Promise<void> {
    try {
      await this.#redis.send('SET', this.#generation, newId());
    } catch (error) {
      if (error instanceof RedisUnavailable) throw error;
      await this.#redis.send('DEL', this.#generation);
    }
  }

  /** The first generation, or that of another instance which has been faster. */
  async #begin(): Promise<string> {
    const [, generation] = await Promise.all([
      this.#redis.send('SET', this.#generation, newId(), 'NX'),
      this.#redis.send('GET', this.#generation),
    ]);
    return String(generation);
  }

  get #generation(): string {
    return `${this.#name}:generation`;
  }

  /** Of each key another one, whatever characters it has: UTF-8 does not tell broken ones apart. */
  #entry(key: string): string {
    return `${this.#name}:${createHash('sha256').update(key, 'utf16le').digest('hex')}`;
  }
}

function newId(): string {
  return randomBytes(idLength / 2).toString('hex');
}

/** None of what nobody here has written. */
function versionOf(generation: string, stored: RedisReply): EntryVersion | undefined {
  const version = `${generation} ${String(stored).slice(0, generation.length + idLength)}`;
  return /^[0-9a-f]+ [0-9a-f]*$/.test(version) ? version : undefined;
}

/** What belongs to the generation; an empty text where that is known to be deleted. */
function textOf(stored: RedisReply, generation: string): string | undefined {
  if (typeof stored !== 'string' || !stored.startsWith(generation)) return undefined;
  return stored.slice(generation.length + idLength);
}
