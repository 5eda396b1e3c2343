import type {
  ActivityView,
  AgreementView,
  AssetView,
  ChartView,
  ConfidenceView,
  Envelope,
  ExchangeView,
  ExplanationView,
  FearGreedView,
  GlobalView,
  HealthView,
  MoversView,
  QuotesView,
  SeedAnswer,
  SeedState,
  SourceStatsView,
  StatsView,
  Timeframe,
  VolatilityView,
  VolumeLeaderView,
} from '@haunt/contracts';
import type { ChartRange, ListingFilter, ListingSort } from '@haunt/domain';
import type { RequestOptions, RestTransport } from './rest-transport.js';

export interface ListingsQuery {
  /** Of the first line, from 1. */
  readonly start?: number;
  /** 1 to 100, by default 20. */
  readonly limit?: number;
  /** By default what the filter is about, or `market_cap`. */
  readonly sort?: ListingSort;
  readonly direction?: 'desc' | 'asc';
  readonly filter?: ListingFilter;
  /** Of `change24h`, percent, inclusive. */
  readonly minChange?: number;
  readonly maxChange?: number;
}

export interface LimitQuery {
  /** 1 to 50, by default 10. */
  readonly limit?: number;
}

export interface MoversQuery extends LimitQuery {
  /** By default `1h`. */
  readonly timeframe?: Timeframe;
}

export interface VolatilityQuery extends LimitQuery {
  /** By default `1h`. */
  readonly window?: Timeframe;
}

/**
 * Every public route as a method. All of them throw a HauntError when the server refuses, does not answer in time or cannot be
 * reached. `id` is a symbol in any case, or a CoinMarketCap id.
 */
export class HauntRest {
  constructor(private readonly transport: RestTransport) {}

  /** Whether prices flow. No envelope. */
  health(options?: RequestOptions): Promise<HealthView> {
    return this.transport.get('/api/health', {}, options);
  }

  /** That the process answers at all. */
  alive(options?: RequestOptions): Promise<{ readonly status: 'ok' }> {
    return this.transport.get('/health/live', {}, options);
  }

  /** That prices are fresh. @throws HauntError 503 `not_ready` with the reasons, until they are */
  ready(options?: RequestOptions): Promise<{ readonly status: 'ok' }> {
    return this.transport.get('/health/ready', {}, options);
  }

  /** Every known asset, filtered and sorted as a whole, by pages; `meta.total` counts them all. */
  listings(query: ListingsQuery = {}, options?: RequestOptions): Promise<Envelope<AssetView[]>> {
    const { start, limit, sort, direction, filter, minChange, maxChange } = query;
    const values = { start, limit, sort, sort_dir: direction, filter, min_change: minChange, max_change: maxChange };
    return this.transport.get('/api/crypto/listings', values, options);
  }

  /** Assets by symbol or name. `limit` of 1 to 50, by default 10. */
  search(text: string, query: LimitQuery = {}, options?: RequestOptions): Promise<Envelope<AssetView[]>> {
    return this.transport.get('/api/crypto/search', { q: text, limit: query.limit }, options);
  }

  /** One asset with its live price. */
  asset(id: string | number, options?: RequestOptions): Promise<Envelope<AssetView>> {
    return this.transport.get(`/api/crypto/${segment(id)}`, {}, options);
  }

  quotes(id: string | number, options?: RequestOptions): Promise<Envelope<QuotesView>> {
    return this.transport.get(`/api/crypto/${segment(id)}/quotes`, {}, options);
  }

  /** Where the price comes from: every quote, and whether it counted. */
  explain(id: string | number, options?: RequestOptions): Promise<Envelope<ExplanationView>> {
    return this.transport.get(`/api/crypto/${segment(id)}/explain`, {}, options);
  }

  chart(id: string | number, range: ChartRange = '1d', options?: RequestOptions): Promise<Envelope<ChartView>> {
    return this.transport.get(`/api/crypto/${segment(id)}/chart`, { range }, options);
  }

  /** Has the history of an asset fetched. Wants the token of the server, if that has one. */
  seed(symbol: string, options?: RequestOptions): Promise<Envelope<SeedAnswer>> {
    return this.transport.post('/api/crypto/seed', { symbol }, options);
  }

  /** The same for up to 100 assets; one that is unknown does not stop the others. */
  seedBatch(symbols: readonly string[], options?: RequestOptions): Promise<Envelope<SeedAnswer[]>> {
    return this.transport.post('/api/crypto/seed/batch', { symbols }, options);
  }

  /** How the history of every known asset stands. */
  seedStatus(options?: RequestOptions): Promise<Envelope<SeedState[]>> {
    return this.transport.get('/api/crypto/seed/status', {}, options);
  }

  /** The state of the whole market. */
  global(options?: RequestOptions): Promise<Envelope<GlobalView>> {
    return this.transport.get('/api/market/global', {}, options);
  }

  fearGreed(options?: RequestOptions): Promise<Envelope<FearGreedView>> {
    return this.transport.get('/api/market/fear-greed', {}, options);
  }

  /** Every configured source and how it fares. */
  exchanges(options?: RequestOptions): Promise<Envelope<ExchangeView[]>> {
    return this.transport.get('/api/market/exchanges', {}, options);
  }

  /** Totals over all sources. */
  stats(options?: RequestOptions): Promise<Envelope<StatsView>> {
    return this.transport.get('/api/market/stats', {}, options);
  }

  /** Which sources tell the price of an asset, and how often. */
  sourceStats(symbol: string, options?: RequestOptions): Promise<Envelope<SourceStatsView>> {
    return this.transport.get(`/api/market/source-stats/${segment(symbol)}`, {}, options);
  }

  /** How much the price of an asset can be trusted, and why. */
  confidence(symbol: string, options?: RequestOptions): Promise<Envelope<ConfidenceView>> {
    return this.transport.get(`/api/market/confidence/${segment(symbol)}`, {}, options);
  }

  /** Who rose and who fell most. */
  movers(query: MoversQuery = {}, options?: RequestOptions): Promise<Envelope<MoversView>> {
    return this.transport.get('/api/market/movers', { timeframe: query.timeframe, limit: query.limit }, options);
  }

  /** What was traded most within 24 h. */
  volumeLeaders(query: LimitQuery = {}, options?: RequestOptions): Promise<Envelope<VolumeLeaderView[]>> {
    return this.transport.get('/api/market/volume-leaders', { limit: query.limit }, options);
  }

  /** Whose price moves about most. */
  volatility(query: VolatilityQuery = {}, options?: RequestOptions): Promise<Envelope<VolatilityView[]>> {
    return this.transport.get('/api/market/volatility', { window: query.window, limit: query.limit }, options);
  }

  /** Whose sources agree least. */
  agreement(query: LimitQuery = {}, options?: RequestOptions): Promise<Envelope<AgreementView[]>> {
    return this.transport.get('/api/market/agreement', { limit: query.limit }, options);
  }

  /** What the sources speak of most. */
  activity(query: LimitQuery = {}, options?: RequestOptions): Promise<Envelope<ActivityView[]>> {
    return this.transport.get('/api/market/activity', { limit: query.limit }, options);
  }
}

const segment = (id: string | number): string => encodeURIComponent(String(id));
