import {
  type Counter,
  type Histogram,
  type MetricAttributes,
  MetricsService,
  type Observable,
  type ObservableCallback,
} from '../api/metrics-service.js';

export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly attributes?: MetricAttributes;
}

/** Keeps what is measured, in order. */
export class MockMetrics extends MetricsService {
  readonly measurements: Measurement[] = [];
  readonly #callbacks = new Map<ObservableCallback, string>();

  override createCounter(name: string): Counter {
    return { add: (value, attributes) => this.#keep(name, value, attributes) };
  }

  override createUpDownCounter(name: string): Counter {
    return this.createCounter(name);
  }

  override createHistogram(name: string): Histogram {
    return { record: (value, attributes) => this.#keep(name, value, attributes) };
  }

  override createGauge(name: string): Histogram {
    return this.createHistogram(name);
  }

  override createObservableCounter(name: string): Observable {
    return this.createObservableGauge(name);
  }

  override createObservableUpDownCounter(name: string): Observable {
    return this.createObservableGauge(name);
  }

  override createObservableGauge(name: string): Observable {
    return {
      addCallback: callback => void this.#callbacks.set(callback, name),
      removeCallback: callback => void this.#callbacks.delete(callback),
    };
  }

  /** Asks the observables. */
  async observe(): Promise<void> {
    for (const [callback, name] of this.#callbacks) {
      await callback({ observe: (value, attributes) => this.#keep(name, value, attributes) });
    }
  }

  #keep(name: string, value: number, attributes: MetricAttributes | undefined): void {
    this.measurements.push({ name, value, ...(attributes && { attributes }) });
  }
}
