export * from './haunt-client.js';
export * from './haunt-error.js';
export * from './rest.js';
export { type Fetch, type RequestOptions } from './rest-transport.js';
export { HauntLive, type LiveEvents } from './live.js';
export * from './live-state.js';
export { PriceSubscription, type PriceSubscriptionOptions } from './price-subscription.js';
export { type MoversSubscription, type MoversSubscriptionOptions } from './movers-desk.js';
export type {
  ActivityView,
  AgreementView,
  AssetView,
  ChartGap,
  ChartPoint,
  ChartView,
  ClientToServerEvents,
  ConfidenceView,
  Envelope,
  ExchangeView,
  ExplanationView,
  FearGreedView,
  GlobalView,
  HealthView,
  LiveError,
  LiveErrorCode,
  LiveMovers,
  LivePrice,
  MarketUpdate,
  Meta,
  MoversView,
  Problem,
  QuotesView,
  RankedMover,
  SeedAnswer,
  SeedingProgress,
  SeedState,
  ServerToClientEvents,
  SourceDistance,
  SourceStatsView,
  StatsView,
  Timeframe,
  VolatilityView,
  VolumeLeaderView,
} from '@haunt/contracts';
export type { ChartRange, ListingFilter, ListingSort, PriceStatus, SourceId, SourceState } from '@haunt/domain';
