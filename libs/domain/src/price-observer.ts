import type { AssetSymbol } from './tick.js';

/**
 * Told by a price book what happens to the assets it owns, while it happens. All times are epoch ms; `now` is the log's.
 * Prices are aggregated ones, USD. Must be a function of what it is told: it is replayed.
 */
export interface PriceObserver {
  /** A price is fresh after it was not: from now on every change is told. */
  watched(symbol: AssetSymbol, price: number, now: number): void;
  /** No quote is fresh any more; the last one was true at `since`. */
  lost(symbol: AssetSymbol, since: number): void;
  /** A venue traded at `time`. `price`: what the price was with that trade; NaN when that cannot be said. `usd`: what was traded. */
  traded(symbol: AssetSymbol, price: number, time: number, usd: number): void;
  /** The price changed at `time` without a trade. */
  moved(symbol: AssetSymbol, price: number, time: number): void;
  /** Log time went from `before` to `now`; 0 before the first entry. Told once per entry, after quotes aged out, before its ticks. */
  passed(before: number, now: number): void;
  /** Percent from 24 h before `now` to `price`, from what was told alone; undefined when that is not long enough. */
  change24h(symbol: AssetSymbol, price: number, now: number): number | undefined;
}
