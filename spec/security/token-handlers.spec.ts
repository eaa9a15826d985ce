import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import type { Class } from '../../decorators/tokens.js';
import type { JsonObject, JsonValue } from '../../lib/api/config-service.js';
import { RootLoggerService } from '../../lib/api/logger-service.js';
import { BackendStartupError } from '../../lib/errors/backend-startup-error.js';
import { ForbiddenError, UnauthenticatedError } from '../../lib/errors/http-error.js';
import {
  AuthService,
  type Config,
  ExternalTokenHandler,
  HttpRouterService,
  Plugin,
  Post,
  Service,
} from '../../lib/index.js';
import { MockLogger, override } from '../../lib/testing/index.js';
import type { Answer } from '../services/http/http-fixture.js';
import { GuardedBackend, GuardedPlugin } from './guarded-backend.js';

type Verify = (token: string, signal: AbortSignal) => unknown;

/** A handler of tokens of type `ldap`, as somebody could write it who does not have TypeScript. */
function handling(verify: Verify, initialize: (options: Config) => unknown = () => 'context'): Class {
  @Service({ implements: ExternalTokenHandler })
  class LdapTokens extends ExternalTokenHandler {
    readonly type = 'ldap';

    override initialize(options: Config): unknown {
      return initialize(options);
    }

    override verifyToken(token: string, _context: unknown, signal: AbortSignal): never {
      return verify(token, signal) as never;
    }
  }
  return LdapTokens;
}

const ldap: JsonObject = { type: 'ldap', options: {} };
const logger = new MockLogger();

function backendWith(
  handler: Class,
  externalAccess: JsonValue[] = [ldap],
  rest: JsonObject = {},
  features: readonly Class[] = [],
) {
  logger.entries.length = 0;
  return GuardedBackend.start({
    features: [GuardedPlugin, handler, ...features],
    overrides: [override(RootLoggerService).withValue(logger)],
    config: { backend: { auth: { externalAccess }, ...rest } },
  });
}

function outcomeOf({ status, body }: Answer): unknown {
  return [status, (body as { error?: { code?: string } }).error?.code];
}

/** Everything that was logged as an error, as text. */
function logged(): string {
  return inspect(
    logger.entries.filter(({ level }) => level === 'error').map(({ meta }) => meta['error']),
    { depth: 10 },
  );
}

const hostile = (): object =>
  new Proxy(
    {},
    {
      get(_target, key) {
        if (key === 'then') return undefined;
        throw new Error('hostile');
      },
    },
  );

