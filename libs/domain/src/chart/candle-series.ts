import { BLOCK, CandleBlock, freeze, PROVENANCE, type Provenance, thaw } from './candle-block.js';

/** One bucket as it is read. `time` is its start, epoch ms; prices in USD; `volume` is what was traded in it, USD. */
export interface Candle {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly provenance: Provenance;
}

/** Plain data of a series: cold and hot blocks alike as `freeze` writes them. */
export interface SeriesSnapshot {
  readonly newest: number;
  readonly edges: readonly (readonly [bucket: number, openAt: number, closeAt: number])[];
  readonly blocks: readonly (readonly [number: number, bytes: Uint8Array])[];
}

const NAMES = Object.keys(PROVENANCE) as readonly Provenance[];
/** A block is frozen when the series is this many buckets past its end: late ticks seldom reach further back. */
const COOL = 16;
/** Buckets at the young end whose first and last price times are known, so that late ticks find their place in them. */
const EDGES = 4;

/** The cold blocks that were read last, thawed; shared by all series, because each kept for itself would undo the freezing. */
export class ThawCache {
  private readonly blocks = new Map<Uint8Array, CandleBlock>();

  constructor(private readonly capacity = 64) {}

  get(frozen: Uint8Array): CandleBlock {
    let block = this.blocks.get(frozen);
    if (block) this.blocks.delete(frozen);
    else block = thaw(frozen);
    this.blocks.set(frozen, block);
    if (this.blocks.size > this.capacity) this.blocks.delete(this.blocks.keys().next().value!);
    return block;
  }
}

/**
 * The last `buckets` candles of one asset at one resolution. Folding a price and reading a bucket are O(1) at the hot end; a
 * cold block is thawed to be read and frozen again when it was written.
 */
export class CandleSeries {
  private readonly blocks = new Map<number, CandleBlock | Uint8Array>();
  private newest = -Infinity;
  private readonly edgeBucket = new Float64Array(EDGES).fill(-1);
  private readonly openAt = new Float64Array(EDGES);
  private readonly closeAt = new Float64Array(EDGES);

  constructor(
    readonly bucketMs: number,
    readonly buckets: number,
    private readonly thaws = new ThawCache(),
  ) {}

  /**
   * Takes one price at event time `time` (epoch ms). In its bucket it is the open when none was earlier, the close when
   * none was later (equal times: the later call closes), and widens high and low. False: older than what is kept.
   * `whole` says whether the bucket has been watched from its start; if not it is `partial`.
   */
  fold(price: number, time: number, whole: boolean): boolean {
    const bucket = this.admit(time);
    if (bucket === undefined) return false;
    const block = this.writable(bucket);
    const i = slotOf(bucket);
    const edge = bucket % EDGES;
    const known = this.edgeBucket[edge] === bucket;
    if (block.sources[i]! < PROVENANCE.partial) {
      // Seeded numbers of a bucket that is live after all describe the same minutes: the live ones stand alone.
      block.open[i] = block.high[i] = block.low[i] = block.close[i] = price;
      if (block.sources[i] !== PROVENANCE.missing) block.volume[i] = 0;
      block.sources[i] = whole ? PROVENANCE.live : PROVENANCE.partial;
      if (bucket > this.newest - EDGES) this.setEdge(edge, bucket, time, time);
      this.cool(bucket);
      return true;
    }
    if (price > block.high[i]!) block.high[i] = price;
    if (price < block.low[i]!) block.low[i] = price;
    if (known && time < this.openAt[edge]!) {
      block.open[i] = price;
      this.openAt[edge] = time;
    }
    if (known && time >= this.closeAt[edge]!) {
      block.close[i] = price;
      this.closeAt[edge] = time;
    }
    this.cool(bucket);
    return true;
  }

  /** Adds `usd` traded at `time` to its bucket, after the price of that trade was folded; false for a bucket without any. */
  trade(usd: number, time: number): boolean {
    const bucket = Math.floor(time / this.bucketMs);
    if (!this.readable(bucket)?.sources[slotOf(bucket)]) return false;
    this.writable(bucket).volume[slotOf(bucket)]! += usd;
    this.cool(bucket);
    return true;
  }

  /**
   * Buckets from elsewhere. Each replaces what is weaker or equal, so merging twice changes nothing; what is too old or weaker is
   * left. Returns how many were taken.
   */
  merge(candles: Iterable<Candle>): number {
    let taken = 0;
    for (const candle of candles) if (this.replace(candle)) taken++;
    this.freezeCold();
    return taken;
  }

  private replace(candle: Candle): boolean {
    const rank = PROVENANCE[candle.provenance];
    const bucket = this.admit(candle.time);
    if (bucket === undefined || rank === PROVENANCE.missing) return false;
    const block = this.writable(bucket);
    const i = slotOf(bucket);
    if (block.sources[i]! > rank) return false;
    block.open[i] = candle.open;
    block.high[i] = candle.high;
    block.low[i] = candle.low;
    block.close[i] = candle.close;
    block.volume[i] = candle.volume;
    block.sources[i] = rank;
    return true;
  }

