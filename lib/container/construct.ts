import { types } from 'node:util';
import type { Recipe, Unit } from '../plan/unit.js';
import { pause } from '../util/pause.js';
import type { ConstructionLog } from './construction-log.js';

/** What a container holds: a box, since an instance with a method named `then` must not be taken for a promise. */
export interface Held {
  readonly value: unknown;
}

/** What the backend provides instead of constructing it. */
export type Provided = Extract<Recipe, { by: 'backend' | 'extension-point' | 'module-context' }>;

type Constructor = new (...dependencies: unknown[]) => unknown;
type Creator = { create(...dependencies: unknown[]): unknown };

export function isProvided(recipe: Recipe): recipe is Provided {
  return recipe.by === 'backend' || recipe.by === 'extension-point' || recipe.by === 'module-context';
}

/**
 * Makes the instance a unit describes: at once where its recipe allows that, else as a promise. Tries again as often as
 * the unit says, until `log` is closed. Throws, or rejects with, what was thrown.
 */
export function construct(unit: Unit, dependencies: readonly unknown[], log: ConstructionLog): Held | Promise<Held> {
  return unit.retry ? constructPatiently(unit, dependencies, log.closing) : make(unit, dependencies);
}

async function constructPatiently(unit: Unit, dependencies: readonly unknown[], givenUp: AbortSignal): Promise<Held> {
  const { attempts, delay } = unit.retry!;
  for (let attempt = 0; ; attempt++) {
    try {
      return await make(unit, dependencies);
    } catch (error) {
      if (attempt >= attempts) throw error;
      await pause(delay, givenUp);
      if (givenUp.aborted) throw error;
    }
  }
}

function make({ recipe }: Unit, dependencies: readonly unknown[]): Held | Promise<Held> {
  switch (recipe.by) {
    case 'constructor':
      return { value: new (recipe.target as Constructor)(...dependencies) };
    case 'create':
      return settle((recipe.target as unknown as Creator).create(...dependencies));
    case 'factory':
      return settle(recipe.factory(...(dependencies as never[])));
    case 'value':
      return { value: recipe.value };
    case 'collection':
      return { value: Object.freeze([...dependencies]) };
    case 'alias':
      return { value: dependencies[0] };
    case 'config':
      return { value: Object.freeze(Object.assign(new (recipe.target as Constructor)() as object, recipe.value)) };
    default:
      throw new Error(`what the backend provides is not constructed: ${recipe.by}`);
  }
}

/** Only a promise is waited for: a service may well have a method named `then`. */
function settle(made: unknown): Held | Promise<Held> {
  return types.isPromise(made) ? made.then(value => ({ value })) : { value: made };
}
