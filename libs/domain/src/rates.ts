import { RANKED_SOURCES } from './source-rank.js';
import { medianOfSorted, middle, sortValues } from './weighted-median.js';

/** Observations agree when they lie within this share of their median. */
export const RATE_AGREEMENT = 0.01;
/** USDC/USDT further than this from where it was has moved: one of the two left its peg. */
const PEG_MOVE = 0.005;
/** How long the last trusted rate may be held against a USD source that fails alone: with and without USDC/USDT as a witness. */
const HOLD_WITNESSED_MS = 300_000;
const HOLD_MS = 30_000;

const N = RANKED_SOURCES.length;

/** Fresh quotes of the pairs that tell what a stablecoin is worth, by rank of the source; 0: none. */
export class RateQuotes {
  readonly usdtUsd = new Float64Array(N);
  readonly usdcUsd = new Float64Array(N);
  /** USDT per USDC. */
  readonly usdcUsdt = new Float64Array(N);
  readonly btcUsd = new Float64Array(N);
  readonly btcUsdt = new Float64Array(N);
  readonly btcUsdc = new Float64Array(N);
}

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
  readonly anchor: RateAnchor;
}

export function newRate(): StablecoinRate {
  return { rate: 0, held: false, reason: NOTHING, anchor: { rate: 0, at: 0, btcUsd: 0, btcStable: 0, usdcUsdt: 0 } };
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

  readonly #values = new Float64Array(3 * N);
  readonly #from = new Uint8Array(3 * N);
  readonly #isCross = new Uint8Array(3 * N);
  readonly #sorted = new Float64Array(N);
  #count = 0;
  #crosses = 0;
  #contradictions = 0;

  /** Judges both coins anew at log time `now`. */
  refresh(quotes: RateQuotes, now: number): void {
    const btcUsd = this.#median(quotes.btcUsd);
    const pegs = this.#median(quotes.usdcUsdt);
    const usdt = this.#judge(this.usdt, quotes.usdtUsd, quotes.btcUsd, this.#median(quotes.btcUsdt), btcUsd, pegs, now);
    const usdc = this.#judge(this.usdc, quotes.usdcUsd, quotes.btcUsd, this.#median(quotes.btcUsdc), btcUsd, pegs, now);
    if (!usdt && usdc) {
      this.#observe(quotes.usdtUsd, quotes.btcUsd, this.#median(quotes.btcUsdt));
      this.#through(quotes.usdcUsdt, this.usdc.rate, true);
      this.#settle(this.usdt, btcUsd, this.#median(quotes.btcUsdt), pegs, now);
    } else if (usdt && !usdc) {
      this.#observe(quotes.usdcUsd, quotes.btcUsd, this.#median(quotes.btcUsdc));
      this.#through(quotes.usdcUsdt, this.usdt.rate, false);
      this.#settle(this.usdc, btcUsd, this.#median(quotes.btcUsdc), pegs, now);
    }
  }

  #judge(
    coin: StablecoinRate,
    direct: Float64Array,
    btcUsd: Float64Array,
    btcStable: number,
    btcUsdMedian: number,
    pegs: number,
    now: number,
  ): boolean {
    this.#observe(direct, btcUsd, btcStable);
    return this.#settle(coin, btcUsdMedian, btcStable, pegs, now);
  }

  #observe(direct: Float64Array, btcUsd: Float64Array, btcStable: number): void {
    this.#count = this.#crosses = this.#contradictions = 0;
    for (let source = 0; source < N; source++) {
      const own = direct[source]!;
      const cross = btcStable > 0 ? btcUsd[source]! / btcStable : 0;
      if (cross > 0) this.#crosses++;
      if (own > 0 && cross > 0 && !agree(own, cross)) {
        this.#contradictions++;
        continue;
      }
      if (own > 0) this.#add(own, source, 0);
      if (cross > 0) this.#add(cross, source, 1);
    }
  }

  #through(usdcUsdt: Float64Array, other: number, divide: boolean): void {
    for (let source = 0; source < N; source++) {
      const price = usdcUsdt[source]!;
      if (price > 0) this.#add(divide ? other / price : other * price, source, 0);
    }
  }

  #add(value: number, source: number, isCross: number): void {
    let i = this.#count++;
    for (; i > 0 && this.#values[i - 1]! > value; i--) {
      this.#values[i] = this.#values[i - 1]!;
      this.#from[i] = this.#from[i - 1]!;
      this.#isCross[i] = this.#isCross[i - 1]!;
    }
    this.#values[i] = value;
    this.#from[i] = source;
    this.#isCross[i] = isCross;
  }

  #settle(coin: StablecoinRate, btcUsd: number, btcStable: number, pegs: number, now: number): boolean {
    const { anchor } = coin;
    const known = anchor.rate > 0 ? anchor.rate : 1;
    let best = 0;
    let rate = 0;
    let alone = false;
    let supported = false;
    for (let from = 0, to = 0; from < this.#count; from++) {
      if (to < from) to = from;
      while (to < this.#count && this.#isGroup(from, to)) to++;
      const size = to - from;
      const median = medianOfSorted(this.#values, size, from);
      if (size < best || !this.#mayDecide(from, to)) continue;
      if (anchor.rate > 0 && agree(median, anchor.rate)) supported = true;
      if (size < 2) continue;
      if (size === best && Math.abs(median - known) >= Math.abs(rate - known)) continue;
      best = size;
      rate = median;
      alone = this.#isAlone(from, to);
    }
    if (
      best > 0 &&
      !(alone && anchor.rate > 0 && !agree(rate, anchor.rate) && this.#stoodStill(anchor, btcUsd, btcStable, pegs, now))
    ) {
      coin.rate = rate;
      coin.held = false;
      coin.reason = '';
      anchor.rate = rate;
      anchor.at = now;
      anchor.btcUsd = btcUsd;
      anchor.btcStable = btcStable;
      anchor.usdcUsdt = pegs;
      return true;
    }
    const holds =
      (supported && now - anchor.at <= HOLD_WITNESSED_MS) || this.#stoodStill(anchor, btcUsd, btcStable, pegs, now);
    coin.held = holds && anchor.rate > 0;
    coin.rate = coin.held ? anchor.rate : 0;
    coin.reason = this.#why(best > 0);
    return false;
  }

  #isGroup(from: number, to: number): boolean {
    const median = medianOfSorted(this.#values, to - from + 1, from);
    return this.#values[to]! - this.#values[from]! <= RATE_AGREEMENT * median;
  }

  #mayDecide(from: number, to: number): boolean {
    if (this.#crosses === 0) return true;
    for (let i = from; i < to; i++) if (this.#isCross[i] === 1) return true;
    return false;
  }

  #isAlone(from: number, to: number): boolean {
    for (let i = from + 1; i < to; i++) if (this.#from[i] !== this.#from[from]) return false;
    return true;
  }

  /** Whether all that can be seen says that the stablecoin is worth what it was, and a USD source moved or fell silent. */
  #stoodStill(anchor: RateAnchor, btcUsd: number, btcStable: number, pegs: number, now: number): boolean {
    const witnessed = anchor.usdcUsdt > 0 && pegs > 0;
    if (now - anchor.at > (witnessed ? HOLD_WITNESSED_MS : HOLD_MS)) return false;
    if (witnessed && moved(pegs, anchor.usdcUsdt) > 1 + PEG_MOVE) return false;
    if (btcUsd > 0 && btcStable > 0 && anchor.btcUsd > 0 && anchor.btcStable > 0) {
      const cross = moved(btcUsd / btcStable, anchor.btcUsd / anchor.btcStable);
      return cross <= 1 + PEG_MOVE || moved(btcUsd, anchor.btcUsd) > moved(btcStable, anchor.btcStable);
    }
    return witnessed;
  }

  #why(jumped: boolean): string {
    if (jumped) return UNSUPPORTED;
    if (this.#contradictions > 0 || this.#count > 1) return DISAGREE;
    return this.#count === 1 ? ALONE : NOTHING;
  }

  #median(prices: Float64Array): number {
    let count = 0;
    for (let source = 0; source < N; source++) if (prices[source]! > 0) this.#sorted[count++] = prices[source]!;
    if (count === 0) return 0;
    sortValues(this.#sorted, count);
    return medianOfSorted(this.#sorted, count);
  }
}

function agree(a: number, b: number): boolean {
  return Math.abs(a - b) <= RATE_AGREEMENT * (a < b ? middle(a, b) : middle(b, a));
}

/** How far a price went, in either direction, as a factor of at least 1. */
function moved(now: number, then: number): number {
  return now > then ? now / then : then / now;
}
