import { expect } from 'chai';
import type { Context, Next } from 'koa';
import {
  type BackendStartupError,
  BackplaneError,
  type Event,
  EventsService,
  Plugin,
  Post,
  Use,
  Webhook,
  type WebhookRequest,
  githubSignature,
  hmacSignature,
  RootConfigService,
  slackSignature,
  staticToken,
  stripeSignature,
} from '../../../lib/index.js';
import { until } from '../../faults/harness/until.js';
import { subscriber } from '../../services/events/events-fixture.js';
import { mockServices, override, TestBackend } from '../../../lib/testing/index.js';
import {
  codeOf,
  hmacOf,
  hooksPlugin,
  KeptEvents,
  otherSecret,
  pushed,
  secret,
  WebhookFixture,
  type HookOptions,
} from './webhook-fixture.js';

const body = '{"ref":"main"}';
const accepted = '202 {"status":"accepted"}';
const github: HookOptions = { validator: githubSignature({ secret: 'hooks.secret' }) };
const signedByGithub = (text: string | Buffer = body, key = secret) => ({
  'x-hub-signature-256': `sha256=${hmacOf(text, key)}`,
});
const now = () => Math.floor(Date.now() / 1_000);

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

describe('The signature of a webhook', () => {
  const answersTo = async (options: HookOptions, headers: Record<string, string>, text: string | Buffer = body) => {
    await using hooks = await WebhookFixture.start(options, { config: { hooks: { secret: [otherSecret, secret] } } });
    const answer = codeOf(await hooks.send({ body: text, headers }));
    expect(hooks.events.published.length).to.equal(answer === accepted ? 1 : 0);
    return answer;
  };

  const upper = { 'x-hub-signature-256': `sha256=${hmacOf(body).toUpperCase()}` };
  const unprefixed = { 'x-hub-signature-256': hmacOf(body) };
  const short = { 'x-hub-signature-256': `sha256=${hmacOf(body).slice(0, 62)}` };
  const long = { 'x-hub-signature-256': `sha256=${hmacOf(body)}00` };
  const noHex = { 'x-hub-signature-256': `sha256=${'z'.repeat(64)}` };
  const sha1 = { 'x-hub-signature': `sha1=${hmacOf(body).slice(0, 40)}` };

  for (const [what, headers, expected] of [
    ['by the new secret', signedByGithub(), accepted],
    ['by the old secret', signedByGithub(body, otherSecret), accepted],
    ['in capitals', upper, accepted],
    ['by another secret', signedByGithub(body, 'another-secret-of-24-char'), '403 bad_signature'],
    ['by no secret', signedByGithub(body, ''), '403 bad_signature'],
    ['of another body', signedByGithub('{"ref":"evil"}'), '403 bad_signature'],
    ['of JSON that was written anew', signedByGithub(JSON.stringify(JSON.parse(body), null, 1)), '403 bad_signature'],
    ['without its prefix', unprefixed, '403 bad_signature'],
    ['that is cut', short, '403 bad_signature'],
    ['with more behind it', long, '403 bad_signature'],
    ['that is not hexadecimal', noHex, '403 bad_signature'],
    ['that is empty', { 'x-hub-signature-256': '' }, '401 missing_signature'],
    ['that is not there', {}, '401 missing_signature'],
    ['by an older algorithm', sha1, '401 missing_signature'],
  ] as const) {
    it(`${what} is answered ${expected}`, async () => {
      expect(await answersTo(github, headers)).to.equal(expected);
    });
  }

  it('is of the bytes as they came, whatever else would be the same JSON', async () => {
    const text = ' {"ref" :"main"}\n';

    expect(await answersTo(github, signedByGithub(text), text)).to.equal(accepted);
    expect(await answersTo(github, signedByGithub(), text)).to.equal('403 bad_signature');
  });

  it('may be in base64, and of other headers as well', async () => {
    const validator = hmacSignature({
      header: 'X-Signature',
      encoding: 'base64',
      secret: 'hooks.secret',
      signed: '{x-id}.{body}',
    });
    const signature = hmacOf(`7.${body}`, secret, 'base64');

    expect(await answersTo({ validator }, { 'x-id': '7', 'x-signature': signature })).to.equal(accepted);
    expect(await answersTo({ validator }, { 'x-id': '8', 'x-signature': signature })).to.equal('403 bad_signature');
    expect(await answersTo({ validator }, { 'x-signature': signature })).to.equal('401 missing_signature');
  });

  const slack: HookOptions = { validator: slackSignature({ secret: 'hooks.secret', tolerance: '1m' }) };
  const signedBySlack = (time: number | string) => ({
    'x-slack-request-timestamp': String(time),
    'x-slack-signature': `v0=${hmacOf(`v0:${time}:${body}`)}`,
  });

  it('may have a time in it, and then holds for a while only', async () => {
    expect(await answersTo(slack, signedBySlack(now()))).to.equal(accepted);
    expect(await answersTo(slack, signedBySlack(now() - 70))).to.equal('403 signature_expired');
    expect(await answersTo(slack, signedBySlack(now() + 70))).to.equal('403 signature_expired');
    expect(await answersTo(slack, signedBySlack('soon'))).to.equal('403 bad_signature');
    expect(await answersTo(slack, signedBySlack(`-${now()}`))).to.equal('403 bad_signature');
    expect(
      await answersTo(slack, { ...signedBySlack(now() - 1), 'x-slack-request-timestamp': String(now()) }),
    ).to.equal('403 bad_signature');
    expect(await answersTo(slack, { 'x-slack-signature': signedBySlack(now())['x-slack-signature'] })).to.equal(
      '401 missing_signature',
    );
  });

  it('with a time in it is taken once', async () => {
    await using hooks = await WebhookFixture.start(slack);
    const headers = signedBySlack(now());

    const answers = [await hooks.send({ headers }), await hooks.send({ headers })];
    const later = await hooks.send({ headers: signedBySlack(now() - 1) });

    expect([...answers, later].map(codeOf)).to.deep.equal([accepted, accepted, accepted]);
    expect(hooks.events.published).to.have.lengthOf(2);
  });

  it('with a time in it is taken once while secrets are replaced, whichever of its signatures comes', async () => {
    const stripe: HookOptions = { validator: stripeSignature({ secret: 'hooks.secret' }) };
    await using hooks = await WebhookFixture.start(stripe, { config: { hooks: { secret: [secret, otherSecret] } } });
    const time = now();
    const [old, renewed] = [secret, otherSecret].map(key => `v1=${hmacOf(`${time}.${body}`, key)}`);
    const lists = [`t=${time},${old},${renewed}`, `t=${time},${old}`, `t=${time},${renewed}`];

    const answers: string[] = [];
    for (const list of lists) answers.push(codeOf(await hooks.send({ headers: { 'stripe-signature': list } })));

    expect(answers).to.deep.equal([accepted, accepted, accepted]);
    expect(hooks.events.published).to.have.lengthOf(1);
  });

  it('may be one of several in a list with the time', async () => {
    const stripe: HookOptions = { validator: stripeSignature({ secret: 'hooks.secret' }) };
    const time = now();
    const good = hmacOf(`${time}.${body}`);
    const bad = 'ab'.repeat(32);
    const list = (...fields: string[]) => ({ 'stripe-signature': fields.join(',') });
    const many = Array.from({ length: 9 }, () => `v1=${good}`);

    expect(await answersTo(stripe, list(`t=${time}`, `v1=${bad}`, `v1=${good}`, 'v0=any'))).to.equal(accepted);
    expect(await answersTo(stripe, list(`t=${time}`, `v1=${bad}`))).to.equal('403 bad_signature');
    expect(await answersTo(stripe, list(`t=${time}`, `v0=${good}`))).to.equal('401 missing_signature');
    expect(await answersTo(stripe, list(`v1=${good}`))).to.equal('401 missing_signature');
    expect(await answersTo(stripe, list(`t=${time}`, `t=${time - 1}`, `v1=${good}`))).to.equal('403 bad_signature');
    expect(await answersTo(stripe, list(`t=${time}`, ...many))).to.equal('403 bad_signature');
    expect(await answersTo(stripe, list(`t=${time - 400}`, `v1=${good}`))).to.equal('403 signature_expired');
  });

  it('is of the bytes of the headers, whatever characters they are', async () => {
    const head = (...lines: string[]) => [
      'POST /api/hooks/in HTTP/1.1',
      'Host: a',
      'Content-Type: application/json',
      'Connection: close',
      ...lines,
    ];
    const request = (...lines: string[]) =>
      Buffer.from([...head(...lines, `Content-Length: ${body.length}`), '', body].join('\r\n'));
    const validator = hmacSignature({ header: 'x-signature', secret: 'hooks.secret', signed: '{x-id}.{body}' });
    const token = 'schlüssel-schlüssel';

    await using signed = await WebhookFixture.start({ validator });
    await using tokened = await WebhookFixture.start(
      { validator: staticToken({ header: 'x-token', secret: 'hooks.secret' }) },
      { config: { hooks: { secret: token } } },
    );

    expect(await signed.raw(request('X-Id: für', `X-Signature: ${hmacOf(`für.${body}`)}`))).to.match(/^HTTP\/1.1 202 /);
    expect(await tokened.raw(request(`X-Token: ${token}`))).to.match(/^HTTP\/1.1 202 /);
  });

  it('is taken away by a reload that leaves no secret: nobody gets in', async () => {
    const backendConfig = { logger: { level: 'silent' } };
    const config = mockServices.rootConfig({ data: { hooks: { secret }, backend: backendConfig } });
    const events = new KeptEvents();
    await using backend = await TestBackend.start({
      features: [hooksPlugin(github)],
      overrides: [override(RootConfigService).withValue(config), override(EventsService).withValue(events)],
    });
    const send = (key: string) =>
      backend.request.post('/api/hooks/in', {
        body,
        headers: { 'content-type': 'application/json', ...signedByGithub(body, key) },
      });

    const before = codeOf(await send(secret));
    config.update({ backend: backendConfig, hooks: { secret: otherSecret } });
    const [old, renewed] = [codeOf(await send(secret)), codeOf(await send(otherSecret))];
    config.update({ backend: backendConfig, hooks: { secret: '' } });
    const [empty, forged] = [codeOf(await send(otherSecret)), codeOf(await send(''))];

    expect([before, old, renewed, empty, forged]).to.deep.equal([
      accepted,
      '403 bad_signature',
      accepted,
      '503 event_not_accepted',
      '503 event_not_accepted',
    ]);
  });
});

