const here = 'here.invalid';

/**
 * Throws for a target that is no address of a page, and for one that looks like a path and leads to another host, as
 * `//host` and `/\host` do for a browser: it is what remains where a path of a request was trusted.
 */
export function assertSoundRedirect(target: string): void {
  const url = URL.parse(target, `http://${here}`);
  const isPage = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (isPage && (url.host === here || /^https?:\/\//i.test(target))) return;
  throw new TypeError('ctx.redirect() takes a path of this host, or a whole URL that begins with http:// or https://');
}
