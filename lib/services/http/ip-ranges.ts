import { BlockList, isIP } from 'node:net';

const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** Addresses, by themselves, as `10.0.0.0/8`, or by name: `loopback`, `linklocal`, `uniquelocal`. */
export class IpRanges {
  readonly #list = new BlockList();

  /** `false` where that is no range. */
  add(range: string): boolean {
    const ranges = Object.hasOwn(named, range) ? named[range] : undefined;
    if (ranges) return ranges.every(each => this.add(each));
    const [address = '', length, ...rest] = range.split('/');
    const version = isIP(address);
    if (version === 0 || rest.length > 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (length === undefined) {
      this.#list.addAddress(address, family);
      return true;
    }
    if (!/^\d{1,3}$/.test(length) || Number(length) > (version === 4 ? 32 : 128)) return false;
    this.#list.addSubnet(address, Number(length), family);
    return true;
  }

  /** Takes an address as `canonicalIp()` gives it. */
  has(address: string): boolean {
    return this.#list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  }
}

/**
 * The one way to write the address that `text` is, where it is one: an IPv4 address that was mapped into IPv6 is
 * again IPv4, and nothing of a zone is left. Ports, as some proxies add them, are left away.
 */
export function canonicalIp(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  switch (isIP(mapped)) {
    case 4:
      return mapped;
    case 6:
      return new URL(`http://[${mapped}]`).hostname.slice(1, -1);
    default:
      return undefined;
  }
}
