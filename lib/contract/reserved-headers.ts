const reserved: ReadonlySet<string> = new Set([
  'accept',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers that are the wire's own, or tell who calls: no operation declares them and no client sets them. By lower case. */
export function isReservedHeader(name: string): boolean {
  return (
    reserved.has(name) ||
    name.startsWith('proxy-') ||
    name.startsWith('x-backplane-') ||
    name.startsWith('x-forwarded-')
  );
}
