import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import { readProxyTrust, type ProxyTrust } from './client-address.js';
import { readCors, type Cors } from './cors.js';
import { readCount } from './setting-readers.js';
import { readListenAddress, type ListenAddress } from './listen-address.js';
import { readRateLimits, type RateLimitSettings } from './rate-limit-settings.js';
import { readSecurityHeaders, type SecurityHeaders } from './security-headers.js';
import type { ReaderLimits } from './slow-readers.js';
import { readTlsSettings, type TlsSettings } from './tls-settings.js';

/** What `backend.*` says about the HTTP server. Durations are in ms. */
export interface HttpSettings {
  /** Absent: the server does not listen. */
  readonly listen: ListenAddress | undefined;
  readonly server: ServerLimits;
  /** Where requests wait for their plugin to start. */
  readonly waitingRoom: { readonly timeout: number; readonly capacity: number };
  /** How long a stopping server goes on accepting. Absent: 5 s in production, else 0. */
  readonly serverShutdownDelay: number | undefined;
  /** How long a stopping server then waits for its last requests. */
  readonly drainTimeout: number;
  readonly health: HealthSettings;
  /** Where everything is answered, so that internal endpoints are not where the world asks. */
  readonly internalListen: ListenAddress | undefined;
  readonly tls: TlsSettings | undefined;
  readonly securityHeaders: SecurityHeaders;
  readonly cors: Cors | undefined;
  /** The origin of `backend.baseUrl`. */
  readonly ownOrigin: string | undefined;
  readonly compression: boolean;
  readonly rateLimits: RateLimitSettings | undefined;
  readonly trust: ProxyTrust | undefined;
  readonly requestLog: boolean;
}

/** Limits of Node's server, and `handlerTimeout`, how long a handler may take; `0` switches that off. */
export interface ServerLimits extends ReaderLimits {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly timeout: number;
  readonly handlerTimeout: number;
  readonly maxHeadersCount: number;
  readonly maxRequestsPerSocket: number;
  /** How many calls of plugins may lead to a request. */
  readonly maxHops: number;
}

export interface HealthSettings {
  /** Sent with liveness and readiness. */
  readonly headers: Readonly<Record<string, string>>;
  /** Anybody may read which plugin is how; what went wrong is never told to anybody. */
  readonly publicPlugins: boolean;
}

/** Reads the settings, or throws a `ConfigError` that names the place of the first that is wrong. */
export function readHttpSettings(config: Config): HttpSettings {
  return {
    listen: readListenAddress(config),
    server: readLimits(config),
    waitingRoom: {
      timeout: config.getOptionalDuration('backend.lifecycle.startupRequestPauseTimeout') ?? 5_000,
      capacity: readCount(config, 'backend.lifecycle.maxHeldRequests') ?? 1_000,
    },
    serverShutdownDelay: config.getOptionalDuration('backend.lifecycle.serverShutdownDelay'),
    drainTimeout: config.getOptionalDuration('backend.lifecycle.drainTimeout') ?? 20_000,
    internalListen: config.has('backend.internalListen')
      ? readListenAddress(config, 'backend.internalListen')
      : undefined,
    tls: readTlsSettings(config),
    securityHeaders: readSecurityHeaders(config),
    cors: readCors(config),
    ownOrigin: URL.parse(config.getOptionalString('backend.baseUrl') ?? '')?.origin,
    compression: config.getOptionalBoolean('backend.compression') ?? true,
    rateLimits: readRateLimits(config),
    trust: readProxyTrust(config),
    requestLog: config.getOptionalBoolean('backend.requestLog') ?? true,
    health: { headers: readHealthHeaders(config), publicPlugins: readPublicPlugins(config) },
  };
}

function readLimits(config: Config): ServerLimits {
  const duration = (name: string) => config.getOptionalDuration(`backend.server.${name}`);
  const requestTimeout = duration('requestTimeout') ?? 300_000;
  const headersTimeout = duration('headersTimeout') ?? Math.min(10_000, requestTimeout || 10_000);
  if (requestTimeout > 0 && headersTimeout > requestTimeout) {
    const fix = `make it at most 'backend.server.requestTimeout', ${requestTimeout} ms, which includes it`;
    throw invalidSetting(config, 'backend.server.headersTimeout', 'is longer than the whole request may take', fix);
  }
  return {
    headersTimeout,
    requestTimeout,
    keepAliveTimeout: duration('keepAliveTimeout') ?? 5_000,
    timeout: duration('timeout') ?? 0,
    handlerTimeout: duration('handlerTimeout') ?? 60_000,
    sendTimeout: duration('sendTimeout') ?? 60_000,
    maxUnreadSize: readCount(config, 'backend.server.maxUnreadSize') ?? 67_108_864,
    maxHeadersCount: readCount(config, 'backend.server.maxHeadersCount') ?? 2_000,
    maxRequestsPerSocket: readCount(config, 'backend.server.maxRequestsPerSocket') ?? 0,
    maxHops: readCount(config, 'backend.server.maxHops') ?? 16,
  };
}

function readHealthHeaders(config: Config): Record<string, string> {
  const section = config.getOptionalConfig('backend.health.headers');
  const headers: Record<string, string> = {};
  for (const name of section?.keys() ?? []) {
    const path = `backend.health.headers.${name}`;
    const value = section?.getString(name) ?? '';
    if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]+$/.test(value)) {
      throw invalidSetting(
        config,
        path,
        'is not an HTTP header',
        'use a token as its name and one line of text as its value',
      );
    }
    headers[name] = value;
  }
  return headers;
}

function readPublicPlugins(config: Config): boolean {
  const path = 'backend.health.plugins';
  const value = config.getOptionalString(path) ?? 'protected';
  if (value !== 'protected' && value !== 'public') {
    throw invalidSetting(config, path, `is '${value}'`, `write 'protected' or 'public'`);
  }
  return value === 'public';
}
