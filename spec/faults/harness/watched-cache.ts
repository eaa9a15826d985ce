import { MetricsService, RootLoggerService } from '../../../lib/index.js';
import type { JsonObject } from '../../../lib/api/config-service.js';
import { MockLogger, MockMetrics, override, TestBackend } from '../../../lib/testing/index.js';
import { withDeadline } from '../../../lib/util/deadline.js';
import { cacheOf, cachingPlugin } from '../../services/cache/cache-fixture.js';

/** A backend with `backend.cache` and nothing real but that, whose log and metrics are kept. */
export async function watched(cache: JsonObject) {
  const logger = new MockLogger();
  const metrics = new MockMetrics();
  const backend = await TestBackend.start({
    features: [cachingPlugin('store')],
    overrides: [override(RootLoggerService).withValue(logger), override(MetricsService).withValue(metrics)],
    config: { backend: { cache } },
  });
  return { backend, logger, metrics, cache: cacheOf(backend), [Symbol.asyncDispose]: () => backend.stop() };
}

/** What the log has about the server. */
export const warnings = (logger: MockLogger) => logger.messages('warn').filter(text => text.startsWith('Redis at'));

interface Timed<T> {
  readonly ms: number;
  readonly result: T;
}

/**
 * What it took, and what came of it. Rejects where that took more than the 50 ms that are the requirement: without those in
 * which a busy machine did not let this process run.
 */
export async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const begin = performance.now();
  const result = await withDeadline(50, work);
  return { ms: performance.now() - begin, result };
}

export function medianOf(times: readonly Timed<unknown>[]): number {
  return times.map(({ ms }) => ms).toSorted((a, b) => a - b)[times.length >> 1]!;
}
