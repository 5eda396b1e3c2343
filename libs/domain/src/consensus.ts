import type { PriceStatus, Spread } from './price.js';
import { tenDigits } from './significant.js';
import { SOURCES, type SourceId } from './source.js';
import { RANK, RANKED_WEIGHTS, maskOf, sourcesOf } from './source-rank.js';
import { middle, sortByValue, weightedMedian } from './weighted-median.js';

const { abs, clz32, max, min, round } = Math;

/** A quote older than this does not count, ms. */
export const FRESH_MS = 30_000;
/** Always allowed distance from the weighted median, as a share of it: the band Deribit clamps its index to. */
export const TOLERANCE = 0.005;
/** Allowed distance in weighted median absolute deviations: where venues really differ, differing is no fault. */
export const MAD_FACTOR = 3;
/** An excluded source counts again within this share of the allowed distance (CF Benchmarks' rule of 50 %). */
export const REENTRY = 0.5;

/** Weights times a million are whole numbers, and with them every sum of votes is exact, in any order. */
const VOTES_PER_WEIGHT = 1_000_000;
const SLOTS = 16;

/**
 * How one price is made of the fresh quotes of one asset. One instance is used for all assets, its arrays are scratch:
 * fill `prices` (USD, by rank), call `decide`, read the results before the next call. Nothing is remembered between calls.
 *
 * Three or more quotes: a quote further from the weighted median than max(0.5 % of it, 3 weighted MAD) is excluded, and
 * counts again within half of that. In the median a source's votes are capped at 99 % of the others' sum: with the weights of
 * the table nobody alone holds half. At least half of the votes lie within one MAD of the median, and REENTRY * MAD_FACTOR
 * > 1: so those that count always hold half of the votes and are at least two, whatever was excluded before.
 *
 * Fewer than three: nobody can tell who is wrong, nobody new is excluded. A verdict passed before is kept until its
 * source agrees with one that has none. A source under a verdict is believed again only when another one under a verdict agrees with
 * it, or when nobody else quotes at all.
 */
export class Consensus {
  /** USD by rank; read where the mask given to `decide` has a bit. */
  readonly prices = new Float64Array(SLOTS);
  /** Σ w·p / Σ w of the counted, within their range, to ten significant digits; NaN when none counts. */
  price = Number.NaN;
  /** Of all fresh quotes; with fewer than three, what a verdict was measured against, or NaN. */
  median = Number.NaN;
  /** Allowed distance from `median`, USD. */
  threshold = Number.NaN;
  /** Masks: those that count, those under a verdict (also those that are not fresh now). */
  counted = 0;
  verdicts = 0;
  count = 0;
  p25 = Number.NaN;
  p75 = Number.NaN;
  /** The counted ones differ, and nobody can tell who is wrong. */
  disagreement = false;

  readonly #weights: readonly number[];
  readonly #order = new Uint8Array(SLOTS);
  readonly #byDeviation = new Uint8Array(SLOTS);
  readonly #deviations = new Float64Array(SLOTS);
  readonly #votes = new Float64Array(SLOTS);

  /** `weights` by rank, > 0. */
  constructor(weights: readonly number[] = RANKED_WEIGHTS) {
    this.#weights = weights;
  }

  /**
   * @param fresh mask of the sources whose `prices` are set
   * @param verdicts mask of the sources excluded so far
   * @param others whether further fresh quotes exist that could not be converted to USD
   */
  decide(fresh: number, verdicts: number, others: boolean): void {
    const order = this.#order;
    let n = 0;
    for (let rest = fresh; rest !== 0; rest &= rest - 1) order[n++] = 31 - clz32(rest & -rest);
    sortByValue(order, n, this.prices);
    this.median = Number.NaN;
    this.threshold = Number.NaN;
    this.disagreement = false;
    this.verdicts = verdicts;
    this.counted = fresh;
    if (n >= 3) this.#judge(n);
    else if (n === 2) this.#compare(order[0]!, order[1]!, others);
    else if ((fresh & verdicts) !== 0 && others) this.counted = 0;
    this.#combine(n);
  }

