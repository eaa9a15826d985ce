import type { Class } from '../../decorators/tokens.js';
import type { ClassRecord } from '../api/class-record.js';
import { otherCopyProblem } from '../api/framework-copy.js';
import type { Catalogue } from './catalogue.js';
import { undefinedToken } from './checks/tokens.js';
import { at, type Declaration } from './declaration.js';
import type { Override } from './override.js';
import { describeOwner, type Report } from './trail.js';
import type { Owner } from './unit.js';

export type Extensible = Extract<Owner, { kind: 'plugin' | 'module' }>;

/** An extension point and who provides it. */
export interface ProvidedExtensionPoint {
  readonly declaration: Declaration;
  readonly owner: Extensible;
  readonly record: ClassRecord;
  readonly perModule: boolean;
}

/** Plugins that are not there: `missing`, which is a problem, or left out by a test. */
export type StandIns = ReadonlyMap<string, 'missing' | 'left-out'>;

/** Every extension point that is provided, by id and by the class that implements it. */
export class ExtensionPointIndex {
  readonly standIns: StandIns;
  readonly #byId = new Map<string, ProvidedExtensionPoint>();
  readonly #byClass = new Map<Class, ProvidedExtensionPoint>();
  readonly #catalogue: Catalogue;
  readonly #report: Report;

  /** `standIns` are the plugins that are not there: of those that a test leaves out, it may say what is missing. */
  constructor(catalogue: Catalogue, report: Report, standIns: StandIns = new Map()) {
    this.#catalogue = catalogue;
    this.#report = report;
    this.standIns = standIns;
  }

  byId(id: string): ProvidedExtensionPoint | undefined {
    return this.#byId.get(id);
  }

  ids(): Iterable<string> {
    return this.#byId.keys();
  }

  byClass(target: Class): ProvidedExtensionPoint | undefined {
    return this.#byClass.get(target);
  }

  of(owner: Extensible): ProvidedExtensionPoint[] {
    return [...this.#byId.values()].filter(point => sameOwner(point.owner, owner));
  }

  add(target: Class, owner: Extensible, ownerRecord: ClassRecord): void {
    const where = () => [`in ${describeOwner(owner)}${at(ownerRecord.site)}`];
    if (typeof target !== 'function') {
      this.#report(undefinedToken(`'extensionPoints' of ${describeOwner(owner)}`, where()));
      return;
    }
    const record = this.#catalogue.reader.read(target);
    const trail = () => [...where(), `-> class ${record.name}${at(record.site)}`];
    const { role } = record;
    const declaration =
      role?.kind === 'extension-point-implementation' ? this.#catalogue.declarationOf(role.of) : undefined;
    if (role?.kind !== 'extension-point-implementation' || declaration?.kind !== 'extension-point') {
      const token = role?.kind === 'extension-point-implementation' ? role.of : target;
      this.#report(
        otherCopyProblem(token, trail) ?? {
          code: 'NOT_AN_EXTENSION_POINT',
          message: `Class ${record.name} in 'extensionPoints' implements no extension point`,
          path: trail(),
          fix: `write @ExtensionPoint({ implements: … }) above class ${record.name}, naming a class with @ExtensionPoint({ pluginId, id }).`,
        },
      );
      return;
    }
    if (declaration.pluginId !== owner.pluginId) {
      this.#report({
        code: 'FOREIGN_EXTENSION_POINT',
        message: `Extension point '${declaration.id}' belongs to plugin '${declaration.pluginId}', not to plugin '${owner.pluginId}'`,
        path: trail(),
        fix: `only plugin '${declaration.pluginId}' and its modules can provide it.`,
      });
      return;
    }
    const earlier = this.#byId.get(declaration.id);
    if (earlier) {
      this.#report({
        code: 'DUPLICATE_EXTENSION_POINT',
        message: `Extension point '${declaration.id}' is provided twice, by class ${earlier.record.name} and by class ${record.name}`,
        path: [...trail(), `-> first in ${describeOwner(earlier.owner)}${at(earlier.record.site)}`],
        fix: 'keep one of the two; to change what the first does, wrap it with @ExtensionPoint({ wraps: … }).',
      });
      return;
    }
    const point = { declaration, owner, record, perModule: role.options.perModule ?? false };
    this.#byId.set(declaration.id, point);
    this.#byClass.set(target, point);
  }

  /**
   * What a test gives stands for an extension point that nobody provides, as the plugin it belongs to is not there but
   * for a placeholder.
   */
  addStandIn(token: unknown, placeholder: Extensible): void {
    const declaration = this.#catalogue.declarationOf(token);
    if (declaration?.kind !== 'extension-point' || declaration.pluginId !== placeholder.pluginId) return;
    if (this.#byId.has(declaration.id)) return;
    const record = this.#catalogue.reader.read(typeof token === 'function' ? (token as Class) : class StandIn {});
    this.#byId.set(declaration.id, { declaration, owner: placeholder, record, perModule: false });
  }

  /** The test's stand-in for an implementation, where it overrides the extension point or the class behind it. */
  overrideOf({ declaration, record, owner }: ProvidedExtensionPoint): Override | undefined {
    const { overrides } = this.#catalogue;
    const fits = (o: Override) => !o.pluginId || o.pluginId === owner.pluginId;
    return (
      overrides.find(o => fits(o) && this.#catalogue.declarationOf(o.token)?.id === declaration.id) ??
      this.#catalogue.overrideOfClass(record.target, owner.pluginId)
    );
  }
}

export function sameOwner(a: Owner, b: Owner): boolean {
  return describeOwner(a) === describeOwner(b);
}
