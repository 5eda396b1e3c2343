import type { StreamSource } from '@haunt/sources';

/**
 * Where to connect. An override with a path or a query of its own is taken whole; a bare one (`ws://127.0.0.1:9000`)
 * replaces only protocol, host and port, and keeps the path that the source's dialect is written for.
 */
export function webSocketAddress(source: Pick<StreamSource, 'addresses'>, override: string | undefined): string {
  if (override === undefined) return source.addresses.ws;
  const there = new URL(override);
  if (there.pathname !== '/' || there.search !== '') return override;
  const ours = new URL(source.addresses.ws);
  return `${there.protocol}//${there.host}${ours.pathname}${ours.search}`;
}

/** Without the slash at the end, because request paths begin with one. */
export function restAddress(address: string): string {
  return address.replace(/\/+$/, '');
}
