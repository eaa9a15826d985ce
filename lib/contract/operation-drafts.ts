import type { OperationDraft, OperationMethod, OperationOptions } from './operation.js';

/** The names of the `:name` segments of a path. */
export type ParamNames<P extends string> = P extends `${infer Segment}/${infer Rest}`
  ? ParamName<Segment> | ParamNames<Rest>
  : ParamName<P>;
type ParamName<S extends string> = S extends `:${infer Name}` ? Name : never;

type Bodiless = Omit<OperationOptions, 'body' | 'maxBodySize'>;

/** Makes the compiler refuse an option that there is not, and parameters of the path that nobody describes. */
type Checked<P extends string, O, Known> = O & { readonly [K in Exclude<keyof O, keyof Known>]: never } & ([
    ParamNames<P>,
  ] extends [never]
    ? { readonly params?: never }
    : string extends P
      ? unknown
      : { readonly params: unknown });

type OptionsArgument<P extends string, O, Known> =
  unknown extends Checked<P, unknown, Known>
    ? [options?: Checked<P, O, Known>]
    : [ParamNames<P>] extends [never]
      ? [options?: Checked<P, O, Known>]
      : [options: Checked<P, O, Known>];

/**
 * Declares an operation that is called with `GET`: it only reads.
 *
 * The path is relative to `/api/<pluginId>`; each of its `:name` segments is a key of `params`.
 *
 * @example
 * getEntity: get('/entities/:kind/:name', { params: EntityName, response: Entity })
 */
export function get<const P extends string, const O extends Bodiless = Record<never, never>>(
  path: P,
  ...[options]: OptionsArgument<P, O, Bodiless>
): OperationDraft<O> {
  return draft('GET', path, options);
}

/** Declares an operation that is called with `POST`. See {@link get}. */
export function post<const P extends string, const O extends OperationOptions = Record<never, never>>(
  path: P,
  ...[options]: OptionsArgument<P, O, OperationOptions>
): OperationDraft<O> {
  return draft('POST', path, options);
}

/** Declares an operation that is called with `PUT`: twice does what once does. See {@link get}. */
export function put<const P extends string, const O extends OperationOptions = Record<never, never>>(
  path: P,
  ...[options]: OptionsArgument<P, O, OperationOptions>
): OperationDraft<O> {
  return draft('PUT', path, options);
}

/** Declares an operation that is called with `PATCH`. See {@link get}. */
export function patch<const P extends string, const O extends OperationOptions = Record<never, never>>(
  path: P,
  ...[options]: OptionsArgument<P, O, OperationOptions>
): OperationDraft<O> {
  return draft('PATCH', path, options);
}

/** Declares an operation that is called with `DELETE`: twice does what once does. See {@link get}. */
export function del<const P extends string, const O extends Bodiless = Record<never, never>>(
  path: P,
  ...[options]: OptionsArgument<P, O, Bodiless>
): OperationDraft<O> {
  return draft('DELETE', path, options);
}

/** Whether it is sound is looked at by `defineApi`, which knows its name. */
function draft<O extends OperationOptions>(
  method: OperationMethod,
  path: string,
  options: O | undefined,
): OperationDraft<O> {
  return { method, path, options: options ?? ({} as O) };
}
