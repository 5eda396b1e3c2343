import type {
  AssetSymbol,
  Direction,
  Explanation,
  Mood,
  MoverWindow,
  PriceStatus,
  SourceId,
  SourceState,
} from '@haunt/domain';
import type { SourceDistance } from './ranking.js';

/** What lies beside the data of an answer. */
export interface Meta {
  /** True when the answer came from a cache of an upstream's answer; then `asOf` says how old it is. */
  readonly cached: boolean;
  /** Epoch ms. */
  readonly asOf?: number;
  /** Everything here is made up. */
  readonly simulated?: true;
  readonly total?: number;
  readonly start?: number;
  readonly limit?: number;
  readonly query?: string;
}

/** Every successful answer under `/api`, `/api/health` excepted. */
export interface Envelope<T> {
  readonly data: T;
  readonly meta: Meta;
}

/** Every failure. */
export interface Problem {
  /** What was wrong and what is allowed, a sentence. */
  readonly error: string;
  /** The HTTP status again. */
  readonly status: number;
  /** For programs, as `unknown_asset`. */
  readonly code: string;
}

export type Timeframe = MoverWindow;

export interface RankedMover {
  /** Upper case. */
  readonly symbol: string;
  /** USD. */
  readonly price: number;
  /** Since one timeframe ago. */
  readonly changePercent: number;
  /** Traded over 24 h, USD. */
  readonly volume24h?: number;
}

/** GET /api/market/movers. Only assets with a price that is not stale and with history of the whole timeframe. */
export interface MoversView {
  readonly timeframe: Timeframe;
  /** Those that rose, most first. */
  readonly gainers: readonly RankedMover[];
  /** Those that fell, most first. */
  readonly losers: readonly RankedMover[];
  /** Epoch seconds. */
  readonly timestamp: number;
}

/** A line of GET /api/market/volume-leaders, most first. */
export interface VolumeLeaderView {
  /** Upper case. */
  readonly symbol: string;
  /** USD. */
  readonly price: number;
  /** Traded over 24 h, USD. */
  readonly volume24h: number;
  /** Percent. */
  readonly change24h?: number;
}

/** A line of GET /api/market/volatility, most volatile first. */
export interface VolatilityView {
  /** Upper case. */
  readonly symbol: string;
  /** USD. */
  readonly price: number;
  readonly window: Timeframe;
  /** Realized volatility, percent over the window. */
  readonly volatilityPercent: number;
  /** The same, if a year were like this window: times the root of the windows in 365 days. */
  readonly annualizedPercent: number;
  /** Returns it was made of. */
  readonly samples: number;
}

/** A line of GET /api/market/agreement, the widest disagreement first. */
export interface AgreementView {
  /** Upper case. */
  readonly symbol: string;
  /** USD. */
  readonly price: number;
  /** p75 - p25 of the counted sources, percent of the price. */
  readonly spreadPercent: number;
  /** Every quote that could be converted, heaviest first. */
  readonly sources: readonly SourceDistance[];
}

/** A line of GET /api/market/activity, busiest first. */
export interface ActivityView {
  /** Upper case. */
  readonly symbol: string;
  /** USD; absent: it has none. */
  readonly price?: number;
  /** Arrivals of all sources within the last 60 s. */
  readonly updatesPerMinute: number;
  /** Since the log began. */
  readonly totalUpdates: number;
}

/** GET /api/crypto/:id. Money in USD, changes in percent. */
export interface AssetView {
  /** CoinMarketCap's number; from 1,000,000,000 on one of ours, where that is not known; 0 for an asset nobody lists. */
  readonly id: number;
  readonly rank: number;
  readonly name: string;
  /** Upper case, unless it is listed otherwise (`USDe`). */
  readonly symbol: string;
  readonly image: string;
  readonly price: number;
  readonly change1h: number;
  readonly change24h: number;
  readonly change7d: number;
  readonly marketCap: number;
  readonly volume24h: number;
  readonly circulatingSupply: number;
  readonly maxSupply?: number;
  /** Hourly closes of the last 7 days, oldest first; empty without history. */
  readonly sparkline: readonly number[];
  readonly tradeDirection?: Direction;
  readonly assetType: 'crypto';
  readonly status: PriceStatus;
  /** The time the price is true for, epoch ms; 0 when there is none. */
  readonly lastUpdated: number;
  /** Fields above that must be numbers and are 0 because nobody has told us, not because they are 0. */
  readonly unknown: readonly string[];
}

/** GET /api/market/global. Money in USD, dominance and changes in percent. */
export interface GlobalView {
  readonly totalMarketCap: number;
  readonly totalVolume24h: number;
  readonly btcDominance: number;
  readonly ethDominance: number;
  readonly activeCryptocurrencies: number;
  readonly activeExchanges: number;
  readonly marketCapChange24h: number;
  readonly volumeChange24h: number;
  /** When they were true, ISO 8601. */
  readonly lastUpdated: string;
  /** Whose figures these are. */
  readonly source: string;
  /** Fields above that must be numbers and are 0 because nobody has told us, not because they are 0. */
  readonly unknown: readonly string[];
}

