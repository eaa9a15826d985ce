import { SpanKind, SpanStatusCode, trace, type Span as OtelSpan, type Tracer } from '@opentelemetry/api';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import { type Span, type SpanOptions, TracingService } from '../../api/tracing-service.js';
import { capturesEndUser, readTracerSettings } from './telemetry-settings.js';

/** The tracer of one plugin. */
@Service({ implements: TracingService })
export class PluginTracing extends TracingService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #tracer: Tracer;
  readonly #namesUsers: boolean;

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootConfigService) config: RootConfigService,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#namesUsers = capturesEndUser(config);
    const { name, version } = readTracerSettings(config, this.#pluginId);
    this.#tracer = trace.getTracer(name, version);
  }

  override startActiveSpan<T>(name: string, work: (span: Span) => T): T;
  override startActiveSpan<T>(name: string, options: SpanOptions, work: (span: Span) => T): T;
  override startActiveSpan<T>(
    name: string,
    ...[first, second]: [(span: Span) => T] | [SpanOptions, (span: Span) => T]
  ): T {
    const [{ kind = 'internal', attributes, credentials }, work] =
      typeof first === 'function' ? [{} as SpanOptions, first] : [first, second!];
    const principal = credentials?.principal;
    const options = {
      kind: SpanKind[kind.toUpperCase() as 'INTERNAL'],
      attributes: {
        ...attributes,
        'backplane.plugin.id': this.#pluginId,
        ...(principal && { 'backplane.principal.type': principal.type }),
        ...(this.#namesUsers && principal?.type === 'user' && { 'enduser.id': principal.userEntityRef }),
      },
    };
    return this.#tracer.startActiveSpan(name, options, span => within(span, work));
  }
}

function within<T>(span: OtelSpan, work: (span: Span) => T): T {
  try {
    const result = work(span);
    if (!(result instanceof Promise)) return ended(span, result);
    return result.then(
      value => ended(span, value as unknown),
      (error: unknown) => {
        throw failed(span, error);
      },
    ) as T;
  } catch (error) {
    throw failed(span, error);
  }
}

function ended<T>(span: OtelSpan, result: T): T {
  span.end();
  return result;
}

function failed(span: OtelSpan, error: unknown): unknown {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: '' };
  span.recordException({ name, message });
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
  return error;
}
