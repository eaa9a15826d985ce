import type { Token } from '../../decorators/tokens.js';
import { BackendStatusService } from '../api/backend-status-service.js';
import { RootConfigService } from '../api/config-service.js';
import { DeclaredTables, type OwnedTables } from '../api/declared-tables.js';
import { LifecycleService, RootLifecycleService } from '../api/lifecycle-service.js';
import {
  type InstalledPlugin,
  type Mode,
  PluginMetadataService,
  RootInstanceMetadataService,
} from '../api/metadata-services.js';
import { partsOf } from '../plan/catalogue.js';
import type { Plan, PluginPlan } from '../plan/plan.js';

/** The services that the backend itself provides. */
export const builtInTokens: readonly Token[] = [
  BackendStatusService,
  RootConfigService,
  RootInstanceMetadataService,
  RootLifecycleService,
  LifecycleService,
  PluginMetadataService,
  DeclaredTables,
];

/** Those of them that nobody may replace. */
export const fixedServices: ReadonlySet<string> = new Set([
  'core.backend-status',
  'core.root-instance-metadata',
  'core.plugin-metadata',
  'core.declared-tables',
]);

export class PluginMetadata extends PluginMetadataService {
  static {
    Object.freeze(this.prototype);
  }

  readonly #pluginId: string;

  constructor(pluginId: string) {
    super();
    this.#pluginId = pluginId;
    Object.freeze(this);
  }

  override getId(): string {
    return this.#pluginId;
  }
}

export class PlannedTables extends DeclaredTables {
  static {
    Object.freeze(this.prototype);
  }

  readonly owners: readonly OwnedTables[];

  constructor({ plugin, modules }: PluginPlan) {
    super();
    const owners = [plugin, ...modules].map(({ owner, record }) => {
      const { entities = [], migrations = [] } = partsOf(record);
      return Object.freeze({
        ...('moduleId' in owner && { moduleId: owner.moduleId }),
        entities: Object.freeze([...entities]),
        migrations: Object.freeze([...migrations]),
      });
    });
    this.owners = Object.freeze(owners);
    Object.freeze(this);
  }
}

export class RootInstanceMetadata extends RootInstanceMetadataService {
  readonly #mode: Mode;
  readonly #root: string;
  readonly #installed: () => readonly InstalledPlugin[];

  constructor(mode: Mode, root: string, installed: () => readonly InstalledPlugin[] = () => []) {
    super();
    this.#mode = mode;
    this.#root = root;
    this.#installed = installed;
  }

  override get mode(): Mode {
    return this.#mode;
  }

  override get root(): string {
    return this.#root;
  }

  /** Until the plan is made nobody knows what is installed; feature loaders see an empty list. */
  override getInstalledPlugins(): readonly InstalledPlugin[] {
    return this.#installed();
  }
}

/** What is installed, frozen in all its depth. */
export function installedIn({ plugins }: Plan): readonly InstalledPlugin[] {
  const installed = plugins.map(({ pluginId, modules }) => {
    const ids = modules.flatMap(({ owner }) => ('moduleId' in owner ? [owner.moduleId] : []));
    return Object.freeze({ pluginId, modules: Object.freeze(ids.map(moduleId => Object.freeze({ moduleId }))) });
  });
  return Object.freeze(installed);
}
