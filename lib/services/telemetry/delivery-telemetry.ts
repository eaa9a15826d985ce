import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Service } from '../../../decorators/service.js';
import {
  type DeliveryObservation,
  DeliveryTelemetryService,
  type ObservedDelivery,
} from '../../api/delivery-telemetry-service.js';
import { isRegistered } from './registered.js';
import { traceparentOf } from './traceparent-of.js';

/** A span for each delivery of an event, within the trace of its publisher, where an SDK is registered that takes it. */
@Service({ implements: DeliveryTelemetryService })
export class DeliveryTelemetry extends DeliveryTelemetryService {
  static {
    Object.freeze(this.prototype);
  }

  override readonly observe = isRegistered('trace') ? observer() : undefined;

  override activeTrace(): Readonly<Record<string, string>> {
    const active = context.active();
    const carrier: Record<string, string> = {};
    if (trace.getSpan(active)) propagation.inject(active, carrier);
    const { traceparent, tracestate } = carrier;
    return { ...(traceparent !== undefined && { traceparent }), ...(tracestate !== undefined && { tracestate }) };
  }
}

function observer(): (delivery: ObservedDelivery) => DeliveryObservation {
  const tracer = trace.getTracer('backplane');
  return ({ pluginId, topic, group, eventId, attempt, metadata }) => {
    const parent = propagation.extract(ROOT_CONTEXT, metadata);
    const attributes = {
      'messaging.system': 'backplane',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.consumer.group.name': group,
      'messaging.message.id': eventId,
      'backplane.plugin.id': pluginId,
      'backplane.event.attempt': attempt,
    };
    const span = tracer.startSpan(`process ${topic}`, { kind: SpanKind.CONSUMER, attributes }, parent);
    const within = trace.setSpan(parent, span);
    return {
      traceparent: traceparentOf(span.spanContext()),
      run: work => context.with(within, work),
      end: error => {
        if (error !== undefined) {
          span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      },
    };
  };
}
