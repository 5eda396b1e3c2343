import { BitReader, BitWriter, riceOf } from './bits.js';
import { BLOCK, CandleBlock, PROVENANCE, UNKNOWN } from './candle-block.js';
import { DIGITS } from '../significant.js';

// Looked up once: under jest every use of a global costs a microsecond.
const { abs, floor, log10, max, min, round } = Math;

/** Powers of ten that a double holds exactly. */
const MAX_DECIMALS = 22;
const powers = Array.from({ length: MAX_DECIMALS + 1 }, (_, k) => 10 ** k);
/** Differences of two such integers, zigzag coded, still are exact in a float64. */
const MAX_INTEGER = 2 ** 50;
/** Instead of a number of decimals: the prices stand there as float64. */
const RAW = 31;
const RUN_BITS = 9;
const MANTISSA_BITS = 34;
const EXPONENT_BITS = 6;
const EXPONENT_BIAS = 32;
/** Behind the last run of sources. */
const END = 7;

/** How a volume is written. */
const TAG = { sameExponent: 0, newExponent: 1, zero: 2, unknown: 3, raw: 4 } as const;

/**
 * A block as bytes, without loss. Layout: the provenance column run-length coded; then, for the buckets that are not missing,
 * the number of decimals that makes every price of the block an exact integer, and per bucket in Rice codes: open as
 * difference from the close before, close from the open, high and low as distances from the body. A block with a
 * price that no decimal integer up to 2^50 represents keeps float64. A volume of at most ten significant digits is
 * an integer and a power of ten, any other a float64.
 *
 * Ten digits of a real market cost about 11 bytes of prices and 4.4 of volume per bucket, where five float64 cost 40.
 */
export function freeze(block: CandleBlock): Uint8Array {
  const out = new BitWriter(BLOCK * 16);
  for (let i = 0; i < block.capacity;) {
    const source = block.sources[i]!;
    let end = i + 1;
    while (end < block.capacity && block.sources[end] === source) end++;
    out.bits(source, 3);
    out.bits(end - i, RUN_BITS);
    i = end;
  }
  out.bits(END, 3);
  const decimals = exactDecimals(block);
  out.bits(decimals, 5);
  if (decimals === RAW) writeRaw(out, block);
  else writeDecimal(out, block, powers[decimals]!);
  writeVolumes(out, block);
  return out.done();
}

/** The inverse of `freeze`. @throws RangeError when the bytes end too early */
export function thaw(bytes: Uint8Array): CandleBlock {
  const block = new CandleBlock();
  const input = new BitReader(bytes);
  let filled = 0;
  for (let source = input.bits(3); source !== END; source = input.bits(3)) {
    const run = input.bits(RUN_BITS);
    block.reach(filled + run - 1);
    block.sources.fill(source, filled, filled + run);
    filled += run;
  }
  const decimals = input.bits(5);
  if (decimals === RAW) readRaw(input, block);
  else readDecimal(input, block, powers[decimals]!);
  readVolumes(input, block);
  return block;
}

/** Closes of a block and where they come from, by slot. */
export interface Closes {
  /** PROVENANCE; 0: missing. */
  readonly sources: Uint8Array;
  readonly close: Float64Array;
}

/** What `readCloses` gives out. */
const read = { sources: new Uint8Array(BLOCK), close: new Float64Array(BLOCK) };

/**
 * The closes of the slots below `end` of a frozen block: a fifth of the work of `thaw`, and nothing is allocated, which is what
 * thousands of blocks of which one number is wanted would otherwise cost. To be read at once: the next call writes over it.
 */
export function readCloses(bytes: Uint8Array, end: number): Closes {
  const input = new BitReader(bytes);
  const { sources, close } = read;
  let filled = 0;
  for (let source = input.bits(3); source !== END; source = input.bits(3)) {
    const run = input.bits(RUN_BITS);
    sources.fill(source, filled, filled + run);
    filled += run;
  }
  sources.fill(PROVENANCE.missing, filled);
  const decimals = input.bits(5);
  if (decimals === RAW) return thaw(bytes);
  const scale = powers[decimals]!;
  const widths = [input.bits(6), input.bits(6), input.bits(6), input.bits(6)] as const;
  let before = 0;
  for (let i = 0; i < end; i++) {
    if (sources[i] === PROVENANCE.missing) continue;
    const open = before + unzigzag(input.rice(widths[0]));
    before = open + unzigzag(input.rice(widths[1]));
    input.rice(widths[2]);
    input.rice(widths[3]);
    close[i] = before / scale;
  }
  return read;
}

function exactDecimals(block: CandleBlock): number {
  let decimals = 0;
  for (let i = 0; i < block.capacity; i++) {
    if (block.sources[i] === PROVENANCE.missing) continue;
    for (const column of [block.open, block.high, block.low, block.close]) {
      while (!isExact(column[i]!, powers[decimals]!)) if (++decimals > MAX_DECIMALS) return RAW;
    }
  }
  return decimals;
}

