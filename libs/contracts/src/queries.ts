import type { AssetSymbol, ExplainedQuote, Explanation, MoverWindow, PriceUpdate, SourceId } from '@haunt/domain';
import type { ChartAnswer, ChartRequest, SeedState, Sparkline } from './chart.js';
import type { RankedAsset, RankingRequest } from './ranking.js';
import type { MoversUpdate } from './topics.js';

export interface QueryRules {
  /** The caller gets a timeout after this, and may ask again. */
  readonly deadlineMs: number;
}

/** What a query is, for people: docs/EVENTS.md is written from it. */
export interface QueryStory {
  readonly asks: string;
  /** Who does. */
  readonly from: string;
}

declare const shape: unique symbol;
export interface Query<Q, A> extends QueryRules, QueryStory {
  /** Type only, never present. */
  readonly [shape]?: { readonly request: Q; readonly answer: A };
}

const query = <Q, A>(rules: QueryRules & QueryStory): Query<Q, A> => rules;

export interface SymbolRequest {
  readonly symbol: AssetSymbol;
}

export interface PricesRequest {
  /** Absent: every price of the partition. */
  readonly symbols?: readonly AssetSymbol[];
}

/** Arrivals of one symbol per source since the log began. */
export interface SymbolCounts {
  readonly symbol: AssetSymbol;
  readonly totalUpdates: number;
  readonly sources: readonly { readonly source: SourceId; readonly updateCount: number; readonly lastAt: number }[];
  /** Arrivals within the last 60 s of the log's clock. */
  readonly updatesLastMinute: number;
  /** Buckets of the last 24 h of five minutes that somebody saw. */
  readonly chartDataPoints?: number;
}

export interface SymbolsRequest {
  /** Absent: everything the partition has. */
  readonly symbols?: readonly AssetSymbol[];
}

export interface MoversRequest {
  /** Absent: every window. */
  readonly timeframe?: MoverWindow;
}

/**
 * What the kept candles of one width lack. Ranges are [from, to), epoch ms on the grid, ascending; the bucket still open
 * is in none.
 */
export interface HistoryGaps {
  readonly bucketMs: number;
  /** What is kept, and therefore was looked at; nothing is said of what lies outside. */
  readonly from: number;
  readonly to: number;
  /** No candle at all. */
  readonly missing: readonly (readonly [from: number, to: number])[];
  /** A candle that a venue's own would replace: seen in part, or from points of an index. */
  readonly weak: readonly (readonly [from: number, to: number])[];
}

/** Every question one process asks another; answered by the aggregator that owns the partition. */
export const QUERIES = {
  'prices.get': query<PricesRequest, readonly PriceUpdate[]>({
    asks: 'The newest prices.',
    from: 'gateways, when they start and after a gap',
    deadlineMs: 2_000,
  }),
  'price.explain': query<SymbolRequest, Explanation | null>({
    asks: 'Where a price comes from; null for an asset without one.',
    from: 'gateways',
    deadlineMs: 2_000,
  }),
  'quotes.get': query<SymbolRequest, readonly ExplainedQuote[]>({
    asks: 'What the sources quote for an asset and what became of it, also where none of it made a price.',
    from: 'gateways, to say why there is no price',
    deadlineMs: 500,
  }),
  'symbol.counts': query<SymbolRequest, SymbolCounts>({
    asks: 'How often which source spoke of an asset.',
    from: 'gateways',
    deadlineMs: 2_000,
  }),
  'history.missing': query<SymbolRequest, readonly HistoryGaps[]>({
    asks: 'What the candles of an asset lack: one entry per width that is kept. An asset without any candle lacks all of it.',
    from: 'seeders',
    deadlineMs: 2_000,
  }),
  'chart.get': query<ChartRequest, ChartAnswer>({
    asks: 'A chart, answered at once with what there is. One that is not complete asks for seeding by itself.',
    from: 'gateways',
    deadlineMs: 2_000,
  }),
  'seed.status': query<SymbolsRequest, readonly SeedState[]>({
    asks: 'How the history of assets stands. One the partition has never heard of is not listed.',
    from: 'gateways',
    deadlineMs: 2_000,
  }),
  'sparklines.get': query<SymbolsRequest, readonly Sparkline[]>({
    asks: 'The last seven days of assets in short.',
    from: 'gateways',
    deadlineMs: 2_000,
  }),
  'movers.get': query<MoversRequest, readonly MoversUpdate[]>({
    asks: 'Movers; none until the partition has ranked for the first time.',
    from: 'gateways, when they start and after a gap',
    deadlineMs: 2_000,
  }),
  'market.ranking': query<RankingRequest, readonly RankedAsset[]>({
    asks: "A ranking of the partition's own assets. The volatility of thousands over a day takes a while to compute.",
    from: 'gateways',
    deadlineMs: 5_000,
  }),
} as const;

export type QueryName = keyof typeof QUERIES;
export type RequestOf<Q extends QueryName> = (typeof QUERIES)[Q] extends Query<infer R, infer _A> ? R : never;
export type AnswerOf<Q extends QueryName> = (typeof QUERIES)[Q] extends Query<infer _R, infer A> ? A : never;