describe('What proves the sender of a webhook', () => {
  it('may be a token in a header, also in Authorization', async () => {
    const validator = staticToken({ header: 'Authorization', prefix: 'Bearer ', secret: 'hooks.secret' });
    await using hooks = await WebhookFixture.start({ validator });

    const answers = await Promise.all(
      [`Bearer ${secret}`, `Bearer ${otherSecret}`, `Basic: ${secret}`, secret, `Bearer ${secret}x`, 'Bearer '].map(
        authorization => hooks.send({ headers: { authorization } }),
      ),
    );

    const refused = '403 bad_signature';
    expect(answers.map(codeOf)).to.deep.equal([accepted, refused, refused, refused, refused, refused]);
    expect(codeOf(await hooks.send())).to.equal('401 missing_signature');
  });

  it('may be a function, of which nothing but true lets a request in', async () => {
    for (const [given, expected] of [
      [true, accepted],
      [false, '403 bad_signature'],
      ['yes', '403 bad_signature'],
      [undefined, '403 bad_signature'],
      [new Error('broken'), '403 bad_signature'],
    ] as const) {
      const validator: HookOptions['validator'] = async ({ rawBody, headers }) => {
        if (given instanceof Error) throw given;
        expect([rawBody.toString(), headers['x-own']]).to.deep.equal([body, 'mine']);
        return given as boolean;
      };
      await using hooks = await WebhookFixture.start({ validator });

      expect(codeOf(await hooks.send({ headers: { 'x-own': 'mine' } }))).to.equal(expected);
    }
  });

  it('may be nothing, where that is said', async () => {
    await using hooks = await WebhookFixture.start({ validator: 'none' });

    expect(codeOf(await hooks.send())).to.equal(accepted);
  });
});