describe('A handler of external tokens', () => {
  const failing: Readonly<Record<string, Verify>> = {
    throws: () => {
      throw new TypeError('no directory');
    },
    rejects: () => Promise.reject(new Error('no directory')),
    'rejects with nothing': () => Promise.reject(undefined),
  };

  for (const [what, verify] of Object.entries(failing)) {
    it(`that ${what} lets nobody in; the caller may come again, and the log names it`, async () => {
      await using server = await backendWith(handling(verify));

      const answer = await server.get('/api/a/undeclared', 'token');

      expect(outcomeOf(answer)).to.deep.equal([503, 'token_check_unavailable']);
      expect(answer.headers['retry-after']).to.equal('1');
      expect(answer.text).to.not.match(/ldap|directory/);
      expect(logged())
        .to.include('TOKEN_HANDLER_FAILED')
        .and.include("tokens of type 'ldap'")
        .and.include('externalAccess[0]');
      if (what !== 'rejects with nothing') expect(logged()).to.include('no directory');
    });
  }

  for (const [what, error] of [
    ['UnauthenticatedError', new UnauthenticatedError('the account of ada is locked')],
    ['ForbiddenError', new ForbiddenError('the account of ada is locked')],
  ] as const) {
    it(`that throws ${what} has refused the token, and nobody else is asked`, async () => {
      await using server = await backendWith(
        handling(() => Promise.reject(error)),
        [ldap, ldap],
      );

      const answer = await server.get('/api/a/undeclared', 'token');

      expect(outcomeOf(answer)).to.deep.equal([401, 'illegal_token']);
      expect(answer.text).to.not.include('ada');
      expect(logged()).to.equal('[]');
    });
  }

  it('that never answers is given up after 5 s, and told so', async function () {
    this.timeout(20_000);
    const signals: AbortSignal[] = [];
    await using server = await backendWith(
      handling((_token, signal) => {
        signals.push(signal);
        return new Promise(() => {});
      }),
    );

    const answer = await server.get('/api/a/undeclared', 'token');

    expect(outcomeOf(answer)).to.deep.equal([503, 'token_check_unavailable']);
    expect(logged()).to.include("tokens of type 'ldap'").and.include('not done after 5000 ms');
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true]);
  });

  it('that knows the token when the request has been answered has nothing done any more', async () => {
    let know: (owner: object) => void = () => {};
    const done: string[] = [];
    @Plugin({ pluginId: 'b' })
    class ChangingPlugin {
      constructor(router: HttpRouterService) {
        router.use('/used', () => void done.push('used'));
      }

      @Post('/change')
      change(): void {
        done.push('change');
      }
    }
    const handler = handling(token =>
      token === 'good' ? { subject: 'ada' } : new Promise(resolve => (know = resolve)),
    );
    await using server = await backendWith(handler, [ldap], { server: { handlerTimeout: 100 } }, [ChangingPlugin]);

    for (const [path, token] of [
      ['change', 'one'],
      ['used', 'two'],
    ] as const) {
      expect(outcomeOf(await server.send('POST', `/api/b/${path}`, token))).to.deep.equal([503, 'handler_timeout']);
      know({ subject: 'late' });
    }
    expect((await server.send('POST', '/api/b/change', 'good')).status).to.equal(204);

    expect(done).to.deep.equal(['change']);
  });

  const unsound: Readonly<Record<string, () => unknown>> = {
    true: () => true,
    false: () => false,
    'a name': () => 'ada',
    'an object without a subject': () => ({}),
    'a subject that is a number': () => ({ subject: 5 }),
    'a subject that is an object with a text': () => ({ subject: { toString: () => 'ada' } }),
    'a list of subjects': () => ({ subject: ['ada'] }),
    'an empty subject': () => ({ subject: '' }),
    'a subject with a line in it': () => ({ subject: 'ada\nroot' }),
    'a subject with blanks': () => ({ subject: 'ada lovelace' }),
    'a subject that is too long': () => ({ subject: 'a'.repeat(201) }),
    'an end that is a number': () => ({ subject: 'ada', expiresAt: Date.now() + 60_000 }),
    'an end that is a text': () => ({ subject: 'ada', expiresAt: '2999-01-01' }),
    'an end that is null': () => ({ subject: 'ada', expiresAt: null }),
    'an end that is no time': () => ({ subject: 'ada', expiresAt: new Date('never') }),
    'an object that throws when it is read': hostile,
  };

  for (const [what, give] of Object.entries(unsound)) {
    it(`that gives ${what} lets nobody in; that is a fault, and the log names the handler`, async () => {
      await using server = await backendWith(handling(() => Promise.resolve(give())));

      const answer = await server.get('/api/a/undeclared', 'token');

      expect(outcomeOf(answer)).to.deep.equal([500, 'internal_server_error']);
      expect(logged()).to.include('INVALID_EXTERNAL_CALLER').and.include("tokens of type 'ldap'");
    });
  }

  for (const nothing of [undefined, null]) {
    it(`that gives ${nothing} does not know the token`, async () => {
      await using server = await backendWith(handling(() => nothing));

      expect(outcomeOf(await server.get('/api/a/undeclared', 'token'))).to.deep.equal([401, 'illegal_token']);
    });
  }

  for (const subject of ['plugin:a', 'plugin:b', 'user:default/ada', 'external:ci', '*']) {
    it(`that names '${subject}' names a program outside all the same`, async () => {
      await using server = await backendWith(
        handling(() => Promise.resolve({ subject, type: 'user', userEntityRef: subject })),
      );

      const { status, body } = await server.get('/api/a/services', 'token');

      expect(status).to.equal(200);
      expect((body as { principal: object }).principal).to.deep.equal({
        type: 'service',
        subject: `external:${subject}`,
      });
      expect((await server.get('/api/a/users', 'token')).status).to.equal(403);
    });
  }

  it('does not widen what the configuration restricts, nor narrow it', async () => {
    const give = { subject: 'ada', restrictions: undefined, accessRestrictions: [{ plugin: 'a' }] };
    const entry = (plugin: string) => ({ ...ldap, accessRestrictions: [{ plugin, permission: 'read' }] });
    await using elsewhere = await backendWith(
      handling(() => give),
      [entry('b')],
    );
    await using here = await backendWith(
      handling(() => give),
      [entry('a')],
    );

    expect(outcomeOf(await elsewhere.get('/api/a/undeclared', 'token'))).to.deep.equal([403, 'restricted_token']);
    expect((await here.get('/api/a/undeclared', 'token')).body).to.deep.nested.property(
      'principal.accessRestrictions',
      [{ plugin: 'a', permissions: ['read'] }],
    );
  });

  it('is asked once for a token that it knows, and every time for one that it does not', async () => {
    const asked: string[] = [];
    await using server = await backendWith(
      handling(token => {
        asked.push(token);
        return token === 'good' ? { subject: 'ada' } : undefined;
      }),
    );

    for (const token of ['good', 'bad', 'good', 'bad']) await server.get('/api/a/undeclared', token);

    expect(asked).to.deep.equal(['good', 'bad', 'bad']);
  });

  it('is asked again once the token has ended that it has said the end of, and the credentials end then', async () => {
    let end = Date.now() + 60_000;
    let asked = 0;
    await using server = await backendWith(
      handling(() => {
        asked++;
        return { subject: 'ada', expiresAt: new Date(end) };
      }),
    );
    const credentials = await server.backend.get(AuthService, { pluginId: 'a' }).authenticate('token');
    expect(credentials.expiresAt!.getTime()).to.equal(end);
    await server.get('/api/a/undeclared', 'token');
    expect(asked).to.equal(1);

    const { now } = Date;
    Date.now = () => now() + 61_000;
    try {
      expect((await server.get('/api/a/undeclared', 'token')).status).to.equal(401);
      end = Date.now() + 60_000;
      expect((await server.get('/api/a/undeclared', 'token')).status).to.equal(200);
    } finally {
      Date.now = now;
    }
    expect(asked).to.equal(3);
  });

  it('is not asked about a static token, nor about none', async () => {
    const token = randomBytes(32).toString('base64url');
    const asked: string[] = [];
    await using server = await backendWith(
      handling(given => {
        asked.push(given);
        throw new Error('no directory');
      }),
      [ldap, { type: 'static', options: { token, subject: 'ci' } }],
    );

    expect((await server.get('/api/a/undeclared', token)).status).to.equal(200);
    expect(outcomeOf(await server.get('/api/a/undeclared', ''))).to.deep.equal([401, 'illegal_token']);
    expect(asked).to.deep.equal([]);
  });

  const unable: Readonly<Record<string, () => unknown>> = {
    throws: () => {
      throw new TypeError('no certificate');
    },
    'has not read its options when it comes back': () => Promise.reject(new Error('no certificate')),
  };

  for (const [what, initialize] of Object.entries(unable)) {
    it(`whose initialize() ${what} keeps the backend from starting, by name`, async () => {
      const error = await startupError(handling(() => undefined, initialize));

      expect(error.problems.map(({ code }) => code)).to.deep.equal(['TOKEN_HANDLER_FAILED']);
      expect(error.message).to.include("tokens of type 'ldap'").and.include('externalAccess[0]');
    });
  }

  it('says in its own words which option is wrong', async () => {
    const error = await startupError(
      handling(
        () => undefined,
        options => options.getString('url'),
      ),
    );

    expect(error.problems.map(({ code }) => code)).to.deep.equal(['MISSING_CONFIG']);
    expect(error.message).to.include('url');
  });
});

async function startupError(handler: Class): Promise<BackendStartupError> {
  try {
    await (await backendWith(handler))[Symbol.asyncDispose]();
  } catch (error) {
    if (error instanceof BackendStartupError) return error;
    throw error;
  }
  throw new Error('it started');
}
