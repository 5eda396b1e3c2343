/** How a source delivers: a venue's push feed, or an HTTP API that is asked again and again. */
export type FeedKind = 'stream' | 'poll';

/**
 * What a source is: `venue` quotes its own trades, `index` is somebody else's average of venues. An index never beats
 * venues for 24 h volume, because it already counts theirs.
 */
export type SourceNature = 'venue' | 'index';

export interface SourceFacts {
  readonly name: string;
  /** Share of this source in the weighted price, relative to the others; 1 is the most trusted. */
  readonly weight: number;
  readonly feed: FeedKind;
  readonly nature: SourceNature;
}

/**
 * Every price source and its weight. Coinbase to CoinGecko are the published seed weights; Kraken, CoinMarketCap and
 * CryptoCompare have none there, theirs are our choice: Kraken below the two largest venues, indices beside CoinGecko. So is
 * Bybit's: that of KuCoin and OKX, because it is large, and nearly all of its pairs are in tether. Sums are taken by weight and
 * then in the order of this table: a new source comes last, or the others' sums differ in their last bit.
 */
export const SOURCES = {
  coinbase: { name: 'Coinbase', weight: 1.0, feed: 'stream', nature: 'venue' },
  binance: { name: 'Binance', weight: 1.0, feed: 'stream', nature: 'venue' },
  kucoin: { name: 'KuCoin', weight: 0.8, feed: 'stream', nature: 'venue' },
  okx: { name: 'OKX', weight: 0.8, feed: 'stream', nature: 'venue' },
  huobi: { name: 'Huobi', weight: 0.7, feed: 'stream', nature: 'venue' },
  kraken: { name: 'Kraken', weight: 0.9, feed: 'poll', nature: 'venue' },
  coingecko: { name: 'CoinGecko', weight: 0.5, feed: 'poll', nature: 'index' },
  coinmarketcap: { name: 'CoinMarketCap', weight: 0.5, feed: 'poll', nature: 'index' },
  cryptocompare: { name: 'CryptoCompare', weight: 0.5, feed: 'poll', nature: 'index' },
  bybit: { name: 'Bybit', weight: 0.8, feed: 'stream', nature: 'venue' },
} as const satisfies Record<string, SourceFacts>;

export type SourceId = keyof typeof SOURCES;

export const SOURCE_IDS = Object.keys(SOURCES) as readonly SourceId[];

/** Sources with a push feed. */
export type StreamId = { [Id in SourceId]: (typeof SOURCES)[Id]['feed'] extends 'stream' ? Id : never }[SourceId];

export function isStreamId(id: SourceId): id is StreamId {
  return SOURCES[id].feed === 'stream';
}

export const STREAM_IDS: readonly StreamId[] = SOURCE_IDS.filter(isStreamId);

export function isSourceId(value: string): value is SourceId {
  return Object.hasOwn(SOURCES, value);
}
