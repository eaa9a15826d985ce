import { z } from 'zod';
import {
  BadRequestError,
  ConflictError,
  ForbiddenError,
  PayloadTooLargeError,
  ServiceUnavailableError,
  TooManyRequestsError,
  UnsupportedMediaTypeError,
} from '../../lib/errors/http-error.js';
import { pluginHttpFixtures } from './plugin-http-fixtures.js';
import { webhookHttpFixtures } from './webhook-http-fixtures.js';
import { askingItself, callingNobody } from './wire-http-fixtures.js';
import { post } from '../../lib/contract/operation-drafts.js';
import { RemoteError } from '../../lib/contract/remote-error.js';
import { databaseFull } from '../../lib/services/database/database-errors.js';
import { HttpFixture, type Asked } from '../services/http/http-fixture.js';
import { OperationsFixture } from '../wire/server/operations-fixture.js';

/** A request, or what a handler does, that is answered by an error with this code. */
export interface HttpFixtureOfCode {
  readonly code: string;
  readonly status: number;
  /** Gives the whole answer as it came over the wire, status line, headers and body. */
  readonly ask: () => Promise<string>;
}

type Prepare = (http: HttpFixture) => void;

/** What a request is answered to a plugin, `/api/a`, and to nobody else. */
function asking(path: string, asked: Asked = {}, prepare: Prepare = () => {}): () => Promise<string> {
  return async () => {
    await using http = await HttpFixture.start({ lifecycle: { startupRequestPauseTimeout: 20 } });
    http.route(http.plugin('a'), 'GET /', () => 'a');
    prepare(http);
    const { status, text } = await http.ask(path, asked);
    return `HTTP/1.1 ${status}\r\n\r\n${text}`;
  };
}

/** What is answered where a handler throws `error`. */
function throwing(error: Error): () => Promise<string> {
  return asking('/api/b', {}, http =>
    http.route(http.plugin('b'), 'GET /', () => {
      throw error;
    }),
  );
}

/** What an operation answers to a body, or where its handler throws `error`. */
function operating(body: string, error?: Error): () => Promise<string> {
  return async () => {
    await using served = await OperationsFixture.start();
    served.serve(post('/x', { body: z.strictObject({}) }), () => {
      if (error) throw error;
    });
    const { status, text } = await served.ask('POST /x', { headers: { 'content-type': 'application/json' }, body });
    return `HTTP/1.1 ${status}\r\n\r\n${text}`;
  };
}

/** What another plugin has answered with this status. */
function answered(status: number): Error {
  return new RemoteError({ pluginId: 'other', name: 'get' }, { status, code: 'other', message: 'other' });
}

/** What is answered to bytes that are no request as it should be. */
function sending(bytes: string, server: Record<string, number> = {}): () => Promise<string> {
  return async () => {
    await using http = await HttpFixture.start({ server });
    return await http.raw(bytes);
  };
}

function unsignedUserToken(): string {
  const parts = [{ typ: 'vnd.backplane.user', alg: 'ES256', kid: 'any' }, { sub: 'user:default/ada' }];
  return [...parts.map(part => Buffer.from(JSON.stringify(part)).toString('base64url')), 'any'].join('.');
}

/** What is answered to a token that is good at another plugin. */
async function askingWithRestrictedToken(): Promise<string> {
  const token = 'fr4mY0c1gQx7pWz9uKe2vTn6sBh3jLd8';
  const entry = { type: 'static', options: { token, subject: 'ci' }, accessRestrictions: [{ plugin: 'b' }] };
  await using http = await HttpFixture.start({ auth: { externalAccess: [entry] } });
  http.route(http.plugin('a'), 'GET /', () => 'a');
  const { status, text } = await http.ask('/api/a', { headers: { authorization: `Bearer ${token}` } });
  return `HTTP/1.1 ${status}\r\n\r\n${text}`;
}

