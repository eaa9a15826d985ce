import { types } from 'node:util';
import type { Config } from '../../api/config-service.js';
import type { ExternalTokenHandler } from '../../api/external-token-handler.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { HttpError } from '../../errors/http-error.js';
import { withDeadline } from '../../util/deadline.js';
import { illegalToken, tokenCheckUnavailable } from './refusals.js';

/** Who a handler says has sent a token. */
export interface HandledCaller {
  readonly subject: string;
  /** In ms since 1970. */
  readonly expiresAt: number | undefined;
}

/** How long a handler has for one token, in ms. */
const patience = 5_000;

/** Tokens that a handler of the installation knows. Whatever it does wrong, nobody is let in by that. */
export class HandledTokens {
  readonly #handler: ExternalTokenHandler;
  readonly #context: unknown;
  readonly #path: string;

  /** For one entry of the configuration, at `path`. Throws `TOKEN_HANDLER_FAILED` where its `options` cannot be read. */
  constructor(handler: ExternalTokenHandler, options: Config, path: string) {
    this.#handler = handler;
    this.#path = path;
    this.#context = this.#initialize(options);
  }

  /** `undefined` for a token that the handler does not know. Rejects with 401 and 503, and for what is no caller. */
  async callerOf(token: string): Promise<HandledCaller | undefined> {
    // To some directories no password is that of anybody.
    if (token === '') return undefined;
    const late = new AbortController();
    let known: unknown;
    try {
      known = await withDeadline(patience, () => this.#handler.verifyToken(token, this.#context, late.signal));
    } catch (error) {
      late.abort();
      if (HttpError.is(error) && (error.status === 401 || error.status === 403)) throw illegalToken();
      throw tokenCheckUnavailable(this.#failed('could not check a token', error));
    }
    if (known === undefined || known === null) return undefined;
    if (typeof known !== 'object') throw this.#noCaller(`a ${typeof known} where an object was due`);
    return this.#read(known);
  }

  #initialize(options: Config): unknown {
    let context: unknown;
    try {
      context = this.#handler.initialize(options);
    } catch (error) {
      // What says where the configuration is wrong needs no other words.
      throw BackplaneError.is(error) ? error : this.#failed('cannot read its options', error);
    }
    if (!types.isPromise(context)) return context;
    context.catch(() => {});
    throw this.#failed('reads its options asynchronously, for which no start waits', undefined);
  }

  #read(known: { readonly subject?: unknown; readonly expiresAt?: unknown }): HandledCaller | undefined {
    let subject: unknown;
    let expiresAt: unknown;
    try {
      ({ subject, expiresAt } = known);
    } catch (error) {
      throw this.#noCaller('an object that cannot be read', error);
    }
    if (!isSubject(subject))
      throw this.#noCaller("a 'subject' that is not 1 to 200 characters of ASCII without blanks");
    if (expiresAt === undefined) return { subject, expiresAt };
    const end = types.isDate(expiresAt) ? Date.prototype.getTime.call(expiresAt) : NaN;
    if (Number.isNaN(end)) throw this.#noCaller("an 'expiresAt' that is not a Date");
    return end > Date.now() ? { subject, expiresAt: end } : undefined;
  }

  #failed(what: string, cause: unknown): BackplaneError {
    return new BackplaneError({
      code: 'TOKEN_HANDLER_FAILED',
      message: `The handler of external tokens of type '${this.#handler.type}' ${what}`,
      path: [`in configuration key '${this.#path}'`],
      fix: 'have initialize() check the options at once, and verifyToken() give undefined for a token it does not know.',
      ...(cause !== undefined && { cause }),
    });
  }

  #noCaller(what: string, cause?: unknown): BackplaneError {
    return new BackplaneError({
      code: 'INVALID_EXTERNAL_CALLER',
      message: `The handler of external tokens of type '${this.#handler.type}' gave ${what}`,
      path: [`in configuration key '${this.#path}'`],
      fix: 'have verifyToken() give { subject }, with expiresAt as a Date where the token ends, or undefined.',
      ...(cause !== undefined && { cause }),
    });
  }
}

/** Whoever has issued a token may say anything of its owner. */
export function isSubject(subject: unknown): subject is string {
  return typeof subject === 'string' && /^[\x21-\x7e]{1,200}$/.test(subject);
}
