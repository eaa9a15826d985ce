import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Optional } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { AuthService, HttpAuthService } from '../../api/auth-services.js';
import type { Credentials, Principal, PrincipalOf } from '../../api/credentials.js';
import { DiscoveryService } from '../../api/discovery-service.js';
import { type PluginRequest, RootHttpRouterService } from '../../api/http-services.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import type { Allow } from '../../contract/allow.js';
import { ForbiddenError, MethodNotAllowedError, UnauthenticatedError } from '../../errors/http-error.js';
import { sendJson } from '../../util/send-json.js';
import { illegalToken } from './refusals.js';
import { RootAuth } from './root-auth.js';
import { cookieHeader, cookieTokenOf, isSafe, refuseForeignPage } from './user-cookie.js';

const cookiePath = '/.backplane/auth/v1/cookie';
/** A cookie that ends sooner than this is replaced, in ms. */
const renewal = 300_000;

/** Recognises who asks by the bearer token of a request, or where the route says so by its cookie. */
@Service({ implements: HttpAuthService })
export class PluginHttpAuth extends HttpAuthService implements Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #auth: AuthService;
  readonly #root: RootAuth;
  readonly #pluginId: string;
  readonly #discovery: DiscoveryService | undefined;
  readonly #removeEndpoint: () => void;

  constructor(
    @Inject(AuthService) auth: AuthService,
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootAuth) root: RootAuth,
    @Inject(RootHttpRouterService) router: RootHttpRouterService,
    @Optional() @Inject(DiscoveryService) discovery: DiscoveryService | undefined,
  ) {
    super();
    this.#auth = auth;
    this.#root = root;
    this.#pluginId = plugin.getId();
    this.#discovery = discovery;
    const handle = (request: PluginRequest) => this.#answerCookie(request);
    this.#removeEndpoint = router.addEndpoint({ pluginId: this.#pluginId, path: cookiePath, handle });
  }

  override credentials<const A extends Allow | undefined = undefined>(
    req: IncomingMessage,
    { allow }: { readonly allow?: A } = {},
  ): Promise<Credentials<PrincipalOf<A>>> {
    const allowCookie = typeof allow === 'object' && allow.includes('user-cookie');
    const token = bearerOf(req.headers.authorization);
    // Each promise costs as much as the rest of what is done for a token that is known.
    const found =
      token === undefined
        ? this.#findCookie(req, allowCookie)
        : this.#auth.authenticate(token, allowCookie ? limitedToo : undefined);
    return found.then(credentials => this.#admit(credentials, allow) as Credentials<PrincipalOf<A>>);
  }

  override async issueUserCookie(
    req: IncomingMessage,
    res: ServerResponse,
    { credentials }: { readonly credentials?: Credentials } = {},
  ): Promise<{ readonly expiresAt: Date | undefined }> {
    const given: Credentials = credentials ?? (await this.credentials(req, { allow: ['user'] }));
    if (given === this.#auth.getNoneCredentials()) {
      res.appendHeader('Set-Cookie', cookieHeader('', new Date(0), await this.#externalUrl(req)));
      return { expiresAt: undefined };
    }
    if (!this.#auth.isPrincipal(given, 'user')) throw new UnauthenticatedError('Only users have cookies');
    const present = await this.#present(req);
    if (present?.expiresAt && isSameUser(present, given) && present.expiresAt.getTime() > Date.now() + renewal) {
      return { expiresAt: present.expiresAt };
    }
    const { token, expiresAt } = await this.#auth.getLimitedUserToken(given);
    res.appendHeader('Set-Cookie', cookieHeader(token, expiresAt, await this.#externalUrl(req)));
    return { expiresAt };
  }

  [Symbol.dispose](): void {
    this.#removeEndpoint();
  }

  #admit(found: Credentials | undefined, allow: Allow | undefined): Credentials {
    if (!found) {
      if (!this.#mayBeNobody(allow)) throw new UnauthenticatedError();
      return this.#auth.getNoneCredentials();
    }
    if (mayPass(found.principal, allow)) return found;
    throw new ForbiddenError('This endpoint is not for credentials of this kind');
  }

  async #findCookie(req: IncomingMessage, allowCookie: boolean): Promise<Credentials | undefined> {
    const cookie = allowCookie ? cookieTokenOf(req) : undefined;
    if (cookie === undefined) return undefined;
    if (!isSafe(req)) refuseForeignPage(req, await this.#saidUrl());
    const found = await this.#auth.authenticate(cookie, limitedToo);
    // Programs have no cookies; who puts their token into one has somebody else's browser use it.
    if (found.principal.type !== 'user') throw illegalToken();
    return found;
  }

  #mayBeNobody(allow: Allow | undefined): boolean {
    return allow === 'unauthenticated' || (allow === undefined && this.#root.settings.defaultPolicyDisabled);
  }

  /** Whom the cookie names that the browser has already. */
  async #present(req: IncomingMessage): Promise<Credentials | undefined> {
    try {
      const cookie = cookieTokenOf(req);
      return cookie === undefined ? undefined : await this.#auth.authenticate(cookie, limitedToo);
    } catch {
      return undefined; // It is replaced.
    }
  }

  /** Where the world reaches the plugin, if somebody has said so. */
  async #saidUrl(): Promise<URL | undefined> {
    const { baseUrl } = this.#root.settings;
    const url = await this.#discovery?.getExternalBaseUrl(this.#pluginId).catch(() => undefined);
    return url === undefined ? baseUrl && new URL(`/api/${this.#pluginId}`, baseUrl) : new URL(url);
  }

  async #externalUrl({ headers }: IncomingMessage): Promise<URL> {
    return (await this.#saidUrl()) ?? new URL(`http://${headers.host}/api/${this.#pluginId}`);
  }

  async #answerCookie({ req, res }: PluginRequest): Promise<void> {
    switch (req.method) {
      case 'GET':
        return sendJson(res, 200, await this.issueUserCookie(req, res));
      case 'DELETE':
        await this.issueUserCookie(req, res, { credentials: this.#auth.getNoneCredentials() });
        res.writeHead(204, { 'Cache-Control': 'no-store' }).end();
        return;
      default:
        throw new MethodNotAllowedError(['GET', 'DELETE']);
    }
  }
}

const limitedToo = { allowLimitedAccess: true };

/** The token of an `Authorization` header; another scheme is none of ours. */
function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (header.startsWith('Bearer ')) return header.slice(7).trim();
  return /^bearer(?: +|$)/i.test(header) ? header.slice(6).trim() : undefined;
}

/** What is no policy lets nobody pass. */
function mayPass({ type }: Principal, allow: Allow | undefined): boolean {
  if (allow === undefined || allow === 'unauthenticated') return true;
  if (!Array.isArray(allow)) return false;
  return type === 'user' ? allow.includes('user') || allow.includes('user-cookie') : allow.includes('service');
}

function isSameUser({ principal }: Credentials, other: Credentials): boolean {
  return (
    principal.type === 'user' &&
    other.principal.type === 'user' &&
    principal.userEntityRef === other.principal.userEntityRef
  );
}
