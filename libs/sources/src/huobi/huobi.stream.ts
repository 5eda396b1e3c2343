import type { ListedPair, StreamSource } from '../source.js';
import { decodeHuobi, parseHuobi } from './huobi.frames.js';
import { huobiListing } from './huobi.listing.js';

const CHANNELS = ['trade.detail', 'detail'];

/** One topic a frame. The topic is the id too: an error answer carries nothing else that says what was refused. */
function frames(op: 'sub' | 'unsub', pairs: readonly ListedPair[]): string[] {
  return CHANNELS.flatMap((channel) =>
    pairs.map(({ pair }) => {
      const topic = `market.${pair}.${channel}`;
      return JSON.stringify({ [op]: topic, id: topic });
    }),
  );
}

/** HTX, the exchange that was called Huobi; hosts and wire format kept the old name. */
export const huobi: StreamSource = {
  kind: 'stream',
  id: 'huobi',
  addresses: { ws: 'wss://api.huobi.pro/ws', rest: 'https://api.huobi.pro' },
  documentation: 'https://www.htx.com/en-us/opend/newApiPages/?id=8cb7c385-77b5-11ed-9966-0242ac110003',
  limits: {
    // None of these four is published; bursts of this size are answered in full.
    pairsPerSocket: 100,
    pairsPerFrame: 100,
    sends: { count: 40, windowMs: 1_000 },
    connects: { count: 5, windowMs: 5_000 },
  },
  // The venue pings every 5 s and hangs up after two that were not answered.
  keepAlive: { by: 'server', silenceMs: 15_000 },
  listing: huobiListing,
  subscribe: (pairs) => frames('sub', pairs),
  unsubscribe: (pairs) => frames('unsub', pairs),
  decode: decodeHuobi,
  parse: parseHuobi,
};
