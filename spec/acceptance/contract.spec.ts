import { expect } from 'chai';
import { z } from 'zod';
import { Controller, Plugin } from '../../decorators/index.js';
import type { Call, CallOf } from '../../lib/api/call.js';
import { clientOf } from '../../lib/api/client-of.js';
import { errorOf } from '../../lib/api/error-of.js';
import { defineApi, get, isRemoteError, post, raw, type RequestOf, type ResponseOf } from '../../lib/contract/index.js';
import { TestBackend } from '../../lib/testing/test-backend.js';

const api = defineApi({
  pluginId: 'catalog',
  operations: {
    read: get('/entities/:name', {
      allow: 'unauthenticated',
      params: z.object({ name: z.string() }),
      query: z.object({ limit: z.number().default(3), tag: z.array(z.string()).optional() }),
      response: z.object({ name: z.string(), limit: z.number() }),
      errors: { unknown_entity: { status: 404, details: z.object({ similar: z.array(z.string()) }) } },
    }),
    add: post('/entities', {
      body: z.object({ name: z.string() }),
      responses: { 201: z.object({ id: z.number() }), 204: null },
    }),
    watch: get('/events', { stream: z.object({ n: z.string() }), allow: ['service'] }),
    icon: get('/icon', { response: raw('image/png') }),
    upload: post('/icon', { body: raw('image/png'), response: z.number() }),
    clear: post('/clear'),
  },
});
type Api = typeof api;

@Controller(api)
class CatalogController {
  read({ params, query }: RequestOf<Api['read']>, _call: Call): { name: string; limit: number } {
    if (params.name === 'x/y') throw errorOf(api.read, 'unknown_entity', { details: { similar: ['x'] } });
    return { name: params.name, limit: query.limit };
  }
  add({ body }: RequestOf<Api['add']>): ResponseOf<Api['add']> {
    return body.name === 'none' ? { status: 204 } : { status: 201, body: { id: 1 } };
  }
  async *watch(_r: object, call: CallOf<Api['watch']>): ResponseOf<Api['watch']> {
    yield await Promise.resolve({ n: call.credentials.principal.subject });
    yield { n: 'end' };
  }
  async *icon(): ResponseOf<Api['icon']> {
    yield await Promise.resolve(new TextEncoder().encode('png'));
  }
  async upload({ body }: RequestOf<Api['upload']>): Promise<number> {
    let size = 0;
    for await (const chunk of body) size += chunk.length;
    return size;
  }
  async clear(): Promise<void> {}
}
@Plugin({ pluginId: 'catalog', controllers: [CatalogController] })
class CatalogPlugin {}

class CatalogClient extends clientOf(api) {}
@Plugin({ pluginId: 'search' })
class SearchPlugin {
  readonly catalog: CatalogClient;

  constructor(catalog: CatalogClient) {
    this.catalog = catalog;
  }
}
const own = { credentials: 'own' } as const;

describe('A contract', () => {
  it('carries whatever it declares from a client to its controller and back', async () => {
    await using backend = await TestBackend.start({ features: [CatalogPlugin, SearchPlugin] });
    const { catalog } = backend.get(SearchPlugin, { pluginId: 'search' });

    expect(await catalog.read({ params: { name: 'ä b' }, query: { limit: 7 } }, own)).to.deep.equal({
      name: 'ä b',
      limit: 7,
    });
    expect(await catalog.read({ params: { name: 'a' } }, own)).to.deep.equal({ name: 'a', limit: 3 });
    expect(await catalog.add({ body: { name: 'a' } }, own)).to.deep.equal({ status: 201, body: { id: 1 } });
    expect(await catalog.add({ body: { name: 'none' } }, own)).to.deep.equal({ status: 204, body: undefined });
    expect(await collect(catalog.watch({}, own))).to.deep.equal([{ n: 'plugin:search' }, { n: 'end' }]);
    expect(Buffer.concat(await collect(catalog.icon({}, own))).toString()).to.equal('png');
    expect(await catalog.upload({ body: new Uint8Array(5) }, own)).to.equal(5);
    expect(await catalog.clear({}, own)).to.equal(undefined);
  });

  it('carries the errors that it declares, with their details, to whoever asks for them', async () => {
    await using backend = await TestBackend.start({ features: [CatalogPlugin, SearchPlugin] });
    const { catalog } = backend.get(SearchPlugin, { pluginId: 'search' });

    const error: unknown = await catalog.read({ params: { name: 'x/y' } }, own).catch((thrown: unknown) => thrown);

    expect(isRemoteError(error, api.read, 'unknown_entity') && error.details.similar).to.deep.equal(['x']);
    expect(error).to.include({ status: 404, pluginId: 'catalog', operation: 'read' });
  });
});

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
