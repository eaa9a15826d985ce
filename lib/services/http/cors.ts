import type { IncomingMessage } from 'node:http';
import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import { readCount, readStrings } from './setting-readers.js';
import type { HeaderPairs } from './security-headers.js';

interface CorsSettings {
  /** `undefined`: everybody. */
  readonly origins: readonly RegExp[] | undefined;
  readonly credentials: boolean;
  readonly methods: string;
  /** `undefined`: those that are asked for. */
  readonly allowedHeaders: string | undefined;
  readonly exposedHeaders: string | undefined;
  readonly maxAge: number | undefined;
  readonly preflightContinue: boolean;
  readonly optionsSuccessStatus: number;
}

const key = 'backend.cors';

/** What pages of other origins may do with answers, as `backend.cors` says; `undefined`: nothing. */
export function readCors(config: Config): Cors | undefined {
  const section = config.getOptional(key);
  if (section === undefined || section === false) return undefined;
  config.getConfig(key);
  const credentials = config.getOptionalBoolean(`${key}.credentials`) ?? false;
  const joined = (name: string) => readTokens(config, `${key}.${name}`)?.join(',');
  return new Cors({
    origins: readOrigins(config, credentials),
    credentials,
    methods: joined('methods') ?? 'GET,HEAD,PUT,PATCH,POST,DELETE',
    allowedHeaders: joined('allowedHeaders'),
    exposedHeaders: joined('exposedHeaders'),
    maxAge: readCount(config, `${key}.maxAge`),
    preflightContinue: config.getOptionalBoolean(`${key}.preflightContinue`) ?? false,
    optionsSuccessStatus: readStatus(config),
  });
}

export class Cors {
  readonly #settings: CorsSettings;
  readonly #fixed: HeaderPairs;

  constructor(settings: CorsSettings) {
    this.#settings = settings;
    const { credentials, exposedHeaders } = settings;
    this.#fixed = [
      ...(credentials ? [['Access-Control-Allow-Credentials', 'true'] as const] : []),
      ...(exposedHeaders ? [['Access-Control-Expose-Headers', exposedHeaders] as const] : []),
    ];
  }

  /** The headers of the answer to `req`. */
  headersFor({ headers }: IncomingMessage): HeaderPairs {
    if (!this.#settings.origins) return [['Access-Control-Allow-Origin', '*'], ...this.#fixed];
    const { origin } = headers;
    if (origin === undefined || !this.#allows(origin)) return varyByOrigin;
    return [...varyByOrigin, ['Access-Control-Allow-Origin', origin], ...this.#fixed];
  }

  /** The status for a question whether a request may be sent; `undefined` where it is none, or the handlers' own. */
  preflightStatus({ method, headers }: IncomingMessage): number | undefined {
    if (method !== 'OPTIONS' || this.#settings.preflightContinue) return undefined;
    if (headers.origin === undefined || headers['access-control-request-method'] === undefined) return undefined;
    return this.#settings.optionsSuccessStatus;
  }

  /** What the answer to such a question says besides; nothing to those who may not. */
  preflightHeaders({ headers }: IncomingMessage): HeaderPairs {
    const { origins, methods, allowedHeaders, maxAge } = this.#settings;
    const reflects = allowedHeaders === undefined;
    const vary: HeaderPairs = reflects ? [['Vary', 'Access-Control-Request-Headers']] : [];
    if (origins && !this.#allows(headers.origin ?? '')) return vary;
    const asked = headers['access-control-request-headers'];
    const allowed = reflects && asked !== undefined && tokens.test(asked) ? asked : allowedHeaders;
    return [
      ...vary,
      ['Access-Control-Allow-Methods', methods],
      ...(allowed ? [['Access-Control-Allow-Headers', allowed] as const] : []),
      ...(maxAge === undefined ? [] : [['Access-Control-Max-Age', String(maxAge)] as const]),
    ];
  }

  /** Whether pages of `origin` are let in: by name, or since everybody is. */
  admits(origin: string): 'named' | 'any' | undefined {
    if (!this.#settings.origins) return 'any';
    return this.#allows(origin) ? 'named' : undefined;
  }

  #allows(origin: string): boolean {
    // A scheme, a host and a port; patterns with several stars take long for a text that is.
    return origin.length <= longestOrigin && this.#settings.origins!.some(pattern => pattern.test(origin));
  }
}

const longestOrigin = 300;
const varyByOrigin: HeaderPairs = [['Vary', 'Origin']];
const tokens = /^[\w\-!#$%&'*+.^`|~]+(?:\s*,\s*[\w\-!#$%&'*+.^`|~]+)*$/;

function readOrigins(config: Config, credentials: boolean): RegExp[] | undefined {
  const path = `${key}.origin`;
  const globs = readStrings(config, path) ?? ['*'];
  const everybody = globs.includes('*');
  const patterns = globs.map(glob => patternOf(config, path, glob));
  // Somebody whom nobody can have meant.
  const anybody = patterns.some(pattern => anyOrigin.some(origin => pattern.test(origin)));
  if (credentials && (everybody || anybody)) {
    const fix = `name the origins that may use the credentials of their visitors, or remove '${key}.credentials'`;
    throw invalidSetting(config, path, 'lets every origin in, together with credentials', fix);
  }
  return everybody ? undefined : patterns;
}

const anyOrigin = ['https', 'http'].flatMap(scheme => [`${scheme}://a.invalid`, `${scheme}://a.b.invalid:1`]);

/**
 * `*` and `?` for characters of a host or port, `{a,b}` for either. Browsers write origins in lower case, so an origin
 * that is not is no browser's.
 */
function patternOf(config: Config, path: string, glob: string): RegExp {
  const source = glob
    .toLowerCase()
    .replace(/\/$/, '')
    .replaceAll(/\*+|[?{},]|[^\w]/g, part => {
      if (part.startsWith('*')) return '[\\w.:-]*';
      if (part === '?') return '[\\w.:-]';
      if (part === '{') return '(?:';
      if (part === '}') return ')';
      return part === ',' ? '|' : `\\${part}`;
    });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    throw invalidSetting(config, path, `has '${glob}', which is no pattern`, `write it as 'https://*.example.com'`);
  }
}

function readTokens(config: Config, path: string): string[] | undefined {
  const values = readStrings(config, path);
  const wrong = values?.find(value => !tokens.test(value));
  if (wrong === undefined) return values;
  throw invalidSetting(config, path, `has '${wrong}'`, 'write names of methods or headers');
}

function readStatus(config: Config): number {
  const path = `${key}.optionsSuccessStatus`;
  const status = readCount(config, path) ?? 204;
  if (status >= 200 && status < 300) return status;
  throw invalidSetting(config, path, `is ${status}`, 'write a status from 200 to 299');
}
