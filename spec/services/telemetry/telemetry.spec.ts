import { context, metrics as otel, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineTopic } from '../../../lib/contract/define-topic.js';
import {
  type Event,
  EventsService,
  Get,
  MetricsService,
  Plugin,
  Subscribe,
  TracingService,
  WireService,
  type PluginContext,
} from '../../../lib/index.js';
import { mockCredentials, mockServices, override, TestBackend } from '../../../lib/testing/index.js';
import { until } from '../../faults/harness/until.js';
import { RootLoggerService } from '../../../lib/api/logger-service.js';

@Plugin({ pluginId: 'a-b' })
class MeasuredPlugin {
  constructor(
    readonly metrics: MetricsService,
    readonly tracing: TracingService,
  ) {}

  @Get('/things/:id', { allow: 'unauthenticated' })
  thing({ params, credentials }: PluginContext): unknown {
    return this.tracing.startActiveSpan('look up', { credentials }, async () => {
      if (params['id'] === 'bad') throw new Error('secret detail');
      return params['id'];
    });
  }
}

@Plugin({ pluginId: 'a' })
class OtherPlugin {
  constructor(readonly metrics: MetricsService) {}
}

@Plugin({ pluginId: 'asking' })
class AskingPlugin {
  constructor(
    readonly tracing: TracingService,
    readonly wire: WireService,
  ) {}

  @Get('/ask', { allow: 'unauthenticated' })
  ask(): Promise<unknown> {
    return this.tracing.startActiveSpan('ask', async () =>
      (await this.wire.fetch('plugin://asked/tell', { call: { credentials: 'own' } })).json(),
    );
  }
}

@Plugin({ pluginId: 'asked' })
class AskedPlugin {
  @Get('/tell', { allow: 'unauthenticated' })
  tell({ req: { headers } }: PluginContext): unknown {
    return { traceparent: headers['traceparent'], tracestate: headers['tracestate'] };
  }
}

