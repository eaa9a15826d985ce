import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HmacSignature } from '../../api/webhook-validators.js';
import { parseDuration } from '../../util/duration.js';
import { headerBytes, singleHeader } from './single-header.js';
import { badSignature, expiredSignature, missingSignature } from './webhook-errors.js';
import type { Proof } from './webhook-proof.js';

/** A sender writes as many signatures as it has secrets. */
const mostSignatures = 8;

interface Signed {
  readonly signatures: readonly Buffer[];
  readonly timestamp: string;
}

/** HMAC SHA-256 over the body and what else the validator says is signed. */
export class HmacProof implements Proof {
  readonly #validator: HmacSignature;
  readonly #secrets: () => readonly string[];
  readonly #tolerance: number;
  /** What is signed, in pieces: text, and the names of what is put in between. */
  readonly #pieces: readonly string[];

  constructor(validator: HmacSignature, secrets: () => readonly string[]) {
    this.#validator = validator;
    this.#secrets = secrets;
    this.#tolerance = parseDuration(validator.tolerance ?? '5m')!;
    this.#pieces = (validator.signed ?? '{body}').split(/\{([\w-]+)\}/);
  }

  /** In ms; a signature without a time in it never ends, so that to remember it is the webhook's to say. */
  get replayWindow(): number | undefined {
    return this.#validator.timestamp === undefined ? undefined : 2 * this.#tolerance;
  }

  checkHead(req: IncomingMessage): void {
    this.#read(req);
  }

  check(req: IncomingMessage, rawBody: Buffer): string | undefined {
    const { signatures, timestamp } = this.#read(req);
    const parts = this.#pieces.map((piece, index) => (index % 2 ? this.#part(piece, req, rawBody, timestamp) : piece));
    let isProven = false;
    // Every secret is tried, whichever fits: how long it takes tells nothing.
    for (const secret of this.#secrets()) {
      const hmac = createHmac('sha256', secret);
      for (const part of parts) hmac.update(part);
      const expected = hmac.digest();
      for (const signature of signatures) isProven = timingSafeEqual(signature, expected) || isProven;
    }
    if (!isProven) throw badSignature();
    if (this.replayWindow === undefined) return undefined;
    // Not one of the signatures: while secrets are replaced a request has several, and any of them would do once more.
    const signed = createHash('sha256');
    for (const part of parts) signed.update(part);
    return signed.digest('base64');
  }

  #part(name: string, req: IncomingMessage, rawBody: Buffer, timestamp: string): string | Buffer {
    if (name === 'body') return rawBody;
    if (name === 'timestamp') return timestamp;
    const value = singleHeader(req, name.toLowerCase());
    if (value === undefined) throw missingSignature();
    return headerBytes(value);
  }

  #read(req: IncomingMessage): Signed {
    const { header, field, timestamp: at } = this.#validator;
    const value = singleHeader(req, header.toLowerCase());
    if (value === undefined) throw missingSignature();
    const texts = field === undefined ? [value] : fieldsOf(value, field);
    const stamps =
      at === undefined ? [] : field === undefined ? [singleHeader(req, at.toLowerCase())] : fieldsOf(value, at);
    if (texts.length === 0 || (at !== undefined && stamps[0] === undefined)) throw missingSignature();
    if (texts.length > mostSignatures || stamps.length > 1) throw badSignature();
    const timestamp = stamps[0] ?? '';
    if (at !== undefined) this.#checkTime(timestamp);
    return { signatures: texts.map(text => this.#decode(text)), timestamp };
  }

  #checkTime(timestamp: string): void {
    if (!/^\d{1,12}$/.test(timestamp)) throw badSignature();
    if (Math.abs(Date.now() - Number(timestamp) * 1_000) > this.#tolerance) throw expiredSignature();
  }

  #decode(text: string): Buffer {
    const { prefix = '', encoding = 'hex' } = this.#validator;
    const digits = text.slice(prefix.length);
    const form = encoding === 'hex' ? /^[\da-f]{64}$/i : /^[\w+/-]{43}=?$/;
    if (!text.startsWith(prefix) || !form.test(digits)) throw badSignature();
    return Buffer.from(digits, encoding);
  }
}

/** The values of a field of `t=1492774577,v1=5257a8,v1=…`. */
function fieldsOf(list: string, field: string): string[] {
  return list.split(',').flatMap(pair => {
    const text = pair.trim();
    return text.startsWith(`${field}=`) ? [text.slice(field.length + 1)] : [];
  });
}
