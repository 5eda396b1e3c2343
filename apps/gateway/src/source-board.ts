import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy, Optional } from '@nestjs/common';
import { type Consumption, EventBus } from '@haunt/bus';
import type { ExchangeView, MarketMetrics, StatsView } from '@haunt/contracts';
import { type AssetSymbol, type SourceId, SOURCES, type SourceStatus } from '@haunt/domain';
import { AssetDirectory, Clock, CONFIG, type Config, Health } from '@haunt/platform';

/** An ingestor speaks every few seconds: one that has not for this long is gone. */
const SILENCE_MS = 10_000;
/** Metrics come about once a second: without them for this long the aggregator's own minute no longer moves on. */
const METRICS_FRESH_MS = 5_000;
const MINUTE_MS = 60_000;
/** How far back `source.status` is read at start, so that a new gateway knows the sources at once. */
const STATUS_PAST_MS = SILENCE_MS;

interface Heard<T> {
  readonly at: number;
  readonly event: T;
}

/** Projection of `source.status` and `metrics`: what is known of every configured source, also one never heard of. */
@Injectable()
export class SourceBoard implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly statuses = new Map<SourceId, Heard<SourceStatus>>();
  /** Per partition, what came within the last minute or so, oldest first. */
  private readonly metrics = new Map<number, Heard<MarketMetrics>[]>();
  private readonly consumptions: Consumption[] = [];
  private readonly startedAt: number;
  private simulated: boolean;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    private readonly health: Health,
    @Optional()
    @Inject(AssetDirectory)
    private readonly listed: { readonly isSimulated: boolean } = { isSimulated: false },
  ) {
    this.startedAt = clock.now();
    this.simulated = config.simulated;
  }

  onApplicationBootstrap(): void {
    this.consumptions.push(
      this.bus.consume('source.status', (entries) => entries.forEach(({ event }) => this.hearStatus(event)), {
        from: { at: 'since', time: this.startedAt - STATUS_PAST_MS },
      }),
      this.bus.consume('metrics', (entries) => entries.forEach(({ event }) => this.hearMetrics(event))),
    );
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.consumptions.map((consumption) => consumption.close()));
  }

  hearStatus(event: SourceStatus): void {
    const before = this.statuses.get(event.source)?.event;
    if (before !== undefined && before.instance === event.instance && before.at > event.at) return;
    // What was said before this process listened is as old as it claims; later words are judged by this clock alone.
    this.statuses.set(event.source, { at: event.at < this.startedAt ? event.at : this.clock.now(), event });
    this.simulated = this.config.simulated || [...this.statuses.values()].some(({ event: { simulated } }) => simulated);
  }

  hearMetrics(event: MarketMetrics): void {
    const now = this.clock.now();
    const heard = this.metrics.get(event.partition) ?? [];
    heard.push({ at: now, event });
    // One older than a minute stays: the minute is counted from it.
    while (heard.length > 2 && (heard[1] as Heard<MarketMetrics>).at <= now - MINUTE_MS) heard.shift();
    this.metrics.set(event.partition, heard);
  }

  /** Everything served is made up: by configuration, or because a source or a listing says so. */
  isSimulated(): boolean {
    return this.simulated || this.listed.isSimulated;
  }

  isOnline(source: SourceId): boolean {
    return this.stateOf(source).status === 'connected';
  }

  /**
   * Which of the configured sources have an asset that is followed, and which have not said yet what they have, in the order of the
   * configuration. One that is switched off is neither.
   */
  carriersOf(symbol: AssetSymbol): { readonly carriers: SourceId[]; readonly undecided: SourceId[] } {
    const carriers: SourceId[] = [];
    const undecided: SourceId[] = [];
    for (const source of this.config.sources) {
      const status = this.statuses.get(source)?.event;
      const isDecided = status !== undefined && (status.symbols > 0 || status.unlisted.length > 0);
      if (status?.state === 'disabled') continue;
      if (!isDecided) undecided.push(source);
      else if (!status.unlisted.includes(symbol)) carriers.push(source);
    }
    return { carriers, undecided };
  }

  exchanges(): ExchangeView[] {
    const total = this.totalUpdates();
    return this.config.sources.map((source) => {
      const status = this.statuses.get(source)?.event;
      const state = this.stateOf(source);
      const updateCount = this.latest((metrics) => metrics.updates[source] ?? 0);
      return {
        source,
        name: SOURCES[source].name,
        updateCount,
        updatePercent: percent(updateCount, total),
        online: state.status === 'connected',
        ...state,
        lastUpdate: status?.lastDataAt,
        symbols: status?.symbols ?? 0,
        unlisted: status?.unlisted ?? [],
        silent: status?.silent ?? [],
        updatesPerMinute: this.lastMinute(
          (metrics) => metrics.sourcesLastMinute[source] ?? 0,
          (metrics) => metrics.updates[source] ?? 0,
        ),
        badFrames: status?.badFrames ?? 0,
        duplicates: status?.duplicates ?? 0,
      };
    });
  }

  stats(activeSymbols: number): StatsView {
    const exchanges = this.exchanges();
    const perMinute = this.lastMinute(
      (metrics) => metrics.updatesLastMinute,
      (metrics) => metrics.totalUpdates,
    );
    return {
      totalUpdates: this.totalUpdates(),
      tps: Math.round((perMinute / 60) * 100) / 100,
      uptimeSecs: this.health.uptime(),
      activeSymbols,
      onlineSources: exchanges.filter(({ online }) => online).length,
      totalSources: exchanges.length,
      exchanges,
    };
  }

  private stateOf(source: SourceId): Pick<ExchangeView, 'status' | 'reason' | 'lastError' | 'nextAttempt'> {
    const heard = this.statuses.get(source);
    const now = this.clock.now();
    const silentMs = now - (heard?.at ?? this.startedAt);
    if (silentMs > SILENCE_MS) {
      const silence = `no word from its ingestor for ${Math.floor(silentMs / 1000)} s`;
      return { status: 'failing', reason: silence, lastError: silence };
    }
    if (heard === undefined) return { status: 'connecting', reason: 'its ingestor has not reported yet' };
    const { state, reason, lastError, nextAttemptAt } = heard.event;
    return { status: state, reason, lastError: lastError?.message, nextAttempt: nextAttemptAt };
  }

  private totalUpdates(): number {
    return this.latest((metrics) => metrics.totalUpdates);
  }

  /** The sum over all partitions of what each said last. */
  private latest(of: (metrics: MarketMetrics) => number): number {
    let sum = 0;
    for (const heard of this.metrics.values()) sum += of((heard.at(-1) as Heard<MarketMetrics>).event);
    return sum;
  }

  /**
   * Arrivals of the last 60 s, over all partitions. `reported`: what the aggregator counted in its log's last minute. When it
   * falls silent so does its clock, and the minute is counted here, from the totals, until it is empty.
   */
  private lastMinute(reported: (metrics: MarketMetrics) => number, total: (metrics: MarketMetrics) => number): number {
    const now = this.clock.now();
    let sum = 0;
    for (const heard of this.metrics.values()) {
      const last = heard.at(-1) as Heard<MarketMetrics>;
      if (now - last.at <= METRICS_FRESH_MS) {
        sum += reported(last.event);
        continue;
      }
      const before = heard.findLast(({ at }) => at <= now - MINUTE_MS) ?? heard[0] ?? last;
      sum += Math.max(0, total(last.event) - total(before.event));
    }
    return sum;
  }
}

/** Share of `part` in `whole`, percent with two decimals; 0 of nothing. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}
