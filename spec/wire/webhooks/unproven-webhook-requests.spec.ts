import { expect } from 'chai';
import { hmacSignature, slackSignature, staticToken } from '../../../lib/index.js';
import { body, github, hmacOf, now, secret, WebhookFixture, type HookOptions } from './webhook-fixture.js';

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
