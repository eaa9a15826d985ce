import type { SpanContext } from '@opentelemetry/api';

/** The header of W3C Trace Context that carries a span on. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