  #judge(n: number): void {
    const order = this.#order;
    const votes = this.#votes;
    let total = 0;
    for (let i = 0; i < n; i++) {
      const slot = order[i]!;
      total += votes[slot] = max(1, round(this.#weights[slot]! * VOTES_PER_WEIGHT));
    }
    for (let i = 0; i < n; i++) {
      const slot = order[i]!;
      votes[slot] = min(100 * votes[slot]!, 99 * (total - votes[slot]!));
    }
    const median = weightedMedian(order, n, this.prices, votes);
    const byDeviation = this.#byDeviation;
    for (let i = 0; i < n; i++) {
      const slot = order[i]!;
      byDeviation[i] = slot;
      this.#deviations[slot] = abs(this.prices[slot]! - median);
    }
    sortByValue(byDeviation, n, this.#deviations);
    const mad = weightedMedian(byDeviation, n, this.#deviations, votes);
    const floor = TOLERANCE * median;
    const threshold = max(floor, MAD_FACTOR * mad);
    for (let i = 0; i < n; i++) {
      const slot = order[i]!;
      const bit = 1 << slot;
      const allowed = (this.verdicts & bit) === 0 ? threshold : REENTRY * threshold;
      if (this.#deviations[slot]! > allowed) this.verdicts |= bit;
      else this.verdicts &= ~bit;
    }
    this.counted &= ~this.verdicts;
    this.median = median;
    this.threshold = threshold;
    this.disagreement = mad > floor;
  }

  #compare(low: number, high: number, others: boolean): void {
    const a = 1 << low;
    const b = 1 << high;
    const out = this.verdicts & (a | b);
    const difference = this.prices[high]! - this.prices[low]!;
    if (out === 0 || out === (a | b)) {
      const agree = difference <= TOLERANCE * middle(this.prices[low]!, this.prices[high]!);
      this.disagreement = !agree;
      if (agree) this.verdicts &= ~out;
      else if (out !== 0 && others) this.counted = 0;
      return;
    }
    this.median = this.prices[out === a ? high : low]!;
    this.threshold = TOLERANCE * this.median;
    if (difference <= REENTRY * this.threshold) this.verdicts &= ~out;
    else this.counted &= ~out;
  }

  #combine(n: number): void {
    this.price = this.p25 = this.p75 = Number.NaN;
    this.count = 0;
    if (this.counted === 0) return;
    let sum = 0;
    let weights = 0;
    for (let rest = this.counted; rest !== 0; rest &= rest - 1) {
      const slot = 31 - clz32(rest & -rest);
      sum += this.#weights[slot]! * this.prices[slot]!;
      weights += this.#weights[slot]!;
    }
    const order = this.#order;
    let count = 0;
    for (let i = 0; i < n; i++) if ((this.counted & (1 << order[i]!)) !== 0) order[count++] = order[i]!;
    const quarter = count >> 2;
    this.count = count;
    this.p25 = this.prices[order[quarter]!]!;
    this.p75 = this.prices[order[count - 1 - quarter]!]!;
    // The division may leave the range by one last bit: four quotes of 0.1 would not give 0.1.
    this.price = tenDigits(min(max(sum / weights, this.prices[order[0]!]!), this.prices[order[count - 1]!]!));
  }
}

/** How far a price made of `count` quotes can be trusted. */
export function statusOf(count: number, disagreement: boolean): PriceStatus {
  if (count === 0) return 'stale';
  if (count === 1) return 'single-source';
  return count === 2 || disagreement ? 'degraded' : 'normal';
}

/** One source's quote in USD. */
export interface SourceQuote {
  readonly source: SourceId;
  readonly price: number;
  /** Epoch ms; a time ahead of `now` is taken for `now`. */
  readonly time: number;
  /** Default: the table's. A quote without a positive weight does not count. */
  readonly weight?: number;
}

export interface Aggregate {
  /** Absent when nothing counts. */
  readonly price?: number;
  readonly spread?: Spread;
  /** Time of the freshest quote that counted. */
  readonly asOf?: number;
  readonly status: PriceStatus;
  readonly counted: readonly SourceId[];
  /** Under a verdict from now on: give it to the next call. */
  readonly excluded: readonly SourceId[];
  readonly disagreement: boolean;
}

/**
 * The price rule in one call: at most one quote per source, in any order. The price book does the same without allocating.
 * @throws RangeError when a source quotes twice
 */
export function aggregate(
  quotes: readonly SourceQuote[],
  now: number,
  excluded: readonly SourceId[] = [],
  others = false,
): Aggregate {
  const weights = [...RANKED_WEIGHTS];
  const consensus = new Consensus(weights);
  const times = new Map<SourceId, number>();
  let fresh = 0;
  for (const { source, price, time, weight = SOURCES[source].weight } of quotes) {
    if (times.has(source)) throw new RangeError(`two quotes of ${source}: one per source is allowed`);
    times.set(source, min(time, now));
    if (!isUsable(price) || !isUsable(weight) || !(now - time <= FRESH_MS)) continue;
    fresh |= 1 << RANK[source];
    consensus.prices[RANK[source]] = price;
    weights[RANK[source]] = weight;
  }
  consensus.decide(fresh, maskOf(excluded), others);
  const counted = sourcesOf(consensus.counted);
  const { price, p25, p75, count, disagreement } = consensus;
  const rest = {
    counted,
    excluded: sourcesOf(consensus.verdicts),
    disagreement,
    status: statusOf(count, disagreement),
  };
  if (count === 0) return rest;
  return { price, spread: { p25, p75 }, asOf: max(...counted.map((source) => times.get(source)!)), ...rest };
}

/** Whether a number can be a price, a size or a weight: finite and above zero. */
export function isUsable(value: number): boolean {
  return value > 0 && value < Infinity;
}
