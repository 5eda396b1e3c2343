import { freeze, readCloses, thaw } from './block-codec.js';
import { BLOCK, CandleBlock, PROVENANCE, PROVENANCES, UNKNOWN, type Provenance } from './candle-block.js';
import type { Ohlc } from './ohlc.js';
import { blocksOf, runsOf, type SeriesChanges, type SeriesHead } from './series-head.js';
import { ThawCache } from './thaw-cache.js';
import { tenDigits } from '../significant.js';

/** One bucket as it is read. `time` is its start, epoch ms; prices in USD. */
export interface Candle extends Ohlc {
  readonly time: number;
  /** Traded in it, USD; UNKNOWN (-1) where the provider did not say. */
  readonly volume: number;
  readonly provenance: Provenance;
}

/** A block is frozen when the series is this many buckets past its end: late ticks seldom reach further back. */
export const COOL = 16;
/** Buckets at the young end whose first and last price times are known, so that late ticks find their place in them. */
const EDGES = 4;

const { floor } = Math;

/**
 * The last `buckets` candles of one asset at one resolution. Folding a price and reading a bucket are O(1) at the hot end; a
 * cold block is thawed to be read and frozen again when it was written. Freezing rounds volumes to ten digits and is
 * otherwise without loss.
 */
export class CandleSeries {
  readonly bucketMs: number;
  readonly buckets: number;
  readonly #thaws: ThawCache;
  readonly #blocks = new Map<number, CandleBlock | Uint8Array>();
  /** Numbers of the blocks that differ from what `take` has given out; those that are gone, too. */
  readonly #touched = new Set<number>();
  /** Per bucket modulo EDGES: its number, when its open was, when its close was. */
  readonly #edges = new Float64Array(3 * EDGES).fill(-1);
  /** The block written last: nearly always the one that is asked for next. */
  #lastNumber = Number.NaN;
  #last: CandleBlock | undefined;
  #runs: readonly (readonly [number, number])[] | undefined;
  #newest = -Infinity;
  /** Every block below this number is frozen, whenever nobody is in the middle of a write. */
  #cold = -Infinity;
  #coldMoved = false;

  constructor(bucketMs: number, buckets: number, thaws = new ThawCache()) {
    this.bucketMs = bucketMs;
    this.buckets = buckets;
    this.#thaws = thaws;
  }

  /** Number of the youngest bucket written (its start / `bucketMs`); -Infinity before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** Number of the oldest bucket that is kept. */
  get oldest(): number {
    return this.#newest - this.buckets + 1;
  }

  /** Whether a price at `time` may become the open or close of its bucket: it is young, or the first there. */
  places(time: number): boolean {
    const bucket = floor(time / this.bucketMs);
    return bucket > this.#newest || this.knows(bucket) || this.rank(bucket) === 0;
  }

  /**
   * Takes one live price at event time `time` (epoch ms). In its bucket it is the open when none was earlier, the close when
   * none was later (equal times: the later call closes), and widens high and low. False: older than what is kept.
   * `whole` says whether the bucket has been watched from its start; if not it is `partial`. Without `places` it only widens.
   */
  fold(price: number, time: number, whole: boolean, places = true): boolean {
    const bucket = this.#admit(time);
    if (bucket === undefined) return false;
    const block = this.#writable(bucket);
    const i = slotOf(bucket);
    const edge = 3 * (bucket % EDGES);
    const edges = this.#edges;
    if (block.sources[i] === PROVENANCE.missing) {
      block.open[i] = block.high[i] = block.low[i] = block.close[i] = price;
      block.volume[i] = 0;
      block.sources[i] = whole ? PROVENANCE.live : PROVENANCE.partial;
      if (bucket > this.#newest - EDGES) {
        edges[edge] = bucket;
        edges[edge + 1] = edges[edge + 2] = time;
      }
      this.#cool(bucket);
      return true;
    }
    if (price > block.high[i]!) block.high[i] = price;
    if (price < block.low[i]!) block.low[i] = price;
    if (places && edges[edge] === bucket) {
      if (time < edges[edge + 1]!) {
        block.open[i] = price;
        edges[edge + 1] = time;
      }
      if (time >= edges[edge + 2]!) {
        block.close[i] = price;
        edges[edge + 2] = time;
      }
    }
    this.#cool(bucket);
    return true;
  }

  /** Whether it is known when the open and close of a bucket were. */
  knows(bucket: number): boolean {
    return this.#edges[3 * (bucket % EDGES)] === bucket;
  }

  /** Sets open and close of a bucket that is not missing: to what finer candles say, where `knows` is false. */
  span(bucket: number, open: number, close: number): void {
    const block = this.#writable(bucket);
    block.open[slotOf(bucket)] = open;
    block.close[slotOf(bucket)] = close;
    this.#cool(bucket);
  }

