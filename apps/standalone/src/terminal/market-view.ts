import type { AssetSymbol, PriceUpdate, SourceId, SourceStatus } from '@haunt/domain';
import type { MarketMetrics } from '@haunt/contracts';
import type { EventBus, Consumption } from '@haunt/bus';

/** An asset with its last price, and when that price last moved by our clock. */
export interface AssetView {
  readonly update: PriceUpdate;
  /** Epoch ms. */
  readonly movedAt: number;
}

/** What the terminal knows: the last word of everybody, taken from the same events that the gateways get. */
export class MarketView {
  readonly sources = new Map<SourceId, SourceStatus>();
  readonly assets = new Map<AssetSymbol, AssetView>();
  private readonly metrics = new Map<number, MarketMetrics>();
  private readonly readers: Consumption[];

  constructor(
    bus: EventBus,
    private readonly now: () => number,
    /** Epoch ms. */
    startedAt: number,
    private readonly onStatus: (status: SourceStatus) => void = () => undefined,
  ) {
    this.readers = [
      // Also what was said while everything started: a source that is disabled says so once, and then seldom.
      bus.consume('source.status', (entries) => entries.forEach(({ event }) => this.status(event)), {
        from: { at: 'since', time: startedAt },
      }),
      bus.consume('prices', (entries) => entries.forEach(({ event }) => event.forEach((update) => this.price(update)))),
      bus.consume('metrics', (entries) => entries.forEach(({ event }) => this.metrics.set(event.partition, event))),
    ];
  }

  /** Arrivals within the last minute, of one source or of all. */
  updatesPerMinute(source?: SourceId): number {
    let sum = 0;
    for (const metrics of this.metrics.values()) {
      sum += source === undefined ? metrics.updatesLastMinute : (metrics.sourcesLastMinute[source] ?? 0);
    }
    return sum;
  }

  get simulated(): boolean {
    return [...this.sources.values()].some(({ simulated }) => simulated === true);
  }

  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.close()));
  }

  private status(status: SourceStatus): void {
    this.sources.set(status.source, status);
    this.onStatus(status);
  }

  private price(update: PriceUpdate): void {
    const known = this.assets.get(update.symbol);
    if (known !== undefined && known.update.version >= update.version) return;
    const moved = known?.update.price !== update.price;
    this.assets.set(update.symbol, { update, movedAt: moved ? this.now() : (known?.movedAt ?? 0) });
  }
}
