import type { JsonObject, JsonValue } from '../../../lib/api/config-service.js';
import { UnauthenticatedError } from '../../../lib/errors/http-error.js';
import { type Answer, HttpFixture } from './http-fixture.js';

/** A server behind a proxy on this machine, which says for whom it asks. */
export async function startLimited(rateLimit: JsonValue, more: JsonObject = {}): Promise<HttpFixture> {
  const http = await HttpFixture.start({ trustProxy: 'loopback', rateLimit, ...more });
  for (const pluginId of ['catalog', 'search']) {
    const router = http.plugin(pluginId);
    http.route(router, 'GET /x', () => 'x');
    http.route(router, 'GET /fails', () => {
      throw new UnauthenticatedError();
    });
  }
  return http;
}

/** A request of the client at `ip`. */
export function askFrom(http: HttpFixture, ip: string, path = '/api/catalog/x'): Promise<Answer> {
  return http.ask(path, { headers: { 'x-forwarded-for': ip } });
}
