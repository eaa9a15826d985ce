import type { AnnotatedMethod, TakeOut } from '../../api/annotated-method.js';
import type { Viewer } from '../../api/plugin-view.js';
import {
  RootHealthService,
  withoutErrors,
  type HealthContribution,
  type HealthReport,
  type PluginHealth,
} from '../../api/root-health-service.js';
import { BackplaneError } from '../../errors/backplane-error.js';

/** What one plugin is given of the health service: it adds checks of its own, and reads its own failures only. */
export class HealthView extends RootHealthService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #health: RootHealthService;
  readonly #viewer: Viewer;

  constructor(health: RootHealthService, viewer: Viewer) {
    super();
    this.#health = health;
    this.#viewer = viewer;
    Object.freeze(this);
  }

  override getLiveness(): Promise<HealthReport> {
    return this.#health.getLiveness();
  }

  override getReadiness(): Promise<HealthReport> {
    return this.#health.getReadiness();
  }

  override async getPlugins(): Promise<readonly PluginHealth[]> {
    const plugins = await this.#health.getPlugins();
    return plugins.map(plugin => (plugin.pluginId === this.#viewer.pluginId ? plugin : withoutErrors(plugin)));
  }

  override addCheck(contribution: HealthContribution): void {
    this.#refuseForeign(contribution.pluginId);
    this.#health.addCheck(contribution);
  }

  override addMethod(method: AnnotatedMethod): TakeOut | void {
    this.#refuseForeign(method.pluginId);
    return this.#health.addMethod(method);
  }

  #refuseForeign(pluginId: string): void {
    const { pluginId: own } = this.#viewer;
    if (pluginId === own) return;
    throw new BackplaneError({
      code: 'FOREIGN_HEALTH_CHECK',
      message: `Plugin '${own}' cannot add a health check to plugin '${pluginId}'`,
      path: [`in plugin '${own}'`],
      fix: `add it with pluginId '${own}'.`,
    });
  }
}
