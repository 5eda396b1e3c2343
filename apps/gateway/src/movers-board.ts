import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Consumption, EventBus } from '@haunt/bus';
import type { Mover, MoversUpdate, RankedMover, Timeframe } from '@haunt/contracts';
import { MOVERS_LIMIT } from '@haunt/domain';
import { Clock, CONFIG, type Config, Log } from '@haunt/platform';
import { STALE_AFTER_MS } from './latest-prices.js';
import { MarketClient } from './market-client.js';
import { PartitionAsking } from './partition-asking.js';

const SWEEP_MS = 1_000;

/** Movers of a timeframe over all partitions, up to fifty a side. */
export interface MergedMovers {
  readonly gainers: readonly RankedMover[];
  readonly losers: readonly RankedMover[];
  /** When the youngest part of it was true, epoch ms. */
  readonly at: number;
}

export type MoversListener = (timeframe: Timeframe) => void;

interface Told {
  readonly update: MoversUpdate;
  /** It was shown, and is old by now. */
  isOld: boolean;
}

/**
 * Projection of `movers`: what every partition told last, merged. Each tells its lists again every few seconds; a list that is
 * half a minute old is of a partition that nobody works on, and its prices are as stale as all others of it.
 */
@Injectable()
export class MoversBoard implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly told = new Map<Timeframe, Map<number, Told>>();
  private readonly merged = new Map<Timeframe, MergedMovers>();
  private readonly listeners: MoversListener[] = [];
  private readonly asking: PartitionAsking;
  private tail: Consumption | undefined;
  private sweeping: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly bus: EventBus,
    private readonly market: MarketClient,
    private readonly clock: Clock,
    log: Log,
  ) {
    this.asking = new PartitionAsking(config.partitions, 'movers', (partition) => this.ask(partition), log);
  }

  /** `listener` hears of every change of a timeframe, be it of a number only. */
  onChange(listener: MoversListener): void {
    this.listeners.push(listener);
  }

  onApplicationBootstrap(): void {
    this.tail = this.bus.consume('movers', (entries) => entries.forEach(({ event }) => this.hear(event)), {
      from: { at: 'now' },
      onGap: () => this.asking.everybody(),
    });
    this.asking.everybody();
    this.sweeping = setInterval(() => this.sweep(), SWEEP_MS);
  }

  async onModuleDestroy(): Promise<void> {
    this.asking.close();
    clearInterval(this.sweeping);
    await this.tail?.close();
  }

  hear(update: MoversUpdate): void {
    const { timeframe, partition, at } = update;
    const partitions = this.told.get(timeframe) ?? new Map<number, Told>();
    const before = partitions.get(partition);
    // An aggregator that reads up on its log, or has lost its lease, tells what was.
    if (before !== undefined && at < before.update.at && !this.isOld(before.update)) return;
    this.told.set(timeframe, partitions.set(partition, { update, isOld: this.isOld(update) }));
    this.change(timeframe);
  }

  /** Undefined: no partition has told any yet. */
  get(timeframe: Timeframe): MergedMovers | undefined {
    const known = this.merged.get(timeframe);
    if (known !== undefined) return known;
    const partitions = this.told.get(timeframe);
    if (partitions === undefined) return undefined;
    const updates = Array.from(partitions.values(), ({ update }) => update);
    const shown = updates.filter((update) => !this.isOld(update));
    const merged: MergedMovers = {
      gainers: merge(
        shown.map(({ gainers }) => gainers),
        (a, b) => b.changePercent - a.changePercent,
      ),
      losers: merge(
        shown.map(({ losers }) => losers),
        (a, b) => a.changePercent - b.changePercent,
      ),
      at: Math.max(...updates.map(({ at }) => at)),
    };
    this.merged.set(timeframe, merged);
    return merged;
  }

  /** Takes out what has become old. */
  sweep(): void {
    for (const [timeframe, partitions] of this.told) {
      for (const told of partitions.values()) {
        if (told.isOld || !this.isOld(told.update)) continue;
        told.isOld = true;
        this.change(timeframe);
      }
    }
  }

  private change(timeframe: Timeframe): void {
    this.merged.delete(timeframe);
    for (const listener of this.listeners) listener(timeframe);
  }

  private isOld({ at }: MoversUpdate): boolean {
    return this.clock.now() - at > STALE_AFTER_MS;
  }

  private async ask(partition: number): Promise<void> {
    for (const update of await this.market.movers(partition)) this.hear(update);
  }
}

/** The first fifty of lists that are in order; equals stand in the order of their names. */
function merge(lists: readonly (readonly Mover[])[], order: (a: Mover, b: Mover) => number): RankedMover[] {
  return lists
    .flat()
    .sort((a, b) => order(a, b) || (a.symbol < b.symbol ? -1 : 1))
    .slice(0, MOVERS_LIMIT)
    .map((mover) => ({ ...mover, symbol: mover.symbol.toUpperCase() }));
}
