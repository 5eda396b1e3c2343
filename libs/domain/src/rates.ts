import { USD, USDT } from './quote-lane.js';
import { RANKED_SOURCES } from './source-rank.js';
import { RateObservations, agree } from './rate-observations.js';
import type { RateQuotes } from './rate-quotes.js';
import { medianOfSorted, sortValues } from './weighted-median.js';

/** USDC/USDT further than this from where it was has moved: one of the two left its peg. */
const PEG_MOVE = 0.005;
/** A source whose own Bitcoin quote in a coin is further than this from the median of all has another rate than they. */
export const STRAY = 0.005;
/** How long the last trusted rate may be held against a USD source that fails alone: with and without USDC/USDT as a witness. */
const HOLD_WITNESSED_MS = 300_000;
const HOLD_MS = 30_000;

const N = RANKED_SOURCES.length;

/** The last moment at which a rate was trusted, and where the market stood then. 0: unknown. */
export interface RateAnchor {
  rate: number;
  /** Log time. */
  at: number;
  btcUsd: number;
  btcStable: number;
  usdcUsdt: number;
}

/** USD per unit of a stablecoin. Plain data. */
export interface StablecoinRate {
  /** 0: there is no trusted one, nothing is converted. */
  rate: number;
  /** The last trusted rate, kept while a USD source fails; a price that needs it is at most `degraded`. */
  held: boolean;
  /** Why it is not trusted or only held; empty when it is trusted. */
  reason: string;
  /** Log time at which the trusted rate was last found elsewhere: quotes from before that cannot be converted; 0: never. */
  jumpedAt: number;
  /** Mask of the sources whose Bitcoin quote in this coin strays from the median of all. */
  strays: number;
  /** The only USD source was seen to jump: its word alone is not taken until it is back or others agree with it. */
  suspect: boolean;
  readonly anchor: RateAnchor;
}

/** Where the market stands; 0: unknown. */
interface Market {
  readonly btcUsd: number;
  readonly usdcUsdt: number;
  readonly now: number;
}

export function newRate(): StablecoinRate {
  return {
    rate: 0,
    held: false,
    reason: NOTHING,
    jumpedAt: 0,
    strays: 0,
    suspect: false,
    anchor: { rate: 0, at: 0, btcUsd: 0, btcStable: 0, usdcUsdt: 0 },
  };
}

const NOTHING = 'nothing quotes it in USD';
const ALONE = 'a single observation, nothing to compare it with';
const DISAGREE = 'its observations disagree';
const UNSUPPORTED = 'one source alone says that it jumped';

/**
 * What a USDT and a USDC are worth in USD, from the venues alone. Observations of USDT (of USDC alike):
 *
 * - direct: a source's own USDT/USD quote;
 * - cross: a source's BTC/USD over the median of all BTC/USDT quotes (Coin Metrics derives USDT/USD so). It is what
 *   really makes USDT quotes of other assets comparable, so where crosses exist a trusted rate must contain one;
 * - through USDC/USDT and the other coin's rate, when the first two are not enough.
 *
 * A source whose direct and cross quotes differ by over 1 % contradicts itself: neither counts. The rate is the median of the
 * largest group of observations within 1 %, at least two; of two equal groups the one nearer to the last trusted rate,
 * or to 1 at the start. There is no bound around 1: a de-peg to 0.90 converts at 0.90. While it happens the groups fall apart
 * and there is no rate, so stablecoin quotes are left out rather than priced wrong.
 *
 * One guard: when every observation comes from one USD source, a fault of that source looks like a de-peg. They are told
 * apart by who moved. When BTC/USD moved more than BTC/USDT did (or neither moved), and USDC/USDT stands where it stood,
 * the source is at fault: the last trusted rate is held, 30 s, or 5 min while USDC/USDT is there to confirm it. A lone
 * observation that agrees with the last trusted rate holds it for 5 min too.
 */
export class StablecoinRates {
  usdt: StablecoinRate = newRate();
  usdc: StablecoinRate = newRate();

  readonly #observations = new RateObservations();
  readonly #sorted = new Float64Array(N);

