import type { CallOf } from '../lib/api/call.js';
import type { Allow, NarrowerAllow, WithinAllow } from '../lib/contract/allow.js';
import type { OperationDefinition } from '../lib/contract/operation.js';
import type { RequestOf } from '../lib/contract/request-of.js';
import type { ResponseOf } from '../lib/contract/response-of.js';
import { callSiteOf } from './call-site.js';
import { refuseBare } from './legacy.js';
import { methodDecorator, type MethodDecoratorFor } from './method-decorator.js';

/** What `@Operation` records, and `@Controller(api)` for each of its methods; `OperationsService` receives it as `options`. */
export interface OperationAnnotation {
  readonly operation: OperationDefinition;
  /** Who may call it; where it is absent, whom the operation lets pass. Never more than that. */
  readonly allow?: Allow;
}

/** A method that answers an operation: what it returns, itself or as a promise, is the answer. */
export type OperationHandler<O extends OperationDefinition, A extends Allow | undefined = undefined> = (
  request: RequestOf<O>,
  call: A extends Allow ? CallOf<O, A> : CallOf<O>,
) => ResponseOf<O> | Promise<ResponseOf<O>>;

/**
 * Answers one operation of an api, whatever the method is called. `allow` lets fewer callers pass than the operation
 * says, never more.
 *
 * @example
 * @Operation(catalogApi.getEntity)
 * async read({ params }: RequestOf<typeof catalogApi.getEntity>, call: Call): Promise<Entity> { … }
 */
export function Operation<O extends OperationDefinition>(operation: O): MethodDecoratorFor<OperationHandler<O>>;
export function Operation<O extends OperationDefinition, const A extends Allow>(
  operation: O,
  options: { readonly allow: WithinAllow<A, NarrowerAllow<O extends { readonly allow: infer S } ? S : undefined>> },
): MethodDecoratorFor<OperationHandler<O, A>>;
export function Operation(
  operation: OperationDefinition,
  options: { readonly allow?: Allow } = {},
): MethodDecoratorFor<(...args: never[]) => unknown> {
  refuseBare('Operation', operation);
  const annotation: OperationAnnotation = { ...options, operation };
  return methodDecorator('Operation', 'core.operations', annotation, callSiteOf(Operation));
}