function isExact(value: number, scale: number): boolean {
  const scaled = round(value * scale);
  return abs(scaled) <= MAX_INTEGER && scaled / scale === value;
}

/** Four whole numbers per bucket: what is written of its prices. */
function differences(block: CandleBlock, scale: number): Float64Array {
  const all = new Float64Array(4 * block.capacity);
  let n = 0;
  let before = 0;
  for (let i = 0; i < block.capacity; i++) {
    if (block.sources[i] === PROVENANCE.missing) continue;
    const open = round(block.open[i]! * scale);
    const close = round(block.close[i]! * scale);
    all[n++] = zigzag(open - before);
    all[n++] = zigzag(close - open);
    all[n++] = zigzag(round(block.high[i]! * scale) - max(open, close));
    all[n++] = zigzag(min(open, close) - round(block.low[i]! * scale));
    before = close;
  }
  return all.subarray(0, n);
}

function writeDecimal(out: BitWriter, block: CandleBlock, scale: number): void {
  const all = differences(block, scale);
  const widths = [0, 0, 0, 0];
  // The first open is a whole price and no difference: it would widen all others.
  for (let i = 1; i < all.length; i++) widths[i % 4]! += all[i]!;
  for (let c = 0; c < 4; c++) out.bits((widths[c] = riceOf((4 * widths[c]!) / max(all.length, 1))), 6);
  for (let i = 0; i < all.length; i++) out.rice(all[i]!, widths[i % 4]!);
}

function readDecimal(input: BitReader, block: CandleBlock, scale: number): void {
  const widths = [input.bits(6), input.bits(6), input.bits(6), input.bits(6)] as const;
  let before = 0;
  for (let i = 0; i < block.capacity; i++) {
    if (block.sources[i] === PROVENANCE.missing) continue;
    const open = before + unzigzag(input.rice(widths[0]));
    const close = open + unzigzag(input.rice(widths[1]));
    block.open[i] = open / scale;
    block.close[i] = close / scale;
    block.high[i] = (max(open, close) + unzigzag(input.rice(widths[2]))) / scale;
    block.low[i] = (min(open, close) - unzigzag(input.rice(widths[3]))) / scale;
    before = close;
  }
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function writeRaw(out: BitWriter, block: CandleBlock): void {
  for (const column of [block.open, block.high, block.low, block.close]) {
    for (let i = 0; i < block.capacity; i++) if (block.sources[i] !== PROVENANCE.missing) out.float(column[i]!);
  }
}

function readRaw(input: BitReader, block: CandleBlock): void {
  for (const column of [block.open, block.high, block.low, block.close]) {
    for (let i = 0; i < block.capacity; i++) if (block.sources[i] !== PROVENANCE.missing) column[i] = input.float();
  }
}

function writeVolumes(out: BitWriter, block: CandleBlock): void {
  let last = EXPONENT_BIAS;
  for (let i = 0; i < block.capacity; i++) {
    if (block.sources[i] === PROVENANCE.missing) continue;
    const volume = block.volume[i]!;
    if (volume === 0) out.unary(TAG.zero);
    else if (volume === UNKNOWN) out.unary(TAG.unknown);
    else {
      // Of a volume of ten digits, the power of ten that makes it a whole number of ten digits.
      const exponent = volume > 0 ? floor(log10(volume)) - DIGITS + 1 : Infinity;
      const mantissa = abs(exponent) <= MAX_DECIMALS ? round(shifted(volume, -exponent)) : -1;
      if (mantissa < 0 || mantissa >= 2 ** MANTISSA_BITS || shifted(mantissa, exponent) !== volume) {
        out.unary(TAG.raw);
        out.float(volume);
      } else {
        out.unary(exponent === last ? TAG.sameExponent : TAG.newExponent);
        if (exponent !== last) out.bits(exponent + EXPONENT_BIAS, EXPONENT_BITS);
        out.bits(mantissa, MANTISSA_BITS);
        last = exponent;
      }
    }
  }
}

function readVolumes(input: BitReader, block: CandleBlock): void {
  let exponent = EXPONENT_BIAS;
  for (let i = 0; i < block.capacity; i++) {
    if (block.sources[i] === PROVENANCE.missing) continue;
    const tag = input.unary();
    if (tag === TAG.zero) block.volume[i] = 0;
    else if (tag === TAG.unknown) block.volume[i] = UNKNOWN;
    else if (tag === TAG.raw) block.volume[i] = input.float();
    else {
      if (tag === TAG.newExponent) exponent = input.bits(EXPONENT_BITS) - EXPONENT_BIAS;
      block.volume[i] = shifted(input.bits(MANTISSA_BITS), exponent);
    }
  }
}

/** `value` times ten to the `exponent` (at most 22 either way). */
function shifted(value: number, exponent: number): number {
  return exponent >= 0 ? value * powers[exponent]! : value / powers[-exponent]!;
}
