import type { ListedPair, StreamSource } from '../source.js';
import { parseBinance } from './binance.frames.js';
import { binanceListing } from './binance.listing.js';

const CHANNELS = ['trade', 'ticker'];

function frame(method: 'SUBSCRIBE' | 'UNSUBSCRIBE', pairs: readonly ListedPair[], id: number): string[] {
  const params = pairs.flatMap(({ pair }) => CHANNELS.map((channel) => `${pair.toLowerCase()}@${channel}`));
  return [JSON.stringify({ method, params, id })];
}

/**
 * Binance's spot streams, from the hosts that serve market data alone and need no key. A symbol that is not listed is
 * accepted and never sends. Limits: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
export const binance: StreamSource = {
  kind: 'stream',
  id: 'binance',
  addresses: { ws: 'wss://data-stream.binance.vision/stream', rest: 'https://data-api.binance.vision' },
  documentation: 'https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams',
  limits: {
    // 1,024 streams.
    pairsPerSocket: 1_024 / CHANNELS.length,
    pairsPerFrame: 100,
    // Pongs count too, and a client that goes beyond is cut and in the end banned.
    sends: { count: 5, windowMs: 1_000 },
    connects: { count: 300, windowMs: 300_000 },
    maxAgeMs: 24 * 3_600_000,
  },
  // The venue pings every 20 s.
  keepAlive: { by: 'server', silenceMs: 60_000 },
  listing: binanceListing,
  subscribe: (pairs, nextId) => frame('SUBSCRIBE', pairs, nextId()),
  unsubscribe: (pairs, nextId) => frame('UNSUBSCRIBE', pairs, nextId()),
  parse: parseBinance,
};