  /** Adds `usd` traded at `time` to its bucket, after the price of that trade was folded; false for a bucket without any. */
  trade(usd: number, time: number): boolean {
    const bucket = floor(time / this.bucketMs);
    if (this.rank(bucket) === 0) return false;
    this.#writable(bucket).volume[slotOf(bucket)]! += usd;
    this.#cool(bucket);
    return true;
  }

  /** From `since` (epoch ms) on something was missed: the buckets from then on are only `partial`. */
  doubt(since: number): void {
    for (let bucket = Math.max(floor(since / this.bucketMs), this.#newest - COOL); bucket <= this.#newest; bucket++) {
      if (this.rank(bucket) === PROVENANCE.live) this.#writable(bucket).sources[slotOf(bucket)] = PROVENANCE.partial;
    }
  }

  /**
   * Buckets from elsewhere, rounded to ten digits. Each replaces what is weaker or equal, so merging twice changes nothing; what is
   * too old or weaker is left. Returns how many were taken.
   */
  merge(candles: Iterable<Candle>): number {
    let taken = 0;
    for (const candle of candles) if (this.#replace(candle)) taken++;
    this.#freezeCold();
    return taken;
  }

  /** PROVENANCE of a bucket; 0 (missing) for one that is not kept. */
  rank(bucket: number): number {
    const block = this.#readable(bucket);
    return block === undefined ? 0 : (block.sources[slotOf(bucket)] ?? 0);
  }

  /** A bucket by its number, or undefined when it is missing. */
  candle(bucket: number): Candle | undefined {
    const block = this.#readable(bucket);
    const i = slotOf(bucket);
    const source = block?.sources[i];
    if (block === undefined || !source) return undefined;
    return {
      time: bucket * this.bucketMs,
      open: block.open[i]!,
      high: block.high[i]!,
      low: block.low[i]!,
      close: block.close[i]!,
      volume: block.volume[i]!,
      provenance: PROVENANCES[source]!,
    };
  }

  /** The bucket that `time` falls into, or undefined when it is missing. */
  at(time: number): Candle | undefined {
    return this.candle(floor(time / this.bucketMs));
  }

  /** Close of a bucket; undefined when it is missing. */
  close(bucket: number): number | undefined {
    return this.rank(bucket) === 0 ? undefined : this.#readable(bucket)!.close[slotOf(bucket)];
  }

  /**
   * The closes of the buckets from number `first` on, into `closes`, wherever they are stronger than what `ranks` (PROVENANCE) says
   * is there; `ranks` then says what is. Cold blocks are read without being thawed.
   */
  overlay(first: number, closes: Float64Array, ranks: Uint8Array): void {
    const end = Math.min(first + closes.length, this.#newest + 1);
    for (let bucket = Math.max(first, this.oldest); bucket < end;) {
      const number = floor(bucket / BLOCK);
      const stop = Math.min(end, (number + 1) * BLOCK);
      const block = this.#blocks.get(number);
      if (block === undefined) {
        bucket = stop;
        continue;
      }
      const { sources, close } = block instanceof CandleBlock ? block : readCloses(block, slotOf(stop - 1) + 1);
      for (; bucket < stop; bucket++) {
        const slot = slotOf(bucket);
        const i = bucket - first;
        // A hot block may end before the slot.
        if (!(sources[slot]! > ranks[i]!)) continue;
        closes[i] = close[slot]!;
        ranks[i] = sources[slot]!;
      }
    }
  }

  /** Every bucket that is not missing, from the one holding `from` up to, not including, the one holding `to`. */
  read(from: number, to: number): Candle[] {
    const candles: Candle[] = [];
    const end = Math.min(floor(to / this.bucketMs), this.#newest + 1);
    for (let bucket = Math.max(floor(from / this.bucketMs), this.oldest); bucket < end; bucket++) {
      const candle = this.candle(bucket);
      if (candle) candles.push(candle);
    }
    return candles;
  }

  /** Removes the buckets of whole cold blocks that `better` has live, and blocks older than it keeps. */
  dropCovered(better: CandleSeries): void {
    for (const number of this.#blocks.keys()) {
      const start = number * BLOCK;
      if (start + BLOCK <= better.oldest) {
        this.#drop(number);
        continue;
      }
      if (start + BLOCK > better.newest - COOL || !better.#blocks.has(number)) continue;
      let left = 0;
      for (let bucket = start; bucket < start + BLOCK; bucket++) {
        if (this.rank(bucket) === 0) continue;
        if (better.rank(bucket) === PROVENANCE.live) this.#writable(bucket).sources[slotOf(bucket)] = 0;
        else left++;
      }
      if (left === 0) this.#drop(number);
    }
    this.#freezeCold();
  }

  /** Bytes of column and block data held now, object overhead left out. */
  get bytes(): number {
    let sum = 0;
    for (const block of this.#blocks.values()) sum += block instanceof CandleBlock ? block.bytes : block.byteLength;
    return sum;
  }

  /** What changed since the last call, without copying it: a block that is given out is copied when it is next written. */
  take(): SeriesChanges {
    const changed: [number, CandleBlock | Uint8Array][] = [];
    const gone: number[] = [];
    for (const number of this.#touched) {
      const block = this.#blocks.get(number);
      if (block === undefined) gone.push(number);
      else changed.push([number, block instanceof CandleBlock ? block.share() : block]);
    }
    this.#touched.clear();
    return { head: this.head(), changed, gone };
  }

  head(): SeriesHead {
    return {
      newest: this.#newest === -Infinity ? null : this.#newest,
      edges: [...this.#edges],
      blocks: (this.#runs ??= runsOf([...this.#blocks.keys()].sort((a, b) => a - b))),
    };
  }

  /** The series that `head` was taken of; `load` gives a block as `freeze` wrote it, or undefined when it is lost. */
  restore(head: SeriesHead, load: (number: number) => Uint8Array | undefined): void {
    this.#blocks.clear();
    this.#touched.clear();
    this.#forget();
    this.#newest = head.newest ?? -Infinity;
    this.#cold = floor((this.#newest - COOL) / BLOCK);
    this.#coldMoved = false;
    this.#edges.set(head.edges);
    for (const number of blocksOf(head)) {
      const bytes = load(number);
      if (bytes !== undefined) this.#blocks.set(number, number < this.#cold ? bytes : thaw(bytes).share());
    }
  }

  #replace(candle: Candle): boolean {
    const rank = PROVENANCE[candle.provenance];
    const bucket = this.#admit(candle.time);
    if (bucket === undefined || rank === PROVENANCE.missing || this.rank(bucket) > rank) return false;
    const block = this.#writable(bucket);
    const i = slotOf(bucket);
    block.open[i] = tenDigits(candle.open);
    block.high[i] = tenDigits(candle.high);
    block.low[i] = tenDigits(candle.low);
    block.close[i] = tenDigits(candle.close);
    block.volume[i] = candle.volume >= 0 ? tenDigits(candle.volume) : UNKNOWN;
    block.sources[i] = rank;
    return true;
  }

  #admit(time: number): number | undefined {
    const bucket = floor(time / this.bucketMs);
    if (bucket < this.oldest) return undefined;
    if (bucket > this.#newest) {
      this.#newest = bucket;
      const cold = floor((bucket - COOL) / BLOCK);
      if (cold !== this.#cold) {
        this.#cold = cold;
        this.#coldMoved = true;
      }
    }
    return bucket;
  }

  #writable(bucket: number): CandleBlock {
    const number = floor(bucket / BLOCK);
    let block = number === this.#lastNumber ? this.#last : this.#blocks.get(number);
    if (!(block instanceof CandleBlock) || block.isShared) {
      if (block instanceof CandleBlock) block = new CandleBlock(block);
      else {
        this.#runs = undefined;
        block = block ? thaw(block) : new CandleBlock();
      }
      this.#blocks.set(number, block);
      this.#touched.add(number);
    }
    this.#lastNumber = number;
    this.#last = block;
    block.reach(slotOf(bucket));
    return block;
  }

  #readable(bucket: number): CandleBlock | undefined {
    if (bucket < this.oldest || bucket > this.#newest) return undefined;
    const number = floor(bucket / BLOCK);
    if (number === this.#lastNumber) return this.#last;
    const block = this.#blocks.get(number);
    return block instanceof Uint8Array ? this.#thaws.get(block) : block;
  }

  /** After a write to `bucket`. Once per block something has gone cold; a late write has thawed what must go back. */
  #cool(bucket: number): void {
    if (this.#coldMoved || floor(bucket / BLOCK) < this.#cold) this.#freezeCold();
  }

  /** Freezes what has gone cold and drops what is too old. */
  #freezeCold(): void {
    const dead = floor(this.oldest / BLOCK);
    for (const [number, block] of this.#blocks) {
      if (number < dead) this.#drop(number);
      else if (number < this.#cold && block instanceof CandleBlock) {
        const last = new CandleBlock(block);
        for (let i = 0; i < last.capacity; i++) if (last.volume[i]! > 0) last.volume[i] = tenDigits(last.volume[i]!);
        this.#blocks.set(number, freeze(last));
        this.#touched.add(number);
      }
    }
    this.#forget();
    this.#coldMoved = false;
  }

  /** After blocks were replaced. */
  #forget(): void {
    this.#lastNumber = Number.NaN;
    this.#last = undefined;
    this.#runs = undefined;
  }

  #drop(number: number): void {
    this.#blocks.delete(number);
    this.#touched.add(number);
    this.#forget();
  }
}

function slotOf(bucket: number): number {
  return ((bucket % BLOCK) + BLOCK) % BLOCK;
}
