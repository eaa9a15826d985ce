import type { ParameterRecord } from '../api/class-record.js';
import { closest } from '../util/did-you-mean.js';
import type { Declaration } from './declaration.js';
import { sameOwner } from './extension-points.js';
import type { GraphBuilder } from './graph-builder.js';
import type { Requester } from './resolve-parameters.js';
import { describeOwner, describeTrail, stepToParameter } from './trail.js';
import type { Dependency } from './unit.js';

/** What asking for an extension point means; `undefined` where it is not allowed, which is reported. */
export function resolveExtensionPoint(
  declaration: Declaration,
  { index, optional }: ParameterRecord,
  requester: Requester,
  graph: GraphBuilder,
): Dependency | undefined {
  const { id, pluginId } = declaration;
  const { owner, table, trail } = requester;
  const path = stepToParameter(trail, index);
  if (!('pluginId' in owner) || owner.pluginId !== pluginId) {
    const whose = 'pluginId' in owner ? `plugin '${owner.pluginId}'` : describeOwner(owner);
    graph.report({
      code: 'FOREIGN_EXTENSION_POINT',
      message: `Extension point '${id}' belongs to plugin '${pluginId}', not to ${whose}`,
      path: describeTrail([...path, { text: '-> declared', site: declaration.site }]),
      fix: `only modules of '${pluginId}' can use it; write @Module({ pluginId: '${pluginId}', ... }), or call '${pluginId}' through its client.`,
    });
    return undefined;
  }
  const point = graph.extensionPoints.byId(id);
  const missing = !point || (point.perModule && owner.kind === 'plugin');
  if (missing && optional) return undefined;
  if (missing) {
    const near = closest(id, graph.extensionPoints.ids());
    graph.report({
      code: 'MISSING_EXTENSION_POINT',
      message: point
        ? `Extension point '${id}' has one instance per module, and none for the plugin itself`
        : `Nothing provides extension point '${id}'`,
      path: describeTrail([...path, { text: '-> declared', site: declaration.site }]),
      fix: near
        ? `did you mean '${near}'? Otherwise name a class with @ExtensionPoint({ implements: … }) in extensionPoints of plugin '${pluginId}'.`
        : `name a class with @ExtensionPoint({ implements: … }) in extensionPoints of plugin '${pluginId}' or of one of its modules.`,
    });
    return undefined;
  }
  if (sameOwner(point.owner, owner)) return { key: id };
  if (!table.has(id) && owner.kind === 'module') {
    const moduleId = 'moduleId' in point.owner ? point.owner.moduleId : undefined;
    const key = point.perModule ? Symbol(`${id} for ${owner.moduleId}`) : id;
    table.add({
      key: id,
      title: `extension point '${id}'`,
      recipe: { by: 'extension-point', id, key, moduleId },
      dependencies: [],
    });
    if (point.perModule) graph.addPerModule(point, key, owner.moduleId);
  }
  return { key: id };
}
