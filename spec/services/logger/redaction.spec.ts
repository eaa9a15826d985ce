import { expect } from 'chai';
import { loggerFixture, type LoggerFixtureOptions } from './logger-fixture.js';

const canary = 'c4nary/Pa$$ "word"+';
const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyOmRlZmF1bHQvbWUifQ.c2lnbmF0dXJl';

/** What one line of the log looks like. */
async function logged(message: string, meta?: object, options: LoggerFixtureOptions = {}): Promise<string> {
  const { logger, output } = await loggerFixture({ secrets: [canary], ...options });
  logger.info(message, meta as never);
  return output.text;
}

describe('redaction of the log', () => {
  const forms: [string, string][] = [
    ['as it is', canary],
    ['JSON-escaped', JSON.stringify({ canary })],
    ['JSON-escaped twice', JSON.stringify(JSON.stringify({ canary }))],
    ['URL-encoded', encodeURIComponent(canary)],
    ['URL-encoded in lower case', encodeURIComponent(canary).replace(/%../g, code => code.toLowerCase())],
    ['as a form field', new URLSearchParams({ canary }).toString()],
    ['base64', Buffer.from(canary).toString('base64')],
    ['base64url', Buffer.from(canary).toString('base64url')],
    ['base64 of a text around it, by one', Buffer.from(`a${canary}b`).toString('base64')],
    ['base64 of a text around it, by two', Buffer.from(`me${canary}`).toString('base64')],
  ];
  for (const [form, text] of forms) {
    it(`hides a secret ${form}`, async () => {
      const line = await logged(`before ${text} after`, { field: text, list: [{ deep: text }] });

      expect(line).to.contain('before ').and.contain(' after').and.contain('***');
      expect(line).not.to.contain(text);
      expect(line).not.to.contain(text.slice(4, -6));
    });
  }

  it('hides a secret in the message, stack and cause of an error', async () => {
    const error = new Error(`failed for ${canary}`, { cause: new Error(`postgres said ${canary}`) });

    const line = await logged('no', error);

    expect(line).not.to.contain('c4nary');
    expect(line).to.contain('failed for ***').and.contain('postgres said ***');
  });

  it('hides a secret in the name of a field', async () => {
    expect(await logged('x', { 'c4nary/Pa$$ "word"+': 1 })).not.to.contain('c4nary');
  });

  it('hides a number that is a secret', async () => {
    expect(await logged('x', { pin: 918273 }, { secrets: ['918273'] })).to.contain('"pin":"***"');
  });

  it('hides a secret that a longer text is cut in', async () => {
    const line = await logged(`${'.'.repeat(32 * 1024 - 8)}${canary}`);

    expect(line).not.to.contain('c4nar');
  });

  it('hides all of two secrets that overlap', async () => {
    const line = await logged('xabcd-fghijkl', undefined, { secrets: ['abcd-fgh', '-fghijkl'] });

    expect(line).to.contain('"message":"x***"');
  });

  it('hides all of a secret that has another one within', async () => {
    const line = await logged('12345678-abcd', undefined, { secrets: ['12345678-abcd', '34567'] });

    expect(line).to.contain('"message":"***"');
  });

  it('hides secrets that a reload brought, in loggers that exist, and keeps hiding the old ones', async () => {
    const { logger, secrets, output } = await loggerFixture({ secrets: ['old-secret'] });
    const child = logger.child({ bound: 'new-secret' });

    secrets.replace(['new-secret']);
    child.info('old-secret new-secret');

    expect(output.text).to.contain('"bound":"***"').and.contain('"message":"*** ***"');
  });

  it('leaves the names of its own fields alone, whatever the secrets are', async () => {
    const secrets = ['level', 'message', 'plugin', 'service', 'error', 'stack'];
    const { logger, last } = await loggerFixture({
      secrets,
      config: { backend: { logger: { meta: { service: 'a' } } } },
    });

    logger.child({ plugin: 'catalog' }).error('hello', new Error('oh'));

    expect(last()).to.include({ level: 'error', service: 'a', plugin: 'catalog', message: 'hello' });
    expect(last()['error']).to.include.keys('message', 'stack');
  });

  it('leaves the plugin and backend.logger.meta alone where a password is an ordinary word', async () => {
    const config = { backend: { logger: { meta: { service: 'backplane' } } } };
    const { logger, secrets, last } = await loggerFixture({ secrets: ['backplane', 'catalog'], config });
    const child = logger.child({ plugin: 'catalog' });

    secrets.replace(['something-else']);
    child.info('backplane', { user: 'catalog' });

    expect(last()).to.include({ service: 'backplane', plugin: 'catalog', message: '***', user: '***' });
  });

  it('does not maim words that contain an ordinary word', async () => {
    const line = await logged('administrator admin, admin_1', undefined, { secrets: ['admin'] });

    expect(line).to.contain('"message":"administrator ***, ***_1"');
  });

  it('does not hide secrets shorter than five characters', async () => {
    expect(await logged('a true story', undefined, { secrets: ['true', 'a', ''] })).to.contain('a true story');
  });

  describe('by form', () => {
    const cases: [what: string, text: string, hides: string, keeps: string][] = [
      ['a JWT', `token ${token} was refused`, 'eyJ', 'was refused'],
      ['an Authorization header', 'got Authorization: Digest user="me", nonce=1\nHost: x', 'Digest', 'Host: x'],
      ['a Cookie header', 'cookie: a=1; b=2\r\nhost: x', 'b=2', 'host: x'],
      ['a Set-Cookie header', 'set-cookie: id=abcd; Path=/', 'abcd', 'set-cookie'],
      ['headers in JSON text', '{"authorization":"Bearer abc.d","host":"x"}', 'abc.d', '"host":"x"'],
      ['a bearer token', 'sent Bearer 0123abcdef to x', '0123abcdef', 'to x'],
      ['basic credentials', 'sent basic dXNlcjpwYXNz= to x', 'dXNlcjpwYXNz', 'to x'],
      ['the password of a URL', 'connect postgres://app:hunter@db:5432/x failed', 'hunter', '@db:5432/x failed'],
      ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- end', 'abc', ' end'],
    ];
    for (const [what, text, hides, keeps] of cases) {
      it(`hides ${what}`, async () => {
        const { logger, last } = await loggerFixture();

        logger.info(text, { text });

        for (const shown of [last().message, last()['text']]) {
          expect(shown).to.contain('***').and.contain(keeps);
          expect(shown).not.to.contain(hides);
        }
      });
    }

    it('hides what fields for credentials hold', async () => {
      const { logger, last } = await loggerFixture();
      const headers = { authorization: 'x', Cookie: 'a', 'set-cookie': ['a', 'b'], host: 'h' };

      logger.info('request', { headers, password: 'p', apiKey: 5, token: null, secret: false });

      expect(last()['headers']).to.deep.equal({
        authorization: '***',
        Cookie: '***',
        'set-cookie': '***',
        host: 'h',
      });
      expect(last()).to.include({ password: '***', apiKey: '***', token: null, secret: false });
    });

    it('hides the values of raw headers and of header maps', async () => {
      const { logger, last } = await loggerFixture();

      logger.info('x', { raw: ['Host', 'h', 'Authorization', 'a'], map: new Map([['password', 'c']]) });

      expect(last()['raw']).to.deep.equal(['Host', 'h', 'Authorization', '***']);
      expect(last()['map']).to.deep.equal([['password', '***']]);
    });

    it('leaves lists of names alone', async () => {
      const { logger, last } = await loggerFixture();

      logger.info('x', { fields: ['id', 'token', 'user'] });

      expect(last()['fields']).to.deep.equal(['id', 'token', 'user']);
    });

    it('hides the parameters of a failed query', async () => {
      const error = Object.assign(new Error('query failed'), { query: 'SELECT $1', parameters: ['personal'] });

      expect(await logged('x', error))
        .to.contain('SELECT $1')
        .and.not.contain('personal');
    });

    it('leaves ordinary sentences alone', async () => {
      const text = 'Basic checks passed; bearer of news at http://localhost:7007/@scope/x; 12:30 me@example.org';

      expect(await logged(text)).to.contain(text);
    });
  });

  for (const [what, text] of [
    ['starts of tokens', 'eyJ'.repeat(20_000)],
    ['dotted starts of tokens', 'eyJ.'.repeat(15_000)],
    ['starts of private keys', '-----BEGIN PRIVATE KEY-----'.repeat(2_000)],
    ['schemes', '://a:'.repeat(12_000)],
    ['cookies', 'cookie '.repeat(8_000)],
    ['bearers', 'bearer '.repeat(8_000)],
  ] as const) {
    it(`takes no more than linear time for ${what}`, async () => {
      const { logger } = await loggerFixture();
      logger.info(text);
      const start = performance.now();

      logger.info(text);

      expect(performance.now() - start).to.be.below(100);
    });
  }
});
