import type { OperationDraft, OperationMethod, OperationOptions } from './operation.js';
import type { Nothing } from './request-of.js';

/** The names of the `:name` segments of a path. */
export type ParamNames<P extends string> = P extends `${infer Segment}/${infer Rest}`
  ? ParamName<Segment> | ParamNames<Rest>
  : ParamName<P>;
type ParamName<S extends string> = S extends `:${infer Name}` ? Name : never;

type Bodiless = Omit<OperationOptions, 'body' | 'maxBodySize'>;

/** Makes the compiler refuse an option that there is not. */
type OnlyKnown<O, Known> = { readonly [K in Exclude<keyof O, keyof Known>]: never };

/** Makes the compiler refuse a path whose parameters nobody describes, and parameters that no path has. */
type ParamsOf<P extends string> = [ParamNames<P>] extends [never]
  ? { readonly params?: never }
  : { readonly params: unknown };

/** Declares an operation; `Known` are the options that its method can have. */
interface DraftFunction<Known extends OperationOptions> {
  <const P extends string>(path: [ParamNames<P>] extends [never] ? P : never): OperationDraft<Nothing>;
  <const P extends string, const O extends Known>(
    path: P,
    options: O & OnlyKnown<O, Known> & (string extends P ? unknown : ParamsOf<P>),
  ): OperationDraft<O>;
}

/**
 * Declares an operation that is called with `GET`: it only reads.
 *
 * The path is relative to `/api/<pluginId>`; each of its `:name` segments is a key of `params`.
 *
 * @example
 * getEntity: get('/entities/:kind/:name', { params: EntityName, response: Entity })
 */
export const get = draftFunction<Bodiless>('GET');

/** Declares an operation that is called with `POST`. See {@link get}. */
export const post = draftFunction<OperationOptions>('POST');

/** Declares an operation that is called with `PUT`: twice does what once does. See {@link get}. */
export const put = draftFunction<OperationOptions>('PUT');

/** Declares an operation that is called with `PATCH`. See {@link get}. */
export const patch = draftFunction<OperationOptions>('PATCH');

/** Declares an operation that is called with `DELETE`: twice does what once does. See {@link get}. */
export const del = draftFunction<Bodiless>('DELETE');

/** Whether it is sound is looked at by `defineApi`, which knows its name. */
function draftFunction<Known extends OperationOptions>(method: OperationMethod): DraftFunction<Known> {
  return (path: string, options: object = {}) => ({ method, path, options: options as never });
}
