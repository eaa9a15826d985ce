import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { DiscoveryService } from '../../api/discovery-service.js';
import { RootHttpRouterService } from '../../api/http-services.js';
import { pluginView, type PluginViewable, type Viewer } from '../../api/plugin-view.js';
import { RootWireService, type OutgoingCall } from '../../api/root-wire-service.js';
import type { WireResponse } from '../../api/wire-service.js';
import { HttpTransport } from './http-transport.js';
import { MemoryTransport } from './memory-transport.js';
import { RootWireView } from './root-wire-view.js';
import { addTravelHeaders } from './travel-headers.js';
import { writtenRequest, type WrittenRequest } from './transport.js';
import { deadlineExceeded } from './wire-errors.js';
import { readWireSettings, type WireSettings } from './wire-settings.js';

/** Sends each call the way that discovery says, with what travels along. */
@Service({ implements: RootWireService })
export class RootWire extends RootWireService implements PluginViewable<RootWireService>, Disposable {
  readonly #settings: WireSettings;
  readonly #discovery: DiscoveryService;
  readonly #memory: MemoryTransport;
  readonly #http: HttpTransport;

  constructor(
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(RootHttpRouterService) router: RootHttpRouterService,
  ) {
    super();
    this.#settings = readWireSettings(config);
    this.#discovery = discovery;
    this.#memory = new MemoryTransport(router);
    this.#http = new HttpTransport(discovery);
  }

  override send(call: OutgoingCall, callerId: string): Promise<WireResponse> {
    const { operation, signal, isIdempotent, takesJson } = call;
    const { timeout, maxResponseSize } = this.#settings;
    const now = Date.now();
    const deadline = Math.min(call.deadline ?? Infinity, now + timeout);
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (deadline <= now) return Promise.reject(deadlineExceeded(operation));
    const isLocal = this.#discovery.isLocal(call.request.pluginId);
    const request = isLocal ? call.request : writtenRequest(call.request);
    const headers = addTravelHeaders(call, request.body);
    const isHurried = call.isHurried === true && deadline === call.deadline;
    const sent = { operation, signal, isIdempotent, callerId, headers, deadline, isHurried, maxResponseSize };
    if (isLocal) return this.#memory.send({ ...sent, request, takesJson });
    return this.#http.send({ ...sent, request: request as WrittenRequest });
  }

  [pluginView]({ pluginId }: Viewer): RootWireService {
    return new RootWireView(this, pluginId);
  }

  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }
}
