import { ContractError, type ContractProblem } from './contract-error.js';

type Caller = (...args: never[]) => unknown;

/** Throws a `ContractError` with code `INVALID_CLIENT` that lists everything that is wrong with the options of a client. */
export function requireClientOptions(pluginId: string, options: unknown, caller: Caller): void {
  const [first, ...others] = [...faultsIn(options)].map(([what, path, fix]) => problem(pluginId, what, path, fix));
  if (first) throw new ContractError([first, ...others], caller);
}

/** The value of the header `Authorization`; throws a `ContractError` where what the client was given is no token. */
export function bearerOf(pluginId: string, token: unknown, caller: Caller): string | undefined {
  if (token === undefined) return undefined;
  if (typeof token === 'string' && isToken.test(token)) return `Bearer ${token}`;
  const what = `gives ${kindOf(token)} where it is to give a token`;
  throw new ContractError([problem(pluginId, what, 'token()', tokenFix)], caller);
}

type OptionFault = readonly [what: string, path: string, fix: string];

/** What a header can carry, but spaces: whoever reads it would take what follows for something else. */
const isToken = /^[\x21-\x7e]+$/;
const headerName = /^[\w!#$%&'*+\-.^`|~]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

const baseUrlFix = "write the address of the backend, as { baseUrl: 'https://portal.example.com' }.";
const tokenFix = 'give a token, without spaces or line ends, or undefined where there is none.';

function* faultsIn(options: unknown): Iterable<OptionFault> {
  if (typeof options !== 'object' || options === null) {
    yield [`is given ${kindOf(options)} for its options`, 'options', baseUrlFix];
    return;
  }
  const { baseUrl, token, fetch: ask, headers, ...more } = options as Readonly<Record<string, unknown>>;
  for (const [option, value] of Object.entries(more)) {
    if (value === undefined) continue;
    yield [
      `has an option '${option}', which means nothing`,
      option,
      `remove it, or correct its name: there are 'baseUrl', 'token', 'fetch' and 'headers'.`,
    ];
  }
  const fault = baseUrlFault(baseUrl, ask !== undefined);
  if (fault !== undefined) yield [`has a 'baseUrl' that ${fault}`, 'baseUrl', baseUrlFix];
  const isSound = typeof token === 'string' ? isToken.test(token) : token === undefined || typeof token === 'function';
  // What it is instead is nobody's business: it may be a secret all the same.
  if (!isSound) yield [`has a 'token' that is none`, 'token', tokenFix];
  if (ask !== undefined && typeof ask !== 'function') {
    yield [
      `has a 'fetch' that is ${kindOf(ask)}`,
      'fetch',
      'give a function that does as fetch() does, or leave it out.',
    ];
  }
  if (headers !== undefined && !areHeaders(headers)) {
    yield [`has 'headers' that no request can have`, 'headers', `write them as { 'x-name': 'text' }.`];
  }
}

/** Without a host, an address is where the page is from, or where the caller's own `fetch` has it be. */
function baseUrlFault(baseUrl: unknown, hasFetch: boolean): string | undefined {
  if (typeof baseUrl !== 'string') return `is ${kindOf(baseUrl)}`;
  const isRelative = baseUrl === '' || /^\/(?![/\\])/.test(baseUrl);
  if (isRelative && (hasFetch || hasPage(baseUrl))) return undefined;
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return 'is not the URL of a web server';
  if (url.username !== '' || url.password !== '') return 'has credentials in it';
  return /[?#]/.test(baseUrl) ? 'has a query or a fragment' : undefined;
}

/** In a browser `fetch()` knows where a path is of. */
function hasPage(path: string): boolean {
  try {
    return new Request(path).url !== '';
  } catch {
    return false;
  }
}

function areHeaders(headers: unknown): boolean {
  if (typeof headers !== 'object' || headers === null) return false;
  return Object.entries(headers).every(
    ([name, value]) => headerName.test(name) && typeof value === 'string' && headerValue.test(value),
  );
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value === '') return 'an empty text';
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
}

function problem(pluginId: string, what: string, path: string, fix: string): ContractProblem {
  return {
    code: 'INVALID_CLIENT',
    message: `The client of plugin '${pluginId}' ${what}`,
    path: ['in createClient(…)', `-> ${path}`],
    fix,
  };
}
