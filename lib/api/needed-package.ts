import type { Problem } from '../errors/problem.js';
import type { Config } from './config-service.js';
import { pathOfSetting } from './invalid-setting.js';

/** What a setting needs that is the user's to install. */
export interface NeededPackage {
  /** Of the error where it is not there. */
  readonly code: string;
  /** The configuration key that asks for it, be it by its default. */
  readonly key: string;
  /** Any of which is enough; the first is advised. */
  readonly anyOf: readonly string[];
  /** Completes `Nothing is installed that …`. */
  readonly purpose: string;
  /** Whom it is for; absent: the backend itself. */
  readonly pluginId?: string;
}

/** One problem for each package and each key that asks for it. */
export function missingPackages(
  config: Config,
  needed: readonly NeededPackage[],
  isInstalled: (name: string) => boolean = isPackageInstalled,
): Problem[] {
  const problems = new Map<string, Problem & { path: string[] }>();
  for (const { code, key, anyOf, purpose, pluginId } of needed) {
    if (anyOf.some(name => isInstalled(name))) continue;
    const known = problems.get(`${key} ${anyOf[0]}`);
    const problem = known ?? {
      code,
      message: `Nothing is installed that ${purpose}`,
      path: [pathOfSetting(config, key)],
      fix: `npm install ${anyOf[0]}`,
    };
    const asker = `-> plugin '${pluginId}'`;
    if (pluginId !== undefined && !problem.path.includes(asker)) problem.path.push(asker);
    problems.set(`${key} ${anyOf[0]}`, problem);
  }
  return [...problems.values()];
}

/** As whoever imports it later would find it: from here. */
function isPackageInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
