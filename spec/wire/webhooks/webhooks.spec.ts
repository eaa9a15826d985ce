import { expect } from 'chai';
import type { Context, Next } from 'koa';
import { BackplaneError, type Event, Plugin, Use, Webhook, type WebhookRequest } from '../../../lib/index.js';
import { until } from '../../faults/harness/until.js';
import { subscriber } from '../../services/events/events-fixture.js';
import { TestBackend } from '../../../lib/testing/index.js';
import {
  accepted,
  body,
  codeOf,
  github,
  signedByGithub,
  hooksPlugin,
  otherSecret,
  pushed,
  secret,
  WebhookFixture,
} from './webhook-fixture.js';

describe('A webhook', () => {
  it('publishes what its method makes of a signed request, and then answers 202', async () => {
    await using hooks = await WebhookFixture.start({ ...github, key: ({ ref }) => ref, headers: ['X-GitHub-Event'] });

    const answer = await hooks.send({
      headers: { ...signedByGithub(), 'x-github-event': 'push', 'x-other': 'not kept' },
    });

    expect(codeOf(answer)).to.equal(accepted);
    expect(hooks.events.published).to.deep.equal([
      {
        topic: 'hooks.pushed',
        payload: { ref: 'main' },
        options: { key: 'main', metadata: { 'x-github-event': 'push' } },
      },
    ]);
  });

  it('accepts what its method makes no event of, and publishes nothing', async () => {
    await using hooks = await WebhookFixture.start(github, { payloadOf: () => undefined });

    const answer = await hooks.send({ headers: signedByGithub() });

    expect(codeOf(answer)).to.equal(accepted);
    expect(hooks.events.published).to.deep.equal([]);
  });

  it('gives its method the declared headers only, and the bytes as they came', async () => {
    const text = '{ "ref":  "\\u006dain" }';
    let seen: unknown;
    await using hooks = await WebhookFixture.start(
      { ...github, headers: ['x-kind'] },
      { payloadOf: request => ((seen = request), request.body) },
    );

    await hooks.send({ body: text, headers: { ...signedByGithub(text), 'x-kind': 'push', cookie: 'a=b' } });

    expect(seen).to.deep.equal({
      body: { ref: 'main' },
      rawBody: Buffer.from(text),
      headers: { 'x-kind': 'push' },
      params: {},
    });
  });

  it('takes a form where it says so', async () => {
    const form = 'ref=a+b%26c';
    await using hooks = await WebhookFixture.start({ ...github, contentTypes: ['application/x-www-form-urlencoded'] });
    const headers = (text: string) => ({
      ...signedByGithub(text),
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    });

    const answer = await hooks.send({ body: form, headers: headers(form) });
    const twice = await hooks.send({ body: 'ref=a&ref=b', headers: headers('ref=a&ref=b') });
    const json = await hooks.send({ headers: signedByGithub() });

    expect([codeOf(answer), codeOf(twice), codeOf(json)]).to.deep.equal([
      accepted,
      '400 invalid_form',
      '415 unsupported_media_type',
    ]);
    expect(hooks.events.published.map(({ payload }) => ({ ...(payload as object) }))).to.deep.equal([{ ref: 'a b&c' }]);
  });

  it('answers 503 with Retry-After where the event cannot be published, and takes the same delivery later', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: { header: 'x-github-delivery' } });
    const headers = { ...signedByGithub(), 'x-github-delivery': 'd1' };
    hooks.events.failure = new Error('postgres://user:hunter2@db is away');

    const answer = await hooks.send({ headers });
    hooks.events.failure = undefined;
    const later = await hooks.send({ headers });

    expect(codeOf(answer)).to.equal('503 event_not_accepted');
    expect(answer.headers['retry-after']).to.equal('5');
    expect(answer.text).not.to.include('hunter2');
    expect(codeOf(later)).to.equal(accepted);
    expect(hooks.events.published).to.have.lengthOf(1);
  });

  it('answers 400 where the payload is none of the topic', async () => {
    await using hooks = await WebhookFixture.start(github);
    hooks.events.failure = new BackplaneError({ code: 'INVALID_EVENT', message: 'no', path: [], fix: 'none' });

    expect(codeOf(await hooks.send({ headers: signedByGithub() }))).to.equal('400 invalid_event');
  });

  it('writes to the audit what was accepted and what was refused, without a signature', async () => {
    await using hooks = await WebhookFixture.start(github);

    await hooks.send({ headers: signedByGithub() });
    await hooks.send({ headers: signedByGithub(body, otherSecret) });

    const lines = hooks.audit.map(({ eventId, status, severityLevel, plugin, meta }) => ({
      eventId,
      status,
      severityLevel,
      plugin,
      meta,
    }));
    expect(lines).to.deep.equal([
      {
        eventId: 'webhook-accepted',
        status: 'succeeded',
        severityLevel: 'low',
        plugin: 'hooks',
        meta: { path: '/in', outcome: 'published' },
      },
      {
        eventId: 'webhook-refused',
        status: 'failed',
        severityLevel: 'medium',
        plugin: 'hooks',
        meta: { path: '/in', status: 403, code: 'bad_signature' },
      },
    ]);
    expect(JSON.stringify(hooks.audit)).not.to.match(/[\da-f]{64}/);
  });

  it('writes to the audit where its method has failed', async () => {
    const payloadOf = (): never => {
      throw new Error('hunter2');
    };
    await using hooks = await WebhookFixture.start(github, { payloadOf });

    await hooks.send({ headers: signedByGithub() });

    expect(hooks.audit.map(({ eventId, status }) => [eventId, status])).to.deep.equal([['webhook-failed', 'failed']]);
    expect(JSON.stringify(hooks.audit)).not.to.contain('hunter2');
  });
});

