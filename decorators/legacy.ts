/**
 * Refuses to be called the TC39 way: without `experimentalDecorators` a compiler passes a context object as second
 * argument, there are no parameter decorators, and nothing could be injected.
 *
 * Throws a `TypeError` with code `STANDARD_DECORATORS`.
 */
export function refuseStandardDecorators(decorator: string, context: unknown): void {
  if (typeof context === 'object' && context !== null && 'kind' in context) {
    const error = new TypeError(
      `[STANDARD_DECORATORS] @${decorator} was compiled as a standard decorator\n` +
        `   fix: set "experimentalDecorators": true in tsconfig.json, or write "extends": "backplane/tsconfig.json".`,
    );
    throw Object.assign(error, { code: 'STANDARD_DECORATORS' });
  }
}

/**
 * Refuses to be used without parentheses, `@Get` for `@Get('/')`: a decorator is then given what it is above, in place of
 * its options, and what it gives back means nothing above a method, and takes the place of a class. The compiler refuses
 * that, JavaScript does not. Throws a `TypeError`.
 */
export function refuseBare(decorator: string, given: unknown): void {
  if (!isClass(given) && !isPrototype(given)) return;
  throw new TypeError(
    `@${decorator} is written without parentheses\n   fix: write @${decorator}(…), with its options.`,
  );
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function isPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { value: owner } = Object.getOwnPropertyDescriptor(value, 'constructor') ?? {};
  return typeof owner === 'function' && (owner as { prototype?: unknown }).prototype === value;
}
