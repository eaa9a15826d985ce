import { expect } from 'chai';
import { currentAccount } from '../../../lib/api/attribution.js';
import { pluginView } from '../../../lib/api/plugin-view.js';
import type { HealthContribution } from '../../../lib/api/root-health-service.js';
import { BackendStatus } from '../../../lib/backend/backend-status.js';
import type { BackplaneError } from '../../../lib/errors/backplane-error.js';
import { BackendHealth } from '../../../lib/services/health/backend-health.js';
import { MockLogger } from '../../../lib/testing/mock-logger.js';
import { pause } from '../../../lib/util/pause.js';

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as BackplaneError).code;
  }
};

describe('BackendHealth', () => {
  let status: BackendStatus;
  let logger: MockLogger;
  let health: BackendHealth;

  const contribute = (check: () => unknown, options: Partial<HealthContribution> = {}) =>
    health.addCheck({ pluginId: 'catalog', id: 'database', affectsReadiness: true, timeout: 100, check, ...options });

  const fail = () => {
    throw new Error('CANARY');
  };

  beforeEach(() => {
    status = new BackendStatus();
    logger = new MockLogger();
    health = new BackendHealth(status, logger);
    status.enter('ready');
    status.enterPlugin('catalog', 'ready');
  });

  describe('liveness', () => {
    it('depends on nothing', async () => {
      contribute(fail);
      status.enterPlugin('other', 'failed');

      for (const phase of ['starting', 'ready', 'stopping', 'stopped'] as const) {
        status.enter(phase);
        expect(await health.getLiveness()).to.deep.equal({ status: 'ok' });
      }
    });
  });

  describe('readiness', () => {
    const phases = [
      ['starting', { status: 'error', message: 'The backend has not started yet' }],
      ['ready', { status: 'ok' }],
      ['stopping', { status: 'error', message: 'The backend is shutting down' }],
      ['stopped', { status: 'error', message: 'The backend is shutting down' }],
    ] as const;
    for (const [phase, report] of phases) {
      it(`is ${report.status} while the backend is ${phase}`, async () => {
        status.enter(phase);

        expect(await health.getReadiness()).to.deep.equal(report);
      });
    }

    it('is lost with a check that fails, and does not say why', async () => {
      contribute(fail);

      expect(await health.getReadiness()).to.deep.equal({ status: 'error', message: 'A health check fails' });
    });

    it('is lost with a check that rejects, that rejects with nothing, or that takes too long', async () => {
      for (const check of [
        () => Promise.reject(new Error('no')),
        () => Promise.reject(undefined),
        () => new Promise(() => {}),
      ]) {
        health = new BackendHealth(status, logger);
        contribute(check, { timeout: 20 });
        expect((await health.getReadiness()).status).to.equal('error');
      }
    });

    it('is kept with a check that does not decide it', async () => {
      contribute(fail, { affectsReadiness: false });

      expect(await health.getReadiness()).to.deep.equal({ status: 'ok' });
    });

    it('R2: is kept when a plugin has failed that may fail', async () => {
      contribute(fail);

      status.enterPlugin('catalog', 'failed');

      expect(await health.getReadiness()).to.deep.equal({ status: 'ok' });
    });

    it('does not depend on a plugin that starts again, which is only half there', async () => {
      status.enterPlugin('catalog', 'starting');

      contribute(fail);

      expect(await health.getReadiness()).to.deep.equal({ status: 'ok' });
      expect((await health.getPlugins())[0]).to.deep.equal({ pluginId: 'catalog', status: 'starting', checks: [] });
    });

    it('is lost at once when the backend stops, whatever was found before', async () => {
      contribute(() => {});
      await health.getReadiness();

      status.enter('stopping');

      expect((await health.getReadiness()).status).to.equal('error');
    });

    it('is lost when the backend stops while a check runs', async () => {
      contribute(() => pause(30));
      const asked = health.getReadiness();

      status.enter('stopping');

      expect((await asked).message).to.equal('The backend is shutting down');
    });

    it('costs one run of a check, however many ask, for up to a second', async () => {
      let runs = 0;
      contribute(() => pause(20).then(() => ++runs));

      const reports = await Promise.all(Array.from({ length: 100 }, () => health.getReadiness()));
      await health.getReadiness();
      expect(runs).to.equal(1);
      expect(reports.filter(report => report.status !== 'ok')).to.deep.equal([]);
      await pause(1_050);
      await health.getReadiness();

      expect(runs).to.equal(2);
    });

    it('does not begin a check again that has not ended', async () => {
      let runs = 0;
      contribute(() => (runs++, new Promise(() => {})), { timeout: 500 });

      await health.getReadiness();
      await pause(1_050);
      const again = await health.getReadiness();

      expect(runs).to.equal(1);
      expect(again.status).to.equal('error');
    });

    it('begins a check again that did not end, when it has had its time ten times over', async () => {
      let runs = 0;
      contribute(() => (++runs === 1 ? new Promise(() => {}) : undefined), { timeout: 20 });

      const first = await health.getReadiness();
      await pause(1_050);
      const second = await health.getReadiness();

      expect([first.status, second.status]).to.deep.equal(['error', 'ok']);
    });
  });

  describe('checks', () => {
    it('are told in the log when they begin to fail and when they succeed again, once each', async () => {
      let failing = true;
      contribute(() => (failing ? fail() : undefined));

      await health.getReadiness();
      await health.getReadiness();
      failing = false;
      await pause(1_050);
      await health.getReadiness();

      expect(logger.entries.map(({ level, message }) => `${level}: ${message}`)).to.deep.equal([
        'warn: A health check fails',
        'info: A health check succeeds again',
      ]);
      expect(logger.entries[0]!.meta).to.deep.include({ plugin: 'catalog', check: 'database' });
      expect(logger.entries[0]!.meta['error']).to.have.property('message', 'CANARY');
    });

    it('run on the account of their plugin', async () => {
      let pluginId: string | undefined;
      contribute(() => (pluginId = currentAccount()?.pluginId));

      await health.getReadiness();

      expect(pluginId).to.equal('catalog');
    });

    it('come from methods, with the name of the method as id', async () => {
      const self = { ok: false, database: () => Promise.reject(new Error('gone')) };
      health.addMethod({
        pluginId: 'catalog', name: 'CatalogPlugin.database', decorator: 'HealthCheck', options: {}, place: undefined,
        middleware: [], call: () => self.database(),
      }); // prettier-ignore

      const [plugin] = await health.getPlugins();

      expect(plugin!.checks[0]).to.include({ id: 'database', status: 'error', error: 'gone' });
      expect((await health.getReadiness()).status).to.equal('error');
    });

    it('take the options of the decorator', async () => {
      health.addMethod({
        pluginId: 'catalog', name: 'CatalogPlugin.database', decorator: 'HealthCheck', place: undefined, middleware: [],
        options: { id: 'db', affectsReadiness: false, timeout: 10 }, call: () => new Promise(() => {}),
      }); // prettier-ignore

      const [plugin] = await health.getPlugins();

      expect(plugin!.checks[0]).to.include({ id: 'db', status: 'error', error: 'not done after 10 ms' });
      expect((await health.getReadiness()).status).to.equal('ok');
    });

    it('have ids of their own within a plugin', () => {
      contribute(() => {});

      expect(codeOf(() => contribute(() => {}))).to.equal('DUPLICATE_HEALTH_CHECK');
      expect(codeOf(() => contribute(() => {}, { pluginId: 'other' }))).to.equal(undefined);
    });

    it('go with the plugin, which brings them again when it starts again', async () => {
      contribute(fail);
      status.enterPlugin('catalog', 'failed');

      status.enterPlugin('catalog', 'ready');

      expect((await health.getReadiness()).status).to.equal('ok');
      expect(codeOf(() => contribute(() => {}))).to.equal(undefined);
    });

    it('that throw something hostile still fail', async () => {
      const refuse = (): never => {
        throw new Error('trap');
      };
      contribute(() => Promise.reject(new Proxy({}, { get: refuse, getPrototypeOf: refuse })));

      const [plugin] = await health.getPlugins();

      expect(plugin!.checks[0]!.status).to.equal('error');
    });
  });

  describe('plugins', () => {
    it('are shown with their phase and their checks', async () => {
      for (const phase of ['waiting', 'starting', 'ready', 'failed', 'stopping', 'stopped'] as const)
        status.enterPlugin(phase, phase);
      contribute(fail, { affectsReadiness: false });

      const plugins = await health.getPlugins();

      expect(Object.fromEntries(plugins.map(({ pluginId, status: shown }) => [pluginId, shown]))).to.deep.equal({
        catalog: 'error',
        waiting: 'starting',
        starting: 'starting',
        ready: 'ok',
        failed: 'error',
        stopping: 'stopped',
        stopped: 'stopped',
      });
      expect(plugins[0]!.checks[0]).to.include({ id: 'database', status: 'error', error: 'CANARY' });
    });

    it('see their own failures and not those of others', async () => {
      contribute(fail);
      const seenBy = async (pluginId: string) => {
        const [plugin] = await health[pluginView]({ pluginId, configKeys: [] }).getPlugins();
        return plugin!.checks[0]!.error;
      };

      expect(await seenBy('catalog')).to.equal('CANARY');
      expect(await seenBy('search')).to.equal(undefined);
    });

    it('add checks of their own and not those of others', () => {
      const view = health[pluginView]({ pluginId: 'search', configKeys: [] });
      const check = { id: 'x', affectsReadiness: true, timeout: 1, check: () => {} };

      expect(codeOf(() => view.addCheck({ pluginId: 'catalog', ...check }))).to.equal('FOREIGN_HEALTH_CHECK');
      expect(codeOf(() => view.addCheck({ pluginId: 'search', ...check }))).to.equal(undefined);
    });
  });
});
