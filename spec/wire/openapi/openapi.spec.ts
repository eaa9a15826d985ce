import { expect } from 'chai';
import { Get, OpenApiService, Plugin, RootHttpRouterService } from '../../../lib/index.js';
import { TestBackend } from '../../../lib/testing/index.js';
import { RestartableBackend } from '../../isolation/restartable-backend.js';
import { ToyShopPlugin, WarehousePlugin } from './everything.js';
import { at, faultsIn, operationsIn, readDocument, type ReadDocument } from './openapi-document.js';
import { servedPlugin } from './served-plugin.js';

describe('The OpenAPI document', () => {
  describe('of a plugin', () => {
    let backend: TestBackend;
    let api: ReadDocument;

    before(async () => {
      backend = await TestBackend.start({
        features: [WarehousePlugin],
        config: { backend: { baseUrl: 'https://portal.example/root/' } },
      });
      api = await readDocument(backend, 'warehouse');
    });

    after(() => backend.stop());

    const operation = (methodAndPath: string) => {
      const [method = '', path = ''] = methodAndPath.split(' ');
      return api.paths[path]![method.toLowerCase()]!;
    };

    it('is one to an independent validator', async () => {
      expect(await faultsIn(api)).to.deep.equal([]);
      expect(api.openapi).to.equal('3.1.0');
    });

    it('has every operation and every plain route, below the address of the plugin', () => {
      expect(api.servers).to.deep.equal([{ url: 'https://portal.example/root/api/warehouse' }]);
      expect(operationsIn(api)).to.deep.equal([
        'DELETE /things/{kind}/{name}',
        'GET /',
        'GET /events',
        'GET /icons/{name}',
        'GET /label',
        'GET /search',
        'GET /stats/{year}',
        'GET /things',
        'GET /things/{kind}/{name}',
        'PATCH /things',
        'POST /imports',
        'POST /reset',
        'POST /things',
        'PUT /icons/{name}',
      ]);
    });

    it('says what an operation is for, under an id of its own', () => {
      expect(operation('GET /things/{kind}/{name}')).to.include({
        operationId: 'warehouse.getThing',
        summary: 'Gives one thing',
        description: 'Knows it by its <b>kind</b> and its name.',
      });
      const ids = Object.values(api.paths).flatMap(item => Object.values(item).map(({ operationId }) => operationId));
      expect(new Set(ids).size).to.equal(ids.length);
    });

    it('has parameters in path, query and headers, with defaults and lists', () => {
      expect(operation('GET /things').parameters).to.deep.equal([
        { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100, default: 10 } },
        {
          name: 'state',
          in: 'query',
          style: 'form',
          explode: true,
          schema: { type: 'array', items: { type: 'string', enum: ['new', 'used'] } },
        },
        { name: 'deep', in: 'query', deprecated: true, schema: { type: 'boolean', deprecated: true } },
        { name: 'after', in: 'query', required: true, schema: { type: 'string' } },
        { name: 'x-shelf', in: 'header', schema: { type: 'string' } },
      ]);
      expect(operation('GET /things/{kind}/{name}').parameters![0]).to.include({
        name: 'kind',
        in: 'path',
        required: true,
        description: 'As `box`',
      });
    });

    it('gives one path to those that differ in the names of their parameters only', () => {
      const names = operation('DELETE /things/{kind}/{name}').parameters!.map(({ name }) => name);

      expect(names).to.deep.equal(['kind', 'name']);
    });

    it('says that a query may have names that nobody has declared', () => {
      expect(operation('GET /search').parameters!.at(-1)).to.deep.include({
        in: 'query',
        schema: { type: 'object', additionalProperties: { type: 'string' } },
      });
    });

    it('has bodies of JSON and of bytes, and says whether one is needed', () => {
      const json = operation('POST /things').requestBody!;
      expect(json.required).to.be.true;
      expect(json.content['application/json']!.schema).to.deep.equal({ $ref: '#/components/schemas/ThingInput' });
      expect(operation('PATCH /things').requestBody!.required).to.be.false;
      expect(operation('PUT /icons/{name}').requestBody!.content).to.have.all.keys('image/png');
      expect(operation('POST /things')['x-max-body-size']).to.equal(10_000);
    });

    it('has the answers by their statuses', () => {
      const content = (methodAndPath: string, status: number) => operation(methodAndPath).responses[status]!['content'];
      expect(content('POST /things', 201)).to.deep.equal({
        'application/json': { schema: { $ref: '#/components/schemas/ThingRef' } },
      });
      expect(operation('POST /imports').responses).to.include.keys('200', '202', '204');
      expect(content('POST /imports', 204)).to.equal(undefined);
      expect(content('GET /icons/{name}', 200)).to.have.all.keys('image/png');
      expect(content('GET /label', 200)).to.have.all.keys('text/plain; charset=utf-8');
      expect(content('GET /events', 200)).to.deep.equal({
        'text/event-stream': { schema: { $ref: '#/components/schemas/WatchThingsEvent' } },
      });
    });

    it('has the declared errors by their statuses, with codes and details', () => {
      const { responses } = operation('GET /things/{kind}/{name}');
      expect(responses['404']!['content']).to.deep.equal({
        'application/json': {
          schema: {
            anyOf: [
              { $ref: '#/components/schemas/UnknownThingError' },
              { $ref: '#/components/schemas/ThingGoneError' },
            ],
          },
        },
      });
      expect(responses['404']!['description']).to.contain('`unknown_thing`: There is no thing of that name.');
      const body = api.components.schemas['UnknownThingError']!['properties'] as ErrorProperties;
      expect(body.error.properties.code).to.deep.equal({ type: 'string', const: 'unknown_thing' });
      expect(body.error.properties.details).to.deep.equal({ $ref: '#/components/schemas/UnknownThingDetails' });
    });

    it('has the errors of the framework where they can happen, with the one body that they have', () => {
      const statuses = (methodAndPath: string) =>
        Object.keys(operation(methodAndPath).responses).filter(status => !(Number(status) < 300));
      expect(statuses('GET /things')).to.deep.equal(['400', '503', 'default']);
      expect(statuses('PUT /icons/{name}')).to.deep.equal(['400', '401', '403', '413', '415', '503', 'default']);
      const unauthenticated = at(api, operation('PUT /icons/{name}').responses['401']!['$ref'] as string);
      expect(unauthenticated)
        .to.have.nested.property('content.application/json.schema.$ref')
        .that.match(/ErrorBody$/);
    });

    it('says who may call', () => {
      expect(operation('GET /things').security).to.deep.equal([]);
      expect(operation('GET /').security).to.deep.equal([{ user: [] }, { service: [] }]);
      expect(operation('PATCH /things').security).to.deep.equal([{ service: [] }]);
      expect(operation('GET /icons/{name}').security).to.deep.equal([{ 'user-cookie': [] }]);
      expect(operation('POST /reset').security).to.deep.equal([{ user: [] }, { service: [] }]);
    });

    it('has what it knows of plain routes, and marks them', () => {
      expect(operation('GET /stats/{year}')).to.deep.include({
        'x-plain-route': true,
        security: [],
        parameters: [{ name: 'year', in: 'path', required: true, schema: { type: 'string' } }],
      });
    });

    it('has each schema once, recursive ones too, and the one for senders apart where it differs', () => {
      const { Thing, ThingInput, ThingRef, node } = api.components.schemas;
      expect(Thing!['required']).to.include('weight');
      expect(ThingInput!['required']).to.not.include('weight');
      expect(ThingInput).to.have.nested.property('properties.children.items.$ref', '#/components/schemas/ThingInput');
      expect(ThingRef).to.include({ description: 'What a thing is called' });
      expect(node).to.have.nested.property('properties.next.$ref', '#/components/schemas/node');
    });

    it('reads the JSON Schema of draft 7, and no reference where there is only a text like one', () => {
      const { ImportThingsBody, node } = api.components.schemas;
      expect(ImportThingsBody)
        .to.have.nested.property('properties.pair')
        .that.has.all.keys('type', 'prefixItems', 'items');
      expect(node).to.have.nested.property('properties.label.enum').that.deep.equals(['$ref', 'a']);
    });
  });

  describe('of the backend', () => {
    it('has all plugins, with schemas that are told apart', async () => {
      await using backend = await TestBackend.start({ features: [WarehousePlugin, ToyShopPlugin] });
      const api = await readDocument(backend);

      expect(await faultsIn(api)).to.deep.equal([]);
      expect(api.servers).to.deep.equal([{ url: '/' }]);
      expect(api.paths['/api/toy-shop/thing']!['get']!.operationId).to.equal('toy-shop.getThing');
      expect(api.paths).to.include.keys('/api/warehouse', '/api/warehouse/things/{kind}/{name}');
      expect(api.components.schemas).to.include.keys('toy-shop.Thing', 'warehouse.Thing', 'ErrorBody');
    });

    it('is the same whichever plugin comes first', async () => {
      await using one = await TestBackend.start({ features: [WarehousePlugin, ToyShopPlugin] });
      await using other = await TestBackend.start({ features: [ToyShopPlugin, WarehousePlugin] });

      expect(JSON.stringify(await readDocument(one))).to.equal(JSON.stringify(await readDocument(other)));
    });

    it('knows a plugin that has started again', async () => {
      const backend = await RestartableBackend.of([WarehousePlugin, ToyShopPlugin]);
      const before = await readDocument(backend);
      await backend.restart('toy-shop');
      const after = await readDocument(backend);
      await backend.stop();

      expect(after).to.deep.equal(before);
      expect(after.paths).to.include.keys('/api/toy-shop/thing');
    });

    it('leaves out a plugin that has failed, and its own document is not there', async () => {
      @Plugin({ pluginId: 'broken' })
      class BrokenPlugin {
        init(): void {
          throw new Error('broken');
        }
        @Get('/never')
        never(): void {}
      }
      await using backend = await TestBackend.start({
        features: [BrokenPlugin, ToyShopPlugin],
        config: { backend: { startup: { plugins: { broken: { onPluginBootFailure: 'continue' } } } } },
      });

      expect(Object.keys((await readDocument(backend)).paths)).to.deep.equal(['/api/toy-shop/thing']);
      expect((await backend.request.get('/api/broken/.backplane/openapi.json')).status).to.equal(503);
    });
  });

  it('has exactly what is served, whatever that is', async () => {
    await servedPlugin(async ({ backend, served }) => {
      const api = await readDocument(backend, 'any');

      expect(operationsIn(api)).to.deep.equal(served.map(({ key }) => key).toSorted());
      expect(await faultsIn(api)).to.deep.equal([]);
      for (const { method, path, name } of served) {
        expect((await backend.request.send(method, `/api/any${path}`)).body).to.equal(name);
      }
    });
  });

  it('is of a plugin by that plugin alone, and of the backend by nobody else', async () => {
    const told: unknown[] = [];
    const attempt = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        told.push((error as { code?: string }).code);
      }
    };
    @Plugin({ pluginId: 'liar' })
    class LiarPlugin {
      constructor(openApi: OpenApiService, router: RootHttpRouterService) {
        attempt(() => openApi.add({ pluginId: 'toy-shop', routes: () => [], admit: () => {} }));
        attempt(() =>
          router.addRootEndpoint({ path: '/.backplane/openapi.json', handle: ({ res }) => void res.end() }),
        );
      }
    }
    await using backend = await TestBackend.start({ features: [LiarPlugin, ToyShopPlugin] });

    expect(told).to.deep.equal(['FOREIGN_MOUNT', 'FOREIGN_MOUNT']);
    expect((await readDocument(backend)).paths).to.have.all.keys('/api/toy-shop/thing');
  });

  it('is sent once to whoever keeps it', async () => {
    await using backend = await TestBackend.start({ features: [ToyShopPlugin] });
    const path = '/api/toy-shop/.backplane/openapi.json';
    const first = await backend.request.get(path);
    const again = await backend.request.get(path, { headers: { 'if-none-match': String(first.headers['etag']) } });

    expect(first.headers).to.include({ 'cache-control': 'no-cache' });
    expect(again).to.include({ status: 304, text: '' });
  });

  it('is only read', async () => {
    await using backend = await TestBackend.start({ features: [ToyShopPlugin] });
    for (const path of ['/.backplane/openapi.json', '/api/toy-shop/.backplane/openapi.json', '/.backplane/docs']) {
      const refused = await backend.request.post(path);
      const head = await backend.request.head(path);

      expect(refused.status).to.equal(405);
      expect(refused.headers['allow']).to.equal('GET, HEAD');
      expect(head).to.include({ status: 200, text: '' });
    }
  });

  it('has a page that is also found with a slash behind it, without a second path for anything else', async () => {
    await using backend = await TestBackend.start({ features: [ToyShopPlugin] });

    const { status, headers } = await backend.request.get('/.backplane/docs/');

    expect([status, headers['location']]).to.deep.equal([308, '../docs']);
    expect(new URL('../docs', 'https://portal.example/below/.backplane/docs/').pathname).to.equal(
      '/below/.backplane/docs',
    );
    expect((await backend.request.post('/.backplane/docs/')).status).to.equal(405);
    for (const path of ['/.backplane/docs//', '/.backplane/docs/docs.css/', '/.backplane/openapi.json/']) {
      expect((await backend.request.get(path)).status).to.be.oneOf([400, 404]);
    }
  });

  describe('by backend.openapi', () => {
    const start = (openapi: string | boolean) =>
      TestBackend.start({
        features: [WarehousePlugin, ToyShopPlugin],
        config: {
          backend: {
            openapi,
            auth: {
              externalAccess: [
                {
                  type: 'static',
                  options: { token: 'token-of-the-warehouse-and-nothing-else', subject: 'forklift' },
                  accessRestrictions: [{ plugin: 'warehouse' }],
                },
                { type: 'static', options: { token: 'token-of-everything-that-there-is-here', subject: 'ci' } },
              ],
            },
          },
        },
      });
    const read = (backend: TestBackend, path: string, token?: string) =>
      backend.request.get(path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

    it('is for those whom the plugin knows, where that says protected', async () => {
      await using backend = await start('protected');
      const path = '/api/toy-shop/.backplane/openapi.json';
      const known = await read(backend, path, 'token-of-everything-that-there-is-here');

      expect((await read(backend, path)).status).to.equal(401);
      expect((await read(backend, path, 'token-of-the-warehouse-and-nothing-else')).status).to.equal(403);
      expect(known.status).to.equal(200);
      expect(known.headers['cache-control']).to.equal('private, no-cache');
      expect(known.headers['vary']).to.match(/^Authorization\b/);
    });

    it('tells nobody of plugins that do not know them', async () => {
      await using backend = await start('protected');
      const path = '/.backplane/openapi.json';
      const plugins = async (token: string) =>
        ((await read(backend, path, token)).body as { tags: { name: string }[] }).tags.map(({ name }) => name);

      expect((await read(backend, path)).status).to.equal(401);
      expect((await read(backend, path, 'token-that-is-none-although-it-is-long')).status).to.equal(401);
      expect(await plugins('token-of-the-warehouse-and-nothing-else')).to.deep.equal(['warehouse']);
      expect(await plugins('token-of-everything-that-there-is-here')).to.deep.equal(['toy-shop', 'warehouse']);
      expect(await plugins('token-of-the-warehouse-and-nothing-else')).to.deep.equal(['warehouse']);
      expect((await backend.request.get('/.backplane/docs')).text).to.not.contain('warehouse');
    });

    for (const off of ['off', false]) {
      it(`is not there where that says ${off}`, async () => {
        await using backend = await start(off);
        for (const path of ['/.backplane/openapi.json', '/api/warehouse/.backplane/openapi.json', '/.backplane/docs']) {
          expect((await backend.request.get(path)).status).to.equal(404);
        }
      });
    }

    it('does not start where that says something else', async () => {
      const error = await start('private').catch((thrown: { code?: string }) => thrown);

      expect(error).to.have.nested.property('problems[0].code', 'INVALID_CONFIG');
    });
  });
});

interface ErrorProperties {
  readonly error: { readonly properties: Record<'code' | 'details', unknown> };
}
