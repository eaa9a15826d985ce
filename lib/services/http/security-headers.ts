import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet, { type HelmetOptions } from 'helmet';
import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import { readStrings } from './setting-readers.js';

/** Headers by name, in the order they are sent. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** What every answer says to browsers: one list for pages, and a stricter one for everything that is no page. */
export interface SecurityHeaders {
  readonly page: HeaderPairs;
  readonly data: HeaderPairs;
}

/** Nothing that is data has any reason to load something, or to be shown inside of something. */
const dataPolicy = `default-src 'none'; frame-ancestors 'none'`;

/** What helmet makes of `backend.csp` and `backend.referrer`. Throws a `ConfigError` where that is nothing. */
export function readSecurityHeaders(config: Config): SecurityHeaders {
  const page = headersOf(config, {
    contentSecurityPolicy: { useDefaults: false, directives: readDirectives(config) },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    referrerPolicy: { policy: readReferrerPolicy(config) },
  });
  const data = page.map(([name, value]) => [name, name === 'Content-Security-Policy' ? dataPolicy : value] as const);
  return { page, data };
}

type Directives = Record<string, string[]>;

/** Helmet's, but for scripts that compile templates, and forms, whose targets are behind redirects. */
function readDirectives(config: Config): Directives {
  const directives: Directives = {};
  for (const [name, values] of Object.entries(helmet.contentSecurityPolicy.getDefaultDirectives())) {
    if (name !== 'form-action') directives[name] = [...values] as string[];
  }
  directives['script-src'] = [`'self'`, `'unsafe-eval'`];
  for (const key of config.getOptionalConfig('backend.csp')?.keys() ?? []) {
    const path = `backend.csp.${key}`;
    const name = key.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
    const value = config.getOptional(path);
    if (value === false || value === 'false') delete directives[name];
    else directives[name] = readStrings(config, path) ?? [];
  }
  return directives;
}

const referrerPolicies = [
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
] as const;
type ReferrerPolicy = (typeof referrerPolicies)[number];

function readReferrerPolicy(config: Config): ReferrerPolicy[] {
  const path = 'backend.referrer.policy';
  const policies = readStrings(config, path) ?? ['no-referrer'];
  const wrong = policies.find(policy => !referrerPolicies.includes(policy as ReferrerPolicy));
  if (wrong === undefined) return policies as ReferrerPolicy[];
  throw invalidSetting(config, path, `is '${wrong}'`, `write one of ${referrerPolicies.join(', ')}`);
}

/** Helmet only speaks to a response; its headers are the same for all of them. */
function headersOf(config: Config, options: HelmetOptions): HeaderPairs {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  let failure: unknown;
  try {
    helmet(options)(req, res, error => (failure = error));
  } catch (error) {
    failure = error;
  }
  if (failure instanceof Error) {
    const fix = `write lists of sources, as ["'self'", 'https://cdn.example.com'], or false; default-src has to be there`;
    throw invalidSetting(config, 'backend.csp', `is no content security policy: ${failure.message}`, fix);
  }
  return Object.keys(res.getHeaders()).map(name => [properName(name), String(res.getHeader(name))] as const);
}

/** HTTP does not care; whoever reads them does. */
function properName(name: string): string {
  const acronyms: Record<string, string> = { dns: 'DNS', xss: 'XSS' };
  return name.replaceAll(/[a-z]+/g, word => acronyms[word] ?? word[0]!.toUpperCase() + word.slice(1));
}
