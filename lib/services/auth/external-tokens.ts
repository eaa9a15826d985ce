import { timingSafeEqual } from 'node:crypto';
import type { AccessRestriction } from '../../api/credentials.js';
import type { ExternalTokenHandler } from '../../api/external-token-handler.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { type ExternalAccess, type ExternalJwks, hashOf } from './external-access-settings.js';
import { fetchOverHttp } from './fetch-over-http.js';
import { HandledTokens, isSubject } from './handled-tokens.js';
import { KeySet } from './key-set.js';
import type { TokenForm } from './token-form.js';

export interface ExternalCaller {
  readonly subject: string;
  readonly restrictions: readonly AccessRestriction[] | undefined;
  /** In ms since 1970. */
  readonly expiresAt?: number | undefined;
}

type Recognised = Pick<ExternalCaller, 'subject' | 'expiresAt'> | undefined;

interface Entry {
  readonly restrictions: readonly AccessRestriction[] | undefined;
  recognise(token: string, form: TokenForm | undefined): Recognised | Promise<Recognised>;
}

/** Who comes with a token that the backend has not issued. */
export class ExternalTokens {
  readonly #entries: readonly Entry[];

  /** Throws for an entry of a type that nobody handles, for two handlers of one type, and what a handler throws. */
  constructor(access: readonly ExternalAccess[], handlers: readonly ExternalTokenHandler[]) {
    const byType = new Map<string, ExternalTokenHandler>();
    for (const handler of handlers) {
      const { type } = handler;
      if (byType.has(type) || ['static', 'legacy', 'jwks'].includes(type)) throw duplicateHandler(type);
      byType.set(type, handler);
    }
    // What is compared here is shown to nobody else, and does not wait for anybody.
    const known = ['static', 'legacy'];
    const inOrder = access.toSorted((a, b) => Number(known.includes(b.type)) - Number(known.includes(a.type)));
    this.#entries = inOrder.map(entry => ({
      restrictions: entry.restrictions,
      recognise: recogniserOf(entry, byType),
    }));
  }

  async verify(token: string, form: TokenForm | undefined): Promise<ExternalCaller | undefined> {
    for (const entry of this.#entries) {
      const caller = await entry.recognise(token, form);
      if (caller) return { ...caller, restrictions: entry.restrictions };
    }
    return undefined;
  }
}

function recogniserOf(access: ExternalAccess, handlers: ReadonlyMap<string, ExternalTokenHandler>): Entry['recognise'] {
  switch (access.type) {
    case 'static': {
      const { hash, subject } = access;
      // Of texts of any length the hashes are equally long, and where they begin to differ says nothing.
      return token => (timingSafeEqual(hashOf(token), hash) ? { subject: externalSubject(subject) } : undefined);
    }
    case 'legacy':
      return recogniseLegacy(access.secret, externalSubject(access.subject));
    case 'jwks':
      return recogniseJwks(access);
    case 'custom': {
      const handler = handlers.get(access.name);
      if (!handler) throw unknownType(access.name, access.path);
      const handled = new HandledTokens(handler, access.options, access.path);
      return async token => {
        const known = await handled.callerOf(token);
        return known && { ...known, subject: externalSubject(known.subject) };
      };
    }
  }
}

function recogniseLegacy(secret: Uint8Array, subject: string): Entry['recognise'] {
  return async (token, form) => {
    if (form?.header['alg'] !== 'HS256' || hasExtensions(form)) return undefined;
    const { verify } = await import('./jose-tokens.js');
    const demands = { algorithms: ['HS256'], requiredClaims: ['exp', 'sub'] };
    const claims = await verify(token, () => Promise.resolve(secret), demands);
    return claims && claims.sub === 'backplane-server' ? { subject, expiresAt: claims.exp! * 1_000 } : undefined;
  };
}

function recogniseJwks({ url, algorithms, issuers, audiences, subjectPrefix }: ExternalJwks): Entry['recognise'] {
  const keys = new KeySet(url.origin + url.pathname, () => fetchOverHttp(url));
  const demands = {
    algorithms: [...algorithms],
    requiredClaims: ['exp', 'sub'],
    ...(issuers && { issuer: [...issuers] }),
    ...(audiences && { audience: [...audiences] }),
  };
  const prefix = subjectPrefix === undefined ? '' : `${subjectPrefix}:`;
  return async (token, form) => {
    if (!form || hasExtensions(form)) return undefined;
    if (!algorithms.includes(form.header['alg'] as string)) return undefined;
    // Of several issuers only the one that the token names is asked.
    if (issuers && !issuers.includes(form.claims['iss'] as string)) return undefined;
    const { verify } = await import('./jose-tokens.js');
    const claims = await verify(token, (kid, alg) => keys.find(kid, alg), demands);
    if (!claims || !isSubject(claims.sub) || Array.isArray(claims.aud)) return undefined;
    return { subject: externalSubject(prefix + claims.sub), expiresAt: claims.exp! * 1_000 };
  };
}

/** Whether the header says that the token is to be read in another way. */
function hasExtensions({ header }: TokenForm): boolean {
  return 'crit' in header || 'b64' in header;
}

/** So that nobody outside can be taken for a plugin. */
function externalSubject(subject: string): string {
  return `external:${subject}`;
}

function duplicateHandler(type: string): BackplaneError {
  return new BackplaneError({
    code: 'DUPLICATE_TOKEN_HANDLER',
    message: `Two services handle external tokens of type '${type}'`,
    path: [`in service 'core.external-token-handlers'`],
    fix: 'give one of them another type.',
  });
}

function unknownType(type: string, path: string): BackplaneError {
  return new BackplaneError({
    code: 'NO_TOKEN_HANDLER',
    message: `Nothing handles external tokens of type '${type}'`,
    path: [`in configuration key '${path}.type'`],
    fix: `write 'static', 'jwks' or 'legacy', or add a service that implements ExternalTokenHandler with this type.`,
  });
}
