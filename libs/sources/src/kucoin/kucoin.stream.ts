import type { ListedPair, StreamSource } from '../source.js';
import { MATCH, parseKucoin, SNAPSHOT } from './kucoin.frames.js';
import { kucoinListing } from './kucoin.listing.js';
import { kucoinTicket } from './kucoin.ticket.js';

/** `match` takes a list of pairs, `snapshot` one: the trades of all come first, so that prices flow at once. */
function frames(type: 'subscribe' | 'unsubscribe', pairs: readonly ListedPair[], nextId: () => number): string[] {
  const names = pairs.map(({ pair }) => pair);
  return [`${MATCH}${names.join(',')}`, ...names.map((name) => `${SNAPSHOT}${name}`)].map((topic) =>
    JSON.stringify({ id: String(nextId()), type, topic, privateChannel: false, response: true }),
  );
}

/** KuCoin spot, public channels. Limits: https://www.kucoin.com/docs-new/websocket-api/base-info/introduction */
export const kucoin: StreamSource = {
  kind: 'stream',
  id: 'kucoin',
  addresses: { ws: 'wss://ws-api-spot.kucoin.com/', rest: 'https://api.kucoin.com' },
  documentation: 'https://www.kucoin.com/docs-new/3470072w0',
  limits: {
    // 300 topics, and every pair is two.
    pairsPerSocket: 150,
    pairsPerFrame: 100,
    sends: { count: 100, windowMs: 10_000 },
    connects: { count: 30, windowMs: 60_000 },
    maxAgeMs: 24 * 3_600_000,
  },
  keepAlive: {
    by: 'client-frame',
    everyMs: 18_000,
    frame: (now) => JSON.stringify({ id: String(now), type: 'ping' }),
    // One interval, and the 10 s that the venue gives a pong.
    silenceMs: 28_000,
  },
  listing: kucoinListing,
  ticket: kucoinTicket,
  waitForWelcome: true,
  subscribe: (pairs, nextId) => frames('subscribe', pairs, nextId),
  unsubscribe: (pairs, nextId) => frames('unsubscribe', pairs, nextId),
  parse: parseKucoin,
};
