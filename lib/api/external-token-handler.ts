import { Service } from '../../decorators/service.js';
import type { Config } from './config-service.js';

/**
 * Recognises tokens of programs outside of the backend, for entries of `backend.auth.externalAccess` of its `type`.
 *
 * @example
 * @Service({ implements: ExternalTokenHandler })
 * class LdapTokens extends ExternalTokenHandler<LdapClient> { readonly type = 'ldap'; … }
 */
@Service({ id: 'core.external-token-handlers', scope: 'root', multiton: true })
export abstract class ExternalTokenHandler<Context = unknown> {
  abstract readonly type: string;
  /** Reads `options` of one entry, once, before the first request. Throws where they are wrong. */
  abstract initialize(options: Config): Context;
  /**
   * Who has such a token, by a name that is told with `external:` before it; `undefined` for a token it does not know.
   *
   * The answer is kept for ten minutes at most, and no longer than until `expiresAt`. `UnauthenticatedError` refuses the
   * token without another entry being asked; with any other error, and after 5 s, when `signal` is aborted, the caller is
   * told to come again (503).
   */
  abstract verifyToken(token: string, context: Context, signal: AbortSignal): Promise<ExternalTokenOwner | undefined>;
}

/** Whom `ExternalTokenHandler.verifyToken()` has recognised. */
export interface ExternalTokenOwner {
  /** 1 to 200 characters of ASCII, without blanks. */
  readonly subject: string;
  /** When the token ends; absent: never. */
  readonly expiresAt?: Date | undefined;
}
