import type { Class } from '../../decorators/tokens.js';
import { BackendContainers, type RootInstances } from '../container/containers.js';
import { ConstructionLog } from '../container/construction-log.js';
import { BackendStartupError } from '../errors/backend-startup-error.js';
import type { Problem } from '../errors/problem.js';
import type { Catalogue } from '../plan/catalogue.js';
import { at } from '../plan/declaration.js';
import type { ReadSection } from '../plan/graph-builder.js';
import { loadDefaults } from '../plan/load-defaults.js';
import type { Plan } from '../plan/plan.js';
import { planLoader } from '../plan/plan-loader.js';
import type { Recipe } from '../plan/unit.js';

/**
 * Makes feature loaders, and before them the root services they depend on.
 *
 * Those services are the ones the backend will use. So a feature that comes later must not replace one of them.
 */
export class LoaderStage implements RootInstances {
  readonly services = new Map<string, unknown>();
  readonly log = new ConstructionLog();
  readonly #recipes = new Map<string, { readonly recipe: Recipe; readonly loader: string }>();
  readonly #provided: ReadonlyMap<string, unknown>;
  readonly #readSection: ReadSection;

  readonly #importTimeout: number | undefined;

  constructor(provided: ReadonlyMap<string, unknown>, readSection: ReadSection, importTimeout: number | undefined) {
    this.#importTimeout = importTimeout;
    this.#provided = provided;
    this.#readSection = readSection;
  }

  async make(loader: Class, catalogue: Catalogue): Promise<{ load(): unknown }> {
    await loadDefaults(catalogue, { also: catalogue.reader.read(loader), importTimeout: this.#importTimeout });
    const plan = planLoader(catalogue, loader, this.#readSection);
    if (plan.problems.length > 0) throw new BackendStartupError(plan.problems);
    const containers = new BackendContainers(plan, this.#provided, this);
    const dependencies: unknown[] = [];
    for (const dependency of plan.dependencies) {
      if (!dependency.absent) await containers.root.ensure(dependency.key);
      dependencies.push(containers.root.lookup(dependency));
    }
    for (const { key, recipe } of plan.root.own()) {
      if (typeof key !== 'string' || !containers.root.has(key) || recipe.by === 'backend') continue;
      this.services.set(key, containers.root.get(key));
      this.#recipes.set(key, this.#recipes.get(key) ?? { recipe, loader: loader.name });
    }
    return new (loader as new (...args: unknown[]) => { load(): unknown })(...dependencies);
  }

  /** Services that were made for a loader and that a later feature implements differently. */
  problems({ root }: Plan): Problem[] {
    return [...this.#recipes].flatMap(([id, { recipe, loader }]) => {
      const unit = root.find(id);
      if (!unit || sameRecipe(unit.recipe, recipe)) return [];
      return [
        {
          code: 'LOADER_DEPENDENCY_OVERRIDDEN',
          message: `Feature loader ${loader} has used service '${id}', which a feature that came later replaces`,
          path: [`in feature loader ${loader}`, `-> service '${id}'${at(unit?.site)}`],
          fix: `name the implementation of '${id}' in features, so that it is known before any loader runs.`,
        },
      ];
    });
  }
}

function sameRecipe(a: Recipe, b: Recipe): boolean {
  return (
    a.by === b.by && 'target' in a === 'target' in b && (!('target' in a) || !('target' in b) || a.target === b.target)
  );
}
