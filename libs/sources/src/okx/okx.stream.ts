import type { ListedPair, StreamSource } from '../source.js';
import { parseOkx } from './okx.frames.js';
import { okxListing } from './okx.listing.js';

const CHANNELS = ['trades', 'tickers'];

function frame(op: 'subscribe' | 'unsubscribe', pairs: readonly ListedPair[]): string[] {
  return [
    JSON.stringify({
      op,
      args: CHANNELS.flatMap((channel) => pairs.map(({ pair }) => ({ channel, instId: pair }))),
    }),
  ];
}

/** OKX v5, public channels. Limits: https://www.okx.com/docs-v5/en/#overview-websocket-connect */
export const okx: StreamSource = {
  kind: 'stream',
  id: 'okx',
  addresses: { ws: 'wss://ws.okx.com:8443/ws/v5/public', rest: 'https://www.okx.com' },
  documentation: 'https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-tickers-channel',
  limits: {
    // 64 KB of arguments; these are about 40 KB, and a frame of 100 pairs about 10.
    pairsPerSocket: 400,
    pairsPerFrame: 100,
    // Requests, per connection. Pings are not among them, but 180 an hour leave room enough.
    sends: { count: 480, windowMs: 3_600_000 },
    connects: { count: 3, windowMs: 1_000 },
  },
  // Dropped after 30 s in which nothing was pushed.
  keepAlive: { by: 'client-frame', everyMs: 20_000, frame: () => 'ping', silenceMs: 30_000 },
  listing: okxListing,
  subscribe: (pairs) => frame('subscribe', pairs),
  unsubscribe: (pairs) => frame('unsubscribe', pairs),
  parse: parseOkx,
};
