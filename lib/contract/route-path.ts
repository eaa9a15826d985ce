const segment = /^(?:[\w\-.~!$&'()+,=@]+|:\w+)$/;

/**
 * The path of a route as the router keeps it: with a slash in front, and `/` for the plugin's own path.
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

/** The names of the `:name` segments of a path. */
export function paramNamesOf(path: string): string[] {
  return path.split('/').flatMap(part => (part.startsWith(':') ? [part.slice(1)] : []));
}
