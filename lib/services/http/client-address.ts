import type { IncomingMessage } from 'node:http';
import type { Config } from '../../api/config-service.js';
import { invalidSetting } from '../../api/invalid-setting.js';
import type { RequestClient } from '../../api/http-services.js';
import { isWellFormedHost } from './request-head.js';
import { readStrings } from './setting-readers.js';
import { canonicalIp, IpRanges } from './ip-ranges.js';

/** Whether what the peer at `address` says of the one before it is believed; it is the `hop`th, from our own peer on. */
export type ProxyTrust = (address: string, hop: number) => boolean;

const key = 'backend.trustProxy';

/**
 * What `backend.trustProxy` says: `true` for everybody, a number of hops, or the addresses and ranges of the proxies.
 * `undefined`: nobody.
 */
export function readProxyTrust(config: Config): ProxyTrust | undefined {
  const value = config.getOptional(key);
  if (value === undefined || value === false || value === 'false') return undefined;
  if (value === true || value === 'true') return () => true;
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) {
    const hops = Number(value);
    if (!Number.isInteger(hops) || hops < 0) throw invalidSetting(config, key, `is ${hops}`, advice);
    return hops === 0 ? undefined : (_address, hop) => hop < hops;
  }
  const ranges = new IpRanges();
  for (const range of (readStrings(config, key) ?? []).flatMap(text => text.split(',').map(part => part.trim()))) {
    if (!ranges.add(range)) throw invalidSetting(config, key, `names '${range}', which is no address or range`, advice);
  }
  return address => ranges.has(address);
}

const advice = `write a number of proxies, or their addresses, as '10.0.0.0/8', 'loopback' or a list of these`;

/** Who has sent a request, as far as the proxies on its way are trusted. */
export function clientOf(req: IncomingMessage, trust: ProxyTrust | undefined): RequestClient {
  const peer = canonicalIp(req.socket.remoteAddress ?? '') ?? '';
  const direct: RequestClient = {
    ip: peer,
    ips: [],
    protocol: (req.socket as { encrypted?: boolean }).encrypted ? 'https' : 'http',
    host: req.headers.host ?? '',
  };
  if (!trust?.(peer, 0)) return direct;
  const said = forwardedBy(req);
  const ips = [peer];
  // Each address was added by the next one to the right, so it counts only if that one is trusted.
  for (const text of said.for.toReversed()) {
    if (!trust(ips[0]!, ips.length - 1)) break;
    const address = canonicalIp(text);
    if (address === undefined) break;
    ips.unshift(address);
  }
  const hops = Math.max(1, ips.length - 1);
  const protocol = atHop(said.proto, hops)?.toLowerCase();
  const host = atHop(said.host, hops);
  return {
    ip: ips[0]!,
    ips: ips.slice(0, -1),
    protocol: protocol === 'http' || protocol === 'https' ? protocol : direct.protocol,
    host: host !== undefined && isWellFormedHost(host) ? host : direct.host,
  };
}

interface Forwarded {
  readonly for: readonly string[];
  readonly proto: readonly string[];
  readonly host: readonly string[];
}

/** What a proxy wrote that is `hops` away. One that replaces the header instead of adding to it leaves a single value. */
function atHop(values: readonly string[], hops: number): string | undefined {
  return values[Math.max(0, values.length - hops)];
}

/** `Forwarded` counts only where there is nothing of the older headers: a proxy writes one kind, and passes the other on. */
function forwardedBy({ headers }: IncomingMessage): Forwarded {
  const old = {
    for: listOf(headers['x-forwarded-for']),
    proto: listOf(headers['x-forwarded-proto']),
    host: listOf(headers['x-forwarded-host']),
  };
  if (old.for.length + old.proto.length + old.host.length > 0) return old;
  const elements = listOf(headers.forwarded).map(element => new Map(element.split(';').map(pairOf)));
  const all = (name: string) => elements.map(element => element.get(name)).filter(value => value !== undefined);
  return { for: elements.map(element => element.get('for') ?? ''), proto: all('proto'), host: all('host') };
}

function listOf(value: string | string[] | undefined): string[] {
  if (value === undefined || value === '') return [];
  return String(value)
    .split(',')
    .map(part => part.trim());
}

function pairOf(pair: string): [string, string] {
  const [name = '', value = ''] = pair.split('=', 2);
  return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')];
}
