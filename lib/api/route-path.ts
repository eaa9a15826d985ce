const segment = /^(?:[\w\-.~!$&'()+,=@]+|:\w+)$/;

/**
 * The path of an annotated route as the router keeps it: with a slash in front, and `/` for the plugin's own path.
 *
 * Segments are plain characters or a `:name`, each name once; `undefined` for anything else.
 */
export function routePathOf(path: unknown): string | undefined {
  if (typeof path !== 'string') return undefined;
  if (path === '' || path === '/') return '/';
  const segments = path.replace(/^\//, '').split('/');
  const names = segments.filter(part => part.startsWith(':'));
  const valid = segments.every(part => segment.test(part) && part !== '.' && part !== '..');
  return valid && new Set(names).size === names.length ? `/${segments.join('/')}` : undefined;
}
