/**
 * Where a bucket's numbers come from, weakest first; the order is the rule of merging: the stronger replaces the weaker.
 * `partial` is live, but from a bucket of which not the whole was watched: a venue's own kline knows better.
 */
export const PROVENANCE = { missing: 0, daily: 1, hourly: 2, partial: 3, klines: 4, live: 5 } as const;
export type Provenance = keyof typeof PROVENANCE;
/** Names by number. */
export const PROVENANCES = Object.keys(PROVENANCE) as readonly Provenance[];

/** Buckets per block: the unit that is compressed once it has gone cold, and saved when it has changed. */
export const BLOCK = 256;
/** Volume of a bucket whose provider does not know it. */
export const UNKNOWN = -1;

const COLUMNS = 5;
const SMALLEST = 16;

/**
 * 256 consecutive buckets, columnar: open, high, low, close (USD) and volume (USD, or UNKNOWN) as float64, one behind the other
 * in one array; `sources` holds a PROVENANCE per bucket. Grows by doubling to the highest bucket written, so that an hour of
 * minutes does not cost a block.
 */
export class CandleBlock {
  capacity: number;
  open!: Float64Array;
  high!: Float64Array;
  low!: Float64Array;
  close!: Float64Array;
  volume!: Float64Array;
  sources: Uint8Array;
  #values: Float64Array;
  #shared = false;

  constructor(from?: CandleBlock, capacity = from?.capacity ?? SMALLEST) {
    this.capacity = capacity;
    this.#values = new Float64Array(COLUMNS * capacity);
    this.sources = new Uint8Array(capacity);
    this.#divide();
    if (from !== undefined) this.#copy(from);
  }

  /** Makes room for `slot` (0..255). */
  reach(slot: number): void {
    if (slot < this.capacity) return;
    let capacity = this.capacity;
    while (capacity <= slot) capacity *= 2;
    const larger = new CandleBlock(this, capacity);
    this.capacity = capacity;
    this.sources = larger.sources;
    this.#values = larger.#values;
    this.#divide();
  }

  /** From now on somebody else reads this block: whoever wants to write takes a copy. */
  share(): this {
    this.#shared = true;
    return this;
  }

  get isShared(): boolean {
    return this.#shared;
  }

  get bytes(): number {
    return this.#values.byteLength + this.sources.byteLength;
  }

  #divide(): void {
    const column = (n: number): Float64Array => this.#values.subarray(n * this.capacity, (n + 1) * this.capacity);
    this.open = column(0);
    this.high = column(1);
    this.low = column(2);
    this.close = column(3);
    this.volume = column(4);
  }

  #copy(from: CandleBlock): void {
    this.open.set(from.open);
    this.high.set(from.high);
    this.low.set(from.low);
    this.close.set(from.close);
    this.volume.set(from.volume);
    this.sources.set(from.sources);
  }
}
