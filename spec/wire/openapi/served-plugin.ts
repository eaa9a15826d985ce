import fc from 'fast-check';
import { z } from 'zod';
import { Controller, Plugin } from '../../../lib/index.js';
import { defineApi, del, get, patch, post, put, raw } from '../../../lib/contract/index.js';
import type { OperationDraft, OperationOptions } from '../../../lib/contract/operation.js';
import type { Class } from '../../../decorators/tokens.js';
import { TestBackend } from '../../../lib/testing/index.js';

export interface Served {
  readonly method: string;
  /** That can be asked for. */
  readonly path: string;
  /** `GET /a/{p0}`, as a document has it. */
  readonly key: string;
  readonly name: string;
}

const makers: Readonly<Record<string, (path: string, options: OperationOptions) => OperationDraft>> = {
  GET: get,
  POST: post,
  PUT: put,
  PATCH: patch,
  DELETE: del,
};
const segment = fc.constantFrom(':', 'a', 'b', 'c-d', '$', '~x');
const route = fc.record({
  method: fc.constantFrom(...Object.keys(makers)),
  segments: fc.array(segment, { maxLength: 4 }),
});

/** Starts backends with a plugin `any` that serves operations nobody has thought of. */
export async function servedPlugin(
  check: (started: { readonly backend: TestBackend; readonly served: readonly Served[] }) => Promise<void>,
): Promise<void> {
  const routes = fc.uniqueArray(route, {
    minLength: 1,
    maxLength: 12,
    selector: ({ method, segments }) => `${method} ${segments.join('/')}`,
  });
  const property = fc.asyncProperty(routes, async all => {
    const operations = Object.fromEntries(
      all.map(({ method, segments }, n) => [
        `op${n}`,
        makers[method]!(
          pathOf(segments, i => `:p${i}`),
          optionsFor(segments),
        ),
      ]),
    );
    const api = defineApi({ pluginId: 'any', operations: operations as never });
    class AnyController {}
    const served = all.map(({ method, segments }, n) => {
      const name = `op${n}`;
      Object.defineProperty(AnyController.prototype, name, {
        value: async function* () {
          yield Buffer.from(name);
        },
      });
      const key = `${method} ${pathOf(segments, i => `{p${i}}`)}`;
      return { method, path: pathOf(segments, i => `value${i}`), key, name };
    });
    Controller(api)(AnyController as Class<never>);
    class AnyPlugin {}
    Plugin({ pluginId: 'any', controllers: [AnyController] })(AnyPlugin);
    await using backend = await TestBackend.start({ features: [AnyPlugin] });
    await check({ backend, served });
  });
  await fc.assert(property, { numRuns: 25 });
}

function optionsFor(segments: readonly string[]): OperationOptions {
  const names = segments.flatMap((one, index) => (one === ':' ? [`p${index}`] : []));
  const params = z.object(Object.fromEntries(names.map(name => [name, z.string()])));
  return { allow: 'unauthenticated', response: raw('text/plain'), ...(names.length > 0 && { params }) };
}

function pathOf(segments: readonly string[], param: (index: number) => string): string {
  return `/${segments.map((one, index) => (one === ':' ? param(index) : one)).join('/')}`;
}
