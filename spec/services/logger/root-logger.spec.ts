import { expect } from 'chai';
import { ConfigError } from '../../../lib/errors/config-error.js';
import { loggerFixture } from './logger-fixture.js';

describe('RootLogger', () => {
  it('writes a JSON line with level, time in UTC, fields and message', async () => {
    const { logger, last } = await loggerFixture();

    logger.info('hello', { answer: 42 });

    expect(last()).to.include({ level: 'info', message: 'hello', answer: 42 });
    expect(last().time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('writes JSON lines in test mode too', async () => {
    const { logger, last } = await loggerFixture({ mode: 'test' });

    logger.warn('careful');

    expect(last()).to.include({ level: 'warn', message: 'careful' });
  });

  it('puts backend.logger.meta on every line', async () => {
    const { logger, last } = await loggerFixture({ config: { backend: { logger: { meta: { service: 'shop' } } } } });

    logger.child({ part: 'a' }).error('oh');

    expect(last()).to.include({ service: 'shop', part: 'a', level: 'error' });
  });

  it('writes a field once where a child or a line says it again', async () => {
    const { logger, output, last } = await loggerFixture();

    logger.child({ step: 1 }).child({ step: 2 }).info('x', { step: 3 });

    expect(output.text.match(/"step"/g)).to.have.length(1);
    expect(last()['step']).to.equal(3);
  });

  it('renames fields that would forge the level, the time, the message or the plugin', async () => {
    const { logger, last } = await loggerFixture();
    const forged = { level: 'debug', time: 0, message: 'no', plugin: 'other' };

    logger.child({ plugin: 'mine' }).info('yes', forged);

    expect(last()).to.include({ level: 'info', message: 'yes', plugin: 'mine' });
    expect(last()).to.include({ level_: 'debug', time_: 0, message_: 'no', plugin_: 'other' });
  });

  it('writes the stack, the code and the causes of an error', async () => {
    const { logger, last } = await loggerFixture();
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

    logger.error('it failed', new Error('no database', { cause }));

    const error = last()['error'] as Record<string, unknown>;
    expect(error['message']).to.equal('no database');
    expect(error['stack']).to.contain('root-logger.spec');
    expect(error['cause']).to.include({ name: 'Error', message: 'refused', code: 'ECONNREFUSED' });
  });

  it('writes every error of an AggregateError', async () => {
    const { logger, last } = await loggerFixture();

    logger.error('several', { failure: new AggregateError([new Error('one'), 'two'], 'both') });

    const failure = last()['failure'] as { errors: [{ message: string }, string] };
    expect(failure.errors[0].message).to.equal('one');
    expect(failure.errors[1]).to.equal('two');
  });

  it('logs an error that is passed as the message', async () => {
    const { logger, last } = await loggerFixture();

    logger.error(new Error('directly') as never);

    expect(last().message).to.equal('directly');
    expect(last()['error']).to.have.property('stack');
  });

  describe('level', () => {
    it('is info', async () => {
      const { logger, lines } = await loggerFixture();

      logger.debug('no');
      logger.info('yes');

      expect(lines()).to.have.length(1);
    });

    it('is what backend.logger.level says', async () => {
      const { logger, lines } = await loggerFixture({ config: { backend: { logger: { level: 'error' } } } });

      logger.warn('no');
      logger.error('yes');

      expect(lines()).to.have.length(1);
    });

    it('is first of all what LOG_LEVEL says', async () => {
      const config = { backend: { logger: { level: 'error' } } };
      const { logger, lines } = await loggerFixture({ config, environment: { LOG_LEVEL: 'DEBUG' } });

      logger.debug('yes');

      expect(lines()).to.have.length(1);
    });

    it('follows the configuration', async () => {
      const { logger, lines, config } = await loggerFixture();

      config.replace({ backend: { logger: { level: 'debug' } } });
      logger.debug('yes');

      expect(lines()).to.have.length(1);
    });

    it('stays, and says so, when the configuration becomes invalid', async () => {
      const { logger, last, config } = await loggerFixture();

      config.replace({ backend: { logger: { level: 'loud' } } });

      expect(last()).to.include({ level: 'error' });
      expect(last()['error']).to.include({ code: 'INVALID_LOG_LEVEL' });
      logger.info('still here');
      expect(last().message).to.equal('still here');
    });

    it('is refused with its place where it is no level', async () => {
      const failure: unknown = await loggerFixture({ config: { backend: { logger: { level: 'loud' } } } }).catch(
        (error: unknown) => error,
      );

      expect(failure).to.be.instanceOf(ConfigError).with.property('code', 'INVALID_LOG_LEVEL');
      expect((failure as ConfigError).message).to.contain('app-config.yaml:backend.logger.level');
    });

    it('is refused with its variable where LOG_LEVEL is no level', async () => {
      const failure: unknown = await loggerFixture({ environment: { LOG_LEVEL: 'loud' } }).catch(
        (error: unknown) => error,
      );

      expect((failure as ConfigError).message).to.contain('environment LOG_LEVEL');
    });
  });

  describe('disposal', () => {
    it('ends the subscription to the configuration', async () => {
      const { logger, config } = await loggerFixture();

      await logger[Symbol.asyncDispose]();

      expect(config.listeners).to.equal(0);
    });

    it('still writes what comes later', async () => {
      const { logger, last } = await loggerFixture();

      await logger[Symbol.asyncDispose]();
      logger.info('late');

      expect(last().message).to.equal('late');
    });
  });
});
