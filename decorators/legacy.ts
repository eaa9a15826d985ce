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
