import type { AssetSymbol, MoverWindow, Ohlc, PriceUpdate, SourceId, SourceStatus, TickBatch } from '@haunt/domain';
import type { AssetsNews, MarketNews } from './market.js';

/**
 * What losing or repeating an event means decides how it travels.
 * `log`: state is built from it. One reader per partition, in order, from a position of its own; a failed entry is
 * retried before the next. `work`: somebody must do it once. Competing readers, acknowledged when done, reclaimed from the dead,
 * dead-lettered after `attempts`. `tail`: whoever listens may show it. Every reader, from now on; the next one supersedes.
 */
export type Delivery = 'log' | 'work' | 'tail';

export interface TopicRules {
  readonly delivery: Delivery;
  /** One stream per partition of assets, otherwise one in all. */
  readonly partitioned: boolean;
  /** Entries older than this may be trimmed. */
  readonly retainMs: number;
  /** Tries before an entry goes to the dead letters; for `tail` it is dropped and counted. */
  readonly attempts: number;
}

/** What a topic is, for people: docs/EVENTS.md is written from it. */
export interface TopicStory {
  /** What an event says. */
  readonly says: string;
  readonly from: string;
  readonly to: string;
  /** What losing or repeating one means. */
  readonly losing: string;
}

declare const event: unique symbol;
export interface Topic<E> extends TopicRules, TopicStory {
  /** Type only, never present. */
  readonly [event]?: E;
}

const topic = <E>(rules: TopicRules & TopicStory): Topic<E> => rules;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** One bucket of history, USD. `time` is its start, epoch ms; `volume` in USD where the provider knows it. */
export interface HistoryCandle extends Ohlc {
  readonly time: number;
  readonly volume?: number;
}

export interface SeedRequest {
  readonly symbol: AssetSymbol;
  /** `chart`: one was asked for that is not complete. `gap`: the aggregator's log has a hole. */
  readonly reason: 'manual' | 'batch' | 'chart' | 'gap';
  /** `charts`: what the five charts show is enough. Absent: all that is kept. */
  readonly upTo?: 'charts';
  readonly requestedAt: number;
}

export interface SeedProgress {
  readonly symbol: AssetSymbol;
  readonly status: 'seeding' | 'seeded' | 'failed';
  /** 0..100 */
  readonly progress: number;
  readonly message: string;
  readonly at: number;
}

/**
 * What buckets are worth beside others: a venue's own candles at native resolution, or an index seen at points (of five
 * minutes or an hour), or by the day. Live beats them all; of equals the later batch wins.
 */
export type HistoryGrade = 'klines' | 'hourly' | 'daily';

export interface HistoryBatch {
  readonly symbol: AssetSymbol;
  readonly provider: string;
  readonly grade: HistoryGrade;
  /** 1 min, 5 min or 1 h: it is merged into the series of that width and no other. */
  readonly bucketMs: number;
  /** Closed buckets only, each `time` a multiple of `bucketMs`. */
  readonly candles: readonly HistoryCandle[];
}

export interface Mover {
  readonly symbol: AssetSymbol;
  /** USD. */
  readonly price: number;
  /** Since one window ago. */
  readonly changePercent: number;
  /** Traded over 24 h, USD. */
  readonly volume24h?: number;
}

/**
 * The movers of one window and partition, up to fifty a side: told at most twice a second, when a list or its order changed, and every
 * five seconds in any case. The next one supersedes it.
 */
export interface MoversUpdate {
  readonly timeframe: MoverWindow;
  readonly partition: number;
  /** Those that rose, most first. */
  readonly gainers: readonly Mover[];
  /** Those that fell, most first. */
  readonly losers: readonly Mover[];
  /** Log time, epoch ms. */
  readonly at: number;
}

/** What one partition of the aggregator has counted, about once a second. Totals since its log began. */
export interface MarketMetrics {
  readonly partition: number;
  readonly at: number;
  /** Ticks and tickers taken from the log. */
  readonly totalUpdates: number;
  /** Per source, the same count. */
  readonly updates: Readonly<Partial<Record<SourceId, number>>>;
  /** Arrivals within the last 60 s of the log's clock. */
  readonly updatesLastMinute: number;
  readonly sourcesLastMinute: Readonly<Partial<Record<SourceId, number>>>;
  /** Assets with a price that is not stale. */
  readonly activeSymbols: number;
  readonly knownSymbols: number;
}

