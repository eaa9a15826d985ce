import { Service } from '../../decorators/service.js';

/** A delivery of an event as telemetry sees it. */
export interface ObservedDelivery {
  readonly pluginId: string;
  /** `<pluginId>.<id>`. */
  readonly topic: string;
  /** `<pluginId>.<id of the subscription>`. */
  readonly group: string;
  readonly eventId: string;
  readonly attempt: number;
  /** Has the trace of whoever has published it, as in W3C Trace Context. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One delivery that somebody watches. */
export interface DeliveryObservation {
  /** What the handler's calls and events carry on, as in W3C Trace Context. */
  readonly traceparent: string;
  /** Runs the handler as part of it. */
  run<T>(work: () => T): T;
  /** It is over; `error` where it was not handled. */
  end(error?: unknown): void;
}

/** Watches deliveries of events for whoever traces the backend. */
@Service({ id: 'core.delivery-telemetry', scope: 'root' })
export abstract class DeliveryTelemetryService {
  /** `undefined` where nobody traces: then nothing is spent on it. */
  abstract readonly observe: ((delivery: ObservedDelivery) => DeliveryObservation) | undefined;
  /** The span in which the caller runs, as metadata of an event: `traceparent`, `tracestate`, or nothing. */
  abstract activeTrace(): Readonly<Record<string, string>>;
}
