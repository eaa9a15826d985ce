import type { ClassRecord } from '../api/class-record.js';
import type { ProvidedExtensionPoint } from './extension-points.js';
import type { GraphBuilder } from './graph-builder.js';
import { makingOf, resolveParameters, type Requester } from './resolve-parameters.js';
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
  const wrappers = graph.catalogue.wrappers(declaration.id);
  const point = graph.extensionPoints.byId(declaration.id)!;
  const override = graph.extensionPoints.overrideOf(point);
  const trail = stepInto(requester.trail, record);
  const stand: ClassRecord =
    override && 'target' in override.recipe ? graph.catalogue.reader.read(override.recipe.target) : record;
  const making =
    override && !('target' in override.recipe)
      ? { recipe: override.recipe, dependencies: [] }
      : makingOf(stand, { ...requester, trail }, graph);
  table.add({ key: own, title: `${title} (class ${record.name})`, ...making, site: record.site });
  let inner = own;
  for (const wrapper of override ? [] : wrappers) {
    const next = Symbol(`${declaration.id} inside ${wrapper.record.name}`);
    table.add({
      key: next,
      title: `${title} (wrapper ${wrapper.record.name})`,
      recipe: { by: 'constructor', target: wrapper.record.target },
      dependencies: resolveParameters(
        wrapper.record,
        { ...requester, trail: stepInto(requester.trail, wrapper.record, 'wrapper') },
        graph,
        inner,
      ),
      site: wrapper.record.site,
    });
    inner = next;
  }
  table.add({ key, title, recipe: { by: 'alias' }, dependencies: [{ key: inner }] });
}
