import { closest } from '../../util/did-you-mean.js';
import type { Catalogue, Wrapper } from '../catalogue.js';
import { at, type Declaration } from '../declaration.js';
import type { ExtensionPointIndex } from '../extension-points.js';
import { unknownPlugin } from './plugin-filters.js';
import type { Report } from '../trail.js';

interface Wrapped {
  readonly catalogue: Catalogue;
  readonly extensionPoints: ExtensionPointIndex;
  readonly installed: readonly string[];
}

/** Wrappers that would wrap nothing, or of which nobody would notice anything. */
export function checkWrappers({ catalogue, extensionPoints, installed }: Wrapped, report: Report, warn: Report): void {
  for (const id of catalogue.ids()) {
    const declaration = catalogue.declarationById(id)!;
    const isThere = catalogue.candidates(id).length > 0 || extensionPoints.byId(id) !== undefined;
    for (const wrapper of catalogue.wrappers(id)) {
      if (declaration.multiton) reportMultiton(wrapper, report);
      else if (!isThere && declaration.pluginId !== undefined && !installed.includes(declaration.pluginId)) {
        warn(unknownPlugin(declaration.pluginId, wrapper, installed));
      } else if (!isThere) reportNothing(wrapper, declaration, nearest(id, catalogue, extensionPoints), report);
      if (wrapper.record.parameters.length === 0) reportWithoutInner(wrapper, report);
    }
  }
}

function nearest(id: string, catalogue: Catalogue, extensionPoints: ExtensionPointIndex): string | undefined {
  const others = [...catalogue.ids(), ...extensionPoints.ids()].filter(other => other !== id);
  return closest(id, others);
}

function reportNothing(
  { id, record }: Wrapper,
  { kind, site }: Declaration,
  near: string | undefined,
  report: Report,
): void {
  const what = kind === 'service' ? `Nothing implements service '${id}'` : `Nothing provides extension point '${id}'`;
  report({
    code: 'NOTHING_TO_WRAP',
    message: `${what}, which class ${record.name} wraps`,
    path: [`in class ${record.name}${at(record.site)}`, `-> declared${at(site)}`],
    fix: near
      ? `did you mean '${near}'? Otherwise write implements instead of wraps, or remove the class.`
      : 'write implements instead of wraps, or remove the class.',
  });
}

function reportMultiton({ id, record }: Wrapper, report: Report): void {
  report({
    code: 'MULTITON_MISMATCH',
    message: `Service '${id}' has many implementations, and class ${record.name} wraps one`,
    path: [`in class ${record.name}${at(record.site)}`],
    fix: 'wrap each implementation where it is made, or declare the service without multiton: true.',
  });
}

function reportWithoutInner({ id, record }: Wrapper, report: Report): void {
  report({
    code: 'WRAPPER_WITHOUT_INNER',
    message: `Class ${record.name} wraps '${id}', but its constructor does not take it`,
    path: [`in class ${record.name}${at(record.site)}`],
    fix: "take what is wrapped as the constructor's first parameter; to replace it, write implements instead of wraps.",
  });
}
