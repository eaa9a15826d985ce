import type { HealthCheckOptions } from '../../../decorators/health-check.js';
import { Inject } from '../../../decorators/inject.js';
import { Service } from '../../../decorators/service.js';
import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import { runOnAccount } from '../../api/attribution.js';
import {
  BackendStatusService,
  type BackendPhase,
  type PluginPhase,
  type PluginStatus,
} from '../../api/backend-status-service.js';
import { RootLoggerService } from '../../api/logger-service.js';
import { pluginView, type PluginViewable, type Viewer } from '../../api/plugin-view.js';
import {
  RootHealthService,
  type HealthCheckResult,
  type HealthContribution,
  type HealthReport,
  type PluginHealth,
} from '../../api/root-health-service.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { ContributedCheck } from './contributed-check.js';
import { HealthView } from './health-view.js';

const unready: Record<Exclude<BackendPhase, 'ready'>, string> = {
  starting: 'The backend has not started yet',
  stopping: 'The backend is shutting down',
  stopped: 'The backend is shutting down',
};

const shown: Record<PluginPhase, PluginHealth['status']> = {
  waiting: 'starting',
  starting: 'starting',
  ready: 'ok',
  failed: 'error',
  stopping: 'stopped',
  stopped: 'stopped',
};

/** Health from the phases of the backend and of its plugins, and from the checks of the plugins that are ready. */
@Service({ implements: RootHealthService })
export class BackendHealth extends RootHealthService implements PluginViewable<RootHealthService> {
  readonly #status: BackendStatusService;
  readonly #logger: RootLoggerService;
  readonly #checks = new Map<string, ContributedCheck[]>();
  readonly #unsubscribe: () => void;

  constructor(
    @Inject(BackendStatusService) status: BackendStatusService,
    @Inject(RootLoggerService) logger: RootLoggerService,
  ) {
    super();
    this.#status = status;
    this.#logger = logger;
    this.#unsubscribe = status.subscribe(event => {
      if (event.type !== 'plugin-phase') return;
      // A plugin that is tried again brings its checks again.
      if (event.phase === 'failed' || event.phase === 'stopped') this.#checks.delete(event.pluginId);
    });
  }

  override getLiveness(): Promise<HealthReport> {
    return Promise.resolve({ status: 'ok' });
  }

  override async getReadiness(): Promise<HealthReport> {
    const checks = this.#status.plugins().flatMap(plugin => this.#checksOf(plugin));
    const deciding = checks.filter(({ contribution }) => contribution.affectsReadiness);
    const results = this.#status.phase === 'ready' ? await Promise.all(deciding.map(check => check.result())) : [];
    // The phase may have changed while the checks ran.
    const { phase } = this.#status;
    if (phase !== 'ready') return { status: 'error', message: unready[phase] };
    const failing = results.some(result => result.status === 'error');
    return failing ? { status: 'error', message: 'A health check fails' } : { status: 'ok' };
  }

  override getPlugins(): Promise<readonly PluginHealth[]> {
    return Promise.all(
      this.#status.plugins().map(async plugin => {
        const checks = await Promise.all(this.#checksOf(plugin).map(check => check.result()));
        return { pluginId: plugin.pluginId, status: statusOf(plugin, checks), checks };
      }),
    );
  }

  /** Throws `DUPLICATE_HEALTH_CHECK` where the plugin has a check of that id. */
  override addCheck(contribution: HealthContribution): void {
    const { pluginId, id } = contribution;
    const checks = this.#checks.get(pluginId) ?? [];
    if (checks.some(check => check.contribution.id === id)) throw duplicate(pluginId, id);
    const account = Object.freeze({ backend: this.#status, pluginId });
    const run = () => runOnAccount(account, () => contribution.check());
    this.#checks.set(pluginId, [...checks, new ContributedCheck(contribution, run, this.#tellChange)]);
  }

  override addMethod({ pluginId, name, options, call }: AnnotatedMethod): TakeOut {
    const {
      id = name.slice(name.lastIndexOf('.') + 1),
      affectsReadiness = true,
      timeout = 1_000,
    } = options as HealthCheckOptions;
    const contribution = { pluginId, id, affectsReadiness, timeout, check: () => call() };
    this.addCheck(contribution);
    return () => {
      const checks = this.#checks.get(pluginId) ?? [];
      this.#checks.set(
        pluginId,
        checks.filter(check => check.contribution !== contribution),
      );
    };
  }

  [pluginView](viewer: Viewer): RootHealthService {
    return new HealthView(this, viewer);
  }

  [Symbol.dispose](): void {
    this.#unsubscribe();
  }

  /** None of a plugin that is not ready: it is not there, or is being taken down, and would only seem to fail. */
  #checksOf({ pluginId, phase }: PluginStatus): readonly ContributedCheck[] {
    return phase === 'ready' ? (this.#checks.get(pluginId) ?? []) : [];
  }

  readonly #tellChange = ({ contribution: { pluginId, id } }: ContributedCheck, failure: unknown): void => {
    if (failure === undefined) this.#logger.info('A health check succeeds again', { plugin: pluginId, check: id });
    else this.#logger.warn('A health check fails', { plugin: pluginId, check: id, error: failure });
  };
}

function statusOf({ phase }: PluginStatus, checks: readonly HealthCheckResult[]): PluginHealth['status'] {
  return phase === 'ready' && checks.some(check => check.status === 'error') ? 'error' : shown[phase];
}

function duplicate(pluginId: string, id: string): BackplaneError {
  return new BackplaneError({
    code: 'DUPLICATE_HEALTH_CHECK',
    message: `Plugin '${pluginId}' has two health checks '${id}'`,
    path: [`in plugin '${pluginId}'`],
    fix: `give one of them another id, as in @HealthCheck({ id: '${id}-2' }).`,
  });
}
