import { readFile } from 'node:fs/promises';
import type { PluginKeyStore, PublicKey } from '../../api/plugin-key-store.js';
import type { StaticKey } from './auth-settings.js';
import type { Signer } from './jose-tokens.js';

/** A new key is made this often, in ms. */
const rotation = 3_600_000;
/** How long the public half is kept, in ms: longer than anything signed with it is good. */
const retention = 3 * rotation;
/** How long a new key is shown before it is signed with, in ms: others ask for keys that they do not know only so often. */
const announcement = 60_000;

/** What a plugin signs with. */
export interface SigningKeys {
  signer(): Promise<Signer>;
  publicKeys(): Promise<readonly PublicKey[]>;
}

interface OwnKey {
  readonly signer: Signer;
  readonly createdAt: number;
}

/** Keys that are made when the first is needed, live in this process only, and change every hour. */
export class RotatingKeys implements SigningKeys {
  readonly #store: PluginKeyStore | undefined;
  readonly #now: () => number;
  /** The newest last. */
  #keys: OwnKey[] = [];
  #making: Promise<void> | undefined;

  constructor(store?: PluginKeyStore, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  async signer(): Promise<Signer> {
    await this.#rotate();
    const now = this.#now();
    const shown = this.#keys.findLast(({ createdAt }) => now - createdAt >= announcement);
    // What it signs is good for an hour, and must not outlive its public half.
    const usable = shown && now - shown.createdAt < retention - rotation ? shown : this.#keys.at(-1)!;
    return usable.signer;
  }

  async publicKeys(): Promise<readonly PublicKey[]> {
    await this.#rotate();
    if (this.#store) return (await this.#store.list()).map(({ key }) => key);
    return this.#keys.map(({ signer }) => signer.publicKey);
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
    await this.#store?.add({ key: signer.publicKey, expiresAt: new Date(createdAt + retention) });
    this.#keys = [...this.#keys.filter(key => createdAt - key.createdAt < retention), { signer, createdAt }];
  }
}

/** Keys from files, which every instance has; the first is signed with. */
export class FixedKeys implements SigningKeys {
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
