import type { AssetSymbol, Ohlc, QuoteCurrency, SourceId } from '@haunt/domain';
import type { HttpRequest, Listing } from './source.js';

/** One bucket as a provider gives it, in the pair's quote currency. */
export interface QuotedCandle extends Ohlc {
  /** Bucket start, epoch ms, a multiple of the bucket's width. */
  readonly time: number;
  /** Traded in this bucket, in quote currency; absent when the provider does not know it for the bucket. */
  readonly volume?: number;
}

/**
 * What a provider's buckets are worth beside others: a venue's own candles at native resolution, or an index seen at points
 * (of five minutes or an hour), or by the day.
 */
export type HistoryGrade = 'klines' | 'hourly' | 'daily';

/** How a provider finds an asset. */
export interface HistoryAsset {
  readonly symbol: AssetSymbol;
  readonly coingeckoId?: string;
  /** From `listing`, where the provider has one. */
  readonly pair?: string;
  readonly quote: QuoteCurrency;
}

/** What a provider without pairs has at all, so that it is not asked for what it has not. */
export interface CoinList {
  request(key: string | undefined): HttpRequest;
  /** The names of all its coins. @throws VenueFrameError when the body is an error or not what was asked for. */
  parse(body: unknown): string[];
  /** The name that an asset would have in the list; undefined: it cannot be in it. */
  nameOf(asset: Pick<HistoryAsset, 'symbol' | 'coingeckoId'>): string | undefined;
}

export interface HistoryResolution {
  readonly bucketMs: number;
  readonly grade: HistoryGrade;
  /** Buckets in one answer at the most. */
  readonly perRequest: number;
  /** How far back this resolution reaches at all; absent: to the beginning. */
  readonly reachMs?: number;
}

/** An API that gives past candles: data and pure functions. The seeder owns the requests, the pace and the retries. */
export interface HistorySource {
  readonly id: SourceId;
  readonly documentation: string;
  readonly rest: string;
  /** Absent: the provider is asked by symbol or id. */
  readonly listing?: Listing;
  /** Of a provider that is asked by symbol or id, where it tells which those are. */
  readonly coins?: CoinList;
  readonly needsKey: boolean;
  /** Requests per rolling window that the published budget allows, given the key. */
  budget(key: string | undefined): { readonly count: number; readonly windowMs: number; readonly rest?: string };
  /** Widths it offers among those Haunt keeps (1 min, 5 min, 1 h) and, for `daily`, 1 d. */
  readonly resolutions: readonly HistoryResolution[];
  /** Buckets from `from` up to, not including, `to` (both epoch ms on the grid; at most `perRequest` of them). */
  request(
    asset: HistoryAsset,
    resolution: HistoryResolution,
    from: number,
    to: number,
    key: string | undefined,
  ): HttpRequest;
  /**
   * Closed buckets of an answer with a 2xx status, ascending, unique, on the grid, inside [from, to); the one still open at
   * `now` is left out. Rows that are not sane (NaN, zero, high below low) are left out.
   * @throws VenueFrameError when the body is an error or not what was asked for.
   */
  parse(body: unknown, resolution: HistoryResolution, from: number, to: number, now: number): QuotedCandle[];
}
