import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Config } from '../../api/config-service.js';
import type { StaticToken, ValidateWebhook, WebhookValidator } from '../../api/webhook-validators.js';
import { HttpError } from '../../errors/http-error.js';
import { HmacProof } from './hmac-proof.js';
import { headerBytes, singleHeader } from './single-header.js';
import { badSignature, missingSignature } from './webhook-errors.js';
import { readSecrets } from './webhook-secrets.js';

/** How the request of one webhook is proven to be from whom it claims. */
export interface Proof {
  /** For how long, in ms, what was proven could be sent once more; `undefined` where that has no end. */
  readonly replayWindow: number | undefined;
  /** What the headers alone can tell, before a byte of the body is taken. Throws 400, 401 or 403. */
  checkHead(req: IncomingMessage): void;
  /** Throws, or rejects, where it is not proven; gives what is the same for a request that is sent once more. */
  check(
    req: IncomingMessage,
    rawBody: Buffer,
    params: Readonly<Record<string, string>>,
  ): string | undefined | Promise<undefined>;
}

/** Secrets are read for each request: a reload of the configuration changes them. */
export function proofOf(validator: WebhookValidator, config: Config): Proof {
  if (validator === 'none') return { replayWindow: undefined, checkHead: () => {}, check: () => undefined };
  if (typeof validator === 'function') return new WrittenProof(validator);
  const secrets = () => readSecrets(config, validator.secret);
  return validator.type === 'token' ? new TokenProof(validator, secrets) : new HmacProof(validator, secrets);
}

class TokenProof implements Proof {
  readonly replayWindow = undefined;
  readonly #validator: StaticToken;
  readonly #secrets: () => readonly string[];

  constructor(validator: StaticToken, secrets: () => readonly string[]) {
    this.#validator = validator;
    this.#secrets = secrets;
  }

  checkHead(req: IncomingMessage): void {
    const { header, prefix = '' } = this.#validator;
    const value = singleHeader(req, header.toLowerCase());
    if (value === undefined) throw missingSignature();
    const given = digestOf(headerBytes(value.slice(prefix.length)));
    const isKnown = this.#secrets().reduce((known, secret) => timingSafeEqual(digestOf(secret), given) || known, false);
    if (!isKnown || !value.startsWith(prefix)) throw badSignature();
  }

  check(): undefined {}
}

class WrittenProof implements Proof {
  readonly replayWindow = undefined;
  readonly #validate: ValidateWebhook;

  constructor(validate: ValidateWebhook) {
    this.#validate = validate;
  }

  checkHead(): void {}

  async check(req: IncomingMessage, rawBody: Buffer, params: Readonly<Record<string, string>>): Promise<undefined> {
    let isProven: unknown;
    try {
      isProven = await this.#validate({ headers: req.headers, rawBody, params });
    } catch (error) {
      throw HttpError.is(error) ? error : badSignature(error);
    }
    // What is only something like true proves nothing.
    if (isProven !== true) throw badSignature();
  }
}

/** Of one length, whatever was given. */
function digestOf(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}
