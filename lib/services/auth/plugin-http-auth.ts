import type { IncomingMessage } from 'node:http';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { AuthService, HttpAuthService } from '../../api/auth-services.js';
import type { Credentials, PrincipalOf } from '../../api/credentials.js';
import type { Allow } from '../../contract/allow.js';
import { UnauthenticatedError } from '../../errors/http-error.js';

/** Recognises who asks by the bearer token of a request. */
@Service({ implements: HttpAuthService })
export class PluginHttpAuth extends HttpAuthService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #auth: AuthService;

  constructor(@Inject(AuthService) auth: AuthService) {
    super();
    this.#auth = auth;
  }

  override async credentials<const A extends Allow | undefined = undefined>(
    req: IncomingMessage,
    { allow }: { readonly allow?: A } = {},
  ): Promise<Credentials<PrincipalOf<A>>> {
    const token = /^Bearer +([\w\-.~+/]+=*) *$/i.exec(req.headers.authorization ?? '')?.[1];
    if (token) return (await this.#auth.authenticate(token)) as Credentials<PrincipalOf<A>>;
    if (allow === 'unauthenticated') return this.#auth.getNoneCredentials() as Credentials<PrincipalOf<A>>;
    throw new UnauthenticatedError();
  }

  override issueUserCookie(): Promise<never> {
    return Promise.reject(new UnauthenticatedError());
  }
}
