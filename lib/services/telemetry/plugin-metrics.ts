import { metrics, type Meter, type ObservableResult } from '@opentelemetry/api';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import { RootConfigService } from '../../api/config-service.js';
import { LoggerService } from '../../api/logger-service.js';
import { PluginMetadataService } from '../../api/metadata-services.js';
import {
  type Counter,
  type Gauge,
  type Histogram,
  type MetricOptions,
  MetricsService,
  type Observable,
  type ObservableCallback,
  type UpDownCounter,
} from '../../api/metrics-service.js';
import { RequestTelemetryService } from '../../api/request-telemetry-service.js';
import { AttributeLimit } from './attribute-limit.js';
import { isRegistered } from './registered.js';
import { readMeterSettings } from './telemetry-settings.js';

/** The meter of one plugin. */
@Service({ implements: MetricsService })
export class PluginMetrics extends MetricsService implements Disposable {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;
  readonly #telemetry: RequestTelemetryService;
  readonly #meter: Meter;
  readonly #limit: AttributeLimit | undefined;
  readonly #instruments = new Map<string, { readonly kind: string; readonly instrument: unknown }>();
  readonly #ends: (() => void)[] = [];

  constructor(
    @Inject(PluginMetadataService) plugin: PluginMetadataService,
    @Inject(RootConfigService) config: RootConfigService,
    @Inject(LoggerService) logger: LoggerService,
    @Inject(RequestTelemetryService) telemetry: RequestTelemetryService,
  ) {
    super();
    this.#pluginId = plugin.getId();
    this.#telemetry = telemetry;
    const { name, version, schemaUrl } = readMeterSettings(config, this.#pluginId);
    this.#meter = metrics.getMeter(name, version, schemaUrl === undefined ? undefined : { schemaUrl });
    this.#limit = isRegistered('metrics') ? new AttributeLimit(logger) : undefined;
  }

  override createCounter(name: string, options?: MetricOptions): Counter {
    return this.#instrument('counter', name, full => this.#counted(full, this.#meter.createCounter(full, options)));
  }

  override createUpDownCounter(name: string, options?: MetricOptions): UpDownCounter {
    return this.#instrument('up-down counter', name, full =>
      this.#counted(full, this.#meter.createUpDownCounter(full, options)),
    );
  }

  override createHistogram(name: string, options?: MetricOptions): Histogram {
    return this.#instrument('histogram', name, full =>
      this.#recorded(full, this.#meter.createHistogram(full, options)),
    );
  }

  override createGauge(name: string, options?: MetricOptions): Gauge {
    return this.#instrument('gauge', name, full => this.#recorded(full, this.#meter.createGauge(full, options)));
  }

  override createObservableCounter(name: string, options?: MetricOptions): Observable {
    return this.#instrument('observable counter', name, full =>
      this.#observed(full, this.#meter.createObservableCounter(full, options)),
    );
  }

  override createObservableUpDownCounter(name: string, options?: MetricOptions): Observable {
    return this.#instrument('observable up-down counter', name, full =>
      this.#observed(full, this.#meter.createObservableUpDownCounter(full, options)),
    );
  }

  override createObservableGauge(name: string, options?: MetricOptions): Observable {
    return this.#instrument('observable gauge', name, full =>
      this.#observed(full, this.#meter.createObservableGauge(full, options)),
    );
  }

  /** Who starts again brings callbacks of its own. */
  [Symbol.dispose](): void {
    for (const end of this.#ends) end();
  }

  #instrument<T>(kind: string, name: string, make: (fullName: string) => T): T {
    if (typeof name !== 'string' || !/^[a-z][\w.\-/]{0,189}$/i.test(name)) {
      throw new TypeError(`'${name}' is no name of a metric: write letters, digits and . _ - / , as 'entities'`);
    }
    const known = this.#instruments.get(name);
    if (known && known.kind !== kind) throw new TypeError(`The metric '${name}' is a ${known.kind} already`);
    if (known) return known.instrument as T;
    const full = `${this.#pluginId.replaceAll('-', '_')}.${name}`;
    this.#telemetry.claim(full, this.#pluginId);
    const instrument = make(full);
    this.#instruments.set(name, { kind, instrument });
    return instrument;
  }

  #counted(name: string, counter: Counter): Counter {
    const limit = this.#limit;
    return limit ? { add: (value, attributes) => counter.add(value, limit.admit(name, attributes)) } : counter;
  }

  #recorded(name: string, histogram: Histogram): Histogram {
    const limit = this.#limit;
    if (!limit) return histogram;
    return { record: (value, attributes) => histogram.record(value, limit.admit(name, attributes)) };
  }

  #observed(
    name: string,
    observable: Record<'addCallback' | 'removeCallback', (callback: (result: ObservableResult) => void) => void>,
  ): Observable {
    const wrapped = new Map<ObservableCallback, (result: ObservableResult) => void | Promise<void>>();
    const remove = (callback: ObservableCallback) => {
      const known = wrapped.get(callback);
      if (known) observable.removeCallback(known);
      wrapped.delete(callback);
    };
    this.#ends.push(() => [...wrapped.keys()].forEach(remove));
    return {
      addCallback: callback => {
        if (wrapped.has(callback)) return;
        const limited = (result: ObservableResult) =>
          callback({
            observe: (value, attributes) =>
              result.observe(value, this.#limit?.admit(name, attributes) ?? attributes ?? {}),
          });
        wrapped.set(callback, limited);
        observable.addCallback(limited);
      },
      removeCallback: remove,
    };
  }
}
