import type { IncomingMessage, ServerResponse } from 'node:http';
import { Service } from '../../decorators/service.js';

/** A request as telemetry sees it. */
export interface ObservedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly pluginId: string | undefined;
  /** The path of the route that answers, as it was declared; below the plugin's own. */
  readonly route: string | undefined;
}

/** One request that somebody watches. */
export interface Observation {
  /**
   * What calls to other plugins carry on, as in W3C Trace Context: the innermost span that is open where it is asked for;
   * `undefined` where requests are measured and not traced.
   */
  readonly trace: { readonly traceparent: string; readonly tracestate: string | undefined } | undefined;
  /** Runs `work` as part of the request. */
  run<T>(work: () => T): T;
  /** The answer has gone. */
  end(): void;
}

/** Watches requests for whoever measures the backend. */
@Service({ id: 'core.request-telemetry', scope: 'root' })
export abstract class RequestTelemetryService {
  /** `undefined` where nobody measures: then nothing is spent on it. */
  abstract readonly observe: ((request: ObservedRequest) => Observation) | undefined;
  /** Takes a name of a metric for a plugin. Throws a `TypeError` where it is another's. */
  abstract claim(name: string, pluginId: string): void;
}
