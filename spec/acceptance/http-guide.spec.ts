import { readFileSync } from 'node:fs';
import { EventEmitter, on, once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
// @ts-expect-error -- it has no types
import serveUntyped from 'koa-static';
import type { Middleware } from 'koa';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import {
  createClient,
  defineApi,
  get,
  isRemoteError,
  put,
  raw,
  type RequestOf,
  type ResponseOf,
} from '../../lib/contract/index.js';
import {
  clientOf,
  Controller,
  errorOf,
  Get,
  HealthCheck,
  HttpRouterService,
  Plugin,
  RootHttpRouterService,
  Use,
  WireService,
  type Call,
  type PluginContext,
} from '../../lib/index.js';
import { mockCredentials, TestBackend } from '../../lib/testing/index.js';
import { repository } from './program.js';

const serve = serveUntyped as (folder: string) => Middleware;

// The examples of docs/http.md, which shows them as they are here.

const Picture = z.object({ id: z.string(), title: z.string() });
type Picture = z.infer<typeof Picture>;
const PictureId = z.object({ id: z.string().max(40) });

export const picturesApi = defineApi({
  pluginId: 'pictures',
  operations: {
    listPictures: get('/pictures', {
      allow: 'unauthenticated',
      query: z.object({ limit: z.number().int().max(100).default(20) }),
      response: z.array(Picture),
    }),
    putPicture: put('/pictures/:id', {
      allow: ['user'],
      params: PictureId,
      query: z.object({ title: z.string() }),
      body: raw('image/png'),
      maxBodySize: 10 * 1024 * 1024,
      responses: { 200: Picture, 201: Picture },
    }),
    getContent: get('/pictures/:id/content', {
      allow: 'unauthenticated',
      params: PictureId,
      response: raw('image/png'),
      errors: { unknown_picture: { status: 404, details: z.object({ known: z.number() }) } },
    }),
    watchPictures: get('/changes', { allow: 'unauthenticated', stream: Picture }),
  },
});

type Api = typeof picturesApi;

@Controller(picturesApi)
class PicturesController {
  readonly #pictures = new Map<string, Picture & { readonly content: Buffer }>();
  readonly #changes = new EventEmitter();

  listPictures({ query: { limit } }: RequestOf<Api['listPictures']>): Picture[] {
    return [...this.#pictures.values()].slice(0, limit); // without the content, which is not declared
  }

  async putPicture({ params, query, body }: RequestOf<Api['putPicture']>): Promise<ResponseOf<Api['putPicture']>> {
    const picture = { id: params.id, title: query.title, content: await buffer(body) };
    const status = this.#pictures.has(picture.id) ? 200 : 201;
    this.#pictures.set(picture.id, picture);
    this.#changes.emit('changed', picture);
    return { status, body: picture };
  }

  getContent({ params: { id } }: RequestOf<Api['getContent']>): Buffer {
    const picture = this.#pictures.get(id);
    if (picture) return picture.content; // or an AsyncIterable of bytes, as createReadStream() gives
    throw errorOf(picturesApi.getContent, 'unknown_picture', { details: { known: this.#pictures.size } });
  }

  async *watchPictures(_request: unknown, { signal }: Call): ResponseOf<Api['watchPictures']> {
    for await (const [picture] of on(this.#changes, 'changed', { signal })) yield picture as Picture;
  }
}

@Plugin({ pluginId: 'pictures', controllers: [PicturesController] })
class PicturesPlugin {}

class PicturesClient extends clientOf(picturesApi) {
  async titles(...how: Parameters<PicturesClient['listPictures']>): Promise<string[]> {
    return (await this.listPictures(...how)).map(({ title }) => title);
  }
}

async function countAnswers(ctx: PluginContext, next: () => Promise<void>): Promise<void> {
  await next();
  ctx.set('X-Answers', '1');
}

@Plugin({ pluginId: 'gallery' })
class GalleryPlugin {
  constructor(
    private readonly pictures: PicturesClient,
    private readonly wire: WireService,
    private readonly router: HttpRouterService,
  ) {}

  init(): void {
    this.router.use('/files', serve('docs'), { allow: ['user'] });

    const sockets = new WebSocketServer({ noServer: true });
    this.router.upgrade(
      '/rooms/:room',
      (req, socket, head, { params, closing }) => {
        sockets.handleUpgrade(req, socket, head, ws => {
          ws.send(`Welcome to ${params['room']}`);
          closing.addEventListener('abort', () => ws.close(1001));
        });
      },
      { allow: 'unauthenticated' },
    );
  }

  @Get('/titles', { allow: 'unauthenticated' })
  @Use(countAnswers)
  titles(ctx: PluginContext): Promise<string[]> {
    return this.pictures.titles({ query: { limit: 5 } }, ctx); // on behalf of whoever asks for the titles
  }

  @Get('/preview/:id', { allow: 'unauthenticated' })
  async preview(ctx: PluginContext): Promise<void> {
    try {
      const content = this.pictures.getContent({ params: { id: ctx.params['id']! } }, ctx);
      ctx.type = 'image/png';
      ctx.body = await buffer(content);
    } catch (error) {
      if (!isRemoteError(error, picturesApi.getContent, 'unknown_picture')) throw error;
      ctx.redirect(`/api/gallery/none-of-${error.details.known}`);
    }
  }

  @HealthCheck({ timeout: 500 })
  async pictureStore(): Promise<void> {
    await this.pictures.listPictures({ query: { limit: 1 } }, { credentials: 'own' });
  }

  async keys(): Promise<unknown> {
    const url = 'plugin://pictures/.backplane/auth/v1/jwks.json';
    const response = await this.wire.fetch(url, { call: { credentials: 'own', timeout: 2_000 } });
    return response.json();
  }
}

describe('docs/http.md', () => {
  const config = { backend: { listen: { host: '127.0.0.1', port: 0 } } };
  let backend: TestBackend;
  let baseUrl: string;

  beforeEach(async () => {
    backend = await TestBackend.start({ features: [PicturesPlugin, GalleryPlugin], config });
    baseUrl = backend.get(RootHttpRouterService).url!;
  });

  afterEach(() => backend.stop());

  const token = mockCredentials.user.token();
  const picture = Buffer.from('a picture');
  const clientFor = (user?: string) =>
    createClient(picturesApi, { baseUrl, ...(user !== undefined && { token: user }) });
  const put1 = { params: { id: 'one' }, query: { title: 'One' }, body: picture };

  it('shows nothing but what is here', () => {
    const withoutIndent = (code: string) => code.replaceAll(/^ +/gm, '');
    const here = withoutIndent(readFileSync(`${repository}spec/acceptance/http-guide.spec.ts`, 'utf8'));
    const guide = readFileSync(`${repository}docs/http.md`, 'utf8');
    const examples = [...guide.matchAll(/```ts\n(.*?)```/gs)].flatMap(([, code]) => withoutIndent(code!).split('\n\n'));

    for (const example of examples) expect(here).to.include(example);
    expect(examples).to.have.lengthOf.above(10);
  });

  it('has bytes, up and down, lists and declared errors', async () => {
    const added = await clientFor(token).putPicture(put1);
    const again = await clientFor(token).putPicture(put1);
    const list = await clientFor().listPictures({});
    const content = await buffer(clientFor().getContent({ params: { id: 'one' } }));
    const unknown: unknown = await buffer(clientFor().getContent({ params: { id: 'two' } })).catch(
      (error: unknown) => error,
    );

    expect([added.status, again.status, list]).to.deep.equal([201, 200, [{ id: 'one', title: 'One' }]]);
    expect(content).to.deep.equal(picture);
    expect(isRemoteError(unknown, picturesApi.getContent, 'unknown_picture') && unknown.details).to.deep.equal({
      known: 1,
    });
  });

  it('has events, until the backend stops', async () => {
    const received: Picture[] = [];
    const reading = (async () => {
      for await (const event of clientFor().watchPictures()) received.push(event);
    })();
    while (received.length === 0) await clientFor(token).putPicture(put1);

    await backend.stop();
    await reading;

    expect(received[0]).to.deep.equal({ id: 'one', title: 'One' });
  });

  it('has plain routes, with middleware, that call on behalf of whoever asks', async () => {
    await clientFor(token).putPicture(put1);

    const titles = await fetch(`${baseUrl}/api/gallery/titles`);
    const preview = await fetch(`${baseUrl}/api/gallery/preview/one`);
    const none = await fetch(`${baseUrl}/api/gallery/preview/two`, { redirect: 'manual' });

    expect([await titles.json(), titles.headers.get('x-answers')]).to.deep.equal([['One'], '1']);
    expect([preview.headers.get('content-type'), await preview.text()]).to.deep.equal(['image/png', 'a picture']);
    expect([none.status, none.headers.get('location')]).to.deep.equal([302, '/api/gallery/none-of-1']);
  });

  it('has files for users', async () => {
    const headers = { authorization: `Bearer ${token}` };

    const statuses = [
      (await fetch(`${baseUrl}/api/gallery/files/http.md`)).status,
      (await fetch(`${baseUrl}/api/gallery/files/http.md`, { headers })).status,
    ];

    expect(statuses).to.deep.equal([401, 200]);
  });

  it('has a fetch for what has no contract', async () => {
    const gallery = backend.get(GalleryPlugin, { pluginId: 'gallery' });

    expect(await gallery.keys()).to.have.property('keys');
  });

  it('has a health check', async () => {
    expect((await fetch(`${baseUrl}/.backplane/health/v1/readiness`)).status).to.equal(200);
    expect((await fetch(`${baseUrl}/.backplane/health/v1/plugins`)).status).to.equal(401);
  });

  it('has sockets, which are told when the backend stops', async () => {
    const socket = new WebSocket(`${baseUrl.replace('http', 'ws')}/api/gallery/rooms/blue`);
    const [message] = (await once(socket, 'message')) as [Buffer];
    const closed = once(socket, 'close');

    await backend.stop();

    expect(message.toString()).to.equal('Welcome to blue');
    expect((await closed)[0]).to.equal(1001);
  });
});
