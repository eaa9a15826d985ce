import type { PluginKeyStore, PublicKey, StoredKey } from '../../api/plugin-key-store.js';
import { withDeadline } from '../../util/deadline.js';
import { hasPrivateHalf } from './key-set.js';
import { keysUnavailable } from './refusals.js';

/** How long is waited for the store where it is known what it had before, in ms: who asks for keys waits a second. */
const patience = 500;

/** Characters of all keys together: whoever asks takes no longer answer than 64 KiB. */
const mostText = 60_000;

/** The public keys of all instances of a plugin, as its store has them, and as they were while that does not answer. */
export class PublishedKeys {
  readonly #store: PluginKeyStore;
  #known: readonly StoredKey[] | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<readonly StoredKey[]> | undefined;

  constructor(store: PluginKeyStore) {
    this.#store = store;
  }

  /** Rejects with 503 where the store fails: a key that others cannot find must not be used. */
  async add(key: StoredKey): Promise<void> {
    try {
      await this.#store.add(key);
    } catch (error) {
      throw keysUnavailable(error);
    }
    if (this.#known) this.#known = [...this.#known, key];
  }

  /** Rejects with 503 where the store has not answered yet. */
  async list(now: number): Promise<readonly PublicKey[]> {
    try {
      const list = () => this.#list();
      this.#known = await (this.#known ? withDeadline(patience, list) : list());
    } catch (error) {
      if (!this.#known) throw keysUnavailable(error);
    }
    return usable(this.#known.filter(({ expiresAt }) => expiresAt.getTime() > now));
  }

  /** One question at a time, for all who ask: but not one that was asked before, when a new key may not have been there. */
  #list(): Promise<readonly StoredKey[]> {
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#running = this.#next!;
        this.#next = undefined;
        return this.#store.list();
      });
    return this.#next;
  }
}

/** What is no key, or one twice, is left out, since whoever asks would believe none of them; so are the oldest of too many. */
function usable(stored: readonly StoredKey[]): readonly PublicKey[] {
  const keys = new Map<string, PublicKey>();
  let room = mostText;
  for (const { key } of stored.toSorted((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())) {
    if (!isPublicKey(key) || keys.has(key.kid)) continue;
    const { length } = JSON.stringify(key);
    if (length > room) continue;
    room -= length;
    keys.set(key.kid, key);
  }
  return [...keys.values()].toReversed();
}

function isPublicKey(key: unknown): key is PublicKey {
  if (typeof key !== 'object' || key === null || hasPrivateHalf(key)) return false;
  return typeof (key as Partial<PublicKey>).kid === 'string';
}