  /** The bucket that `time` falls into, or undefined when it is missing. */
  at(time: number): Candle | undefined {
    const bucket = Math.floor(time / this.bucketMs);
    const block = this.readable(bucket);
    return block && this.candle(block, bucket);
  }

  /** Every bucket that is not missing, from the one holding `from` up to, not including, the one holding `to`. */
  read(from: number, to: number): Candle[] {
    const candles: Candle[] = [];
    const end = Math.min(Math.floor(to / this.bucketMs), this.newest + 1);
    for (let bucket = Math.max(Math.floor(from / this.bucketMs), this.oldest); bucket < end; bucket++) {
      const block = this.readable(bucket);
      const candle = block && this.candle(block, bucket);
      if (candle) candles.push(candle);
    }
    return candles;
  }

  /** Close of the bucket holding `time`, or of the nearest of at most `lookback` buckets before it; else undefined. */
  closeBefore(time: number, lookback: number): number | undefined {
    const bucket = Math.floor(time / this.bucketMs);
    for (let b = bucket; b >= bucket - lookback; b--) {
      const block = this.readable(b);
      if (block && block.sources[slotOf(b)]! !== PROVENANCE.missing) return block.close[slotOf(b)];
    }
    return undefined;
  }

  /** Bytes of column and block data held now, object overhead left out. */
  get bytes(): number {
    let sum = 0;
    for (const block of this.blocks.values()) sum += block instanceof CandleBlock ? block.bytes : block.byteLength;
    return sum;
  }

  snapshot(): SeriesSnapshot {
    return {
      newest: this.newest,
      edges: Array.from(this.edgeBucket, (bucket, i) => [bucket, this.openAt[i]!, this.closeAt[i]!] as const),
      blocks: [...this.blocks].map(([n, b]) => [n, b instanceof CandleBlock ? freeze(b) : b] as const),
    };
  }

  restore(snapshot: SeriesSnapshot): void {
    this.blocks.clear();
    this.newest = snapshot.newest;
    snapshot.edges.forEach(([bucket, openAt, closeAt], i) => this.setEdge(i, bucket, openAt, closeAt));
    for (const [number, bytes] of snapshot.blocks) this.blocks.set(number, bytes);
  }

  private get oldest(): number {
    return this.newest - this.buckets + 1;
  }

  private admit(time: number): number | undefined {
    const bucket = Math.floor(time / this.bucketMs);
    if (bucket < this.oldest) return undefined;
    if (bucket > this.newest) this.newest = bucket;
    return bucket;
  }

  private setEdge(edge: number, bucket: number, openAt: number, closeAt: number): void {
    this.edgeBucket[edge] = bucket;
    this.openAt[edge] = openAt;
    this.closeAt[edge] = closeAt;
  }

  private writable(bucket: number): CandleBlock {
    const number = Math.floor(bucket / BLOCK);
    let block = this.blocks.get(number);
    if (!(block instanceof CandleBlock)) {
      block = block ? thaw(block) : new CandleBlock();
      this.blocks.set(number, block);
    }
    block.reach(slotOf(bucket));
    return block;
  }

  private readable(bucket: number): CandleBlock | undefined {
    if (bucket < this.oldest || bucket > this.newest) return undefined;
    const block = this.blocks.get(Math.floor(bucket / BLOCK));
    return block instanceof Uint8Array ? this.thaws.get(block) : block;
  }

  /** After a write to `bucket`: at the hot end blocks go cold once per block, a late write thawed one that must go back. */
  private cool(bucket: number): void {
    if (this.blocks.size > 1 && (slotOf(bucket) === COOL || bucket <= this.newest - COOL)) this.freezeCold();
  }

  /** Freezes what has gone cold and drops what is too old. */
  private freezeCold(): void {
    const cold = Math.floor((this.newest - COOL) / BLOCK);
    const dead = Math.floor(this.oldest / BLOCK);
    for (const [number, block] of this.blocks) {
      if (number < dead) this.blocks.delete(number);
      else if (number < cold && block instanceof CandleBlock) this.blocks.set(number, freeze(block));
    }
  }

  private candle(block: CandleBlock, bucket: number): Candle | undefined {
    const i = slotOf(bucket);
    const source = block.sources[i];
    if (!source) return undefined;
    return {
      time: bucket * this.bucketMs,
      open: block.open[i]!,
      high: block.high[i]!,
      low: block.low[i]!,
      close: block.close[i]!,
      volume: block.volume[i]!,
      provenance: NAMES[source]!,
    };
  }
}

function slotOf(bucket: number): number {
  return ((bucket % BLOCK) + BLOCK) % BLOCK;
}
