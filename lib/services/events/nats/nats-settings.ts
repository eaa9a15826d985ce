import type { Config } from '../../../api/config-service.js';
import { invalidSetting } from '../../../api/invalid-setting.js';
import { isObject } from '../../../util/is-object.js';

/** What `backend.events` says for `transport: nats`. */
export interface NatsSettings {
  /** Each as `host:port`, without credentials. */
  readonly servers: readonly string[];
  readonly login: NatsLogin;
  readonly tls: boolean;
  readonly prefix: string;
  readonly replicas: number;
  readonly storage: 'file' | 'memory';
  /** How long events, and dead letters, are kept, in ms. */
  readonly retention: number;
  /** How long publishing may take while NATS is away, in ms. */
  readonly publishTimeout: number;
  /** Of each topic, in bytes; `undefined`: as many as the server takes. */
  readonly maxBytes: number | undefined;
  /** After how many ms without a sign of life another member gets what one was handling. */
  readonly lease: number;
}

export interface NatsLogin {
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** The path of a file with a JWT and its key. */
  readonly credentialsFile?: string;
}

const key = 'backend.events';
const known = ['servers', 'user', 'password', 'token', 'credentialsFile'];

/**
 * Reads the settings, or throws a `ConfigError` that names the place of the first that is wrong, and no secret. Gives
 * nothing where events travel otherwise; what is written is looked at all the same.
 */
export function readNatsSettings(config: Config, isUsed: boolean): NatsSettings | undefined {
  const maxBytes = config.has(`${key}.nats.maxBytes`)
    ? readWhole(config, 'nats.maxBytes', 0, [1_048_576, Number.MAX_SAFE_INTEGER])
    : undefined;
  const others = {
    prefix: readPrefix(config),
    replicas: readWhole(config, 'nats.replicas', 1, [1, 5]),
    storage: readStorage(config),
    retention: readSpan(config, 'retention', 604_800_000, 1_000),
    publishTimeout: readSpan(config, 'publishTimeout', 10_000, 0),
    maxBytes,
    lease: readSpan(config, 'nats.lease', 10_000, 500),
  };
  // It may be for another server.
  if (!isUsed) return void config.getOptional(`${key}.connection`);
  const { addresses, login } = readConnection(config);
  const urls = addresses.map(([path, address]) => readAddress(config, path, address));
  return {
    ...others,
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || '4222'}`),
    tls: urls.some(({ protocol }) => protocol === 'tls:'),
    login: { ...loginIn(urls), ...login },
  };
}

/** `user:password@`, or a token alone. */
function loginIn(urls: readonly URL[]): NatsLogin {
  const { username = '', password = '' } = urls.find(({ username: user }) => user !== '') ?? {};
  const [first, second] = [decodeURIComponent(username), decodeURIComponent(password)];
  if (second !== '') return { user: first, pass: second };
  return first === '' ? {} : { token: first };
}

type Address = readonly [path: string, address: string];

function readConnection(config: Config): { readonly addresses: readonly Address[]; readonly login: NatsLogin } {
  const path = `${key}.connection`;
  const value = config.getOptional(path);
  const fix = `write 'nats://127.0.0.1:4222', a list of such, or { servers, user, password }`;
  if (value === undefined) throw invalidSetting(config, path, 'is not set', fix);
  if (!isObject(value)) {
    return { addresses: readAddresses(config, path), login: {} };
  }
  const other = Object.keys(value).find(name => !known.includes(name));
  if (other !== undefined) throw invalidSetting(config, `${path}.${other}`, 'is not known', fix);
  if (!('servers' in value)) throw invalidSetting(config, `${path}.servers`, 'is not set', fix);
  const texts = Object.entries({ user: 'user', password: 'pass', token: 'token', credentialsFile: 'credentialsFile' });
  const given = texts.map(([name, as]) => [as, config.getOptionalString(`${path}.${name}`)] as const);
  const login = Object.fromEntries(given.filter(([, text]) => text !== undefined)) as NatsLogin;
  return { addresses: readAddresses(config, `${path}.servers`), login };
}

function readAddresses(config: Config, path: string): readonly Address[] {
  if (!Array.isArray(config.getOptional(path))) return [[path, config.getString(path)]];
  const addresses = config.getStringArray(path).map((address, index) => [`${path}[${index}]`, address] as const);
  if (addresses.length === 0) throw invalidSetting(config, path, 'is empty', 'name at least one server');
  return addresses;
}

function readAddress(config: Config, path: string, address: string): URL {
  const url = URL.parse(/^[a-z]+:\/\//i.test(address) ? address : `nats://${address}`);
  if (url && /^(?:nats|tls):$/.test(url.protocol) && url.hostname !== '' && /^\/?$/.test(url.pathname)) return url;
  throw invalidSetting(config, path, 'is no address of a NATS server', `write it as 'nats://127.0.0.1:4222'`);
}

function readPrefix(config: Config): string {
  const path = `${key}.nats.prefix`;
  const prefix = config.getOptionalString(path) ?? 'backplane';
  if (/^[a-z\d](?:[a-z\d-]{0,30}[a-z\d])?$/i.test(prefix)) return prefix;
  throw invalidSetting(config, path, `is '${prefix}'`, 'write up to 32 letters, digits and dashes');
}

function readStorage(config: Config): NatsSettings['storage'] {
  const path = `${key}.nats.storage`;
  const storage = config.getOptionalString(path) ?? 'file';
  if (storage === 'file' || storage === 'memory') return storage;
  throw invalidSetting(config, path, `is '${storage}'`, `write 'file' or 'memory'`);
}

function readWhole(config: Config, name: string, otherwise: number, [least, most]: readonly [number, number]): number {
  const path = `${key}.${name}`;
  const value = config.getOptionalNumber(path) ?? otherwise;
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const limits = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw invalidSetting(config, path, `is ${value}`, `write a whole number ${limits}`);
}

function readSpan(config: Config, name: string, otherwise: number, least: number): number {
  const path = `${key}.${name}`;
  const value = config.getOptionalDuration(path) ?? otherwise;
  if (value >= least) return value;
  throw invalidSetting(config, path, `is ${value} ms`, `write at least ${least} ms`);
}
