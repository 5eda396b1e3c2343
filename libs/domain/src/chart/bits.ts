/** Most bits that are written in one piece: with seven left over from before they still are an exact integer. */
const PIECE = 44;
/** A Rice code whose unary part would be longer than this gives up and writes the number as it is. */
const LONGEST = 24;
const WIDEST = 52;
const powers = Array.from({ length: 53 }, (_, n) => 2 ** n);

const { clz32, floor } = Math;

/** Writes bits, the first one highest. Arithmetic instead of shifts, because those stop at 32 bits. */
export class BitWriter {
  #bytes: Uint8Array;
  #at = 0;
  /** Bits that do not fill a byte yet: their value and their count. */
  #rest = 0;
  #count = 0;

  constructor(bytes: number) {
    this.#bytes = new Uint8Array(bytes);
  }

  /** `value`, a whole number below 2^width, in `width` (0..52) bits. */
  bits(value: number, width: number): void {
    if (width > PIECE) {
      const low = width - PIECE;
      const high = floor(value / powers[low]!);
      this.bits(high, PIECE);
      this.bits(value - high * powers[low]!, low);
      return;
    }
    let rest = this.#rest * powers[width]! + value;
    let count = this.#count + width;
    while (count >= 8) {
      count -= 8;
      const byte = floor(rest / powers[count]!);
      rest -= byte * powers[count]!;
      this.#put(byte);
    }
    this.#rest = rest;
    this.#count = count;
  }

  /** `n` ones and a zero. */
  unary(n: number): void {
    this.bits(powers[n + 1]! - 2, n + 1);
  }

  /** Golomb-Rice: the part above 2^k in unary, the rest in k bits. Best where numbers are around 2^k. */
  rice(value: number, k: number): void {
    const high = floor(value / powers[k]!);
    if (high < LONGEST) {
      this.unary(high);
      this.bits(value - high * powers[k]!, k);
    } else {
      this.unary(LONGEST);
      this.bits(value, WIDEST);
    }
  }

  float(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    this.bits(view.getUint32(0), 32);
    this.bits(view.getUint32(4), 32);
  }

  done(): Uint8Array {
    if (this.#count > 0) this.bits(0, 8 - this.#count);
    return this.#bytes.slice(0, this.#at);
  }

  #put(byte: number): void {
    if (this.#at === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2 + 8);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#at++] = byte;
  }
}

/** Reads what a BitWriter wrote. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #rest = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bits(width: number): number {
    if (width > PIECE) {
      const high = this.bits(PIECE);
      return high * powers[width - PIECE]! + this.bits(width - PIECE);
    }
    let rest = this.#rest;
    let count = this.#count;
    while (count < width) {
      if (this.#at >= this.#bytes.length) throw new RangeError('a block ends in the middle');
      rest = rest * 256 + this.#bytes[this.#at++]!;
      count += 8;
    }
    count -= width;
    const value = floor(rest / powers[count]!);
    this.#rest = rest - value * powers[count]!;
    this.#count = count;
    return value;
  }

  unary(): number {
    for (let n = 0; ;) {
      if (this.#count === 0) this.#fetch();
      const zeros = powers[this.#count]! - 1 - this.#rest;
      const behind = 31 - clz32(zeros);
      if (zeros > 0) {
        n += this.#count - 1 - behind;
        this.#count = behind;
        this.#rest &= powers[behind]! - 1;
        return n;
      }
      n += this.#count;
      this.#rest = this.#count = 0;
    }
  }

  rice(k: number): number {
    const high = this.unary();
    return high === LONGEST ? this.bits(WIDEST) : high * powers[k]! + this.bits(k);
  }

  float(): number {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint32(0, this.bits(32));
    view.setUint32(4, this.bits(32));
    return view.getFloat64(0);
  }

  #fetch(): void {
    if (this.#at >= this.#bytes.length) throw new RangeError('a block ends in the middle');
    this.#rest = this.#bytes[this.#at++]!;
    this.#count = 8;
  }
}

/** The k for numbers of this mean: the cost of a Rice code is flat around its optimum. */
export function riceOf(mean: number): number {
  let k = 0;
  while (k < PIECE && powers[k + 1]! <= mean) k++;
  return k;
}
