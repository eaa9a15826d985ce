import { Service } from '../../decorators/service.js';
import type { Credentials } from './credentials.js';
import type { MetricAttributes } from './metrics-service.js';

export interface SpanOptions {
  readonly kind?: 'internal' | 'client' | 'producer' | 'consumer';
  readonly attributes?: MetricAttributes;
  /** On whose behalf; the user is named only where `backend.tracing.capture.endUser` says so. */
  readonly credentials?: Credentials;
}

export interface Span {
  setAttribute(key: string, value: string | number | boolean): unknown;
  addEvent(name: string, attributes?: MetricAttributes): unknown;
}

/** Spans of one plugin, by OpenTelemetry; without an SDK, which has to be registered before the backend starts, none. */
@Service({ id: 'core.tracing', scope: 'plugin' })
export abstract class TracingService {
  /**
   * Runs `work` in a span, which ends when that returns, or what it returns is settled. What it throws or rejects with is
   * noted and passed on.
   */
  abstract startActiveSpan<T>(name: string, work: (span: Span) => T): T;
  abstract startActiveSpan<T>(name: string, options: SpanOptions, work: (span: Span) => T): T;
}
