import { rateUsed, type AssetBook } from './asset-book.js';
import { FRESH_MS, isUsable } from './consensus.js';
import type { PriceObserver } from './price-observer.js';
import type { PriceUpdate } from './price.js';
import type { Pricer } from './pricer.js';
import type { QuoteLane, Taken } from './quote-lane.js';
import { RANKED_SOURCES } from './source-rank.js';
import { SOURCES } from './source.js';
import type { Tick } from './tick.js';

const isVenue = RANKED_SOURCES.map((source) => SOURCES[source].nature === 'venue');

/** Tells what an evaluation at log time `now` made of an asset that was at `was`; `at`: when the price changed, NaN: a trade will tell. */
export function tellChange(
  observer: PriceObserver,
  { symbol, update }: AssetBook,
  was: PriceUpdate | undefined,
  at: number,
  now: number,
): void {
  if (update === undefined || update === was) return;
  if (update.status === 'stale') {
    if (was !== undefined && was.status !== 'stale') observer.lost(symbol, update.asOf);
    return;
  }
  if (was === undefined || was.status === 'stale') observer.watched(symbol, update.price, now);
  if (at > 0 && update.price !== was?.price) observer.moved(symbol, update.price, at);
}

/**
 * Tells a trade after it was applied: with the price that it made; when it came late or its quote is too old, with the price it
 * would have made. What is traded counts where it can be converted and its source is not excluded.
 */
export function tellTrade(
  observer: PriceObserver,
  pricer: Pricer,
  asset: AssetBook,
  lane: QuoteLane,
  tick: Tick,
  receivedAt: number,
  taken: Taken,
  now: number,
): void {
  const time = Math.min(tick.time, receivedAt);
  if (!asset.owned || !isUsable(tick.price) || !(time > 0)) return;
  const rate = rateUsed(asset, lane);
  let price = Number.NaN;
  if (taken === 'moved' && asset.counted !== 0 && now - time <= FRESH_MS) price = asset.update!.price;
  else if (taken !== 'doubted' && rate > 0) price = pricer.priceWith(asset, lane, tick.price * rate, time, now);
  const counts = isVenue[lane.source]! && isUsable(tick.size) && (asset.verdicts & (1 << lane.source)) === 0;
  observer.traded(asset.symbol, price, time, counts ? tick.price * tick.size * rate : 0);
}