describe('A delivery that is sent once more', () => {
  it('is accepted and publishes nothing', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: { header: 'X-GitHub-Delivery' } });
    const send = (id: string) => hooks.send({ headers: { ...signedByGithub(), 'x-github-delivery': id } });

    const answers = [await send('d1'), await send('d1'), ...(await Promise.all([send('d2'), send('d2')]))];

    expect(answers.map(codeOf)).to.deep.equal([accepted, accepted, accepted, accepted]);
    expect(hooks.events.published).to.have.lengthOf(2);
    expect(hooks.audit.map(({ meta }) => meta?.['outcome'])).to.deep.equal([
      'published',
      'repeated',
      'published',
      'repeated',
    ]);
  });

  it('is another one at another place', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: { header: 'x-github-delivery' } });
    const headers = { ...signedByGithub(), 'x-github-delivery': 'd1' };

    for (const path of ['of/one', 'of/two', 'of/one']) await hooks.send({ path, headers });

    expect(hooks.events.published).to.have.lengthOf(2);
  });

  it('is refused where it has left out by what it would be known', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: { header: 'x-github-delivery' } });

    expect(codeOf(await hooks.send({ headers: signedByGithub() }))).to.equal('400 bad_header');
    expect(hooks.events.published).to.deep.equal([]);
  });

  it('is known by its bytes where the webhook says so', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: 'body' });
    const other = '{"ref":"other"}';

    await hooks.send({ headers: signedByGithub() });
    await hooks.send({ headers: signedByGithub() });
    await hooks.send({ body: other, headers: signedByGithub(other) });

    expect(hooks.events.published).to.have.lengthOf(2);
  });

  it('is forgotten after a while', async () => {
    await using hooks = await WebhookFixture.start({ ...github, once: 'body', remember: 1 });

    await hooks.send({ headers: signedByGithub() });
    await new Promise(resolve => setTimeout(resolve, 5));
    await hooks.send({ headers: signedByGithub() });

    expect(hooks.events.published).to.have.lengthOf(2);
  });
});

