import type { Class } from '../../decorators/tokens.js';
import type { ClassRecord } from '../api/class-record.js';
import type { Catalogue } from './catalogue.js';
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

/** Every extension point that is provided, by id and by the class that implements it. */
export class ExtensionPointIndex {
  readonly #byId = new Map<string, ProvidedExtensionPoint>();
  readonly #byClass = new Map<Class, ProvidedExtensionPoint>();
  readonly #catalogue: Catalogue;
  readonly #report: Report;

  constructor(catalogue: Catalogue, report: Report) {
    this.#catalogue = catalogue;
    this.#report = report;
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
    const record = this.#catalogue.reader.read(target);
    const trail = [`in ${describeOwner(owner)}${at(ownerRecord.site)}`, `-> class ${record.name}${at(record.site)}`];
    const { role } = record;
    const declaration =
      role?.kind === 'extension-point-implementation' ? this.#catalogue.declarationOf(role.of) : undefined;
    if (role?.kind !== 'extension-point-implementation' || declaration?.kind !== 'extension-point') {
      this.#report({
        code: 'NOT_AN_EXTENSION_POINT',
        message: `Class ${record.name} in 'extensionPoints' implements no extension point`,
        path: trail,
        fix: `write @ExtensionPoint({ implements: … }) above class ${record.name}, naming a class with @ExtensionPoint({ pluginId, id }).`,
      });
      return;
    }
    if (declaration.pluginId !== owner.pluginId) {
      this.#report({
        code: 'FOREIGN_EXTENSION_POINT',
        message: `Extension point '${declaration.id}' belongs to plugin '${declaration.pluginId}', not to plugin '${owner.pluginId}'`,
        path: trail,
        fix: `only plugin '${declaration.pluginId}' and its modules can provide it.`,
      });
      return;
    }
    const earlier = this.#byId.get(declaration.id);
    if (earlier) {
      this.#report({
        code: 'DUPLICATE_EXTENSION_POINT',
        message: `Extension point '${declaration.id}' is provided twice, by class ${earlier.record.name} and by class ${record.name}`,
        path: [...trail, `-> first in ${describeOwner(earlier.owner)}${at(earlier.record.site)}`],
        fix: 'keep one of the two; to change what the first does, wrap it with @ExtensionPoint({ wraps: … }).',
      });
      return;
    }
    const point = { declaration, owner, record, perModule: role.perModule };
    this.#byId.set(declaration.id, point);
    this.#byClass.set(target, point);
  }

  /** The test's stand-in for an implementation, where it overrides the extension point or the class behind it. */
  overrideOf({ declaration, record, owner }: ProvidedExtensionPoint): Override | undefined {
    const { overrides } = this.#catalogue;
    const fits = (o: Override) => !o.pluginId || o.pluginId === owner.pluginId;
    return (
      overrides.findLast(o => fits(o) && this.#catalogue.declarationOf(o.token)?.id === declaration.id) ??
      this.#catalogue.overrideOfClass(record.target, owner.pluginId)
    );
  }
}

export function sameOwner(a: Owner, b: Owner): boolean {
  return describeOwner(a) === describeOwner(b);
}
