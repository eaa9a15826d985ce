import type { ClassRecord } from '../api/class-record.js';
import type { ProvidedExtensionPoint } from './extension-points.js';
import type { GraphBuilder, Making } from './graph-builder.js';
import type { Override } from './override.js';
import { makingOf, resolveParameters, resolveTokens, type Requester } from './resolve-parameters.js';
import { stepInto } from './trail.js';
import type { Key } from './unit.js';

/**
 * Makes the units of an extension point at its owner: the implementation under its class and, behind its wrappers,
 * under `key`.
 */
export function addExtensionPoint(
  { declaration, record }: ProvidedExtensionPoint,
  key: Key,
  requester: Requester,
  graph: GraphBuilder,
  own: Key = record.target,
): void {
  const { table } = requester;
  const title = `extension point '${declaration.id}'`;
  const point = graph.extensionPoints.byId(declaration.id)!;
  const override = graph.extensionPoints.overrideOf(point);
  const making = makingOfPoint(record, override, { ...requester, trail: stepInto(requester.trail, record) }, graph);
  table.add({ key: own, title: `${title} (class ${record.name})`, ...making, site: record.site });
  let inner = own;
  for (const { record: wrapper } of override ? [] : graph.catalogue.wrappers(declaration.id)) {
    const next = Symbol(`${declaration.id} inside ${wrapper.name}`);
    const trail = stepInto(requester.trail, wrapper, 'wrapper');
    table.add({
      key: next,
      title: `${title} (wrapper ${wrapper.name})`,
      recipe: { by: 'constructor', target: wrapper.target },
      dependencies: resolveParameters(wrapper, { ...requester, trail }, graph, inner),
      site: wrapper.site,
    });
    inner = next;
  }
  table.add({ key, title, recipe: { by: 'alias' }, dependencies: [{ key: inner }] });
}

function makingOfPoint(
  record: ClassRecord,
  override: Override | undefined,
  requester: Requester,
  graph: GraphBuilder,
): Making {
  if (!override) return makingOf(record, requester, graph);
  const { recipe, tokens = [] } = override;
  if ('target' in recipe) {
    const stand = graph.catalogue.reader.read(recipe.target);
    return { recipe, dependencies: resolveParameters(stand, requester, graph) };
  }
  return { recipe, dependencies: resolveTokens(tokens, 'the factory', requester, graph) };
}
