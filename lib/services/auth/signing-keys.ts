import { readFile } from 'node:fs/promises';
import type { PluginKeyStore, PublicKey } from '../../api/plugin-key-store.js';
import type { StaticKey } from './auth-settings.js';
import type { Signer } from './jose-tokens.js';
import { PublishedKeys } from './published-keys.js';

/** A new key is made this often, in ms. */
const rotation = 3_600_000;
/** How long the public half is kept, in ms: longer than anything signed with it is good. */
const retention = 3 * rotation;
/** How long a new key is shown before it is signed with, in ms: others ask for keys that they do not know only so often. */
const announcement = 60_000;
/** How often is looked whether keys are still there, and whether it is time for the next, in ms. */
const inspection = rotation / 12;

/** What a plugin signs with. */
export interface SigningKeys {
  /** How often keys have been found to be good no longer: what was signed before is worth nothing. */
  readonly withdrawals: number;
  signer(): Promise<Signer>;
  publicKeys(): Promise<readonly PublicKey[]>;
}

interface OwnKey {
  readonly signer: Signer;
  readonly createdAt: number;
}

/**
 * Keys that are made when the first is needed, live in this process only, and change every hour; others know their public
 * halves, where there is a store for those.
 */
export class RotatingKeys implements SigningKeys, Disposable {
  readonly #published: PublishedKeys | undefined;
  readonly #now: () => number;
  /** The newest last. */
  #keys: OwnKey[] = [];
  #making: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #withdrawals = 0;

  constructor(store?: PluginKeyStore, now: () => number = Date.now) {
    this.#published = store && new PublishedKeys(store);
    this.#now = now;
  }

  get withdrawals(): number {
    return this.#withdrawals;
  }

  /**
   * Makes the first key and, from then on, every next one in time: not when it is needed, which may be where the store has
   * to wait for just that, as within a transaction of a database that has one connection.
   */
  async keepReady(): Promise<void> {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => void this.keepReady(), inspection).unref();
    await Promise.allSettled([this.signer(), this.publicKeys()]);
  }

  async signer(): Promise<Signer> {
    const made = this.#rotate();
    // Whoever has a key does not wait for the next.
    if (this.#best()) made.catch(() => {});
    else await made;
    return this.#best()!.signer;
  }

  async publicKeys(): Promise<readonly PublicKey[]> {
    const published = this.#published;
    if (!published) {
      await this.#rotate();
      return this.#keys.map(({ signer }) => signer.publicKey);
    }
    await this.#rotate().catch(() => {});
    const own = this.#keys;
    const keys = await published.list(this.#now());
    return this.#withdraw(own, keys) ? await this.publicKeys() : keys;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** The newest that others have had the time to see; what it signs is good for an hour, and must not outlive its public half. */
  #best(): OwnKey | undefined {
    const now = this.#now();
    const good = this.#keys.filter(({ createdAt }) => now - createdAt < retention - rotation);
    return good.findLast(({ createdAt }) => now - createdAt >= announcement) ?? good.at(-1);
  }

  /**
   * Gives up those of `own` that the store has no longer: somebody has removed them, or has lost them. Gives whether there
   * were any.
   */
  #withdraw(own: readonly OwnKey[], shown: readonly PublicKey[]): boolean {
    const now = this.#now();
    const kids = new Set(shown.map(({ kid }) => kid));
    const gone = own.filter(({ signer, createdAt }) => {
      const age = now - createdAt;
      return age >= announcement && age < retention && !kids.has(signer.publicKey.kid);
    });
    if (gone.length === 0) return false;
    this.#keys = this.#keys.filter(key => !gone.includes(key));
    this.#withdrawals += 1;
    return true;
  }

  async #rotate(): Promise<void> {
    const newest = this.#keys.at(-1);
    if (newest && this.#now() - newest.createdAt < rotation) return;
    this.#making ??= this.#make().finally(() => (this.#making = undefined));
    await this.#making;
  }

  async #make(): Promise<void> {
    const { newSigner } = await import('./jose-tokens.js');
    const signer = await newSigner('ES256');
    const createdAt = this.#now();
    await this.#published?.add({ key: signer.publicKey, expiresAt: new Date(createdAt + retention) });
    this.#keys = [...this.#keys.filter(key => createdAt - key.createdAt < retention), { signer, createdAt }];
  }
}

/** Keys from files, which every instance has; the first is signed with. */
export class FixedKeys implements SigningKeys {
  readonly withdrawals = 0;
  readonly #keys: readonly StaticKey[];
  #loaded: Promise<{ readonly signer: Signer; readonly publicKeys: readonly PublicKey[] }> | undefined;

  constructor(keys: readonly StaticKey[]) {
    this.#keys = keys;
  }

  async signer(): Promise<Signer> {
    return (await this.#load()).signer;
  }

  async publicKeys(): Promise<readonly PublicKey[]> {
    return (await this.#load()).publicKeys;
  }

  #load() {
    return (this.#loaded ??= loadKeys(this.#keys));
  }
}

async function loadKeys(keys: readonly StaticKey[]) {
  const { publicKeyOfPem, signerOfPem } = await import('./jose-tokens.js');
  const publicKeys = await Promise.all(
    keys.map(async ({ publicKeyFile, keyId, algorithm }) =>
      publicKeyOfPem(await readFile(publicKeyFile, 'utf8'), keyId, algorithm),
    ),
  );
  const [{ privateKeyFile = '', algorithm }] = keys as readonly [StaticKey];
  const signer = await signerOfPem(await readFile(privateKeyFile, 'utf8'), publicKeys[0]!, algorithm);
  return { signer, publicKeys };
}