describe('The event of a webhook', () => {
  it('reaches those who subscribe to it', async () => {
    const got: Event[] = [];
    await using backend = await TestBackend.start({
      features: [
        hooksPlugin({ ...github, key: ({ ref }) => ref, headers: ['x-github-event'] }),
        subscriber('search', { index: { topic: pushed, handler: event => got.push(event) } }),
      ],
      config: { hooks: { secret } },
    });

    const headers = { 'content-type': 'application/json', ...signedByGithub(), 'x-github-event': 'push' };
    const answer = await backend.request.post('/api/hooks/in', { body, headers });
    await until('the event', () => got.length > 0);

    expect(codeOf(answer)).to.equal(accepted);
    expect(got[0]).to.deep.include({ topic: 'hooks.pushed', source: 'hooks', key: 'main', payload: { ref: 'main' } });
    expect(got[0]!.metadata).to.deep.include({ 'x-github-event': 'push' });
  });

  it('is none where the body does not fit the topic', async () => {
    await using backend = await TestBackend.start({
      features: [hooksPlugin(github)],
      config: { hooks: { secret }, backend: { logger: { level: 'silent' } } },
    });
    const text = '{"ref":1}';

    const headers = { 'content-type': 'application/json', ...signedByGithub(text) };

    expect(codeOf(await backend.request.post('/api/hooks/in', { body: text, headers }))).to.equal('400 invalid_event');
  });
});

describe('Middleware before a webhook', () => {
  it('runs, and must leave the body alone', async () => {
    for (const [reads, expected] of [
      [false, accepted],
      [true, '500 internal_server_error'],
    ] as const) {
      let ran = 0;
      @Plugin({ pluginId: 'hooks' })
      class HooksPlugin {
        @Use(async (ctx: Context, next: Next) => {
          ran += 1;
          if (reads) for await (const _ of ctx.req);
          await next();
        })
        @Webhook('/in', { topic: pushed, ...github })
        take(request: WebhookRequest): { ref: string } {
          return request.body as { ref: string };
        }
      }
      await using backend = await TestBackend.start({
        features: [HooksPlugin],
        config: { hooks: { secret }, backend: { logger: { level: 'silent' } } },
      });

      const headers = { 'content-type': 'application/json', ...signedByGithub() };

      expect(codeOf(await backend.request.post('/api/hooks/in', { body, headers }))).to.equal(expected);
      expect(ran).to.equal(1);
    }
  });
});
