import type { Allow } from '../contract/allow.js';
import type { OperationDefinition } from '../contract/operation.js';
import type { Credentials, NonePrincipal, Principal, PrincipalOf, ServicePrincipal } from './credentials.js';

/** Who asks, as what is passed on to a client: the `Call` of an operation's handler, or the context of a plain route. */
export interface Caller<P extends Principal = Principal> {
  readonly credentials: Credentials<P>;
  /** Aborted once nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** When the answer is too late, in ms since 1970; absent: whenever. */
  readonly deadline?: number;
  readonly requestId: string;
}

/** What a handler knows of the request besides its content; passed on to a client it says on whose behalf that calls. */
export interface Call<P extends Principal = Principal> extends Caller<P> {
  /** By their names in lower case; credentials and cookies are not among them. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** What an operation lets pass, said or not. */
type AllowOf<O extends OperationDefinition> = O extends { readonly allow: infer A extends Allow } ? A : undefined;

/** The call that the handler of an operation is given: from whom the operation, or the narrower `A`, lets pass. */
export type CallOf<O extends OperationDefinition, A extends Allow | undefined = AllowOf<O>> = Call<PrincipalOf<A>>;

/** How a client calls: on behalf of whoever asks the plugin, or said explicitly, as the plugin itself. */
export type CallOptions = Caller | OwnCall;

/** A call as the plugin itself. */
export interface OwnCall {
  readonly credentials: 'own';
  readonly signal?: AbortSignal;
  /** How long the answer may take, in ms; never longer than the request that is being answered may. */
  readonly timeout?: number;
}

/** How a client calls one operation: as the plugin itself only where services may pass. */
export type CallOptionsOf<O extends OperationDefinition> =
  NonePrincipal extends PrincipalOf<AllowOf<O>>
    ? CallOptions
    : ServicePrincipal extends PrincipalOf<AllowOf<O>>
      ? CallOptions
      : Caller;
