import type { Allow } from '../contract/allow.js';

/** A person, or a program that holds a person's token. */
export interface UserPrincipal {
  readonly type: 'user';
  /** `<kind>:<namespace>/<name>`, as `user:default/ada`. */
  readonly userEntityRef: string;
  /** The plugin that acts on the user's behalf; absent where the user calls directly. */
  readonly actor?: ServicePrincipal;
}

/** A plugin, as `plugin:catalog`, or a program outside of the backend, as `external:ci`. */
export interface ServicePrincipal {
  readonly type: 'service';
  readonly subject: string;
  /** Where the token may be used at all; absent: everywhere. */
  readonly accessRestrictions?: readonly AccessRestriction[];
}

/** One plugin that an external token may be used at. `permissions` and `actions` are for that plugin to look at. */
export interface AccessRestriction {
  readonly plugin: string;
  readonly permissions?: readonly string[];
  readonly actions?: readonly string[];
}

/** Somebody who has said nothing about who they are. */
export interface NonePrincipal {
  readonly type: 'none';
}

export type Principal = UserPrincipal | ServicePrincipal | NonePrincipal;

/**
 * Who a request comes from. Opaque: made by `AuthService` for one plugin and worth nothing to another; the token behind
 * it is in no property, so neither a log nor JSON can tell it.
 */
export interface Credentials<P extends Principal = Principal> {
  readonly principal: P;
  /** When they end; absent: never. */
  readonly expiresAt?: Date;
}

/** The principals that may pass where `A` is said. Nothing said means a user or a service. */
export type PrincipalOf<A extends Allow | undefined> = A extends 'unauthenticated'
  ? Principal
  : A extends readonly (infer K)[]
    ? (K extends 'user' | 'user-cookie' ? UserPrincipal : never) | (K extends 'service' ? ServicePrincipal : never)
    : UserPrincipal | ServicePrincipal;
