/** Where a Haunt server is: what REST paths are put behind, and what Socket.IO is told. */
export interface Address {
  /** Without a slash at the end. */
  readonly base: string;
  readonly origin: string;
  /** Of Socket.IO on that origin. */
  readonly socketPath: string;
}

const ELSEWHERE = 'http://localhost:3001';

/**
 * `url` may have a path, for a server behind a prefix of a proxy. Absent: where the page came from, and outside browsers
 * the address a Haunt server listens on by default.
 * @throws TypeError when it is no http or https address
 */
export function addressOf(url: string | undefined): Address {
  const { location } = globalThis as { readonly location?: { readonly origin?: string } };
  const here = location?.origin?.startsWith('http') === true ? location.origin : ELSEWHERE;
  const given = url === undefined || url === '' ? here : url;
  let parsed: URL;
  try {
    parsed = new URL(given);
  } catch {
    throw new TypeError(`url must be an address such as ${ELSEWHERE}; it is ${JSON.stringify(given)}`);
  }
  if (!/^https?:$/.test(parsed.protocol)) {
    throw new TypeError(`url must begin with http:// or https://; it is ${JSON.stringify(given)}`);
  }
  const prefix = parsed.pathname.replace(/\/+$/, '');
  return { base: `${parsed.origin}${prefix}`, origin: parsed.origin, socketPath: `${prefix}/socket.io` };
}
