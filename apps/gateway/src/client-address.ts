import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const LONGEST_CHAIN = 32;

/** Who a request comes from, and whether an address is one of ours in front of it. */
export interface ClientAddresses {
  /** The address that limits count: of the client, or of the first machine on the way to it that is not trusted. */
  of(request: IncomingMessage): string;
  isTrusted(address: string): boolean;
}

/**
 * Reads client addresses behind the reverse proxies `trusted` (IP addresses and CIDR ranges, as TRUSTED_PROXIES has them).
 *
 * Every proxy appends to X-Forwarded-For whom it was asked by; what stands left of that, the client may have written itself.
 * So the chain is read from its end, the peer of the socket first, and only on behind what is trusted. The first address that is not
 * trusted is the client. What a trusted proxy wrote that is no address ("unknown") counts as that proxy: a made-up name must not
 * be a new client each time.
 */
export function clientAddresses(trusted: readonly string[]): ClientAddresses {
  const ranges = new BlockList();
  for (const range of trusted) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) ranges.addAddress(address, family);
    else ranges.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string): boolean => {
    const bare = addressIn(address);
    return bare !== undefined && ranges.check(bare, isIP(bare) === 6 ? 'ipv6' : 'ipv4');
  };
  return {
    isTrusted,
    of(request) {
      const peer = request.socket.remoteAddress ?? '';
      let client = addressIn(peer) ?? peer;
      const forwarded = request.headers['x-forwarded-for'];
      if (trusted.length === 0 || forwarded === undefined) return client;
      const chain = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded).split(',').slice(-LONGEST_CHAIN);
      while (isTrusted(client)) {
        const before = addressIn(chain.pop()?.trim() ?? '');
        if (before === undefined) break;
        client = before;
      }
      return client;
    },
  };
}

/** The IP address in `192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]:443` or `::ffff:192.0.2.1`; undefined when there is none. */
function addressIn(text: string): string | undefined {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  // One client is not two because its connection came in over a socket that also listens to IPv6.
  const address = /^::ffff:([\d.]+)$/i.exec(bare)?.[1] ?? bare;
  return isIP(address) === 0 ? undefined : address;
}
