import type { PriceUpdate } from './price.js';
import { FOREIGN, USD, USDT, newLane, type QuoteLane } from './quote-lane.js';
import { RATE_SYMBOLS } from './rate-symbols.js';
import { RANKED_SOURCES } from './source-rank.js';
import type { AssetSymbol, QuoteCurrency } from './tick.js';

/** Everything the price book knows about one asset: its quotes, and what the last evaluation made of them. */
export interface AssetBook {
  readonly symbol: AssetSymbol;
  /** Whether a price is made here; quotes of the rate symbols are kept in every partition. */
  readonly owned: boolean;
  /** Its quotes make the stablecoin rates: what they are worth shows by comparing them, not beforehand. */
  readonly isEvidence: boolean;
  /** Per source (by rank) its pairs, the preferred quote currency first. */
  readonly lanes: QuoteLane[][];
  /** Per source the lane whose price the last evaluation used. */
  readonly used: (QuoteLane | undefined)[];
  /** Masks of the last evaluation: those that counted, those under a verdict. */
  counted: number;
  verdicts: number;
  /** Weighted median and allowed distance of the last evaluation; 0: nothing was judged. */
  median: number;
  threshold: number;
  disagreement: boolean;
  /** Rates the last evaluation used; 0: none. */
  usdt: number;
  usdc: number;
  /** A held rate was needed. */
  held: boolean;
  /** Log time at which the first of the fresh quotes ages out; Infinity when none is fresh. */
  expiresAt: number;
  /** Time of the freshest quote that counts; the last one known when none does. */
  asOf: number;
  /** Quartiles of what counts; the last known when nothing does. */
  p25: number;
  p75: number;
  /** The last update published. Absent: there has not been a price. */
  update: PriceUpdate | undefined;
}

export function newAssetBook(symbol: AssetSymbol, owned: boolean): AssetBook {
  return {
    symbol,
    owned,
    isEvidence: RATE_SYMBOLS.has(symbol),
    lanes: RANKED_SOURCES.map(() => []),
    used: RANKED_SOURCES.map(() => undefined),
    counted: 0,
    verdicts: 0,
    median: 0,
    threshold: 0,
    disagreement: false,
    usdt: 0,
    usdc: 0,
    held: false,
    expiresAt: Infinity,
    asOf: 0,
    p25: 0,
    p75: 0,
    update: undefined,
  };
}

/** The lane of a source's pair, made when it is new, in the order of preference. */
export function laneOf(asset: AssetBook, source: number, quote: QuoteCurrency): QuoteLane {
  const lanes = asset.lanes[source]!;
  for (let i = 0; i < lanes.length; i++) if (lanes[i]!.quote === quote) return lanes[i]!;
  const lane = newLane(source, quote);
  lanes.push(lane);
  lanes.sort((a, b) => a.kind - b.kind);
  return lane;
}

/** Drops the pairs that were silent since before `since`; a source without any has no verdict left to hold against it. */
export function dropSilent(asset: AssetBook, since: number): void {
  for (let source = 0; source < asset.lanes.length; source++) {
    const lanes = asset.lanes[source]!;
    for (let i = lanes.length - 1; i >= 0; i--) {
      const lane = lanes[i]!;
      if (lane.heardAt >= since) continue;
      lanes.splice(i, 1);
      if (asset.used[source] === lane) asset.used[source] = undefined;
      if (lanes.length === 0) asset.verdicts &= ~(1 << source);
    }
  }
}

/** USD per unit of a lane's quote currency at the last evaluation; 0: none. */
export function rateUsed(asset: AssetBook, lane: QuoteLane): number {
  if (lane.kind === FOREIGN) return 0;
  return lane.kind === USD ? 1 : lane.kind === USDT ? asset.usdt : asset.usdc;
}
