/** Who asks for an address: other plugins, or the world outside. */
export type Direction = 'internal' | 'external';

/** An address with the plugin's id still to be filled in. */
export interface Target {
  /** Without a slash at its end. */
  readonly url: string;
  /** Its host is a name whose SRV records say host and port. */
  readonly isSrv: boolean;
}

const placeholder = /\{\{\s*pluginId\s*\}\}/g;

/** The target that a URL of the configuration means, or in words what is wrong with it. */
export function parseTarget(text: string, direction: Direction): Target | string {
  const sample = text.replaceAll(placeholder, 'plugin');
  const url = URL.canParse(sample) ? new URL(sample.replace(/^(https?)\+srv:/, '$1:')) : undefined;
  const isSrv = /^https?\+srv:/.test(sample);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return 'is not the URL of a web server';
  if (sample.includes('{{')) return `has a placeholder other than '{{pluginId}}'`;
  if (url.username !== '' || url.password !== '') return 'has credentials in it';
  if (url.search !== '' || url.hash !== '') return 'has a query or a fragment';
  if (!isSrv) return { url: text.replace(/\/+$/, ''), isSrv };
  if (direction === 'external') return 'names SRV records, which are only looked up for internal addresses';
  if (/^[^/]*\/\/[^/]*:\d*(?:\/|$)/.test(sample)) return 'has a port, which SRV records say';
  return { url: text.replace('+srv:', ':').replace(/\/+$/, ''), isSrv };
}

/** The address of one plugin. */
export function addressIn(target: Target, pluginId: string): string {
  return target.url.replaceAll(placeholder, encodeURIComponent(pluginId));
}

/** The same with another host, as SRV records say it. */
export function withHost(address: string, host: { readonly name: string; readonly port: number }): string {
  const url = new URL(address);
  return `${url.protocol}//${host.name}:${host.port}${url.pathname.replace(/\/+$/, '')}`;
}
