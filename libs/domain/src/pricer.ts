import { rateUsed, type AssetBook } from './asset-book.js';
import { Consensus, FRESH_MS, statusOf } from './consensus.js';
import { change24h, volume24h } from './market-stats.js';
import type { PriceObserver } from './price-observer.js';
import type { PriceStatus, PriceUpdate } from './price.js';
import { FOREIGN, USDC, USDT, isFresh, type QuoteLane } from './quote-lane.js';
import type { StablecoinRates } from './rates.js';
import { tenDigits } from './significant.js';
import { RANKED_SOURCES, sourcesOf } from './source-rank.js';
import type { SourceId } from './source.js';

/** A steady price is published again when its inputs are this much younger, so that it never looks stale. */
const REFRESH_MS = 5_000;

/** Makes an asset's price of its quotes and the rates, and says when that is news. Its own state is scratch. */
export class Pricer {
  readonly #consensus = new Consensus();
  readonly #rates: StablecoinRates;
  readonly #observer: PriceObserver | undefined;

  constructor(rates: StablecoinRates, observer?: PriceObserver) {
    this.#rates = rates;
    this.#observer = observer;
  }

  /** Makes the price anew of all quotes; `cause` is the rank of the source that moved, -1 when time or a rate did. */
  evaluate(asset: AssetBook, cause: number, now: number): PriceUpdate | undefined {
    const consensus = this.#consensus;
    const { usdt, usdc } = this.#rates;
    asset.usdt = usdt.rate;
    asset.usdc = usdc.rate;
    asset.expiresAt = Infinity;
    let fresh = 0;
    let others = false;
    for (let source = 0; source < RANKED_SOURCES.length; source++) {
      const lanes = asset.lanes[source]!;
      let used: QuoteLane | undefined;
      let unconverted = false;
      for (let i = 0; i < lanes.length && used === undefined; i++) {
        const lane = lanes[i]!;
        if (lane.kind === FOREIGN || !isFresh(lane, now)) continue;
        asset.expiresAt = Math.min(asset.expiresAt, lane.time + FRESH_MS);
        const rate = rateUsed(asset, lane);
        const fits = asset.isEvidence || this.#rates.fits(lane.kind, source, lane.takenAt);
        if (rate === 0 || !fits) {
          unconverted = true;
          continue;
        }
        used = lane;
        consensus.prices[source] = lane.price * rate;
        fresh |= 1 << source;
      }
      asset.used[source] = used;
      if (used === undefined && unconverted) others = true;
    }
    consensus.decide(fresh, asset.verdicts, others);
    asset.counted = consensus.counted;
    asset.verdicts = consensus.verdicts;
    asset.median = Number.isNaN(consensus.median) ? 0 : consensus.median;
    asset.threshold = Number.isNaN(consensus.threshold) ? 0 : consensus.threshold;
    asset.disagreement = consensus.disagreement;
    asset.held = false;
    return this.#conclude(asset, cause, now);
  }

  /** A source quoted the price it quoted before: nothing but the price's time advances. */
  confirm(asset: AssetBook, lane: QuoteLane, now: number): PriceUpdate | undefined {
    if ((asset.counted & (1 << lane.source)) === 0 || lane.time <= asset.asOf) return undefined;
    asset.asOf = lane.time;
    return this.#refresh(asset, lane.source, now);
  }

  /**
   * What the price would be if `lane` quoted `usd` (its price converted), of a trade at `time` that moved nothing: it came late, or is too
   * old to count. NaN when that cannot be said: another pair of its source is used, or it is older than what counts and
   * somebody else is fresh. Changes nothing.
   */
  priceWith(asset: AssetBook, lane: QuoteLane, usd: number, time: number, now: number): number {
    const consensus = this.#consensus;
    let others = 0;
    for (let source = 0; source < RANKED_SOURCES.length; source++) {
      const used = asset.used[source];
      if (used === undefined || source === lane.source || !isFresh(used, now)) continue;
      consensus.prices[source] = used.price * rateUsed(asset, used);
      others |= 1 << source;
    }
    if (others === 0) return tenDigits(usd);
    const used = asset.used[lane.source];
    if (now - time > FRESH_MS || (used !== undefined && used !== lane)) return Number.NaN;
    consensus.prices[lane.source] = usd;
    consensus.decide(others | (1 << lane.source), asset.verdicts, false);
    return consensus.price;
  }

  #conclude(asset: AssetBook, cause: number, now: number): PriceUpdate | undefined {
    const consensus = this.#consensus;
    const last = asset.update;
    if (consensus.count === 0) {
      if (last === undefined || last.status === 'stale') return undefined;
      return this.#publish(asset, cause, last.price, 'stale', now);
    }
    let asOf = 0;
    for (let rest = asset.counted; rest !== 0; rest &= rest - 1) {
      const lane = asset.used[31 - Math.clz32(rest & -rest)]!;
      if (lane.time > asOf) asOf = lane.time;
      if ((lane.kind === USDT && this.#rates.usdt.held) || (lane.kind === USDC && this.#rates.usdc.held))
        asset.held = true;
    }
    asset.asOf = asOf;
    asset.p25 = consensus.p25;
    asset.p75 = consensus.p75;
    const status = statusOf(consensus.count, consensus.disagreement || (asset.held && consensus.count >= 3));
    if (last === undefined || last.price !== consensus.price || last.status !== status) {
      return this.#publish(asset, cause, consensus.price, status, now);
    }
    return this.#refresh(asset, cause, now);
  }

  #refresh(asset: AssetBook, cause: number, now: number): PriceUpdate | undefined {
    const last = asset.update!;
    if (asset.asOf < last.asOf + REFRESH_MS) return undefined;
    return this.#publish(asset, cause, last.price, last.status, now);
  }

  #publish(asset: AssetBook, cause: number, price: number, status: PriceStatus, now: number): PriceUpdate {
    const last = asset.update;
    const changed = last !== undefined && last.price !== price;
    const update: PriceUpdate = {
      symbol: asset.symbol,
      price,
      previousPrice: changed ? last.price : last?.previousPrice,
      change24h: this.#observer?.change24h(asset.symbol, price, now) ?? change24h(asset, now),
      volume24h: volume24h(asset, now),
      direction: changed ? (price > last.price ? 'up' : 'down') : last?.direction,
      source: this.#cause(asset, cause),
      sources: sourcesOf(asset.counted),
      status,
      spread: { p25: asset.p25, p75: asset.p75 },
      asOf: asset.asOf,
      version: Math.max(Math.floor(now) * 1_000, last === undefined ? 0 : last.version + 1),
    };
    asset.update = update;
    return update;
  }

  /** A source that does not count (its quote has just been excluded) is never named as the price's. */
  #cause(asset: AssetBook, cause: number): SourceId {
    if (cause >= 0 && (asset.counted & (1 << cause)) !== 0) return RANKED_SOURCES[cause]!;
    const counted = sourcesOf(asset.counted);
    return counted[0] ?? asset.update?.source ?? RANKED_SOURCES[Math.max(cause, 0)]!;
  }
}
