import FindMyWay from 'find-my-way';
import type { HttpMethod } from '../../../decorators/routes.js';
import type { RouteDefinition } from '../../api/http-services.js';
import { BackplaneError } from '../../errors/backplane-error.js';
import { describeRoute } from './route.js';

export interface Match {
  readonly route: RouteDefinition;
  readonly params: Readonly<Record<string, string>>;
}

const methods: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const noParams = Object.freeze(Object.create(null) as Record<string, string>);

/** The annotated routes of one plugin. A path without parameters is found by one look into a map; no parameter is empty. */
export class RouteTable {
  readonly #pluginId: string;
  /** By method, and then by path. */
  readonly #fixed = new Map<string, Map<string, Match>>();
  /** Made for the first route that has a parameter: most plugins have hundreds of bytes of routes, this has thousands. */
  #patterns:
    | { readonly router: FindMyWay.Instance<FindMyWay.HTTPVersion.V1>; readonly shapes: Map<string, RouteDefinition> }
    | undefined;

  constructor(pluginId: string) {
    this.#pluginId = pluginId;
  }

  /** Throws `ROUTE_CONFLICT` where another route answers the same requests. */
  add(route: RouteDefinition): void {
    if (route.path.includes('/:')) this.#addPattern(route);
    else this.#addFixed(route);
  }

  /** Of a route that was added. */
  remove({ method, path }: RouteDefinition): void {
    if (this.#fixed.get(method)?.delete(path)) return;
    this.#patterns?.router.off(method, path);
    this.#patterns?.shapes.delete(shapeOf(method, path));
  }

  /** All routes, in no particular order. */
  all(): RouteDefinition[] {
    const fixed = [...this.#fixed.values()].flatMap(byPath => [...byPath.values()].map(({ route }) => route));
    return [...fixed, ...(this.#patterns?.shapes.values() ?? [])];
  }

  /** `HEAD` is answered by the route for `GET`, which thereby decides who may ask. */
  match(method: string, path: string): Match | undefined {
    const asked = method === 'HEAD' ? 'GET' : method;
    const fixed = this.#fixed.get(asked)?.get(path);
    if (fixed || !this.#patterns) return fixed;
    const found = this.#patterns.router.find(asked as HttpMethod, path);
    // The router takes nothing at the end of a path for a value.
    if (!found || Object.values(found.params).includes('')) return undefined;
    return { route: found.store as RouteDefinition, params: found.params as Record<string, string> };
  }

  /** The methods that `path` is known for; none where it is not known. */
  methodsOf(path: string): string[] {
    const known: string[] = methods.filter(method => this.match(method, path));
    if (known[0] === 'GET') known.unshift('HEAD');
    return known.length > 0 ? [...known, 'OPTIONS'] : known;
  }

  #addFixed(route: RouteDefinition): void {
    let byPath = this.#fixed.get(route.method);
    if (!byPath) this.#fixed.set(route.method, (byPath = new Map()));
    const other = byPath.get(route.path);
    if (other) throw this.#conflict(route, other.route);
    byPath.set(route.path, { route, params: noParams });
  }

  #addPattern(route: RouteDefinition): void {
    this.#patterns ??= { router: FindMyWay({ caseSensitive: true, maxParamLength: 2_048 }), shapes: new Map() };
    const { router, shapes } = this.#patterns;
    const shape = shapeOf(route.method, route.path);
    const other = shapes.get(shape);
    if (other) throw this.#conflict(route, other);
    shapes.set(shape, route);
    router.on(route.method, route.path, () => undefined, route);
  }

  #conflict(route: RouteDefinition, other: RouteDefinition): BackplaneError {
    return new BackplaneError({
      code: 'ROUTE_CONFLICT',
      message: `'${route.method} ${route.path}' is answered by two methods`,
      path: [`in plugin '${this.#pluginId}'`, `-> ${describeRoute(other)}`, `-> ${describeRoute(route)}`],
      fix: 'give one of them another path or method.',
    });
  }
}

/** Equal where two patterns match the same paths. */
function shapeOf(method: string, path: string): string {
  return `${method} ${path.replaceAll(/:\w+/g, ':')}`;
}
