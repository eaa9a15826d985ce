import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';

type Answer = (req: IncomingMessage, res: ServerResponse) => void;

/** Somebody else's server that publishes keys, and signs whatever a test wants. */
export class TokenIssuer implements AsyncDisposable {
  /** The paths that were asked for. */
  readonly asked: string[] = [];
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK & { readonly kid: string };
  answer: Answer;
  readonly #server: Server;

  private constructor(privateKey: CryptoKey, publicJwk: JWK & { readonly kid: string }) {
    this.privateKey = privateKey;
    this.publicJwk = publicJwk;
    this.answer = this.publishing({ keys: [publicJwk] });
    this.#server = createServer((req, res) => {
      this.asked.push(req.url!);
      this.answer(req, res);
    });
  }

  static async start(alg = 'ES256'): Promise<TokenIssuer> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(publicKey);
    const issuer = new this(privateKey, { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' });
    await new Promise<void>(resolve => issuer.#server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  publishing(body: unknown): Answer {
    return (_req, res) => {
      res.setHeader('content-type', 'application/json');
      res.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  }

  sign(claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const { alg = 'ES256', kid } = this.publicJwk;
    return new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(this.privateKey);
  }

  /** A token of the plugin `remote` for the plugin `a`, unless something else is said. */
  pluginToken(claims: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const iat = now();
    const all = { sub: 'remote', aud: 'a', iat, exp: iat + 600, ...claims };
    return this.sign(withoutUndefined(all), { typ: 'vnd.backplane.plugin', ...header });
  }

  userToken(claims: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const iat = now();
    const all = { sub: 'user:default/ada', iat, exp: iat + 600, ...claims };
    return this.sign(withoutUndefined(all), { typ: 'vnd.backplane.user', ...header });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

/** In s since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1_000);
}

function withoutUndefined(claims: JWTPayload): JWTPayload {
  return JSON.parse(JSON.stringify(claims)) as JWTPayload;
}
