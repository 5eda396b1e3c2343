import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Consumption, EventBus } from '@haunt/bus';
import { Clock, CONFIG, type Config, Health, Log, Metrics } from '@haunt/platform';
import { LatestPrices, STALE_AFTER_MS } from './latest-prices.js';

const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;
const SWEEP_MS = 1_000;

/**
 * Fills the projection of prices: from the tail of `prices`, and by asking every partition once for what it has. The tail
 * is read first, so nothing falls between; the answer may be older than it, which versions take care of.
 */
@Injectable()
export class PriceIntake implements OnApplicationBootstrap, OnModuleDestroy {
  private tail: Consumption | undefined;
  private sweeping: NodeJS.Timeout | undefined;
  private readonly retries = new Map<number, NodeJS.Timeout>();
  private readonly unanswered = new Set<number>();
  private closed = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly bus: EventBus,
    private readonly prices: LatestPrices,
    private readonly clock: Clock,
    private readonly log: Log,
    health: Health,
    metrics: Metrics,
  ) {
    for (let partition = 0; partition < config.partitions; partition++) this.unanswered.add(partition);
    health.add('prices', () => this.readiness());
    metrics.gauge('prices_fresh', 'Assets with a price that is not stale.', [], (gauge) => gauge.set(prices.active()));
  }

  onApplicationBootstrap(): void {
    this.tail = this.bus.consume(
      'prices',
      (entries) => {
        for (const { event } of entries) for (const update of event) this.prices.accept(update);
      },
      { from: { at: 'now' }, onGap: () => this.askEverybody() },
    );
    this.askEverybody();
    this.sweeping = setInterval(() => this.prices.sweep(), SWEEP_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweeping);
    for (const retry of this.retries.values()) clearTimeout(retry);
    await this.tail?.close();
  }

  private askEverybody(): void {
    for (let partition = 0; partition < this.config.partitions; partition++) {
      clearTimeout(this.retries.get(partition));
      void this.ask(partition, RETRY_FIRST_MS);
    }
  }

  private async ask(partition: number, retryMs: number): Promise<void> {
    try {
      for (const update of await this.bus.ask('prices.get', {}, partition)) this.prices.accept(update);
      if (this.unanswered.delete(partition)) this.log.debug({ partition }, 'prices of a partition are here');
    } catch (error) {
      if (this.closed) return;
      // The aggregator may well start after us; it is an event only when it was there before.
      this.log.debug({ partition, err: error }, 'the aggregator has not told its prices yet');
      const retry = setTimeout(() => void this.ask(partition, Math.min(2 * retryMs, RETRY_MOST_MS)), retryMs);
      this.retries.set(partition, retry);
    }
  }

  private readiness(): true | string {
    const freshest = this.prices.freshestAt();
    if (freshest === undefined) return 'no price yet';
    const age = this.clock.now() - freshest;
    return age <= STALE_AFTER_MS || `no fresh price: the freshest is ${Math.round(age / 1000)} s old`;
  }
}