describe('Telemetry', () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const spans = new InMemorySpanExporter();
  const logger = mockServices.rootLogger();
  let backend: TestBackend;

  before(async () => {
    otel.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register();
    backend = await TestBackend.start({
      features: [MeasuredPlugin, OtherPlugin, AskingPlugin, AskedPlugin],
      overrides: [override(RootLoggerService).withValue(logger)],
      config: { backend: { metrics: { plugin: { a: { meter: { name: 'acme', version: '2' } } } } } },
    });
  });

  beforeEach(() => {
    exporter.reset();
    spans.reset();
  });

  after(async () => {
    await backend.stop();
    await reader.shutdown();
    for (const part of [otel, trace, context, propagation]) part.disable();
  });

  async function read(name: string) {
    exporter.reset();
    await reader.forceFlush();
    const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    const scope = scopes.find(each => each.metrics.some(({ descriptor }) => descriptor.name === name));
    const metric = scope?.metrics.find(({ descriptor }) => descriptor.name === name);
    return { scope: scope?.scope, points: metric?.dataPoints ?? [] };
  }

  const measured = () => backend.get(MeasuredPlugin, { pluginId: 'a-b' }).metrics;

  it('counts what a plugin counts, by a meter of its own', async () => {
    measured().createCounter('things').add(2, { kind: 'x' });
    measured().createCounter('things').add(3, { kind: 'x' });
    measured()
      .createObservableGauge('level')
      .addCallback(result => result.observe(7));
    backend.get(OtherPlugin, { pluginId: 'a' }).metrics.createHistogram('sizes').record(4);

    const things = await read('a_b.things');
    expect(things.scope!.name).to.equal('backplane-plugin-a-b');
    expect(things.points.map(({ value, attributes }) => [value, attributes])).to.deep.equal([[5, { kind: 'x' }]]);
    expect((await read('a_b.level')).points[0]!.value).to.equal(7);
    expect((await read('a.sizes')).scope).to.include({ name: 'acme', version: '2' });
  });

  it('I35: refuses a name of another kind, or that another plugin has', () => {
    const other = backend.get(OtherPlugin, { pluginId: 'a' }).metrics;
    measured().createCounter('taken');

    expect(() => measured().createGauge('taken')).to.throw(TypeError, 'is a counter already');
    expect(() => other.createCounter('b.taken')).to.throw(TypeError, "of plugin 'a-b'");
    expect(() => other.createCounter('no name')).to.throw(TypeError, 'no name of a metric');
  });

  it('I35: stops counting apart after 1,000 sets of attributes, and says so once', async () => {
    const flood = measured().createCounter('flood');
    for (let i = 0; i < 1_500; i++) flood.add(1, { user: i });

    const { points } = await read('a_b.flood');
    expect(points.length).to.be.within(990, 1_001);
    const rest = points.find(({ attributes }) => attributes['otel.metric.overflow'] === true)!;
    expect(rest.value).to.be.within(500, 510);
    expect(logger.messages('warn')).to.deep.equal(['Metrics have more than 1000 sets of attributes']);
  });

  it('measures requests by route, not by path', async () => {
    for (const id of ['1', '2', '3']) await backend.request.get(`/api/a-b/things/${id}`);
    await backend.request.get('/api/a-b/things/bad');
    await backend.request.get('/nowhere');

    const { points } = await read('http.server.request.duration');
    const counts = points.map(({ value, attributes }) => [
      attributes['http.route'],
      attributes['http.response.status_code'],
      (value as unknown as { count: number }).count,
    ]);
    expect(counts).to.deep.include.members([
      ['/api/a-b/things/:id', 200, 3],
      ['/api/a-b/things/:id', 500, 1],
      [undefined, 404, 1],
    ]);
  });

  it('makes a span of each request, within the trace of its caller, and one of what the plugin says', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const authorization = mockCredentials.user.header();

    await backend.request.get('/api/a-b/things/bad', { headers: { traceparent, authorization } });

    const [inner, outer] = spans.getFinishedSpans();
    expect(outer!.name).to.equal('GET /api/a-b/things/:id');
    expect(outer!.parentSpanContext!.spanId).to.equal('b7ad6b7169203331');
    expect(inner!.name).to.equal('look up');
    expect(inner!.parentSpanContext!.spanId).to.equal(outer!.spanContext().spanId);
    expect(inner!.spanContext().traceId).to.equal(traceId);
    expect(inner!.attributes).to.deep.equal({
      'backplane.plugin.id': 'a-b',
      'backplane.principal.type': 'user',
      'error.type': 'Error',
    });
    expect(inner!.events.map(({ name }) => name)).to.deep.equal(['exception']);
  });

  it('calls other plugins within the span that is open, which is recorded', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const known = await backend.request.get('/api/asking/ask', { headers: { traceparent, tracestate: 'vendor=1' } });
    const unknown = await backend.request.get('/api/asking/ask', {
      headers: { traceparent: 'junk', tracestate: 'vendor=1' },
    });

    const [first, second] = spans.getFinishedSpans().filter(({ name }) => name === 'ask');
    const parentOf = (span: typeof first): string =>
      `00-${span!.spanContext().traceId}-${span!.spanContext().spanId}-01`;
    expect(first!.spanContext().traceId).to.equal(traceId);
    expect(known.body).to.deep.equal({ traceparent: parentOf(first), tracestate: 'vendor=1' });
    expect(unknown.body).to.deep.equal({ traceparent: parentOf(second) });
  });
});

