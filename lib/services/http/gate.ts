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

  constructor(auth: AuthService, httpAuth: HttpAuthService) {
    this.#auth = auth;
    this.#httpAuth = httpAuth;
  }

  /** At once where nobody has to be recognised: most requests to an open route come without credentials. */
  admit({ req }: PluginRequest, allow: Allow | undefined): Credentials | Promise<Credentials> {
    if (allow === 'unauthenticated' && req.headers.authorization === undefined) return this.#auth.getNoneCredentials();
    return this.#httpAuth.credentials(req, { allow });
  }
}