/** GET /api/market/fear-greed. */
export interface FearGreedView {
  /** 0 (fear) to 100 (greed). */
  readonly value: number;
  readonly classification: Mood;
  /** The day it is of, epoch seconds as text. */
  readonly timestamp: string;
  /** The value of the day before. */
  readonly previousClose?: number;
  /** Since then, in points. */
  readonly change?: number;
}

/** GET /api/crypto/:id/quotes. What is not known is absent. */
export interface QuotesView {
  /** Lower case. */
  readonly symbol: AssetSymbol;
  readonly price: number;
  readonly volume24h?: number;
  readonly volumeChange24h?: number;
  readonly marketCap?: number;
  /** Share in the total of `GlobalView`, percent; before that is known, in that of the listing. */
  readonly marketCapDominance?: number;
  readonly percentChange1h?: number;
  readonly percentChange24h?: number;
  readonly percentChange7d?: number;
  readonly percentChange30d?: number;
  readonly fullyDilutedMarketCap?: number;
  readonly circulatingSupply?: number;
  readonly totalSupply?: number;
  readonly maxSupply?: number;
  readonly change1h?: number;
  readonly change24h?: number;
  readonly change7d?: number;
  /** The time the price is true for, epoch ms. */
  readonly lastUpdated: number;
  readonly tradeDirection?: Direction;
  readonly status: PriceStatus;
  readonly source: SourceId;
  /** Those that counted, heaviest first. */
  readonly sources: readonly SourceId[];
  readonly version: number;
}

/** GET /api/crypto/:id/explain: the counted quotes, weighted, give `price`. */
export type ExplanationView = Explanation;

/** POST /api/crypto/seed, and each entry of POST /api/crypto/seed/batch. */
export interface SeedAnswer {
  /** Lower case; of a batch entry that names no asset, as it was given. */
  readonly symbol: string;
  readonly status: 'seeding' | 'seeded' | 'failed';
  /** For a person. */
  readonly message: string;
}

/** One configured source in GET /api/market/exchanges, also one that never worked. */
export interface ExchangeView {
  readonly source: SourceId;
  readonly name: string;
  readonly updateCount: number;
  /** Share of all updates. */
  readonly updatePercent: number;
  readonly online: boolean;
  readonly status: SourceState;
  /** Why it is in this state. */
  readonly reason?: string;
  readonly lastError?: string;
  /** When data last came, epoch ms. */
  readonly lastUpdate?: number;
  /** When the next attempt is, epoch ms. */
  readonly nextAttempt?: number;
  /** Assets asked for that it lists. */
  readonly symbols: number;
  /** Asked for, not listed. */
  readonly unlisted: readonly AssetSymbol[];
  /** Subscribed, and silent. */
  readonly silent: readonly AssetSymbol[];
  readonly updatesPerMinute: number;
  readonly badFrames: number;
  readonly duplicates: number;
}

/** GET /api/market/stats. */
export interface StatsView {
  readonly totalUpdates: number;
  /** Updates per second over the last 60 s. */
  readonly tps: number;
  readonly uptimeSecs: number;
  /** Assets with a price that is not stale. */
  readonly activeSymbols: number;
  readonly onlineSources: number;
  readonly totalSources: number;
  readonly exchanges: readonly ExchangeView[];
}

/** GET /api/market/source-stats/:symbol. */
export interface SourceStatsView {
  readonly symbol: AssetSymbol;
  readonly sources: readonly {
    readonly source: SourceId;
    readonly updateCount: number;
    readonly updatePercent: number;
    readonly online: boolean;
  }[];
  /** Their sum. */
  readonly totalUpdates: number;
  /** Epoch seconds. */
  readonly timestamp: number;
}

/** GET /api/market/confidence/:symbol. */
export interface ConfidenceView {
  readonly symbol: AssetSymbol;
  readonly confidence: {
    /** 0..100 */
    readonly score: number;
    readonly sourceCount: number;
    readonly onlineSources: number;
    readonly totalUpdates: number;
    readonly currentPrice: number | null;
    readonly priceSpreadPercent: number | null;
    readonly secondsSinceUpdate: number | null;
    readonly factors: {
      /** 0..30 */
      readonly sourceDiversity: number;
      /** 0..25 */
      readonly updateFrequency: number;
      /** 0..25 */
      readonly dataRecency: number;
      /** 0..20 */
      readonly priceConsistency: number;
    };
  };
  readonly chartDataPoints: number;
  /** Epoch seconds. */
  readonly timestamp: number;
}

/** GET /api/health and /health; no envelope. */
export interface HealthView {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly version: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** Seconds. */
  readonly uptime: number;
  readonly simulated?: true;
  /** Per check: true, or why not. */
  readonly checks: Readonly<Record<string, true | string>>;
}
