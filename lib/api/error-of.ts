import type { OperationDefinition } from '../contract/operation.js';
import type { ErrorsOf } from '../contract/response-of.js';
import { BackplaneError } from '../errors/backplane-error.js';
import { HttpError } from '../errors/http-error.js';

type DetailsOption<D> = undefined extends D ? { readonly details?: D } : { readonly details: D };

/** What an error that an operation declares says besides its code. */
export type DeclaredErrorOptions<E extends { readonly details: unknown }> = DetailsOption<E['details']> & {
  /** For people. Default: the description that the operation declares, or the code. */
  readonly message?: string;
  /** For the log; never told to the caller. */
  readonly cause?: unknown;
};

type OptionsArgument<E extends { readonly details: unknown }> = undefined extends E['details']
  ? [options?: DeclaredErrorOptions<E>]
  : [options: DeclaredErrorOptions<E>];

/**
 * An error that an operation declares, to be thrown by its handler: with the status, and details of the type, that the
 * operation says. Its client finds it by `isRemoteError(error, operation, code)`.
 *
 * @example
 * throw errorOf(catalogApi.getEntity, 'unknown_entity', { details: { similar: ['backplane'] } });
 */
export function errorOf<O extends OperationDefinition, const C extends ErrorsOf<O>['code']>(
  operation: O,
  code: C,
  ...[options]: OptionsArgument<Extract<ErrorsOf<O>, { readonly code: C }>>
): HttpError {
  const { name, pluginId, errors = {} } = operation;
  const declared = Object.hasOwn(errors, code) ? errors[code] : undefined;
  if (!declared) {
    throw new BackplaneError({
      code: 'UNDECLARED_ERROR',
      message: `Operation '${name}' of plugin '${pluginId}' declares no error '${String(code)}'`,
      path: [`in operation '${pluginId}.${name}'`],
      fix: `declare it in errors: { … }, or throw another; it declares: ${Object.keys(errors).join(', ') || 'none'}.`,
    });
  }
  const {
    details,
    message = declared.description ?? code,
    cause,
  } = (options ?? {}) as {
    readonly details?: unknown;
    readonly message?: string;
    readonly cause?: unknown;
  };
  return new HttpError(declared.status, message, { code, details, cause });
}
