import type { AssetSymbol, MoverWindow, SourceId } from '@haunt/domain';

/** What the aggregator ranks when it is asked. Volume leaders need no question: every price says its volume. */
export type RankingKind = 'volatility' | 'agreement' | 'activity';

export interface RankingRequest {
  readonly kind: RankingKind;
  /** Of volatility; default `1h`. */
  readonly window?: MoverWindow;
  /** At the most. */
  readonly limit: number;
}

/** How far a source's quote is from the price. */
export interface SourceDistance {
  readonly source: SourceId;
  /** As `btc/usdt`. */
  readonly pair: string;
  /** Percent of the price, signed: above it is positive. */
  readonly distancePercent: number;
  /** Whether it counts towards the price. */
  readonly counted: boolean;
}

/** One line of a ranking; the highest `value` comes first. Of volatility and agreement only assets whose price is not stale. */
export interface RankedAsset {
  readonly symbol: AssetSymbol;
  /** USD. Absent: it has none. */
  readonly price?: number;
  /**
   * `volatility`: realized, percent over the window. `agreement`: p75 - p25 of two or more counted sources, percent of the price.
   * `activity`: arrivals within the last 60 s.
   */
  readonly value: number;
  /** Of volatility: how many returns it was made of. */
  readonly samples?: number;
  /** Of agreement: every quote that could be converted, heaviest first. */
  readonly sources?: readonly SourceDistance[];
  /** Of activity: arrivals since the log began. */
  readonly totalUpdates?: number;
}
