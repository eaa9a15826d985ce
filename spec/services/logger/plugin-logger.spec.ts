import { expect } from 'chai';
import { PluginMetadataService } from '../../../lib/api/metadata-services.js';
import { PluginLogger } from '../../../lib/services/logger/plugin-logger.js';
import { loggerFixture } from './logger-fixture.js';

class Catalog extends PluginMetadataService {
  getId(): string {
    return 'catalog';
  }
}

describe('PluginLogger', () => {
  it('names the plugin in every line', async () => {
    const { logger, lines } = await loggerFixture({ environment: { LOG_LEVEL: 'debug' } });
    const log = new PluginLogger(logger, new Catalog());

    log.error('1');
    log.warn('2');
    log.info('3', { a: 1 });
    log.debug('4');
    log.child({ task: 'refresh' }).info('5');

    expect(lines().map(line => line['plugin'])).to.deep.equal(Array(5).fill('catalog'));
    expect(lines().map(line => line.level)).to.deep.equal(['error', 'warn', 'info', 'debug', 'info']);
    expect(lines()[4]).to.include({ task: 'refresh' });
  });

  it('does not let the plugin log as another one', async () => {
    const { logger, last } = await loggerFixture();
    const log = new PluginLogger(logger, new Catalog());

    log.child({ plugin: 'search' }).info('x', { plugin: 'auth' });

    expect(last()).to.include({ plugin: 'catalog', plugin_: 'auth' });
  });
});
