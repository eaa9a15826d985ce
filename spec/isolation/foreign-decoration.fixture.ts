import { Get } from '../../lib/index.js';

/** Applies a decorator to a class that somebody else has defined. */
export function decorate({ prototype }: { readonly prototype: object }): void {
  Get('/hidden', { allow: 'unauthenticated' })(
    prototype,
    'hidden',
    Object.getOwnPropertyDescriptor(prototype, 'hidden')!,
  );
}
