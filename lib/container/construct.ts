import { setTimeout as sleep } from 'node:timers/promises';
import type { Class } from '../../decorators/tokens.js';
import type { Unit } from '../plan/unit.js';

type Create = { create(...dependencies: unknown[]): unknown };

/** Makes the instance a unit describes, trying again as often as the unit says. Rejects with what was thrown. */
export async function construct(unit: Unit, dependencies: readonly unknown[]): Promise<{ value: unknown }> {
  const { attempts, delay } = unit.retry ?? { attempts: 0, delay: 0 };
  for (let attempt = 0; ; attempt++) {
    try {
      return await make(unit, dependencies);
    } catch (error) {
      if (attempt >= attempts) throw error;
      await sleep(delay);
    }
  }
}

/** In a box, since an instance with a method named `then` must not be taken for a promise. */
async function make({ recipe }: Unit, dependencies: readonly unknown[]): Promise<{ value: unknown }> {
  switch (recipe.by) {
    case 'constructor':
      return { value: new (recipe.target as Class<unknown> & (new (...args: unknown[]) => unknown))(...dependencies) };
    case 'create':
      return { value: await (recipe.target as unknown as Create).create(...dependencies) };
    case 'factory':
      return { value: await recipe.factory(...(dependencies as never[])) };
    case 'value':
      return { value: recipe.value };
    case 'collection':
      return { value: Object.freeze([...dependencies]) };
    case 'alias':
      return { value: dependencies[0] };
    case 'config':
      return { value: Object.freeze(Object.assign(new (recipe.target as new () => object)(), recipe.value)) };
    case 'backend':
    case 'extension-point':
    case 'module-context':
      throw new Error(`what the backend provides is not constructed: ${recipe.by}`);
  }
}