/** Every event of the system: what it says to whom, who may miss one, and for how long it is kept. */
export const TOPICS = {
  ticks: topic<TickBatch>({
    says: 'What one source delivered within a few milliseconds; without ticks and tickers, once a second, a heartbeat.',
    from: 'ingestors',
    to: 'the aggregator that owns the partition',
    losing:
      'Nothing may be lost: prices and charts are built from it. A batch that was written twice is taken once, by its origin.',
    delivery: 'log',
    partitioned: true,
    retainMs: 15 * MINUTE,
    attempts: 5,
  }),
  'source.status': topic<SourceStatus>({
    says: 'How a source fares: on every change of its state, and every few seconds.',
    from: 'ingestors',
    to: 'every gateway, the terminal',
    losing: 'The health of a source is wrong until the next one. Repeating one changes nothing.',
    delivery: 'tail',
    partitioned: false,
    retainMs: 5 * MINUTE,
    attempts: 1,
  }),
  prices: topic<readonly PriceUpdate[]>({
    says: 'The prices that changed with one read of the log, the last per asset; every few seconds also those that did not.',
    from: 'aggregators',
    to: 'every gateway, the terminal',
    losing: 'The next one supersedes it. A repeat is dropped by its version.',
    delivery: 'tail',
    partitioned: false,
    retainMs: MINUTE,
    attempts: 1,
  }),
  movers: topic<MoversUpdate>({
    says: 'The movers of one window and partition, when the list or its order changed and every five seconds.',
    from: 'aggregators',
    to: 'every gateway',
    losing: 'The next one supersedes it. A repeat is the same list.',
    delivery: 'tail',
    partitioned: false,
    retainMs: MINUTE,
    attempts: 1,
  }),
  metrics: topic<MarketMetrics>({
    says: 'What one partition has counted, about once a second.',
    from: 'aggregators',
    to: 'every gateway, the terminal',
    losing: 'The next one supersedes it: counts are totals.',
    delivery: 'tail',
    partitioned: false,
    retainMs: MINUTE,
    attempts: 1,
  }),
  assets: topic<AssetsNews>({
    says: 'The registry of assets in the store is another one: read it again.',
    from: 'the market poller',
    to: 'everybody who wants to know which asset is meant',
    losing: 'The list in the store is read with the next one. Repeating one is a needless read.',
    delivery: 'tail',
    partitioned: false,
    retainMs: 15 * MINUTE,
    attempts: 1,
  }),
  market: topic<MarketNews>({
    says: 'What is known of the whole market, when any of it changes.',
    from: 'the market poller',
    to: 'every gateway',
    losing: 'The next one supersedes it; what was last told also lies in the store.',
    delivery: 'tail',
    partitioned: false,
    retainMs: 15 * MINUTE,
    attempts: 1,
  }),
  'seed.requested': topic<SeedRequest>({
    says: 'The history of an asset is wanted by somebody who waits for it.',
    from: 'gateways, aggregators',
    to: 'one seeder',
    losing: 'It is handed out again until somebody has done it. A repeat finds the job running or done.',
    delivery: 'work',
    partitioned: false,
    retainMs: 24 * HOUR,
    attempts: 5,
  }),
  'seed.deferred': topic<SeedRequest>({
    says: 'The history of an asset is wanted when there is time: one of many, or what charts show is there and the rest is not.',
    from: 'gateways, aggregators, the batch of a seeder, a seeder that has somebody waiting',
    to: 'one seeder',
    losing: 'As with `seed.requested`, behind which it waits.',
    delivery: 'work',
    partitioned: false,
    retainMs: 24 * HOUR,
    attempts: 5,
  }),
  history: topic<HistoryBatch>({
    says: 'Candles that a provider gave.',
    from: 'seeders',
    to: 'the aggregator that owns the partition',
    losing: 'Nothing may be lost: charts are built from it. Merging one twice changes nothing.',
    delivery: 'log',
    partitioned: true,
    retainMs: 24 * HOUR,
    attempts: 5,
  }),
  'seed.progress': topic<SeedProgress>({
    says: 'How far a seeding job has come.',
    from: 'seeders',
    to: 'every gateway, aggregators, the batch of a seeder',
    losing: 'The next one supersedes it.',
    delivery: 'tail',
    partitioned: false,
    retainMs: 10 * MINUTE,
    attempts: 1,
  }),
} as const;

export type TopicName = keyof typeof TOPICS;
export type EventOf<T extends TopicName> = (typeof TOPICS)[T] extends Topic<infer E> ? E : never;

/** Stream of a topic's partition. The braces keep what belongs together in one Redis Cluster slot. */
export function streamName(name: TopicName, partition = 0): string {
  return `haunt:{${TOPICS[name].partitioned ? `p${partition}` : 'all'}}:${name}`;
}

/** Where entries go that failed `attempts` times. */
export function deadLetterName(name: TopicName, partition = 0): string {
  return `${streamName(name, partition)}:dead`;
}
