import { Service } from '../../decorators/service.js';

/** The public half of a key that a plugin signs with, as a JWK. */
export interface PublicKey {
  readonly kid: string;
  readonly [member: string]: unknown;
}

export interface StoredKey {
  readonly key: PublicKey;
  /** From when on nothing that was signed with it can be valid. */
  readonly expiresAt: Date;
}

/**
 * Where a plugin publishes the public halves of its keys, so that all instances of it give the same list: its database, with
 * `backend.auth.pluginKeyStore.type: database`, or what an installation brings. Otherwise each instance keeps its own in
 * memory. A private key is never handed out.
 */
@Service({ id: 'core.plugin-key-store', scope: 'plugin' })
export abstract class PluginKeyStore {
  abstract add(key: StoredKey): Promise<void>;
  /** Those that have not expired, of every instance of this plugin. */
  abstract list(): Promise<readonly StoredKey[]>;
}
