import type { IncomingMessage } from 'node:http';
import type { RootAuditService } from '../../api/root-audit-service.js';
import { HttpError } from '../../errors/http-error.js';
import type { AuthService, HttpAuthService } from '../../api/auth-services.js';
import type { Credentials } from '../../api/credentials.js';
import type { PluginRequest } from '../../api/http-services.js';
import type { Allow } from '../../contract/allow.js';

/**
 * The one way into a plugin: tells who asks, or throws the error that refuses them.
 *
 * What may pass is said by the route that was matched, so there is no second look at the path.
 */
export class Gate {
  readonly #auth: AuthService;
  readonly #httpAuth: HttpAuthService;

  readonly #pluginId: string;
  readonly #audit: RootAuditService | undefined;

  constructor(auth: AuthService, httpAuth: HttpAuthService, pluginId: string, audit?: RootAuditService) {
    this.#pluginId = pluginId;
    this.#audit = audit;
    this.#auth = auth;
    this.#httpAuth = httpAuth;
  }

  /** At once where nobody has to be recognised: most requests to an open route come without credentials. */
  admit({ req }: PluginRequest, allow: Allow | undefined, provesItself = false): Credentials | Promise<Credentials> {
    if (allow === 'unauthenticated' && (provesItself || req.headers.authorization === undefined)) {
      return this.#auth.getNoneCredentials();
    }
    const found = this.#httpAuth.credentials(req, { allow });
    return this.#audit ? found.catch((error: unknown) => this.#refuse(req, error)) : found;
  }

  /** Credentials that are wrong are worth a line; none at all are not. */
  #refuse(request: IncomingMessage, error: unknown): never {
    if (
      HttpError.is(error) &&
      (error.status === 403 || (error.status === 401 && error.code !== 'missing_credentials'))
    ) {
      const meta = { status: error.status, code: error.code };
      this.#audit!.write(
        { eventId: 'access-refused', severityLevel: 'medium', status: 'failed', request, meta },
        this.#pluginId,
      );
    }
    throw error;
  }
}
