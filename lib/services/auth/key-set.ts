import type { PublicKey } from '../../api/plugin-key-store.js';
import type { FetchedText } from './fetch-over-http.js';
import { keysUnavailable } from './refusals.js';

type CryptoKey = Awaited<ReturnType<typeof import('./jose-tokens.js').importKey>>;

/** How long unknown key ids are not asked for after one that the issuer does not have either, in ms. */
const cooldown = 30_000;
/** The same after a failure: who could not be reached may be starting. */
const failureCooldown = 1_000;
/** After this time keys are asked for again, so that one that was withdrawn is no longer good; in ms. */
const maxAge = 600_000;
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

interface Key {
  readonly jwk: PublicKey;
  /** By algorithm: which one a token names is up to whoever has made it, where the issuer does not say. */
  readonly imported: Map<string, Promise<CryptoKey | undefined>>;
}

/** The public keys of one issuer, as it publishes them. */
export class KeySet {
  readonly #of: string;
  readonly #fetch: () => Promise<FetchedText>;
  #keys: ReadonlyMap<string, Key> | undefined;
  #loadedAt = -Infinity;
  #askedAt = -Infinity;
  #failure: unknown;
  /** What was asked for last was not there: whoever makes up ids must not have us ask again and again. */
  #wasInVain = false;
  #loading: Promise<void> | undefined;

  /** `of` is for people: whose keys they are, or where they are published. */
  constructor(of: string, fetch: () => Promise<FetchedText>) {
    this.#of = of;
    this.#fetch = fetch;
  }

  /** Whether it has had keys of its issuer at any time. */
  get known(): boolean {
    return this.#keys !== undefined;
  }

  /** The key of this id, if it is one for `alg`. Rejects with 503 where the issuer's keys are not to be had. */
  async find(kid: string | undefined, alg: string): Promise<CryptoKey | undefined> {
    if (kid === undefined) return undefined;
    const now = performance.now();
    const isKnown = this.#keys?.has(kid) === true;
    // Whoever has a known key does not wait because others come with unknown ones.
    if (!isKnown || now - this.#loadedAt >= maxAge) {
      if (now - this.#askedAt >= this.#pause()) this.#loading ??= this.#load();
      // Nor for an issuer that has failed already: it is asked again until it answers.
      if (!isKnown || this.#failure === undefined) await this.#loading;
      // An issuer that has started anew has new keys, at any time.
      if (this.#keys?.has(kid)) this.#wasInVain = false;
    }
    const key = this.#keys?.get(kid);
    if (!key && this.#failure !== undefined) throw keysUnavailable(this.#failure);
    if (!key || (key.jwk['alg'] !== undefined && key.jwk['alg'] !== alg)) return undefined;
    let imported = key.imported.get(alg);
    if (!imported) key.imported.set(alg, (imported = importFor(alg, key.jwk)));
    return imported;
  }

  #pause(): number {
    if (this.#failure !== undefined) return failureCooldown;
    return this.#wasInVain ? cooldown : 0;
  }

  async #load(): Promise<void> {
    this.#askedAt = performance.now();
    this.#wasInVain = true;
    try {
      this.#keys = readKeys(await this.#fetch());
      this.#loadedAt = performance.now();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = new Error(`The keys of ${this.#of} could not be read`, { cause: error });
    } finally {
      this.#loading = undefined;
    }
  }
}

/** `undefined` for what only looks like a key, and for one that is not for `alg`. */
async function importFor(alg: string, jwk: PublicKey): Promise<CryptoKey | undefined> {
  const { importKey } = await import('./jose-tokens.js');
  return importKey(jwk, alg).catch(() => undefined);
}

/** Throws for what is no list of public keys, each with an id of its own. */
function readKeys({ status, text }: FetchedText): Map<string, Key> {
  if (status !== 200) throw new Error(`The keys were answered with status ${status}`);
  const set = parse(text) as { keys?: unknown } | null;
  if (!Array.isArray(set?.keys)) throw new Error('The answer is no list of keys');
  const keys = new Map<string, Key>();
  for (const jwk of set.keys as unknown[]) {
    if (typeof jwk !== 'object' || jwk === null) throw new Error('A key is no object');
    if (hasPrivateHalf(jwk)) throw new Error('A key is published with its private half');
    const { kid, use = 'sig' } = jwk as { kid?: unknown; use?: unknown };
    if (typeof kid !== 'string' || use !== 'sig') continue;
    if (keys.has(kid)) throw new Error('Two keys have the same id');
    keys.set(kid, { jwk: jwk as PublicKey, imported: new Map() });
  }
  return keys;
}

export function hasPrivateHalf(jwk: object): boolean {
  return privateMembers.some(name => name in jwk);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The answer is no JSON');
  }
}
