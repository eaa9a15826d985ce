import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { RouteDefinition } from '../../api/http-services.js';
import { ComponentSchemas } from './component-schemas.js';
import { errorBodyName, errorBodySchema, sharedResponses } from './error-responses.js';
import { answersOf, operationObject, plainObject, type OperationObject } from './operation-object.js';
import { securitySchemes } from './security-schemes.js';
import type { Json } from './subschemas.js';

/** The routes that a plugin had when somebody asked. */
export interface PluginRoutes {
  readonly pluginId: string;
  readonly routes: readonly RouteDefinition[];
}

/** The OpenAPI 3.1 document of one plugin; its paths are below `/api/<pluginId>`. */
export function pluginDocument(plugin: PluginRoutes, baseUrl: string): Json {
  const draft = new DocumentDraft();
  draft.add(plugin, '', '');
  return draft.document(plugin.pluginId, `${baseUrl}/api/${plugin.pluginId}`);
}

/** The document of all these plugins. Others have their turn between two of them. */
export async function backendDocument(plugins: readonly PluginRoutes[], baseUrl: string): Promise<Json> {
  const draft = new DocumentDraft();
  for (const plugin of plugins.toSorted((a, b) => compare(a.pluginId, b.pluginId))) {
    draft.add(plugin, `/api/${plugin.pluginId}`, `${plugin.pluginId}.`);
    await setImmediate();
  }
  return draft.document('Backend', baseUrl || '/');
}

/** Everything is added in an order of its own, so that names do not depend on who has started first. */
class DocumentDraft {
  readonly #paths: Record<string, Record<string, OperationObject>> = {};
  readonly #schemas: Record<string, unknown> = { [errorBodyName]: errorBodySchema };
  readonly #tags: Json[] = [];

  add({ pluginId, routes }: PluginRoutes, base: string, prefix: string): void {
    this.#tags.push({ name: pluginId });
    const sorted = routes.toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
    const components = new ComponentSchemas(prefix, this.#schemas, [errorBodyName]);
    // What is answered comes first: where a schema means something else to a sender, that is what needs another name.
    const answers = sorted.map(({ operation, allow }) => operation && answersOf(operation, allow, components));
    const paths = new PathItems(this.#paths, base);
    for (const [index, route] of sorted.entries()) {
      const { operation } = route;
      const described = operation
        ? operationObject(operation, route, answers[index]!, components)
        : plainObject(pluginId, route);
      paths.add(route, described);
    }
  }

  document(title: string, server: string): Json {
    const content = {
      servers: [{ url: server }],
      tags: this.#tags,
      paths: this.#paths,
      components: { schemas: byName(this.#schemas), responses: sharedResponses, securitySchemes },
    };
    // Nobody says which version it is; this one changes when what is said does.
    const version = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 12);
    return { openapi: '3.1.0', info: { title, version }, ...content };
  }
}

/** The paths of one plugin. Those that differ in the names of parameters only are one to OpenAPI. */
class PathItems {
  readonly #items: Record<string, Record<string, OperationObject>>;
  readonly #base: string;
  readonly #names = new Map<string, readonly string[]>();
  readonly #ids = new Set<string>();

  constructor(items: Record<string, Record<string, OperationObject>>, base: string) {
    this.#items = items;
    this.#base = base;
  }

  add({ method, path }: RouteDefinition, described: OperationObject): void {
    const operation = { ...described, operationId: this.#uniqueId(described.operationId) };
    const own = [...path.matchAll(/\/:(\w+)/g)].map(([, name]) => name!);
    const shape = path.replaceAll(/\/:\w+/g, '/:');
    const names = this.#names.get(shape) ?? own;
    this.#names.set(shape, names);
    let index = 0;
    const template = path.replaceAll(/\/:\w+/g, () => `/{${names[index++]}}`);
    const key = this.#base !== '' && template === '/' ? this.#base : this.#base + template;
    (this.#items[key] ??= {})[method.toLowerCase()] = renamed(
      operation,
      new Map(own.map((name, n) => [name, names[n]!])),
    );
  }

  /** Two classes of one name may have plain routes by methods of one name. */
  #uniqueId(wanted: string): string {
    let id = wanted;
    for (let n = 2; this.#ids.has(id); n++) id = `${wanted}_${n}`;
    this.#ids.add(id);
    return id;
  }
}

function renamed(operation: OperationObject, names: ReadonlyMap<string, string>): OperationObject {
  if ([...names].every(([from, to]) => from === to)) return operation;
  const parameters = operation.parameters?.map(parameter =>
    parameter.in === 'path' ? { ...parameter, name: names.get(parameter.name)! } : parameter,
  );
  return { ...operation, ...(parameters && { parameters }) };
}

function byName(schemas: Json): Json {
  return Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
