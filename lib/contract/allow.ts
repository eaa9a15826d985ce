/**
 * Who may call a route. A route that does not say it requires a user or a service.
 *
 * `unauthenticated` stands alone: whoever may be anonymous may be anybody.
 */
export type Allow = 'unauthenticated' | readonly ('user' | 'service' | 'user-cookie')[];

/** The kinds of callers that `A` lets pass. */
export type AllowedKinds<A> = A extends 'unauthenticated'
  ? 'user' | 'service' | 'user-cookie' | 'unauthenticated'
  : A extends readonly (infer K)[]
    ? K
    : 'user' | 'service';

/** Who may still call where `A` may: the same, or fewer. */
export type NarrowerAllow<A> =
  | ('unauthenticated' extends AllowedKinds<A> ? 'unauthenticated' : never)
  | readonly Exclude<AllowedKinds<A>, 'unauthenticated'>[];

/** `A` where it is one of `Narrower`; else the text that the compiler shows. */
export type WithinAllow<A, Narrower> = A extends Narrower
  ? A
  : 'name nobody whom the operation does not let pass; who that is, its api says';

const kinds: readonly unknown[] = ['user', 'service', 'user-cookie'];

export function isAllow(value: unknown): value is Allow {
  return value === 'unauthenticated' || (Array.isArray(value) && value.every(kind => kinds.includes(kind)));
}

/** Whether nobody passes by `inner` who does not pass by `outer`. */
export function isWithin(inner: Allow | undefined, outer: Allow | undefined): boolean {
  if (outer === 'unauthenticated') return true;
  const open = outer ?? ['user', 'service'];
  return inner !== 'unauthenticated' && (inner ?? ['user', 'service']).every(kind => open.includes(kind));
}
