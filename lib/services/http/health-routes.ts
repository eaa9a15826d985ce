import { withoutErrors, type HealthReport, type RootHealthService } from '../../api/root-health-service.js';
import { MethodNotAllowedError, UnauthenticatedError } from '../../errors/http-error.js';
import { sendJson } from '../../util/send-json.js';
import type { Exchange } from './exchange.js';
import type { HealthSettings } from './http-settings.js';

const prefix = '/.backplane/health/v1/';

/** Serves what is below that path: liveness and readiness to anybody, the plugins only where configuration says so. */
export class HealthRoutes {
  readonly #health: RootHealthService;
  readonly #settings: HealthSettings;

  constructor(health: RootHealthService, settings: HealthSettings) {
    this.#health = health;
    this.#settings = settings;
  }

  covers(path: string): boolean {
    return path.startsWith(prefix);
  }

  /** `undefined` where the path is none of these. */
  serve(exchange: Exchange): Promise<void> | undefined {
    if (!this.covers(exchange.path)) return undefined;
    const sender = this.#senderOf(exchange.path.slice(prefix.length));
    const { method } = exchange.req;
    if (sender && method !== 'GET' && method !== 'HEAD') throw new MethodNotAllowedError(['GET', 'HEAD']);
    return sender?.(exchange);
  }

  #senderOf(name: string): ((exchange: Exchange) => Promise<void>) | undefined {
    switch (name) {
      case 'liveness':
        return async exchange => this.#sendReport(exchange, await this.#health.getLiveness());
      case 'readiness':
        return async exchange => this.#sendReport(exchange, await this.#health.getReadiness());
      case 'plugins':
        return async exchange => {
          if (!this.#settings.publicPlugins) throw new UnauthenticatedError();
          sendJson(exchange.res, 200, (await this.#health.getPlugins()).map(withoutErrors));
        };
      default:
        return undefined;
    }
  }

  #sendReport(exchange: Exchange, report: HealthReport): void {
    sendJson(exchange.res, report.status === 'ok' ? 200 : 503, report, this.#settings.headers);
  }
}
