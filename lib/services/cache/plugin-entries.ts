import { BackplaneError } from '../../errors/backplane-error.js';
import type { Duration } from '../../api/duration.js';
import { invalidKey } from './cache-errors.js';
import type { CacheFaults } from './cache-faults.js';
import type { PluginPart } from './root-cache.js';
import type { StoredEntry } from './cache-store.js';
import type { Flight } from './flights.js';
import { readTtl } from './ttl.js';
import type { ValueForm } from './value-form.js';

/** How a view of the entries sees them. */
export interface View<V> {
  readonly form: ValueForm<V>;
  /** In ms. */
  readonly defaultTtl: number | undefined;
}

/** The entries of one plugin: whatever the store does, who asks gets an answer. */
export class PluginEntries {
  readonly pluginId: string;
  readonly #part: PluginPart;
  readonly #faults: CacheFaults;

  constructor(pluginId: string, part: PluginPart, faults: CacheFaults) {
    this.pluginId = pluginId;
    this.#part = part;
    this.#faults = faults;
  }

  async get<V>(key: string, { form }: View<V>): Promise<V | undefined> {
    this.#check(key);
    const entry = await this.#try('get', () => this.#part.store.read(key));
    return entry?.text === undefined ? undefined : (await this.#decode(entry.text, form))?.value;
  }

  async set<V>(key: string, value: V, ttl: Duration | undefined, { form, defaultTtl }: View<V>): Promise<void> {
    this.#check(key);
    const lifetime = readTtl(ttl, this.pluginId) ?? defaultTtl;
    const text = await form.encode(value, this.pluginId);
    this.#part.flights.outdate(key);
    await this.#write(key, text, lifetime);
  }

  async delete(key: string): Promise<void> {
    this.#check(key);
    this.#part.flights.outdate(key);
    await this.#try('delete', () => this.#part.store.delete(key));
  }

  async clear(): Promise<void> {
    this.#part.flights.outdateAll();
    await this.#try('clear', () => this.#part.store.clear());
  }

  async getOrSet<V>(key: string, compute: () => V | Promise<V>, ttl: Duration | undefined, view: View<V>): Promise<V> {
    this.#check(key);
    const lifetime = readTtl(ttl, this.pluginId) ?? view.defaultTtl;
    const flights = this.#part.flights;
    for (let running = flights.find(key); running; running = flights.find(key)) {
      const text = await running;
      if (text === undefined) continue;
      const joined = await view.form.decode(text);
      if (joined) return joined.value;
      break;
    }
    // Nobody computes it, or somebody who takes it for something else.
    const text = await flights.start(key, flight => this.#compute(key, compute, lifetime, { view, flight }));
    return (await view.form.decode(text))!.value;
  }

  async #compute<V>(
    key: string,
    compute: () => V | Promise<V>,
    ttl: number | undefined,
    { view: { form }, flight }: { view: View<V>; flight: Flight },
  ): Promise<string> {
    const entry = await this.#try('get', () => this.#part.store.read(key), true);
    if (entry?.text !== undefined && (await this.#decode(entry.text, form))) return entry.text;
    const text = await form.encode(await compute(), this.pluginId);
    // Nobody waits for the store: whatever asks it next is answered after this.
    if (!flight.isOutdated && entry) void this.#write(key, text, ttl, entry.version);
    return text;
  }

  async #write(key: string, text: string, ttl: number | undefined, since?: string): Promise<void> {
    const { store, maxValueSize } = this.#part;
    const size = Buffer.byteLength(text);
    if (size <= maxValueSize) {
      await this.#try('set', () => store.write(key, text, ttl, since));
      return;
    }
    this.#faults.tooLarge(size, maxValueSize);
    // Not what was there before, either.
    await this.#try('set', () => store.delete(key));
  }

  /** A text that is no JSON was not written here. */
  async #decode<V>(text: string, form: ValueForm<V>): Promise<{ readonly value: V } | undefined> {
    try {
      return await form.decode(text);
    } catch {
      this.#faults.altered();
      return undefined;
    }
  }

  /** What the store does; `undefined` where it fails, or with `heal` an entry to replace where one is not to be read. */
  async #try<T>(operation: string, work: () => Promise<T>, heal = false): Promise<T | StoredEntry | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BackplaneError) throw error;
      const isThere = this.#faults.add(operation, error);
      return heal && isThere ? { text: undefined, version: undefined } : undefined;
    }
  }

  #check(key: unknown): void {
    if (typeof key !== 'string') throw invalidKey(key, this.pluginId);
  }
}
