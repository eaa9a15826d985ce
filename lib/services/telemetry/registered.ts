/**
 * Whether somebody has registered an SDK in this process. OpenTelemetry keeps it under this key, for all copies of its
 * API; the API itself does not tell.
 */
export function isRegistered(part: 'metrics' | 'trace'): boolean {
  const api = (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')];
  return typeof api === 'object' && api !== null && part in api;
}
