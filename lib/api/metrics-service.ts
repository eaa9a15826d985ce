import { Service } from '../../decorators/service.js';

export type MetricAttributes = Readonly<Record<string, string | number | boolean>>;

export interface MetricOptions {
  readonly description?: string;
  /** As in UCUM: `s`, `By`, `{entity}`. */
  readonly unit?: string;
}

export interface Counter {
  /** Negative values are for `UpDownCounter` only. */
  add(value: number, attributes?: MetricAttributes): void;
}

export type UpDownCounter = Counter;

export interface Histogram {
  record(value: number, attributes?: MetricAttributes): void;
}

export type Gauge = Histogram;

/** Asked for its value whenever somebody reads the metrics. */
export interface Observable {
  addCallback(callback: ObservableCallback): void;
  removeCallback(callback: ObservableCallback): void;
}

export type ObservableCallback = (result: {
  observe(value: number, attributes?: MetricAttributes): void;
}) => void | Promise<void>;

/**
 * Metrics of one plugin, by OpenTelemetry; without an SDK, which has to be registered before the backend starts, they go
 * nowhere and cost next to nothing.
 *
 * A name is the plugin's own: `entities` of plugin `catalog` is known as `catalog.entities`. The same name and kind give
 * the same instrument; another kind throws a `TypeError`. After 1,000 different sets of attributes of a plugin, others
 * are counted under `otel.metric.overflow`.
 */
@Service({ id: 'core.metrics', scope: 'plugin' })
export abstract class MetricsService {
  abstract createCounter(name: string, options?: MetricOptions): Counter;
  abstract createUpDownCounter(name: string, options?: MetricOptions): UpDownCounter;
  abstract createHistogram(name: string, options?: MetricOptions): Histogram;
  abstract createGauge(name: string, options?: MetricOptions): Gauge;
  abstract createObservableCounter(name: string, options?: MetricOptions): Observable;
  abstract createObservableUpDownCounter(name: string, options?: MetricOptions): Observable;
  abstract createObservableGauge(name: string, options?: MetricOptions): Observable;
}
