import type { Logger } from '../../api/logger-service.js';
import type { MetricAttributes } from '../../api/metrics-service.js';

/** How many sets of attributes a plugin may have; each is a time series that somebody stores. */
const limit = 1_000;
const overflow: MetricAttributes = Object.freeze({ 'otel.metric.overflow': true });

/** Keeps a plugin from flooding whoever stores its metrics. */
export class AttributeLimit {
  readonly #logger: Logger;
  readonly #seen = new Set<string>();
  #hasWarned = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The attributes themselves, or where there are too many different ones what stands for the rest. */
  admit(metric: string, attributes: MetricAttributes | undefined): MetricAttributes | undefined {
    if (!attributes) return attributes;
    const names = Object.keys(attributes);
    if (names.length === 0) return attributes;
    const key = JSON.stringify([metric, ...names.toSorted().map(name => [name, attributes[name]])]);
    if (this.#seen.has(key)) return attributes;
    if (this.#seen.size < limit) {
      this.#seen.add(key);
      return attributes;
    }
    if (!this.#hasWarned) this.#logger.warn(`Metrics have more than ${limit} sets of attributes`, { metric });
    this.#hasWarned = true;
    return overflow;
  }
}
