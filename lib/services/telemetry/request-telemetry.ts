import {
  context,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { Service } from '../../../decorators/service.js';
import {
  type Observation,
  type ObservedRequest,
  RequestTelemetryService,
} from '../../api/request-telemetry-service.js';
import { isRegistered } from './registered.js';
import { traceparentOf } from './traceparent-of.js';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']);
/** In seconds, as the semantic conventions of OpenTelemetry advise. */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The duration of each request, and a span for it, where an SDK is registered that takes them. */
@Service({ implements: RequestTelemetryService })
export class RequestTelemetry extends RequestTelemetryService {
  static {
    Object.freeze(this.prototype);
  }

  override readonly observe = isRegistered('metrics') || isRegistered('trace') ? observer() : undefined;
  readonly #names = new Map<string, string>();

  override claim(name: string, pluginId: string): void {
    // As Prometheus would write it, where dots and underscores are the same.
    const written = name.toLowerCase().replaceAll(/\W/g, '_');
    const owner = this.#names.get(written);
    if (owner !== undefined && owner !== pluginId) {
      throw new TypeError(`The metric '${name}' of plugin '${pluginId}' has the name of one of plugin '${owner}'`);
    }
    this.#names.set(written, pluginId);
  }
}

function observer(): (request: ObservedRequest) => Observation {
  const duration = metrics.getMeter('backplane').createHistogram('http.server.request.duration', {
    unit: 's',
    description: 'Duration of HTTP server requests.',
    advice: { explicitBucketBoundaries: boundaries },
  });
  const tracer = trace.getTracer('backplane');
  const isTraced = isRegistered('trace');
  return request => {
    const { req, res } = request;
    const begin = performance.now();
    const method = methods.has(req.method ?? '') ? req.method! : '_OTHER';
    // A call within this process comes with the span of its caller; everybody else says it in headers.
    const active = context.active();
    const parent = trace.getSpan(active) ? active : propagation.extract(ROOT_CONTEXT, req.headers);
    const span = isTraced ? tracer.startSpan(method, { kind: SpanKind.SERVER }, parent) : undefined;
    const within = span && trace.setSpan(parent, span);
    return {
      get trace() {
        return span && traceOf(innermost(span.spanContext()));
      },
      run: work => (within ? context.with(within, work) : work()),
      end: () => {
        const { pluginId, route } = request;
        const path = pluginId === undefined || route === undefined ? undefined : `/api/${pluginId}${route}`;
        const attributes = {
          'http.request.method': method,
          'http.response.status_code': res.statusCode,
          'url.scheme': (req.socket as { encrypted?: boolean }).encrypted ? 'https' : 'http',
          ...(path !== undefined && { 'http.route': path }),
          ...(pluginId !== undefined && { 'backplane.plugin.id': pluginId }),
          ...(res.statusCode >= 500 && { 'error.type': String(res.statusCode) }),
        };
        duration.record((performance.now() - begin) / 1_000, attributes);
        if (!span) return;
        if (path !== undefined) span.updateName(`${method} ${path}`);
        if (res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttributes(attributes).end();
      },
    };
  };
}

/** Of the same trace: in the process there may be others. */
function innermost(own: SpanContext): SpanContext {
  const active = trace.getSpanContext(context.active());
  return active?.traceId === own.traceId ? active : own;
}

function traceOf(span: SpanContext): NonNullable<Observation['trace']> {
  return { traceparent: traceparentOf(span), tracestate: span.traceState?.serialize() };
}
