import { expect } from 'chai';
import { z } from 'zod';
import { Controller, Plugin, Use } from '../../../decorators/index.js';
import type { PluginContext } from '../../../lib/api/http-services.js';
import { defineApi, get, post } from '../../../lib/contract/index.js';
import { ConflictError, ForbiddenError } from '../../../lib/errors/http-error.js';
import { pause } from '../../../lib/util/pause.js';
import { TestBackend } from '../../../lib/testing/test-backend.js';

const Note = z.object({ text: z.string() });

const api = defineApi({
  pluginId: 'notes',
  operations: {
    read: get('/notes/:id', { allow: 'unauthenticated', params: z.object({ id: z.string() }), response: Note }),
    add: post('/notes', { allow: 'unauthenticated', body: Note, response: Note, status: 201 }),
  },
});

type Next = () => Promise<void>;

/** What has run, in order. */
const ran: string[] = [];

async function record({ method, path, pluginId, credentials }: PluginContext, next: Next): Promise<void> {
  ran.push(`${method} ${pluginId}${path} of ${credentials.principal.type}`);
  await next();
  ran.push('after');
}

async function label(ctx: PluginContext, next: Next): Promise<void> {
  ctx.set('x-label', 'yes');
  await next();
}

async function guard(ctx: PluginContext, next: Next): Promise<void> {
  if (ctx.headers['x-pass'] === 'no') throw new ForbiddenError();
  if (ctx.headers['x-pass'] === 'short') ctx.body = 'instead';
  else if (ctx.headers['x-pass'] !== 'lost') await next();
}

async function translate(_ctx: PluginContext, next: Next): Promise<void> {
  try {
    await next();
  } catch (error) {
    if (error instanceof RangeError) throw new ConflictError(error.message);
    throw error;
  }
}

@Use(record as never)
@Controller(api)
class Notes {
  @Use(label as never, guard as never)
  read({ params }: { params: { id: string } }): { text: string } {
    ran.push('read');
    return { text: params.id };
  }

  @Use(translate as never)
  async add({ body }: { body: { text: string } }): Promise<{ text: string }> {
    if (body.text === '') throw new RangeError('empty');
    return body;
  }
}

@Plugin({ pluginId: 'notes', controllers: [Notes] })
class NotesPlugin {}

describe('Middleware of an operation', () => {
  let backend: TestBackend;

  before(async () => {
    backend = await TestBackend.start({ features: [NotesPlugin] });
  });

  beforeEach(() => (ran.length = 0));

  after(() => backend.stop());

  const read = (headers: Record<string, string> = {}) => backend.request.get('/api/notes/notes/7', { headers });

  it('runs around it, and sees who asks', async () => {
    const { status, body, headers } = await read();
    // What comes after `next()` runs when the answer is sent.
    await pause(5);

    expect([status, body, headers['x-label']]).to.deep.equal([200, { text: '7' }, 'yes']);
    expect(ran).to.deep.equal(['GET notes/notes/7 of none', 'read', 'after']);
  });

  it('answers instead of it', async () => {
    expect((await read({ 'x-pass': 'no' })).status).to.equal(403);
    expect((await read({ 'x-pass': 'short' })).text).to.equal('instead');
    expect((await read({ 'x-pass': 'lost' })).status).to.equal(404);
    expect(ran).not.to.contain('read');
  });

  it('leaves it its body, and is told of what it throws', async () => {
    const add = (body: unknown) => backend.request.post('/api/notes/notes', { body });

    expect(await add({ text: 'a' })).to.include({ status: 201 });
    expect(await add({ text: '' })).to.include({ status: 409 });
    expect(await add({ test: 'a' })).to.include({ status: 400 });
  });
});
