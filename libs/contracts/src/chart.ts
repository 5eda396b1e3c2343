import type { AssetSymbol, ChartRange, Ohlc } from '@haunt/domain';

/** One bucket of a chart. Prices and volume in USD. */
export interface ChartPoint extends Ohlc {
  /** Bucket start, epoch seconds; unique and ascending within a chart. */
  readonly time: number;
  /** Traded in this bucket; absent where it is not known. */
  readonly volume?: number;
  /** Nobody saw this bucket: it stands on the line between its neighbours. */
  readonly interpolated?: true;
  /** Fetched, not watched: the prices of one provider, and only what was traded there. */
  readonly seeded?: true;
}

/** Buckets that are missing, too many to be interpolated. Epoch seconds: start of the first, end of the last. */
export interface ChartGap {
  readonly from: number;
  readonly to: number;
}

export type SeedingStatus = 'not_started' | 'in_progress' | 'complete' | 'failed';

/** GET /api/crypto/:id/chart. */
export interface ChartView {
  /** Lower case. */
  readonly symbol: AssetSymbol;
  readonly range: ChartRange;
  readonly data: readonly ChartPoint[];
  readonly seeding: boolean;
  readonly seedingStatus: SeedingStatus;
  /** 0..100 */
  readonly seedingProgress: number;
  /** Share of the expected buckets that somebody saw, 0..100. */
  readonly dataCompleteness: number;
  readonly expectedPoints: number;
  readonly gaps: readonly ChartGap[];
}

export interface ChartRequest {
  readonly symbol: AssetSymbol;
  readonly range: ChartRange;
  /** A revision the asker has: while the chart still is that one, the answer leaves it out. */
  readonly known?: string;
}

/** `revision` is another one whenever the chart is. In process the same revision is the same `chart` object. */
export interface ChartAnswer {
  readonly revision: string;
  /** Absent: it is the one that was `known`. */
  readonly chart?: ChartView;
}

/** One line of GET /api/crypto/seed/status. */
export interface SeedState {
  readonly symbol: AssetSymbol;
  readonly status: 'not_seeded' | 'seeding' | 'seeded' | 'failed';
  /** 0..100 */
  readonly progress: number;
  /** For a person. */
  readonly message: string;
}

/** The last seven days of an asset in short. */
export interface Sparkline {
  readonly symbol: AssetSymbol;
  /** Hourly closes, oldest first; hours that nobody saw are left out. */
  readonly closes: readonly number[];
  /** Percent; absent where history does not reach back that far. */
  readonly change1h?: number;
  readonly change24h?: number;
  readonly change7d?: number;
  readonly change30d?: number;
}
