import { expect } from 'chai';
import type { JsonObject, JsonValue } from '../../lib/api/config-service.js';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { TestBackend } from '../../lib/testing/index.js';

const secret = 'CANARYsecret1234567890abcdef';

/** Keys that hold secrets, or an address that may have one in it. */
const keys = [
  'backend.auth.externalAccess',
  'backend.auth.pluginKeyStore',
  'backend.auth.pluginKeyStore.static',
  'backend.baseUrl',
  'backend.database.connection',
  'backend.https',
  'backend.https.certificate',
  'backend.https.certificate.key',
  'backend.internalListen',
  'backend.listen',
  'backend.rateLimit.store',
  'discovery.endpoints',
];

const values: readonly JsonValue[] = [
  secret,
  `${secret} ${secret}`,
  [secret],
  { password: secret },
  { password: [secret], user: 5, host: { of: secret } },
  `postgres://ada:${secret}@127.0.0.1:99999999/x`,
  `https://ada:${secret}@portal.example`,
  `https://${secret}@portal.example`,
  [{ type: 'static', options: { token: secret } }],
  [{ type: 'static', options: { token: [secret], subject: 'a b' } }],
  [{ type: 'legacy', options: { secret, subject: 'a b' } }],
  [{ type: 'jwks', options: { url: `https://ada:${secret}@portal.example`, subject: secret } }],
  [{ target: `http://ada:${secret}@search.internal`, plugins: ['search'] }],
  [{ target: { internal: `http://ada:${secret}@search.internal` }, plugins: ['search'] }],
  { type: 'static', static: { keys: [{ keyId: 'a', privateKey: secret, privateKeyFile: 5 }] } },
];

function withValue(key: string, value: JsonValue): JsonObject {
  return key.split('.').reduceRight<JsonValue>((part, name) => ({ [name]: part }), value) as JsonObject;
}

/** All that is said of a configuration, causes and stacks included. */
async function saidOf(config: JsonObject): Promise<string> {
  try {
    const { warnings } = await TestBackend.plan({ features: [], config });
    return JSON.stringify(warnings);
  } catch (error) {
    if (!(error instanceof BackendStartupError)) throw error;
    const causes = error.problems.map(({ cause }) => (cause instanceof Error ? cause.stack : JSON.stringify(cause)));
    return [error.stack, ...causes].join('\n');
  }
}

describe('S100 What is wrong with a setting is told without what is secret in it', () => {
  for (const key of keys) {
    it(`at ${key}`, async () => {
      // A text alone is shown where it is to be an address.
      const wrong = key.endsWith('isten')
        ? values.filter(value => typeof value !== 'string' || value.includes('@'))
        : values;
      const said = await Promise.all(wrong.map(value => saidOf(withValue(key, value))));

      expect(said.filter(text => text.includes(secret))).to.deep.equal([]);
      expect(said.some(text => text.includes('INVALID_CONFIG') || text.includes('UNKNOWN_CONFIG'))).to.equal(true);
    });
  }
});
