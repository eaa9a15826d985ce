import {
  calculateJwkThumbprint,
  errors,
  exportJWK,
  FlattenedSign,
  generateKeyPair,
  importJWK,
  importPKCS8,
  importSPKI,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWTPayload,
  type JWTVerifyOptions,
} from 'jose';
import type { PublicKey } from '../../api/plugin-key-store.js';
import { leeway } from './token-form.js';

// The only file that loads jose, and itself loaded with the first token: a backend without tokens does without.

/** A key to sign with. The private half cannot be exported, and stays in the closure. */
export interface Signer {
  readonly publicKey: PublicKey;
  /** A JWT of this `typ`. */
  sign(typ: string, claims: JWTPayload): Promise<string>;
  /** The signature alone, of a JWT of this `typ` with exactly these claims, in this order. */
  signatureOf(typ: string, claims: JWTPayload): Promise<string>;
}

export async function newSigner(alg: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: false });
  const jwk = await exportJWK(publicKey);
  return signerOf(privateKey, { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' });
}

export async function signerOfPem(pem: string, publicKey: PublicKey, alg: string): Promise<Signer> {
  return signerOf(await importPKCS8(pem, alg, { extractable: false }), publicKey);
}

export async function publicKeyOfPem(pem: string, kid: string, alg: string): Promise<PublicKey> {
  return { ...(await exportJWK(await importSPKI(pem, alg, { extractable: true }))), kid, alg, use: 'sig' };
}

function signerOf(privateKey: CryptoKey, publicKey: PublicKey): Signer {
  const { alg, kid } = publicKey as { alg: string; kid: string };
  return {
    publicKey,
    sign: (typ, claims) => new SignJWT(claims).setProtectedHeader({ typ, alg, kid }).sign(privateKey),
    async signatureOf(typ, claims) {
      const payload = new TextEncoder().encode(JSON.stringify(claims));
      const signed = await new FlattenedSign(payload).setProtectedHeader({ typ, alg, kid }).sign(privateKey);
      return signed.signature;
    },
  };
}

export async function importKey(jwk: PublicKey, alg: string): Promise<CryptoKey> {
  return (await importJWK(jwk, alg, { extractable: false })) as CryptoKey;
}

/** What a token must be, besides signed. */
export type Demands = Pick<JWTVerifyOptions, 'typ' | 'issuer' | 'audience' | 'requiredClaims' | 'maxTokenAge'> & {
  readonly algorithms: string[];
};

/** The claims of a token that is all that is demanded; `undefined` for every other one. Rejects with what `keyOf` does. */
export async function verify(
  token: string,
  keyOf: (kid: string | undefined, alg: string) => Promise<CryptoKey | Uint8Array | undefined>,
  demands: Demands,
): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid, alg }) => {
        const key = await keyOf(kid, alg);
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      { ...demands, clockTolerance: leeway },
    );
    return hasSoundTimes(payload) ? payload : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** jose looks at `iat` only where a token may have an age, and takes any number for a date. */
function hasSoundTimes({ iat = 0, exp = 0 }: JWTPayload): boolean {
  return iat <= Date.now() / 1_000 + leeway && exp <= latest;
}

/** The last second that a `Date` knows. */
const latest = 8.64e12;
