import type { SourceId } from './source.js';
import type { AssetSymbol, QuoteCurrency } from './tick.js';

/**
 * How far a price can be trusted. `normal`: three or more sources counted and agree. `degraded`: two counted, or the
 * counted ones disagree and nobody can tell who is wrong. `single-source`: one. `stale`: none is fresh, the price is the
 * last known one and keeps its old time.
 */
export type PriceStatus = 'normal' | 'degraded' | 'single-source' | 'stale';

export type Direction = 'up' | 'down';

/** Quartiles of the counted sources' prices, USD: the source agreement. */
export interface Spread {
  readonly p25: number;
  readonly p75: number;
}

/** One asset's price as the aggregator publishes it. Every change has a higher version; versions never go back. */
export interface PriceUpdate {
  readonly symbol: AssetSymbol;
  /** USD. */
  readonly price: number;
  readonly previousPrice?: number;
  /** Percent over 24 h. */
  readonly change24h?: number;
  /** Traded over 24 h, USD. */
  readonly volume24h?: number;
  readonly direction?: Direction;
  /** The source whose quote caused this update; for a change caused by time alone, the heaviest that counts. */
  readonly source: SourceId;
  /** Those that counted, heaviest first. */
  readonly sources: readonly SourceId[];
  readonly status: PriceStatus;
  readonly spread: Spread;
  /** The time this price is true for: of the freshest quote that counted, epoch ms. */
  readonly asOf: number;
  readonly version: number;
}

/** One line of an explanation: a source's quote and what became of it. */
export interface ExplainedQuote {
  readonly source: SourceId;
  /** As `btc/usdt`. */
  readonly pair: string;
  readonly quote: QuoteCurrency;
  /** In the pair's own quote currency. */
  readonly quotePrice: number;
  /** USD per unit of the quote currency; null when there is no trusted rate. */
  readonly conversionRate: number | null;
  /** Null when it could not be converted. */
  readonly priceUsd: number | null;
  readonly ageMs: number;
  readonly weight: number;
  readonly counted: boolean;
  /** Why it did not count, or a remark on one that did; a sentence. */
  readonly reason?: string;
}

/** Which entry of the tick log made a price what it is, so that it can be followed through logs and streams. */
export interface PriceTrace {
  readonly partition: number;
  /** Its id in the log. */
  readonly entry: string;
  /** The batch's name; see `batchId`. */
  readonly batch: string;
  readonly source: SourceId;
  /** When it was received, epoch ms. */
  readonly receivedAt: number;
  /** The entry of `prices` that it was published in; absent when it could not be published, or not yet. */
  readonly published?: string;
}

export interface Explanation {
  readonly symbol: AssetSymbol;
  readonly price: number;
  readonly status: PriceStatus;
  readonly asOf: number;
  readonly version: number;
  readonly spread: Spread;
  readonly sources: readonly ExplainedQuote[];
  /** Absent while the price is older than the aggregator that answers. */
  readonly trace?: PriceTrace;
}
