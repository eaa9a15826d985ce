import { expect } from 'chai';
import type { JsonObject, JsonValue } from '../../../lib/api/config-service.js';
import type { ConfigError } from '../../../lib/errors/config-error.js';
import { loggerFixture } from './logger-fixture.js';

const overrides = (...entries: JsonValue[]): JsonObject => ({ backend: { logger: { overrides: entries } } });

describe('backend.logger.overrides', () => {
  it('lets through more where a field of the logger matches', async () => {
    const config = overrides({ matchers: { plugin: 'catalog' }, level: 'debug' });
    const { logger, lines } = await loggerFixture({ config });

    logger.child({ plugin: 'catalog' }).debug('yes');
    logger.child({ plugin: 'search' }).debug('no');

    expect(lines().map(line => line.message)).to.deep.equal(['yes']);
  });

  it('lets through less where a field of the line matches', async () => {
    const config = overrides({ matchers: { type: 'incomingRequest', status: 200 }, level: 'warn' });
    const { logger, lines } = await loggerFixture({ config });

    logger.info('no', { type: 'incomingRequest', status: 200 });
    logger.info('yes', { type: 'incomingRequest', status: 500 });

    expect(lines().map(line => line.message)).to.deep.equal(['yes']);
  });

  it('takes expressions, arrays and the message', async () => {
    const config = overrides(
      { matchers: { plugin: ['search', '/^CAT/i'], message: '/cache/' }, level: 'debug' },
      { matchers: { plugin: '/./' }, level: 'silent' },
    );
    const { logger, lines } = await loggerFixture({ config });

    logger.child({ plugin: 'catalog' }).debug('the cache is cold');
    logger.child({ plugin: 'catalog' }).error('something else');

    expect(lines().map(line => line.message)).to.deep.equal(['the cache is cold']);
  });

  it('lets the first match decide', async () => {
    const config = overrides(
      { matchers: { plugin: 'catalog' }, level: 'error' },
      { matchers: { plugin: 'catalog' }, level: 'debug' },
    );
    const { logger, lines } = await loggerFixture({ config });

    logger.child({ plugin: 'catalog' }).warn('no');

    expect(lines()).to.have.length(0);
  });

  it('matches an expression with a g flag on every line', async () => {
    const { logger, lines } = await loggerFixture({ config: overrides({ matchers: { a: '/x/g' }, level: 'debug' }) });

    logger.debug('one', { a: 'x' });
    logger.debug('two', { a: 'x' });

    expect(lines()).to.have.length(2);
  });

  it('follows the configuration, for loggers that exist already', async () => {
    const { logger, lines, config } = await loggerFixture();
    const child = logger.child({ plugin: 'catalog' });

    config.replace(overrides({ matchers: { plugin: 'catalog' }, level: 'debug' }));
    child.debug('yes');

    expect(lines()).to.have.length(1);
  });

  it('survives a field whose getter throws', async () => {
    const { logger, lines } = await loggerFixture({ config: overrides({ matchers: { a: 'x' }, level: 'debug' }) });

    logger.info('x', {
      get a(): string {
        throw new Error('no');
      },
    });

    expect(lines()).to.have.length(1);
  });

  const invalid: [what: string, entry: JsonValue, code: string, place: string][] = [
    ['a level that is none', { matchers: { a: 1 }, level: 'loud' }, 'INVALID_LOG_LEVEL', 'overrides[1].level'],
    ['no level', { matchers: { a: 1 } }, 'INVALID_LOG_OVERRIDE', 'overrides[1].matchers'],
    ['no matchers', { level: 'info' }, 'INVALID_LOG_OVERRIDE', 'overrides[1].level'],
    ['empty matchers', { matchers: {}, level: 'info' }, 'INVALID_LOG_OVERRIDE', 'overrides[1].matchers'],
    ['a bad expression', { matchers: { a: '/(/' }, level: 'info' }, 'INVALID_LOG_OVERRIDE', 'overrides[1].matchers.a'],
    ['a matcher that is an object', { matchers: { a: {} }, level: 'info' }, 'INVALID_LOG_OVERRIDE', 'matchers.a'],
  ];
  for (const [what, entry, code, place] of invalid) {
    it(`is refused with index and place for ${what}`, async () => {
      const config = overrides({ matchers: { a: 1 }, level: 'info' }, entry);

      const failure = (await loggerFixture({ config }).catch((error: unknown) => error)) as ConfigError;

      expect(failure.code).to.equal(code);
      expect(failure.message).to.contain("'backend.logger.overrides[1]");
      expect(failure.message).to.contain(`(app-config.yaml:backend.logger.`).and.contain(`${place})`);
    });
  }
});
