import { createHash, generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Certificate, TlsSettings } from './tls-settings.js';

const day = 24 * 60 * 60 * 1_000;
const lifetime = 30 * day;
/** With less than that to live a new one is made. */
const rest = 5 * day;

/** The certificate that the settings give, or ask to be made. */
export async function certificateOf(settings: TlsSettings): Promise<Certificate> {
  return 'cert' in settings ? settings : selfSignedCertificate(settings.selfSignedFor);
}

/** A certificate for `host` that nobody has signed; the same for a while, so that a browser has to be told once. */
export async function selfSignedCertificate(host: string, folder = cacheFolder()): Promise<Certificate> {
  const file = join(folder, `${createHash('sha256').update(host).digest('hex').slice(0, 16)}.pem`);
  const cached = await readCached(file, host);
  if (cached) return cached;
  const made = await make(host);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Whoever reads it meanwhile finds the old one or the new one.
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, made.key + made.cert, { mode: 0o600 });
  await rename(draft, file);
  return made;
}

function cacheFolder(): string {
  return join(homedir(), '.cache', 'backplane', 'certificates');
}

async function readCached(file: string, host: string): Promise<Certificate | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const [key, cert] = text.split(/(?=-----BEGIN CERTIFICATE-----)/) as [string, string];
    const parsed = new X509Certificate(cert);
    const isFor = isIP(host) ? parsed.checkIP(host) : parsed.checkHost(host);
    return isFor !== undefined && Date.parse(parsed.validTo) - Date.now() > rest ? { key, cert } : undefined;
  } catch {
    return undefined;
  }
}

async function make(host: string): Promise<Certificate> {
  const { default: forge } = await import('node-forge');
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // Positive, and without a zero in front: strict readers refuse anything else.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - 60_000);
  certificate.validity.notAfter = new Date(Date.now() + lifetime);
  const name = [{ name: 'commonName', value: host }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: [host, 'localhost', '127.0.0.1', '::1'].map(altName) },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: privateKey };
}

/** By the numbers of X.509: 2 for a DNS name, 7 for an address. */
function altName(name: string): { type: number; value?: string; ip?: string } {
  return isIP(name) ? { type: 7, ip: name } : { type: 2, value: name };
}