describe('Telemetry of events', () => {
  const spans = new InMemorySpanExporter();
  const thing = defineTopic({ pluginId: 'a-b', id: 'thing', payload: z.object({ name: z.string() }) });

  @Plugin({ pluginId: 'a-b' })
  class PublishingPlugin {
    constructor(
      readonly events: EventsService,
      readonly tracing: TracingService,
    ) {}

    @Get('/publish/:name', { allow: 'unauthenticated' })
    async publish({ params }: PluginContext): Promise<void> {
      await this.events.publish(thing, { name: params['name']! });
    }
  }

  @Plugin({ pluginId: 'a' })
  class HearingPlugin {
    constructor(
      readonly events: EventsService,
      readonly tracing: TracingService,
    ) {}

    @Subscribe(thing, { id: 'hear', maxAttempts: 1 })
    async hear({ payload }: Event<typeof thing>): Promise<void> {
      await this.tracing.startActiveSpan('look up', async () => {
        await sleep(1);
        if (payload.name === 'bad') throw new TypeError('secret detail');
      });
    }
  }

  let backend: TestBackend;
  before(async () => {
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register();
    backend = await TestBackend.start({
      features: [PublishingPlugin, HearingPlugin],
      config: { backend: { logger: { level: 'silent' } } },
    });
  });
  beforeEach(() => spans.reset());
  after(async () => {
    await backend.stop();
    for (const part of [trace, context, propagation]) part.disable();
  });

  const named = (name: string) => spans.getFinishedSpans().find(span => span.name === name);

  it('makes a span of each delivery, within the trace of the request that has published it', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';

    await backend.request.get('/api/a-b/publish/good', {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    });
    await until('the span', () => named('process a-b.thing') !== undefined);

    const [publisher, delivery, inner] = ['GET /api/a-b/publish/:name', 'process a-b.thing', 'look up'].map(named);
    expect(delivery!.kind).to.equal(SpanKind.CONSUMER);
    expect(delivery!.spanContext().traceId).to.equal(traceId);
    expect(delivery!.parentSpanContext!.spanId).to.equal(publisher!.spanContext().spanId);
    expect(inner!.parentSpanContext!.spanId).to.equal(delivery!.spanContext().spanId);
    expect(delivery!.status.code).to.equal(SpanStatusCode.UNSET);
    const { 'messaging.message.id': id, ...attributes } = delivery!.attributes;
    expect(id).to.match(/^[\w-]{16,}$/);
    expect(attributes).to.deep.equal({
      'messaging.system': 'backplane',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'a-b.thing',
      'messaging.consumer.group.name': 'a.hear',
      'backplane.plugin.id': 'a',
      'backplane.event.attempt': 1,
    });
  });

  it('says that one was not handled, by the kind of its error alone', async () => {
    await backend.request.get('/api/a-b/publish/bad');
    await until('the span', () => named('process a-b.thing') !== undefined);

    const delivery = named('process a-b.thing')!;
    expect(delivery.status).to.deep.equal({ code: SpanStatusCode.ERROR });
    expect(delivery.attributes['error.type']).to.equal('TypeError');
    expect(delivery.events).to.deep.equal([]);
  });

  it('goes on from the span in which somebody publishes, be it in no request', async () => {
    const { events, tracing } = backend.get(PublishingPlugin, { pluginId: 'a-b' });

    await tracing.startActiveSpan('nightly', () => events.publish(thing, { name: 'good' }));
    await until('the span', () => named('process a-b.thing') !== undefined);

    expect(named('process a-b.thing')!.parentSpanContext!.spanId).to.equal(named('nightly')!.spanContext().spanId);
  });
});

describe('Telemetry without an SDK', () => {
  it('goes nowhere, and watches no request', async () => {
    await using backend = await TestBackend.start({ features: [MeasuredPlugin] });
    const { metrics: own } = backend.get(MeasuredPlugin, { pluginId: 'a-b' });

    own.createCounter('things').add(1);
    const { body } = await backend.request.get('/api/a-b/things/1');

    expect(body).to.equal('1');
    const { RequestTelemetry } = await import('../../../lib/services/telemetry/request-telemetry.js');
    expect(new RequestTelemetry().observe).to.equal(undefined);
  });
});
