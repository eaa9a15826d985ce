import type { ParameterRecord } from '../api/class-record.js';
import type { Problem } from '../errors/problem.js';
import { closest } from '../util/did-you-mean.js';
import type { Declaration } from './declaration.js';
import { type Extensible, sameOwner, type ProvidedExtensionPoint } from './extension-points.js';
import type { GraphBuilder } from './graph-builder.js';
import type { Requester } from './resolve-parameters.js';
import { describeOwner, describeTrail, step, stepToParameter, type Trail } from './trail.js';
import type { Dependency } from './unit.js';

/** What asking for an extension point means; `undefined` where it is not allowed, which is reported. */
export function resolveExtensionPoint(
  declaration: Declaration,
  parameter: ParameterRecord,
  requester: Requester,
  graph: GraphBuilder,
): Dependency | undefined {
  const { id } = declaration;
  const { owner, table, trail } = requester;
  const way = () => step(stepToParameter(trail, parameter), '-> declared', declaration.site);
  if (!('pluginId' in owner) || owner.pluginId !== declaration.pluginId) {
    graph.report(foreignExtensionPoint(declaration, requester, way()));
    return undefined;
  }
  const point = graph.extensionPoints.byId(id);
  if (!point || !mayUse(owner, point)) {
    // Of a plugin that is not installed nothing is known but that, which is reported.
    const missing = graph.extensionPoints.standIns.get(owner.pluginId) === 'missing';
    if (!parameter.optional && !missing) graph.report(unprovided(declaration, point, owner, way(), graph));
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

/** A plugin does not need its modules, and who provides an instance for each other module has none for itself. */
function mayUse(owner: Extensible, point: ProvidedExtensionPoint): boolean {
  return sameOwner(owner, point.owner) ? !point.perModule : owner.kind === 'module';
}

function foreignExtensionPoint({ id, pluginId }: Declaration, { owner }: Requester, way: Trail): Problem {
  const whose = 'pluginId' in owner ? `plugin '${owner.pluginId}'` : describeOwner(owner);
  const fix =
    owner.kind === 'module'
      ? `only modules of '${pluginId}' can use it; write @Module({ pluginId: '${pluginId}', ... }), or call '${pluginId}' through its client.`
      : `only modules of '${pluginId}' can use it: move what uses it to one, or call '${pluginId}' through its client.`;
  return {
    code: 'FOREIGN_EXTENSION_POINT',
    message: `Extension point '${id}' belongs to plugin '${pluginId}', not to ${whose}`,
    path: describeTrail(way),
    fix,
  };
}

function unprovided(
  { id, pluginId }: Declaration,
  point: ProvidedExtensionPoint | undefined,
  owner: Extensible,
  way: Trail,
  graph: GraphBuilder,
): Problem {
  const near = point ? undefined : closest(id, graph.extensionPoints.ids());
  const provide = graph.extensionPoints.standIns.has(owner.pluginId)
    ? `add plugin '${pluginId}' to the features of the test, or a stand-in: extensionPoints: [[Token, standIn]].`
    : `name a class with @ExtensionPoint({ implements: … }) in extensionPoints of plugin '${pluginId}' or of one of its modules.`;
  return {
    code: 'MISSING_EXTENSION_POINT',
    message: !point
      ? `Nothing provides extension point '${id}'`
      : point.perModule
        ? `Extension point '${id}' has one instance for each module that uses it, and none for ${describeOwner(owner)}`
        : `Extension point '${id}' is provided by ${describeOwner(point.owner)}, for other modules only`,
    path: describeTrail(way),
    fix: point?.perModule
      ? `keep what is added in a class with @Injectable(), which the extension point and ${describeOwner(owner)} both inject.`
      : point
        ? 'provide it in the plugin itself: a plugin does not need its modules.'
        : near
          ? `did you mean '${near}'? Otherwise ${provide}`
          : provide,
  };
}
