import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type Consumption, EventBus } from '@haunt/bus';
import { Clock, CONFIG, type Config, Health, Log, Metrics } from '@haunt/platform';
import { LatestPrices, STALE_AFTER_MS } from './latest-prices.js';
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
  private readonly asking: PartitionAsking;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly bus: EventBus,
    private readonly prices: LatestPrices,
    private readonly clock: Clock,
    log: Log,
    health: Health,
    metrics: Metrics,
  ) {
    this.asking = new PartitionAsking(config.partitions, 'prices', (partition) => this.ask(partition), log);
    health.add('prices', () => this.readiness());
    metrics.gauge('prices_fresh', 'Assets with a price that is not stale.', [], (gauge) => gauge.set(prices.active()));
  }

  onApplicationBootstrap(): void {
    this.tail = this.bus.consume(
      'prices',
      (entries) => {
        for (const { event } of entries) for (const update of event) this.prices.accept(update);
      },
      { from: { at: 'now' }, onGap: () => this.asking.everybody() },
    );
    this.asking.everybody();
    this.sweeping = setInterval(() => this.prices.sweep(), SWEEP_MS);
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

  private readiness(): true | string {
    const freshest = this.prices.freshestAt();
    if (freshest === undefined) return 'no price yet';
    const age = this.clock.now() - freshest;
    return age <= STALE_AFTER_MS || `no fresh price: the freshest is ${Math.round(age / 1000)} s old`;
  }
}
