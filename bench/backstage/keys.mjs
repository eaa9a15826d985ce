import { generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the key that signs the plugins' tokens is kept; below `node_modules`, so it is never committed. */
export function keyFile(kind) {
  return fileURLToPath(new URL(`node_modules/.bench-${kind}-key.pem`, import.meta.url));
}

/** Makes the static keys of the Backstage backend, where they are not there yet. */
export function makeKeys() {
  if (existsSync(keyFile('private')) && existsSync(keyFile('public'))) return;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(keyFile('private'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(keyFile('public'), publicKey.export({ type: 'spki', format: 'pem' }));
}
