import type { Class } from '../../decorators/tokens.js';
import type { ClassRecord } from '../api/class-record.js';
import { importing } from '../api/importing.js';
import { importProblem } from '../errors/import-problem.js';
import { withDeadline } from '../util/deadline.js';
import { type Catalogue, creationOf, partsOf } from './catalogue.js';
import { at, type Declaration, selfOf } from './declaration.js';

/**
 * Loads the default of every service that something depends on and nothing implements, and of what those depend on in
 * turn. Only imports; a default that is implemented anyway is not even loaded. `also` is a class besides the features;
 * `importTimeout` is in ms, as for any other import.
 */
export async function loadDefaults(
  catalogue: Catalogue,
  { also, importTimeout = 30_000 }: { readonly also?: ClassRecord; readonly importTimeout?: number | undefined } = {},
): Promise<void> {
  const seen = new Set<Class>();
  const tokens = catalogue.overrides.flatMap((override): readonly unknown[] => override.tokens ?? []);
  const loaded = new Set<string>();
  const meet = (record: ClassRecord): void => {
    if (seen.has(record.target)) return;
    seen.add(record.target);
    tokens.push(...tokensOf(record));
  };

  for (const { record } of catalogue.features) meet(record);
  if (also) meet(also);
  for (const { recipe } of catalogue.overrides) if ('target' in recipe) meet(catalogue.reader.read(recipe.target));
  // The list grows while it is walked.
  for (const token of tokens) {
    const declaration = catalogue.declarationOf(token);
    if (!declaration && typeof token === 'function') meet(catalogue.reader.read(token as Class));
    if (declaration?.kind !== 'service' || loaded.has(declaration.id)) continue;
    loaded.add(declaration.id);
    if (catalogue.candidates(declaration.id).some(c => !c.plugins)) continue;
    // What the framework declares and does not implement is optional; to ask whether it is its own default costs time.
    if (declaration.id.startsWith('core.')) continue;
    const record = selfOf(declaration) ?? (await loadDefault(declaration, catalogue, importTimeout));
    if (!record) continue;
    catalogue.addDefault(declaration, record);
    meet(record);
  }
}

const none: readonly never[] = [];

/** Everything a class names that may be injected somewhere on its behalf. */
function tokensOf(record: ClassRecord): readonly unknown[] {
  const { controllers = none, extensionPoints = none } = partsOf(record);
  const injected = record.parameters.filter(p => !p.fault).map(p => p.token);
  const wrapped = record.role?.kind === 'wrapper' ? [record.role.of] : none;
  return injected.concat(creationOf(record).create ?? none, wrapped, controllers, extensionPoints);
}

async function loadDefault(
  declaration: Declaration,
  catalogue: Catalogue,
  importTimeout: number,
): Promise<ClassRecord | undefined> {
  if (!declaration.default) return undefined;
  const origin = `the default of '${declaration.id}'`;
  try {
    const { default: load } = declaration;
    const loaded: unknown = await importing(origin, () => withDeadline(importTimeout, () => load()));
    const found = candidatesIn(loaded)
      .map(c => catalogue.reader.read(c))
      .find(record => implementsIt(record, declaration, catalogue));
    if (found) return found;
  } catch (error) {
    catalogue.problems.push(importProblem(error, `${origin}${at(declaration.site)}`));
    catalogue.brokenDefaults.add(declaration.id);
    return undefined;
  }
  catalogue.brokenDefaults.add(declaration.id);
  catalogue.problems.push({
    code: 'INVALID_DEFAULT',
    message: `The default of '${declaration.id}' is not a class that implements it`,
    path: [`in service '${declaration.id}'${at(declaration.site)}`],
    fix: `let default return a class with @Service({ implements: … }) that names this service, or the module that exports it.`,
  });
  return undefined;
}

function candidatesIn(loaded: unknown): Class[] {
  const values = typeof loaded === 'object' && loaded !== null ? Object.values(loaded) : [loaded];
  return values.filter((value): value is Class => typeof value === 'function');
}

function implementsIt(record: ClassRecord, declaration: Declaration, catalogue: Catalogue): boolean {
  if (record.target === declaration.token) return true;
  return record.role?.kind === 'implementation' && catalogue.declarationOf(record.role.of)?.id === declaration.id;
}