export const httpFixtures: readonly HttpFixtureOfCode[] = [
  ...webhookHttpFixtures,
  ...pluginHttpFixtures,
  { code: 'bad_encoding', status: 400, ask: asking('/api/a?name=%ff') },
  { code: 'bad_header', status: 400, ask: asking('/api/a', { headers: { 'x-backplane-hops': 'many' } }) },
  { code: 'bad_host', status: 400, ask: asking('/api/a', { headers: { host: 'user@a' } }) },
  { code: 'bad_path', status: 400, ask: asking('/api//a') },
  { code: 'bad_request', status: 400, ask: throwing(new BadRequestError()) },
  { code: 'bad_request', status: 400, ask: sending('this is not HTTP\r\n\r\n') },
  { code: 'bad_version', status: 400, ask: sending('GET /api/a HTTP/2.0\r\nhost: a\r\n\r\n') },
  { code: 'circuit_open', status: 503, ask: callingNobody(6) },
  { code: 'conflict', status: 409, ask: throwing(new ConflictError()) },
  { code: 'deadline_exceeded', status: 504, ask: callingNobody(1, 0) },
  { code: 'deadline_exceeded', status: 504, ask: operating('{}', answered(504)) },
  { code: 'dependency_unavailable', status: 503, ask: operating('{}', answered(503)) },
  {
    code: 'expectation_failed',
    status: 417,
    ask: sending('GET /api/a HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\nConnection: close\r\n\r\n'),
  },
  {
    code: 'foreign_origin',
    status: 403,
    ask: asking('/api/b', { method: 'POST', headers: { cookie: 'backplane-auth=any' } }, http =>
      http.route(http.plugin('b'), 'POST /', () => 'b', { allow: ['user-cookie'] }),
    ),
  },
  {
    code: 'too_many_upgrades',
    status: 503,
    ask: async () => {
      await using http = await HttpFixture.start({ lifecycle: { maxHeldRequests: 0 } });
      http.plugin('a').upgrade('/', () => {}, { allow: 'unauthenticated' });
      return await http.raw('GET /api/a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    },
  },
  {
    code: 'upgrade_required',
    status: 426,
    ask: asking('/api/b', {}, http => http.plugin('b').upgrade('/', () => {}, { allow: 'unauthenticated' })),
  },
  { code: 'insufficient_storage', status: 507, ask: throwing(databaseFull('a', 'a.sqlite', new Error('full'))) },
  { code: 'forbidden', status: 403, ask: throwing(new ForbiddenError()) },
  {
    code: 'handler_timeout',
    status: 503,
    ask: asking('/api/b', {}, http =>
      http.route(http.plugin('b'), 'GET /', () => new Promise(() => {}), { timeout: 20 }),
    ),
  },
  {
    code: 'headers_too_large',
    status: 431,
    ask: sending(`GET / HTTP/1.1\r\nHost: a\r\nCookie: ${'a'.repeat(20_000)}\r\n\r\n`),
  },
  { code: 'illegal_token', status: 401, ask: asking('/api/a', { headers: { authorization: 'Bearer any' } }) },
  { code: 'internal_server_error', status: 500, ask: throwing(new RangeError('no database')) },
  {
    code: 'keys_unavailable',
    status: 503,
    // The plugin auth is there, and does not publish the keys of users.
    ask: asking('/api/a', { headers: { authorization: `Bearer ${unsignedUserToken()}` } }, http =>
      http.route(http.plugin('auth'), 'GET /', () => 'auth'),
    ),
  },
  { code: 'loop_detected', status: 508, ask: asking('/api/a', { headers: { 'x-backplane-hops': '17' } }) },
  { code: 'invalid_json', status: 400, ask: operating('{') },
  { code: 'invalid_request', status: 400, ask: operating('{"a":1}') },
  { code: 'loop_detected', status: 508, ask: operating('{}', answered(508)) },
  { code: 'method_not_allowed', status: 405, ask: asking('/api/a', { method: 'DELETE' }) },
  {
    code: 'missing_credentials',
    status: 401,
    ask: asking('/api/b', {}, http => http.route(http.plugin('b'), 'GET /', () => 'b', { allow: ['user'] })),
  },
  { code: 'not_found', status: 404, ask: asking('/api/a/nowhere') },
  { code: 'payload_too_large', status: 413, ask: throwing(new PayloadTooLargeError()) },
  { code: 'plugin_starting', status: 503, ask: asking('/api/b', {}, http => http.plugin('b', 'starting')) },
  { code: 'plugin_unavailable', status: 503, ask: asking('/api/b', {}, http => http.plugin('b', 'failed')) },
  { code: 'plugin_unreachable', status: 503, ask: callingNobody(1) },
  { code: 'request_timeout', status: 408, ask: sending('GET / HTTP/1.1\r\nHost:', { headersTimeout: 10 }) },
  { code: 'restricted_token', status: 403, ask: askingWithRestrictedToken },
  { code: 'service_unavailable', status: 503, ask: throwing(new ServiceUnavailableError()) },
  {
    code: 'shutting_down',
    status: 503,
    ask: asking('/api/b', {}, http => {
      http.plugin('b', 'stopping');
      http.status.enter('stopping');
    }),
  },
  { code: 'start_cycle', status: 503, ask: askingItself },
  { code: 'too_many_requests', status: 429, ask: throwing(new TooManyRequestsError()) },
  { code: 'unsupported_media_type', status: 415, ask: throwing(new UnsupportedMediaTypeError()) },
  { code: 'uri_too_long', status: 414, ask: asking(`/api/a/${'a'.repeat(3_000)}`) },
];
