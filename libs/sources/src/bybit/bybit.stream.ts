import type { ListedPair, StreamSource } from '../source.js';
import { parseBybit } from './bybit.frames.js';
import { bybitListing } from './bybit.listing.js';

const CHANNELS = ['publicTrade', 'tickers'];
/** On spot. More are refused, all of them. */
const ARGS_PER_FRAME = 10;

function frame(op: 'subscribe' | 'unsubscribe', pairs: readonly ListedPair[], id: number): string[] {
  const args = pairs.flatMap(({ pair }) => CHANNELS.map((channel) => `${channel}.${pair}`));
  return [JSON.stringify({ req_id: String(id), op, args })];
}

/** Bybit v5, spot, public topics. Written from the documentation alone: it was never tried against the venue. */
export const bybit: StreamSource = {
  kind: 'stream',
  id: 'bybit',
  addresses: { ws: 'wss://stream.bybit.com/v5/public/spot', rest: 'https://api.bybit.com' },
  documentation: 'https://bybit-exchange.github.io/docs/v5/ws/connect',
  limits: {
    // 21,000 characters of arguments on a connection; the two of a pair of 16 letters take 58.
    pairsPerSocket: 300,
    pairsPerFrame: ARGS_PER_FRAME / CHANNELS.length,
    // Not published; 300 pairs are subscribed within three seconds.
    sends: { count: 20, windowMs: 1_000 },
    connects: { count: 500, windowMs: 300_000 },
  },
  // A ping every 20 s is what the venue asks for; it answers in JSON.
  keepAlive: { by: 'client-frame', everyMs: 20_000, frame: () => '{"op":"ping"}', silenceMs: 30_000 },
  listing: bybitListing,
  subscribe: (pairs, nextId) => frame('subscribe', pairs, nextId()),
  unsubscribe: (pairs, nextId) => frame('unsubscribe', pairs, nextId()),
  parse: parseBybit,
};
