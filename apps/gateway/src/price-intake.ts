import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { type Consumption, type Entry, entryTime, EventBus } from '@haunt/bus';
import type { PriceUpdate } from '@haunt/domain';
import { Clock, CONFIG, type Config, Health, Log, Metrics, noTracing, Tracing } from '@haunt/platform';
import { type Arrival, LatestPrices, STALE_AFTER_MS } from './latest-prices.js';
import { PartitionAsking } from './partition-asking.js';

const SWEEP_MS = 1_000;

/**
 * Fills the projection of prices: from the tail of `prices`, and by asking every partition once for what it has. The tail
 * is read first, so nothing falls between; the answer may be older than it, which versions take care of.
 */
@Injectable()
export class PriceIntake implements OnApplicationBootstrap, OnApplicationShutdown {
  private tail: Consumption | undefined;
  private sweeping: NodeJS.Timeout | undefined;
  /** What was last said; nothing before the first fresh price. */
  private wasFresh: boolean | undefined;
  private readonly asking: PartitionAsking;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly bus: EventBus,
    private readonly prices: LatestPrices,
    private readonly clock: Clock,
    private readonly log: Log,
    health: Health,
    metrics: Metrics,
    @Optional() private readonly tracing: Tracing = noTracing,
  ) {
    this.asking = new PartitionAsking(config.partitions, 'prices', (partition) => this.ask(partition), log);
    health.add('prices', () => this.readiness());
    metrics.collect('gateway_prices', (gauge) => {
      for (const [status, count] of Object.entries(prices.counts())) gauge.set({ status }, count);
    });
    metrics.collect('gateway_freshest_price_timestamp_seconds', (gauge) => {
      gauge.set((prices.freshestAt() ?? 0) / 1000);
    });
  }

  onApplicationBootstrap(): void {
    this.tail = this.bus.consume(
      'prices',
      (entries) => {
        for (const entry of entries) this.take(entry);
      },
      { from: { at: 'now' }, onGap: () => this.asking.everybody() },
    );
    this.asking.everybody();
    this.sweeping = setInterval(() => {
      this.prices.sweep();
      this.sayWhetherFresh();
    }, SWEEP_MS);
  }

  /** Last, because clients are served until each of them has been sent away. */
  async onApplicationShutdown(): Promise<void> {
    this.asking.close();
    clearInterval(this.sweeping);
    await this.tail?.close();
  }

  private async ask(partition: number): Promise<void> {
    for (const update of await this.bus.ask('prices.get', {}, partition)) this.prices.accept(update);
  }

  private take({ id, event, headers }: Entry<readonly PriceUpdate[]>): void {
    const { log, prices } = this;
    const parent = headers?.traceparent;
    const span = parent === undefined ? undefined : this.tracing.start('take prices', { parent, kind: 'consumer' });
    const arrival: Arrival = {
      entry: id,
      publishedAt: entryTime(id),
      follows: headers?.follows,
      traceparent: span?.traceparent,
    };
    for (const update of event) prices.accept(update, arrival);
    span?.end({ entry: id, prices: event.length });
    if (!log.isTracing) return;
    log.trace({ entry: id, follows: arrival.follows, symbols: event.map(({ symbol }) => symbol) }, 'prices taken');
  }

  private sayWhetherFresh(): void {
    const readiness = this.readiness();
    const isFresh = readiness === true;
    if (isFresh === this.wasFresh || (!isFresh && this.wasFresh === undefined)) return;
    this.wasFresh = isFresh;
    const counts = this.prices.counts();
    if (isFresh) this.log.info(counts, 'prices are fresh');
    else this.log.warn(counts, readiness);
  }

  private readiness(): true | string {
    const freshest = this.prices.freshestAt();
    if (freshest === undefined) return 'no price yet';
    const age = this.clock.now() - freshest;
    return age <= STALE_AFTER_MS || `no fresh price: the freshest is ${Math.round(age / 1000)} s old`;
  }
}
