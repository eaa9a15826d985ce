import type { IncomingMessage } from 'node:http';
import { Inject, Optional } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import { CacheService } from '../../api/cache-service.js';
import { RootConfigService } from '../../api/config-service.js';
import { EventsService } from '../../api/events-service.js';
import { HttpRouterService } from '../../api/http-services.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { RootAuditService } from '../../api/root-audit-service.js';
import { WebhooksService } from '../../api/webhooks-service.js';
import { HttpError } from '../../errors/http-error.js';
import { TakenOnce } from './taken-once.js';
import { WebhookRoute, type Outcome, type WebhookPlace } from './webhook-route.js';

/** Gives the webhooks of one plugin their routes. */
@Service({ implements: WebhooksService })
export class PluginWebhooks extends WebhooksService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #router: HttpRouterService;
  readonly #audit: RootAuditService;
  readonly #pluginId: string;
  readonly #place: WebhookPlace;

  constructor(
    @Inject(HttpRouterService) router: HttpRouterService,
    @Inject(EventsService) events: EventsService,
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(RootAuditService) audit: RootAuditService,
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Optional() @Inject(CacheService) cache: CacheService | undefined,
  ) {
    super();
    this.#router = router;
    this.#audit = audit;
    this.#pluginId = plugin.getId();
    const tell: WebhookPlace['tell'] = (req, path, outcome) => this.#tell(req, path, outcome);
    this.#place = { config, events, taken: new TakenOnce(cache), tell };
  }

  override addMethod(method: AnnotatedMethod): TakeOut | void {
    return this.#router.addRoute(new WebhookRoute(method, this.#place));
  }

  #tell(request: IncomingMessage, path: string, outcome: Outcome | HttpError | 'failed'): void {
    if (outcome === 'failed') {
      const entry = { eventId: 'webhook-failed', severityLevel: 'low', status: 'failed', request } as const;
      this.#audit.write({ ...entry, meta: { path } }, this.#pluginId);
      return;
    }
    if (!HttpError.is(outcome)) {
      const meta = { path, outcome };
      const entry = { eventId: 'webhook-accepted', severityLevel: 'low', status: 'succeeded', request, meta } as const;
      this.#audit.write(entry, this.#pluginId);
      return;
    }
    const { status, code } = outcome;
    const meta = { path, status, code };
    const severityLevel = status === 401 || status === 403 ? 'medium' : 'low';
    this.#audit.write({ eventId: 'webhook-refused', severityLevel, status: 'failed', request, meta }, this.#pluginId);
  }
}
