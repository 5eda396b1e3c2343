import type { ListedPair, StreamSource } from '../source.js';
import { parseCoinbase } from './coinbase.frames.js';
import { coinbaseListing } from './coinbase.listing.js';

/** `heartbeat` comes every second for every product: with it, silence means a dead socket even where nothing trades. */
const CHANNELS = ['ticker', 'matches', 'heartbeat'];

function frame(type: 'subscribe' | 'unsubscribe', pairs: readonly ListedPair[]): string[] {
  return [JSON.stringify({ type, product_ids: pairs.map(({ pair }) => pair), channels: CHANNELS })];
}

/** Coinbase Exchange's public feed. Limits: https://docs.cdp.coinbase.com/exchange/websocket-feed/rate-limits */
export const coinbase: StreamSource = {
  kind: 'stream',
  id: 'coinbase',
  addresses: { ws: 'wss://ws-feed.exchange.coinbase.com', rest: 'https://api.exchange.coinbase.com' },
  documentation: 'https://docs.cdp.coinbase.com/exchange/websocket-feed/channels',
  limits: {
    // Not limited by the venue, which cuts slow readers: more sockets keep each one quick.
    pairsPerSocket: 200,
    pairsPerFrame: 100,
    sends: { count: 100, windowMs: 1_000 },
    connects: { count: 8, windowMs: 1_000 },
    subscribeWithinMs: 5_000,
  },
  keepAlive: { by: 'server', silenceMs: 10_000 },
  listing: coinbaseListing,
  subscribe: (pairs) => frame('subscribe', pairs),
  unsubscribe: (pairs) => frame('unsubscribe', pairs),
  parse: parseCoinbase,
};
