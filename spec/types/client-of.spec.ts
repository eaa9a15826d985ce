import { expect } from 'chai';
import { z } from 'zod';
import type { Call, OwnCall } from '../../lib/api/call.js';
import { clientOf } from '../../lib/api/client-of.js';
import type { PluginContext, UpgradeDetails } from '../../lib/api/http-services.js';
import { defineApi, get, post, raw } from '../../lib/contract/index.js';

const api = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/entities/:name', { params: z.object({ name: z.string() }), response: z.object({ name: z.string() }) }),
    list: get('/entities', { query: z.object({ limit: z.number().optional() }), response: z.array(z.string()) }),
    add: post('/entities', { allow: ['user'], body: z.object({ name: z.string() }) }),
    clear: post('/clear'),
    watch: get('/events', { stream: z.object({ name: z.string() }) }),
    icon: get('/icon', { response: raw('image/png') }),
  },
});

class CatalogClient extends clientOf(api) {}

declare const call: Call;
declare const ctx: PluginContext;
declare const details: UpgradeDetails;
const own: OwnCall = { credentials: 'own' };

/** Only compiled. */
const calls: readonly ((client: CatalogClient) => unknown)[] = [
  async client => (await client.read({ params: { name: 'a' } }, call)).name,
  client => client.list({}, own),
  client => client.clear({}, own),
  client => client.list({ query: { limit: 1 } }, { credentials: 'own', timeout: 10 }),
  client => client.add({ body: { name: 'a' } }, call),
  async client => {
    for await (const { name } of client.watch({}, own)) return name;
    return undefined;
  },
  async client => {
    for await (const bytes of client.icon({}, own)) return bytes.byteLength;
    return undefined;
  },
  client => client.add({ body: { name: 'a' } }, ctx),
  client => client.clear({}, details),
];

const refused: readonly ((client: CatalogClient) => unknown)[] = [
  // @ts-expect-error -- on whose behalf?
  client => client.read({ params: { name: 'a' } }),
  // @ts-expect-error -- what is sent comes first, be it nothing
  client => client.list(own),
  // @ts-expect-error -- only users may add, and a plugin is none
  client => client.add({ body: { name: 'a' } }, own),
  // @ts-expect-error -- the name is a text
  client => client.read({ params: { name: 1 } }, own),
  // @ts-expect-error -- there is no such parameter
  client => client.read({ params: { name: 'a', kind: 'b' } }, own),
  // @ts-expect-error -- a body is not declared
  client => client.read({ params: { name: 'a' }, body: {} }, own),
  // @ts-expect-error -- it takes nothing
  client => client.clear({ body: {} }, own),
  // @ts-expect-error -- the api has no such operation
  client => client.remove({}, own),
  // @ts-expect-error -- the answer has no such property
  async client => (await client.read({ params: { name: 'a' } }, own)).stars,
  // @ts-expect-error -- whose credentials?
  client => client.list({}, {}),
];

describe('the types of clientOf()', () => {
  it('is checked by the compiler: what is sent, on whose behalf, and what comes back', () => {
    expect([calls.length, refused.length]).to.deep.equal([9, 10]);
  });

  it('refuse what is no api', () => {
    // @ts-expect-error -- an operation is none
    expect(() => clientOf(api.read)).to.throw('[INVALID_API]');
  });
});
