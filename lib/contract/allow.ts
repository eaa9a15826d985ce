/**
 * Who may call a route. A route that does not say it requires a user or a service.
 *
 * `unauthenticated` stands alone: whoever may be anonymous may be anybody.
 */
export type Allow = 'unauthenticated' | readonly ('user' | 'service' | 'user-cookie')[];
