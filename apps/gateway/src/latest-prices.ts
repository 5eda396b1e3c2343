import { Inject, Injectable, Optional } from '@nestjs/common';
import type { LivePrice } from '@haunt/contracts';
import { type AssetNames, type AssetSymbol, CATALOGUE, type PriceStatus, type PriceUpdate } from '@haunt/domain';
import { AssetDirectory, Clock } from '@haunt/platform';

/** A price this old is shown as stale, whatever the aggregator said when it was young: the log itself may be silent. */
export const STALE_AFTER_MS = 30_000;

/** An asset's price as it is shown: the aggregator's last word, judged by this process's clock. */
export interface ShownPrice {
  readonly update: PriceUpdate;
  readonly status: PriceStatus;
  /** Not below the update's own; one higher after this process alone called it stale. */
  readonly version: number;
  /** The entry of the bus that brought it; absent where it was asked for. */
  readonly arrival?: Arrival;
}

/** When and how prices came here; the same object for all of one entry. */
export interface Arrival {
  /** Id of the entry of `prices`. */
  readonly entry: string;
  /** When it was published, epoch ms by the clock of whoever keeps the stream. */
  readonly publishedAt: number;
  /** Which entries of the tick log its prices follow from. */
  readonly follows?: string | undefined;
  /** Of the trace it belongs to. */
  readonly traceparent?: string | undefined;
}

export type PriceListener = (price: ShownPrice) => void;

/** Projection of the `prices` topic: the newest update of every asset. Older ones never replace newer ones. */
@Injectable()
export class LatestPrices {
  private readonly prices = new Map<AssetSymbol, ShownPrice>();
  private readonly listeners: PriceListener[] = [];
  private freshest = -Infinity;

  constructor(
    private readonly clock: Clock,
    @Optional() @Inject(AssetDirectory) private readonly names: AssetNames = CATALOGUE,
  ) {}

  /** `listener` hears of every change of a price or its status; not when the same price is merely confirmed. */
  onChange(listener: PriceListener): void {
    this.listeners.push(listener);
  }

  /** Takes an update. @returns whether it was newer than what was there. */
  accept(update: PriceUpdate, arrival?: Arrival): boolean {
    const before = this.prices.get(update.symbol);
    if (before !== undefined && update.version <= before.update.version) return false;
    const status = this.isOld(update) ? 'stale' : update.status;
    const version = before === undefined ? update.version : Math.max(update.version, before.version + 1);
    const price: ShownPrice = arrival ? { update, status, version, arrival } : { update, status, version };
    this.prices.set(update.symbol, price);
    if (update.asOf > this.freshest) this.freshest = update.asOf;
    if (before === undefined || before.update.price !== update.price || before.status !== status) this.tell(price);
    return true;
  }

  /** The price of a symbol (lower case) or of the asset that had it before a renaming. */
  get(symbol: AssetSymbol): ShownPrice | undefined {
    const price = this.prices.get(symbol) ?? this.prices.get(this.names.find(symbol)?.symbol ?? '');
    return price !== undefined && this.age(price) ? this.prices.get(price.update.symbol) : price;
  }

  /** Calls stale what has become it. */
  sweep(): void {
    for (const price of this.prices.values()) this.age(price);
  }

  /** When the freshest price was true, epoch ms; undefined before the first. */
  freshestAt(): number | undefined {
    return this.freshest === -Infinity ? undefined : this.freshest;
  }

  /** Every price that is not stale. */
  fresh(): ShownPrice[] {
    this.sweep();
    return [...this.prices.values()].filter(({ status }) => status !== 'stale');
  }

  /** Assets with a price that is not stale. */
  active(): number {
    let count = 0;
    for (const price of this.prices.values()) if (price.status !== 'stale') count++;
    return count;
  }

  /** Assets per status of their price, as they are shown. */
  counts(): Record<PriceStatus, number> {
    const counts: Record<PriceStatus, number> = { normal: 0, degraded: 0, 'single-source': 0, stale: 0 };
    for (const { status } of this.prices.values()) counts[status]++;
    return counts;
  }

  private isOld(update: PriceUpdate): boolean {
    return this.clock.now() - update.asOf > STALE_AFTER_MS;
  }

  /** @returns whether it was shown anew. */
  private age(price: ShownPrice): boolean {
    if (price.status === 'stale' || !this.isOld(price.update)) return false;
    const stale: ShownPrice = { update: price.update, status: 'stale', version: price.version + 1 };
    this.prices.set(price.update.symbol, stale);
    this.tell(stale);
    return true;
  }

  private tell(price: ShownPrice): void {
    for (const listener of this.listeners) listener(price);
  }
}

/** A price as live clients get it, under the name they know it by. */
export function livePrice({ update, status, version }: ShownPrice, name: AssetSymbol = update.symbol): LivePrice {
  return {
    id: name,
    symbol: name,
    price: update.price,
    previousPrice: update.previousPrice,
    change24h: update.change24h,
    volume24h: update.volume24h,
    tradeDirection: update.direction,
    source: update.source,
    sources: update.sources,
    timestamp: Math.floor(update.asOf),
    assetType: 'crypto',
    version,
    status,
  };
}