  /** Judges both coins anew at log time `now`. */
  refresh(quotes: RateQuotes, now: number): void {
    const market = { btcUsd: this.#median(quotes.btcUsd), usdcUsdt: this.#median(quotes.usdcUsdt), now };
    const { usdt, usdc } = this;
    const btcUsdt = this.#median(quotes.btcUsdt);
    const btcUsdc = this.#median(quotes.btcUsdc);
    usdt.strays = strays(quotes.btcUsdt, btcUsdt);
    usdc.strays = strays(quotes.btcUsdc, btcUsdc);
    this.#observations.observe(quotes.usdtUsd, quotes.btcUsd, btcUsdt);
    const hasUsdt = this.#settle(usdt, btcUsdt, market);
    this.#observations.observe(quotes.usdcUsd, quotes.btcUsd, btcUsdc);
    const hasUsdc = this.#settle(usdc, btcUsdc, market);
    if (!hasUsdt && hasUsdc) {
      this.#observations.observe(quotes.usdtUsd, quotes.btcUsd, btcUsdt);
      this.#observations.through(quotes.usdcUsdt, usdc.rate, true);
      this.#settle(usdt, btcUsdt, market);
    } else if (hasUsdt && !hasUsdc) {
      this.#observations.observe(quotes.usdcUsd, quotes.btcUsd, btcUsdc);
      this.#observations.through(quotes.usdcUsdt, usdt.rate, false);
      this.#settle(usdc, btcUsdc, market);
    }
  }

  /**
   * Whether a quote in a currency (of `kindOf`) can be converted, when there is a rate: not when it is from before the rate
   * jumped, nor while the source's own Bitcoin quote in that currency strays from the others', for then it has another rate.
   */
  fits(kind: number, source: number, takenAt: number): boolean {
    if (kind === USD) return true;
    const coin = kind === USDT ? this.usdt : this.usdc;
    return takenAt >= coin.jumpedAt && (coin.strays & (1 << source)) === 0;
  }

  #settle(coin: StablecoinRate, btcStable: number, market: Market): boolean {
    const { anchor } = coin;
    const observed = this.#observations;
    const isKnown = anchor.rate > 0;
    observed.choose(isKnown ? anchor.rate : 1);
    const jumps = isKnown && observed.rate > 0 && !agree(observed.rate, anchor.rate);
    const stoodStill = isKnown && stands(anchor, btcStable, market);
    const isFault = dollarJumped(anchor, btcStable, market);
    if (isFault && stoodStill) coin.suspect = true;
    if (observed.rate > 0 && !(jumps && observed.isAlone && (stoodStill || (coin.suspect && isFault)))) {
      coin.suspect = false;
      if (jumps) coin.jumpedAt = market.now;
      coin.rate = observed.rate;
      coin.held = false;
      coin.reason = '';
      anchor.rate = observed.rate;
      anchor.at = market.now;
      anchor.btcUsd = market.btcUsd;
      anchor.btcStable = btcStable;
      anchor.usdcUsdt = market.usdcUsdt;
      return true;
    }
    coin.held = stoodStill || (isKnown && observed.isSupported && market.now - anchor.at <= HOLD_WITNESSED_MS);
    coin.rate = coin.held ? anchor.rate : 0;
    coin.reason = reasonOf(observed);
    return false;
  }

  #median(prices: Float64Array): number {
    let count = 0;
    for (let source = 0; source < N; source++) if (prices[source]! > 0) this.#sorted[count++] = prices[source]!;
    if (count === 0) return 0;
    sortValues(this.#sorted, count);
    return medianOfSorted(this.#sorted, count);
  }
}

/** Whether all that can be seen says that the coin is worth what it was, and that a USD source moved or fell silent. */
function stands(anchor: RateAnchor, btcStable: number, { btcUsd, usdcUsdt, now }: Market): boolean {
  const isWitnessed = anchor.usdcUsdt > 0 && usdcUsdt > 0;
  if (now - anchor.at > (isWitnessed ? HOLD_WITNESSED_MS : HOLD_MS)) return false;
  if (isWitnessed && moved(usdcUsdt, anchor.usdcUsdt) > 1 + PEG_MOVE) return false;
  if (!isComparable(anchor, btcStable, btcUsd)) return isWitnessed;
  return !crossMoved(anchor, btcStable, btcUsd) || dollarJumped(anchor, btcStable, { btcUsd, usdcUsdt, now });
}

/** Whether BTC/USD and BTC/coin came apart since the rate was trusted, and it was BTC/USD that moved. */
function dollarJumped(anchor: RateAnchor, btcStable: number, { btcUsd }: Market): boolean {
  if (!isComparable(anchor, btcStable, btcUsd) || !crossMoved(anchor, btcStable, btcUsd)) return false;
  return moved(btcUsd, anchor.btcUsd) > moved(btcStable, anchor.btcStable);
}

function crossMoved(anchor: RateAnchor, btcStable: number, btcUsd: number): boolean {
  return moved(btcUsd / btcStable, anchor.btcUsd / anchor.btcStable) > 1 + PEG_MOVE;
}

function isComparable(anchor: RateAnchor, btcStable: number, btcUsd: number): boolean {
  return btcUsd > 0 && btcStable > 0 && anchor.btcUsd > 0 && anchor.btcStable > 0;
}

function reasonOf(observed: RateObservations): string {
  if (observed.rate > 0) return UNSUPPORTED;
  if (observed.contradictions > 0 || observed.count > 1) return DISAGREE;
  return observed.count === 1 ? ALONE : NOTHING;
}

function strays(prices: Float64Array, median: number): number {
  let mask = 0;
  for (let source = 0; source < N; source++) {
    if (prices[source]! > 0 && Math.abs(prices[source]! - median) > STRAY * median) mask |= 1 << source;
  }
  return mask;
}

/** How far a price went, in either direction, as a factor of at least 1. */
function moved(now: number, then: number): number {
  return now > then ? now / then : then / now;
}
