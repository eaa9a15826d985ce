import { expect } from 'chai';
import {
  EventsService,
  hmacSignature,
  RootConfigService,
  slackSignature,
  staticToken,
  stripeSignature,
} from '../../../lib/index.js';
import { mockServices, override, TestBackend } from '../../../lib/testing/index.js';
import {
  accepted,
  body,
  codeOf,
  github,
  signedByGithub,
  hmacOf,
  now,
  hooksPlugin,
  KeptEvents,
  otherSecret,
  secret,
  WebhookFixture,
  type HookOptions,
} from './webhook-fixture.js';

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
