import type { SourceId } from './source.js';

/** Our spelling of an asset, lower case: `btc`. */
export type AssetSymbol = string;

/** Currency a pair is quoted in, lower case: `usd`, `usdt`, `usdc`, and whatever else a venue lists (`eur`, `btc`). */
export type QuoteCurrency = string;

/** One trade on one venue. Numbers are finite and positive; whoever makes a tick has checked that. */
export interface Tick {
  readonly symbol: AssetSymbol;
  readonly quote: QuoteCurrency;
  /** Units of `quote` per unit of `symbol`. */
  readonly price: number;
  /** Units of `symbol`. */
  readonly size: number;
  /** When the venue says it traded, epoch ms (fractions survive). */
  readonly time: number;
  /** The venue's trade id as text: some exceed 2^53. */
  readonly id: string;
}

/** A venue's rolling summary of one pair: it says what the price still is, and what the last 24 hours were. */
export interface Ticker {
  readonly symbol: AssetSymbol;
  readonly quote: QuoteCurrency;
  /** Last traded price, units of `quote`. */
  readonly price: number;
  /** When the venue says this was true, epoch ms; for an API that does not say, when it answered. */
  readonly time: number;
  /** Price 24 h ago, units of `quote`. */
  readonly open24h?: number;
  /** Traded over 24 h, units of `quote`. */
  readonly volume24h?: number;
}

/**
 * One entry of the tick log: what one source delivered within a few milliseconds. Without ticks and tickers it is a
 * heartbeat: it lets time pass in the log when nothing trades.
 */
export interface TickBatch {
  readonly source: SourceId;
  /** Who wrote it and its number there, ascending: a batch whose writing was confirmed too late is written twice. */
  readonly origin?: { readonly writer: string; readonly seq: number };
  /** The ingestor's clock when it sealed the batch, epoch ms. The log's clock is the largest one seen. */
  readonly receivedAt: number;
  readonly ticks: readonly Tick[];
  readonly tickers: readonly Ticker[];
}

/**
 * A batch's name in logs and traces, the same in every process and unique within its partition: source, the beginning of its
 * writer's id, its number there.
 */
export function batchId({ source, origin }: Pick<TickBatch, 'source' | 'origin'>): string {
  return origin === undefined ? source : `${source}.${origin.writer.slice(0, 8)}.${origin.seq}`;
}
