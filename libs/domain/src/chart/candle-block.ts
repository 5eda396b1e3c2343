/**
 * Where a bucket's numbers come from, weakest first; the order is the rule of merging: the stronger replaces the weaker.
 * `partial` is live, but from a bucket of which this process did not see the whole: a venue's own kline knows better.
 */
export const PROVENANCE = { missing: 0, daily: 1, hourly: 2, partial: 3, klines: 4, live: 5 } as const;
export type Provenance = keyof typeof PROVENANCE;

/** Buckets per block: the unit that is compressed once it has gone cold. */
export const BLOCK = 256;

const COLUMNS = 5;
const SMALLEST = 16;

/**
 * 256 consecutive buckets, columnar. Prices and volume are float64; `sources` holds a PROVENANCE per bucket. Grows by doubling to
 * the highest bucket written, so that an hour of minutes does not cost a block.
 */
export class CandleBlock {
  capacity = SMALLEST;
  open = new Float64Array(SMALLEST);
  high = new Float64Array(SMALLEST);
  low = new Float64Array(SMALLEST);
  close = new Float64Array(SMALLEST);
  volume = new Float64Array(SMALLEST);
  sources = new Uint8Array(SMALLEST);

  /** Makes room for `slot` (0..255). */
  reach(slot: number): void {
    if (slot < this.capacity) return;
    let capacity = this.capacity;
    while (capacity <= slot) capacity *= 2;
    this.open = grown(this.open, capacity);
    this.high = grown(this.high, capacity);
    this.low = grown(this.low, capacity);
    this.close = grown(this.close, capacity);
    this.volume = grown(this.volume, capacity);
    const sources = new Uint8Array(capacity);
    sources.set(this.sources);
    this.sources = sources;
    this.capacity = capacity;
  }

  get bytes(): number {
    return this.capacity * (COLUMNS * Float64Array.BYTES_PER_ELEMENT + 1);
  }
}

function grown(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(capacity);
  larger.set(column);
  return larger;
}

const MAX_DECIMALS = 15;
/** Differences of two such integers, zigzag coded, still are exact in a float64. */
const MAX_INTEGER = 2 ** 50;
const RAW = 255;
const powers = Array.from({ length: MAX_DECIMALS + 1 }, (_, k) => 10 ** k);

/**
 * A cold block as bytes, without loss. Layout: the provenance column run-length coded up to 256 buckets; then, for the
 * buckets that are not missing, the number of decimals that makes every price of the block an exact integer; opens as
 * zigzag varint differences from the close before, closes from the open, highs and lows as distances from the body; volumes as
 * raw float64. A block with a price that no decimal integer up to 2^50 represents exactly keeps raw float64 prices.
 */
export function freeze(block: CandleBlock): Uint8Array {
  const out = new Writer(SMALLEST * BLOCK);
  for (let i = 0; i < block.capacity;) {
    const source = block.sources[i]!;
    let end = i + 1;
    while (end < block.capacity && block.sources[end] === source) end++;
    out.byte(source);
    out.varint(end - i);
    i = end;
  }
  out.byte(RAW);
  const decimals = exactDecimals(block);
  out.byte(decimals);
  if (decimals === RAW) {
    for (const column of [block.open, block.high, block.low, block.close]) writeRaw(out, column, block);
  } else {
    writeDecimal(out, block, powers[decimals]!);
  }
  writeRaw(out, block.volume, block);
  return out.done();
}

/** The inverse of `freeze`. */
export function thaw(bytes: Uint8Array): CandleBlock {
  const block = new CandleBlock();
  const input = new Reader(bytes);
  let filled = 0;
  for (let source = input.byte(); source !== RAW; source = input.byte()) {
    const run = input.varint();
    block.reach(filled + run - 1);
    block.sources.fill(source, filled, filled + run);
    filled += run;
  }
  const decimals = input.byte();
  if (decimals === RAW) {
    for (const column of [block.open, block.high, block.low, block.close]) readRaw(input, column, block);
  } else {
    readDecimal(input, block, powers[decimals]!);
  }
  readRaw(input, block.volume, block);
  return block;
}

function exactDecimals(block: CandleBlock): number {
  let decimals = 0;
  for (let i = 0; i < block.capacity; i++) {
    if (block.sources[i] === PROVENANCE.missing) continue;
    for (const value of [block.open[i]!, block.high[i]!, block.low[i]!, block.close[i]!]) {
      while (!exact(value, powers[decimals]!)) if (++decimals > MAX_DECIMALS) return RAW;
    }
  }
  return decimals;
}

function exact(value: number, scale: number): boolean {
  const scaled = Math.round(value * scale);
  return Math.abs(scaled) <= MAX_INTEGER && scaled / scale === value;
}

function writeDecimal(out: Writer, block: CandleBlock, scale: number): void {
  let before = 0;
  for (let i = 0; i < block.capacity; i++) {
    if (block.sources[i] === PROVENANCE.missing) continue;
    const open = Math.round(block.open[i]! * scale);
    const close = Math.round(block.close[i]! * scale);
    out.zigzag(open - before);
    out.zigzag(close - open);
    out.zigzag(Math.round(block.high[i]! * scale) - Math.max(open, close));
    out.zigzag(Math.min(open, close) - Math.round(block.low[i]! * scale));
    before = close;
  }
}

function readDecimal(input: Reader, block: CandleBlock, scale: number): void {
  let before = 0;
  for (let i = 0; i < block.capacity; i++) {
    if (block.sources[i] === PROVENANCE.missing) continue;
    const open = before + input.zigzag();
    const close = open + input.zigzag();
    block.open[i] = open / scale;
    block.close[i] = close / scale;
    block.high[i] = (Math.max(open, close) + input.zigzag()) / scale;
    block.low[i] = (Math.min(open, close) - input.zigzag()) / scale;
    before = close;
  }
}

function writeRaw(out: Writer, column: Float64Array, block: CandleBlock): void {
  for (let i = 0; i < block.capacity; i++) if (block.sources[i] !== PROVENANCE.missing) out.float(column[i]!);
}

function readRaw(input: Reader, column: Float64Array, block: CandleBlock): void {
  for (let i = 0; i < block.capacity; i++) if (block.sources[i] !== PROVENANCE.missing) column[i] = input.float();
}

class Writer {
  private view: DataView<ArrayBuffer>;
  private at = 0;

  constructor(size: number) {
    this.view = new DataView(new ArrayBuffer(size));
  }

  byte(value: number): void {
    this.reserve(1);
    this.view.setUint8(this.at++, value);
  }

  /** Unsigned, up to 2^53: seven bits a byte, arithmetic instead of shifts because those stop at 32 bits. */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.view.setUint8(this.at++, (rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.view.setUint8(this.at++, rest);
  }

  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  float(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  done(): Uint8Array {
    return new Uint8Array(this.view.buffer.slice(0, this.at));
  }

  private reserve(bytes: number): void {
    if (this.at + bytes <= this.view.byteLength) return;
    const larger = new ArrayBuffer(this.view.byteLength * 2 + bytes);
    new Uint8Array(larger).set(new Uint8Array(this.view.buffer));
    this.view = new DataView(larger);
  }
}

class Reader {
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.view.getUint8(this.at++);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.view.getUint8(this.at++);
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  float(): number {
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }
}
