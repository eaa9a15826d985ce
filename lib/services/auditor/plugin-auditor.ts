import type { IncomingMessage } from 'node:http';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { currentAccount } from '../../api/attribution.js';
import { type AuditActor, type AuditEvent, type AuditEventOptions, AuditorService } from '../../api/auditor-service.js';
import { AuthService, HttpAuthService } from '../../api/auth-services.js';
import type { Credentials } from '../../api/credentials.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { type AuditEntry, RootAuditService } from '../../api/root-audit-service.js';
import { HttpError, UnauthenticatedError } from '../../errors/http-error.js';

const severities: readonly unknown[] = ['low', 'medium', 'high', 'critical'];

/** The audit of one plugin: the actor is who the credentials of the request are of, or the plugin itself. */
@Service({ implements: AuditorService })
export class PluginAuditor extends AuditorService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #audit: RootAuditService;
  readonly #auth: AuthService;
  readonly #httpAuth: HttpAuthService;

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootAuditService) audit: RootAuditService,
    @Inject(AuthService) auth: AuthService,
    @Inject(HttpAuthService) httpAuth: HttpAuthService,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#audit = audit;
    this.#auth = auth;
    this.#httpAuth = httpAuth;
  }

  override async createEvent(options: AuditEventOptions): Promise<AuditEvent> {
    const { eventId, severityLevel = 'low', meta } = options;
    if (typeof eventId !== 'string' || !/^[a-z][a-z\d]*(?:-[a-z\d]+)*$/.test(eventId)) {
      throw new TypeError(`'${eventId}' is no id of an audit event: write kebab-case, as 'entity-delete'`);
    }
    if (!severities.includes(severityLevel)) {
      throw new TypeError(`'${severityLevel}' is no severity: write 'low', 'medium', 'high' or 'critical'`);
    }
    const request = options.request === 'current' ? currentRequest() : options.request;
    const actor = await this.#actorOf(request);
    const about = { eventId, severityLevel, actor, ...(request && { request }) };
    const write = (status: AuditEntry['status'], more: Pick<AuditEntry, 'meta' | 'error'>) =>
      this.#audit.write({ ...about, status, ...more }, this.#pluginId);
    write('initiated', { ...(meta && { meta: { ...meta } }) });
    return endOf(eventId, ended => {
      const all = { ...meta, ...ended.meta };
      const more = { ...(Object.keys(all).length > 0 && { meta: all }) };
      if ('error' in ended) write('failed', { ...more, error: ended.error });
      else write('succeeded', more);
    });
  }

  async #actorOf(request: IncomingMessage | undefined): Promise<AuditActor> {
    const { principal } = request ? await this.#credentialsOf(request) : this.#auth.getOwnServiceCredentials();
    if (principal.type === 'none') return {};
    if (principal.type === 'service') return { actorId: principal.subject };
    const by = principal.actor && { onBehalfBy: principal.actor.subject };
    return { actorId: principal.userEntityRef, ...by };
  }

  async #credentialsOf(request: IncomingMessage): Promise<Credentials> {
    try {
      return await this.#httpAuth.credentials(request, { allow: ['user', 'service', 'user-cookie'] });
    } catch (error) {
      if (HttpError.is(error) && error.code === 'missing_credentials') return this.#auth.getNoneCredentials();
      throw new UnauthenticatedError('The actor of an audit event could not be recognised', { cause: error });
    }
  }
}

type End = { readonly meta?: Readonly<Record<string, unknown>>; readonly error?: unknown };

/** An event that ends once. */
function endOf(eventId: string, write: (ended: End) => void): AuditEvent {
  let hasEnded = false;
  const end = (ended: End): void => {
    if (hasEnded) throw new Error(`The audit event '${eventId}' has ended already`);
    hasEnded = true;
    write(ended);
  };
  return {
    success: async ({ meta } = {}) => end({ ...(meta && { meta }) }),
    fail: async ({ error, meta }) => end({ error, ...(meta && { meta }) }),
  };
}

function currentRequest(): IncomingMessage {
  const req = currentAccount()?.request?.req;
  if (!req) throw new TypeError(`No request is being answered here, so there is none to audit: leave 'request' out`);
  return req;
}
