import type { IncomingHttpHeaders } from 'node:http';
import type { Duration } from './duration.js';

/** A request as it came: nobody has vouched for any of it yet. */
export interface UnprovenRequest {
  readonly headers: IncomingHttpHeaders;
  /** The body, byte by byte. A signature is over these, never over JSON that was written anew. */
  readonly rawBody: Buffer;
  readonly params: Readonly<Record<string, string>>;
}

/** Says whether the request is from whom it claims; what it throws refuses the request as well. */
export type ValidateWebhook = (request: UnprovenRequest) => boolean | Promise<boolean>;

/** What tells that a request is from whom it claims. `'none'` lets everybody in, and says so. */
export type WebhookValidator = HmacSignature | StaticToken | ValidateWebhook | 'none';

export interface HmacOptions {
  /** Which header has the signature. */
  readonly header: string;
  /** The configuration key of the secret, or of a list of them: while one replaces another, both are taken. */
  readonly secret: string;
  /** What stands in front of the signature, as `sha256=`. */
  readonly prefix?: string;
  /** Default: `hex`. */
  readonly encoding?: 'hex' | 'base64';
  /**
   * What is signed: `{body}`, `{timestamp}`, and `{name}` for the header of that name. Default: `{body}`, which has to
   * be part of it.
   */
  readonly signed?: string;
  /** When it was signed, in seconds since 1970: a header, or in `fields` a field. It has to be part of what is signed. */
  readonly timestamp?: string;
  /** The header is a list as `t=1492774577,v1=5257a8…`; this is the field of the signature, and `timestamp` one as well. */
  readonly field?: string;
  /** How far `timestamp` may be from now. Default: 5 minutes. */
  readonly tolerance?: Duration;
}

/** HMAC SHA-256 with a secret that both sides know. */
export interface HmacSignature extends HmacOptions {
  readonly type: 'hmac-sha256';
}

export interface TokenOptions {
  /** Which header has the token. */
  readonly header: string;
  /** The configuration key of the token, or of a list of them. */
  readonly secret: string;
  /** What stands in front of the token, as `Bearer `. */
  readonly prefix?: string;
}

/** A token that both sides know, and that whoever sees one request knows as well. */
export interface StaticToken extends TokenOptions {
  readonly type: 'token';
}

/** A signature in a header: HMAC SHA-256 over the body, or over what `signed` says. */
export function hmacSignature(options: HmacOptions): HmacSignature {
  return Object.freeze({ ...options, type: 'hmac-sha256' as const });
}

/** A token in a header, as GitLab's `X-Gitlab-Token`. */
export function staticToken(options: TokenOptions): StaticToken {
  return Object.freeze({ ...options, type: 'token' as const });
}

/** `X-Hub-Signature-256`, of GitHub and others. It has no time in it: say `once` besides. */
export function githubSignature({ secret }: Pick<HmacOptions, 'secret'>): HmacSignature {
  return hmacSignature({ header: 'x-hub-signature-256', prefix: 'sha256=', secret });
}

/** `Stripe-Signature`. */
export function stripeSignature(options: Pick<HmacOptions, 'secret' | 'tolerance'>): HmacSignature {
  return hmacSignature({
    ...options,
    header: 'stripe-signature',
    field: 'v1',
    timestamp: 't',
    signed: '{timestamp}.{body}',
  });
}

/** `X-Slack-Signature`, with `X-Slack-Request-Timestamp`. */
export function slackSignature(options: Pick<HmacOptions, 'secret' | 'tolerance'>): HmacSignature {
  return hmacSignature({
    ...options,
    header: 'x-slack-signature',
    prefix: 'v0=',
    timestamp: 'x-slack-request-timestamp',
    signed: 'v0:{timestamp}:{body}',
  });
}