describe('A request to a webhook that nobody has proven', () => {
  const head = (...lines: string[]) =>
    [
      'POST /api/hooks/in HTTP/1.1',
      'Host: a',
      'Content-Type: application/json',
      'Connection: close',
      ...lines,
      '',
      '',
    ].join('\r\n');
  const signature = `X-Hub-Signature-256: sha256=${hmacOf(body)}`;
  const length = `Content-Length: ${body.length}`;

  for (const [what, bytes, expected] of [
    ['has its signature twice', head(signature, signature, length) + body, /^HTTP\/1.1 400 .*"code":"bad_header"/s],
    [
      'has two signatures, the first of them good',
      head(signature, `X-Hub-Signature-256: sha256=${'0'.repeat(64)}`, length) + body,
      /^HTTP\/1.1 400 .*"code":"bad_header"/s,
    ],
    [
      'is too long',
      head(signature, 'Content-Length: 6000000'),
      /^HTTP\/1.1 413 .*connection: close.*"payload_too_large"/is,
    ],
    [
      'is packed',
      head(signature, 'Content-Encoding: br', length) + body,
      /^HTTP\/1.1 415 .*"code":"unsupported_media_type"/s,
    ],
    [
      'is packed as gzip',
      head(signature, 'Content-Encoding: gzip', length) + body,
      /^HTTP\/1.1 415 .*"code":"unsupported_media_type"/s,
    ],
    ['waits to be asked without a signature', head('Expect: 100-continue', length), /^HTTP\/1.1 401 /],
    [
      'waits to be asked with one',
      head('Expect: 100-continue', signature, length) + body,
      /^HTTP\/1.1 100 .*HTTP\/1.1 202 /s,
    ],
    [
      'is no JSON, although signed',
      head(`X-Hub-Signature-256: sha256=${hmacOf('{')}`, 'Content-Length: 1') + '{',
      /^HTTP\/1.1 400 .*"invalid_json"/s,
    ],
  ] as const) {
    it(`is answered ${/\d{3}/.exec(expected.source)![0]} when it ${what}`, async () => {
      await using hooks = await WebhookFixture.start(github);

      expect(await hooks.raw(bytes)).to.match(expected);
      expect(hooks.events.published.length).to.equal(expected.source.includes('202') ? 1 : 0);
    });
  }

  const slackHeaders = (time: number) => [
    `X-Slack-Request-Timestamp: ${time}`,
    `X-Slack-Signature: v0=${hmacOf(`v0:${time}:${body}`)}`,
  ];
  const named = hmacSignature({ header: 'x-signature', secret: 'hooks.secret', signed: '{x-id}.{body}' });
  const slackSigned: HookOptions = { validator: slackSignature({ secret: 'hooks.secret' }) };

  for (const [what, options, lines, expected] of [
    ['its type', github, [signature, 'Content-Type: text/plain'], 'bad_header'],
    ['the time of its signature', slackSigned, [...slackHeaders(now()), `X-Slack-Request-Timestamp: 1`], 'bad_header'],
    [
      'a header that is signed',
      { validator: named },
      ['X-Id: 7', 'X-Id: 8', `X-Signature: ${hmacOf(`7.${body}`)}`],
      'bad_header',
    ],
    ['what it is known by', { ...github, once: { header: 'x-id' } }, [signature, 'X-Id: 7', 'x-id: 8'], 'bad_header'],
    [
      'a header that goes along',
      { ...github, headers: ['x-event'] },
      [signature, 'X-Event: a', 'X-Event: b'],
      'bad_header',
    ],
    [
      'its token',
      { validator: staticToken({ header: 'x-token', secret: 'hooks.secret' }) },
      [`X-Token: ${secret}`, 'X-Token: other'],
      'bad_header',
    ],
  ] as const) {
    it(`is answered 400 when it has ${what} twice`, async () => {
      await using hooks = await WebhookFixture.start(options);

      expect(await hooks.raw(head(...lines, length) + body)).to.match(
        new RegExp(`^HTTP/1.1 400 .*"code":"${expected}"`, 's'),
      );
      expect(hooks.events.published).to.deep.equal([]);
    });
  }

  for (const [what, bytes, status] of [
    [
      'has its signature behind its body',
      head('Transfer-Encoding: chunked', 'Trailer: X-Hub-Signature-256') +
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n${signature}\r\n\r\n`,
      401,
    ],
    ['has its signature in two lines', head(signature.replace('=', '=\r\n '), length) + body, 400],
    ['has two signatures in one header', head(`${signature}, sha256=${'0'.repeat(64)}`, length) + body, 403],
    ['has a blank before the colon', head(signature.replace(':', ' :'), length) + body, 400],
    ['has two lengths', head(signature, length, 'Content-Length: 1') + body, 400],
    ['has a length and chunks', head(signature, length, 'Transfer-Encoding: chunked') + `0\r\n\r\n`, 400],
    ['has NUL in its signature', head(`${signature}\0`, length) + body, 400],
  ] as const) {
    it(`is answered ${status} when it ${what}`, async () => {
      await using hooks = await WebhookFixture.start(github);

      expect(await hooks.raw(bytes)).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      expect(hooks.events.published).to.deep.equal([]);
    });
  }

  it('is cut off where it goes on for too long', async () => {
    await using hooks = await WebhookFixture.start({ ...github, maxBodySize: 1_000 });
    const chunk = `${(600).toString(16)}\r\n${'x'.repeat(600)}\r\n`;

    const answer = await hooks.raw(head(signature, 'Transfer-Encoding: chunked') + chunk + chunk);

    expect(answer).to.match(/^HTTP\/1.1 413 /);
  });

  it('costs no more than its head where that has no signature', async () => {
    await using hooks = await WebhookFixture.start(github);

    // The body never comes: an answer shows that nobody waits for it.
    const answer = await hooks.raw(head('Content-Length: 5000000'));

    expect(answer).to.match(/^HTTP\/1.1 401 /);
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

describe('The plan of a webhook', () => {
  const problemsOf = async (options: object, path = '/in'): Promise<string[]> => {
    @Plugin({ pluginId: 'hooks' })
    class HooksPlugin {
      @Webhook(path, { topic: pushed, validator: 'none', ...options } as never)
      take(): undefined {}

      @Post('/taken', { allow: 'unauthenticated' })
      taken(): void {}
    }
    const planned = TestBackend.plan({ features: [HooksPlugin], config: { hooks: { secret, short: 'short' } } });
    const error: unknown = await planned.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(String(error)).not.to.contain('S3cr3t');
    return error === undefined ? [] : (error as BackendStartupError).problems.map(({ code }) => code);
  };

  for (const [what, options, codes] of [
    ['has nothing to say of a good one', { validator: githubSignature({ secret: 'hooks.secret' }) }, []],
    ['wants a validator', { validator: undefined }, ['WEBHOOK_WITHOUT_VALIDATOR']],
    ['refuses a validator that is none', { validator: true }, ['INVALID_OPTION']],
    [
      'refuses a secret that is not there',
      { validator: githubSignature({ secret: 'hooks.none' }) },
      ['INVALID_CONFIG'],
    ],
    ['refuses a short secret', { validator: staticToken({ header: 'a', secret: 'hooks.short' }) }, ['INVALID_CONFIG']],
    [
      'refuses a secret of somebody else',
      { validator: githubSignature({ secret: 'hooks-x.secret' }) },
      ['FOREIGN_CONFIG'],
    ],
    [
      'refuses a secret in the place of its key',
      { validator: githubSignature({ secret: 'S3cr3t-Wh1ch_Is_Long' }) },
      ['INVALID_OPTION'],
    ],
    [
      'refuses a key that the environment was to say',
      { validator: githubSignature({ secret: undefined as never }) },
      ['INVALID_OPTION'],
    ],
    [
      'refuses a signature that any body fits',
      { validator: { ...githubSignature({ secret: 'hooks.secret' }), signed: 'x' } },
      ['INVALID_OPTION'],
    ],
    [
      'refuses a time that nobody signs',
      { validator: { ...githubSignature({ secret: 'hooks.secret' }), timestamp: 'x-time' } },
      ['INVALID_OPTION'],
    ],
    ['refuses a delivery that is known by nothing', { once: {} }, ['INVALID_OPTION']],
    ['refuses headers that are none', { headers: ['a b'] }, ['INVALID_OPTION']],
    ['refuses a body of no size', { maxBodySize: 0 }, ['INVALID_OPTION']],
    ['refuses what is no topic', { topic: {} }, ['INVALID_OPTION']],
  ] as const) {
    it(what, async () => {
      expect(await problemsOf(options)).to.deep.equal(codes);
    });
  }

  it('knows its path as that of any other route', async () => {
    expect(await problemsOf({}, '/taken')).to.deep.equal(['COLLIDING_ROUTE']);
    expect(await problemsOf({}, 'in')).to.deep.equal(['INVALID_ROUTE']);
    expect(await problemsOf({}, '/.backplane/in')).to.deep.equal(['INVALID_ROUTE']);
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
