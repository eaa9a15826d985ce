import { z } from 'zod';
import { Controller, Get, HttpRouterService, Plugin, Post, type PluginContext } from '../../../lib/index.js';
import { defineApi, del, get, patch, post, put, raw, type RequestOf } from '../../../lib/contract/index.js';
import { NotFoundError } from '../../../lib/errors/http-error.js';

const Ref = z
  .object({ kind: z.string(), name: z.string() })
  .meta({ id: 'ThingRef', description: 'What a thing is called' });

const Thing = z
  .object({
    ref: Ref,
    weight: z.number().default(1),
    state: z.enum(['new', 'used']),
    parts: z.array(Ref),
    note: z.string().nullable(),
    get children() {
      return z.array(Thing).optional();
    },
  })
  .meta({ id: 'Thing' });

interface Node {
  readonly label: string;
  readonly next?: Node | undefined;
}

/** A schema of a library that cannot tell its JSON Schema; that one is of draft 7, with a definition and a tuple. */
const chain = {
  schema: z.object({ head: z.custom<Node>(), pair: z.tuple([z.string(), z.number()]) }),
  jsonSchema: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      head: { $ref: '#/definitions/node' },
      pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }], additionalItems: false },
    },
    required: ['head', 'pair'],
    definitions: {
      node: {
        type: 'object',
        properties: { label: { type: 'string', enum: ['$ref', 'a'] }, next: { $ref: '#/definitions/node' } },
        required: ['label'],
      },
    },
  },
};

/** Has everything that a contract can say. */
export const warehouseApi = defineApi({
  pluginId: 'warehouse',
  operations: {
    getThing: get('/things/:kind/:name', {
      allow: 'unauthenticated',
      summary: 'Gives one thing',
      description: 'Knows it by its <b>kind</b> and its name.',
      params: z.object({ kind: z.string().meta({ description: 'As `box`' }), name: z.string() }),
      response: Thing,
      errors: {
        unknown_thing: {
          status: 404,
          details: z.object({ similar: z.array(Ref) }),
          description: 'There is no thing of that name.',
        },
        thing_gone: { status: 404 },
        odd_request: { status: 400 },
      },
    }),
    removeThing: del('/things/:type/:id', { allow: ['user'], params: z.object({ type: z.string(), id: z.string() }) }),
    listThings: get('/things', {
      allow: 'unauthenticated',
      query: z.object({
        limit: z.number().int().min(1).max(100).default(10),
        state: z.array(z.enum(['new', 'used'])).optional(),
        deep: z.boolean().optional().meta({ deprecated: true }),
        after: z.string(),
      }),
      headers: z.object({ 'x-shelf': z.string().optional() }),
      response: z.array(Thing),
    }),
    addThing: post('/things', {
      allow: 'unauthenticated',
      body: Thing,
      response: Ref,
      status: 201,
      maxBodySize: 10_000,
    }),
    changeThing: patch('/things', {
      allow: ['service'],
      body: z.object({ note: z.string() }).optional(),
      idempotent: true,
    }),
    putIcon: put('/icons/:name', {
      allow: ['user', 'service'],
      params: z.object({ name: z.string() }),
      body: raw('image/png'),
    }),
    getIcon: get('/icons/:name', {
      allow: ['user-cookie'],
      params: z.object({ name: z.string() }),
      response: raw('image/png'),
    }),
    getLabel: get('/label', { allow: 'unauthenticated', response: raw('text/plain; charset=utf-8') }),
    watchThings: get('/events', { allow: 'unauthenticated', stream: z.object({ changed: Ref }) }),
    importThings: post('/imports', {
      allow: 'unauthenticated',
      body: chain,
      responses: { 200: z.object({ done: z.boolean() }), 202: z.object({ ticket: z.string() }), 204: null },
      timeout: 5_000,
    }),
    findThings: get('/search', {
      allow: 'unauthenticated',
      query: z.object({ text: z.string() }).catchall(z.string()),
      response: z.object({ total: z.number() }),
    }),
    nothing: get('/', {}),
  },
});

const thing = {
  ref: { kind: 'box', name: 'a' },
  weight: 2,
  state: 'new' as const,
  parts: [],
  note: null,
};

async function* values<T>(...all: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* all;
}

@Controller(warehouseApi)
class WarehouseController {
  getThing({ params }: RequestOf<typeof warehouseApi.getThing>) {
    if (params.name === 'none')
      throw new NotFoundError('No such thing', { code: 'unknown_thing', details: { similar: [thing.ref] } });
    return { ...thing, ref: params };
  }
  removeThing() {}
  listThings({ query }: RequestOf<typeof warehouseApi.listThings>) {
    return [{ ...thing, weight: query.limit, note: query.state?.join() ?? null }];
  }
  addThing({ body }: RequestOf<typeof warehouseApi.addThing>) {
    return body.ref;
  }
  changeThing() {}
  putIcon() {}
  getIcon() {
    return values(Buffer.from('icon'));
  }
  getLabel() {
    return values(Buffer.from('label'));
  }
  watchThings() {
    return values({ changed: thing.ref });
  }
  importThings() {
    return { status: 202 as const, body: { ticket: 'one' } };
  }
  findThings() {
    return { total: 3 };
  }
  nothing() {}

  @Get('/stats/:year', { allow: 'unauthenticated' })
  stats(ctx: PluginContext): unknown {
    return { year: ctx.params['year'] };
  }

  @Post('/reset')
  reset(): void {}
}

@Plugin({ pluginId: 'warehouse', controllers: [WarehouseController] })
export class WarehousePlugin {}

/** Calls other things by names that the warehouse has. */
export const toyShopApi = defineApi({
  pluginId: 'toy-shop',
  operations: {
    getThing: get('/thing', {
      allow: 'unauthenticated',
      summary: '<img src=x onerror="document.title=\'broken\'">',
      description: '</script><script>document.title="broken"</script>',
      response: z.object({ toy: z.boolean() }).meta({ id: 'Thing' }),
    }),
  },
});

@Controller(toyShopApi)
class ToyShopController {
  getThing() {
    return { toy: true };
  }
}

@Plugin({ pluginId: 'toy-shop', controllers: [ToyShopController] })
export class ToyShopPlugin {
  constructor(readonly router: HttpRouterService) {}
}
