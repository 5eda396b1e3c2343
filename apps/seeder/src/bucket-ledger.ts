import type { HistoryGrade } from '@haunt/sources';

/** [from, to), epoch ms on the grid. */
export type Range = readonly [from: number, to: number];

/** One request's worth of buckets. */
export interface Page {
  readonly from: number;
  readonly to: number;
}

/** Plain data of a ledger: one bit per bucket and list, base64. */
export interface LedgerSnapshot {
  readonly bucketMs: number;
  readonly from: number;
  readonly to: number;
  readonly there: string;
  readonly weak: string;
  readonly answered: Readonly<Record<string, string>>;
}

/** Runs shorter than this are left alone: a chart bridges them, and a request each would cost more than they are worth. */
const WORTH_ASKING = 3;
/** Unless together they are more than this share of what was looked at. */
const SCATTERED = 0.05;

/**
 * What of one series is there, and who was already asked for what is not, so that only what is missing is asked for, of
 * each provider at most once.
 */
export class BucketLedger {
  private readonly length: number;
  /** 1: has a candle that nobody improves on. */
  private readonly there: Uint8Array;
  /** 1: has a candle that a venue's own would replace. */
  private readonly weak: Uint8Array;
  private readonly answered = new Map<string, Uint8Array>();

  /** All of it missing. Edges in epoch ms on the grid. */
  constructor(
    readonly bucketMs: number,
    readonly from: number,
    readonly to: number,
  ) {
    this.length = (to - from) / bucketMs;
    this.there = new Uint8Array(this.length);
    this.weak = new Uint8Array(this.length);
  }

  /** Between `from` and `to` everything is there except these; what was found since stays found. */
  survey({ from, to }: Page, missing: readonly Range[], weak: readonly Range[]): void {
    const fine = new Uint8Array(this.length);
    this.mark(fine, [from, to]);
    for (const range of [...missing, ...weak]) this.mark(fine, range, 0);
    for (let i = 0; i < this.length; i++) if (fine[i]) this.there[i] = 1;
    for (const range of weak) this.mark(this.weak, range);
  }

  /**
   * What to ask of a provider between `from` and `to`, newest first, each page at most `perRequest` buckets long.
   * `since`: the provider knows nothing older.
   */
  pages(
    provider: string,
    grade: HistoryGrade,
    { from, to }: Page,
    perRequest: number,
    since: number = -Infinity,
  ): Page[] {
    const first = this.indexOf(Math.max(from, since));
    const end = this.indexOf(to);
    const asked = this.answered.get(provider);
    const wanted = new Uint8Array(this.length);
    for (let i = first; i < end; i++) wanted[i] = this.wants(i, grade) && !asked?.[i] ? 1 : 0;
    dropShortRuns(wanted, first, end);
    const pages: Page[] = [];
    for (let i = end - 1; i >= first; i--) {
      if (!wanted[i]) continue;
      let start = i;
      const lowest = Math.max(first, i - perRequest + 1);
      for (let j = lowest; j < i; j++) {
        if (!wanted[j]) continue;
        start = j;
        break;
      }
      pages.push({ from: this.timeOf(start), to: this.timeOf(i + 1) });
      i = start;
    }
    return pages;
  }

  /** Whether a candle of this grade would be news. */
  lacks(time: number, grade: HistoryGrade): boolean {
    const i = (time - this.from) / this.bucketMs;
    return Number.isInteger(i) && i >= 0 && i < this.length && this.wants(i, grade);
  }

  /** Candles that were found. */
  found(times: Iterable<number>, grade: HistoryGrade): void {
    for (const time of times) {
      const i = (time - this.from) / this.bucketMs;
      if (grade === 'klines') this.there[i] = 1;
      else this.weak[i] = 1;
    }
  }

  /** The provider said all it knows of these buckets. */
  asked(provider: string, { from, to }: Page): void {
    let bits = this.answered.get(provider);
    if (bits === undefined) this.answered.set(provider, (bits = new Uint8Array(this.length)));
    this.mark(bits, [from, to]);
  }

  /** How many buckets from `from` to `to` there are, have a candle, and are settled: have one, or somebody was asked. */
  count({ from, to }: Page): { readonly all: number; readonly there: number; readonly settled: number } {
    const [first, end] = [this.indexOf(from), this.indexOf(to)];
    const asked = [...this.answered.values()];
    let there = 0;
    let settled = 0;
    for (let i = first; i < end; i++) {
      if (this.there[i] || this.weak[i]) there++;
      if (this.there[i] || asked.some((bits) => bits[i])) settled++;
    }
    return { all: end - first, there, settled };
  }

  snapshot(): LedgerSnapshot {
    const answered = Object.fromEntries([...this.answered].map(([provider, bits]) => [provider, packed(bits)]));
    const { bucketMs, from, to } = this;
    return { bucketMs, from, to, there: packed(this.there), weak: packed(this.weak), answered };
  }

  static restore(snapshot: LedgerSnapshot): BucketLedger {
    const ledger = new BucketLedger(snapshot.bucketMs, snapshot.from, snapshot.to);
    unpack(snapshot.there, ledger.there);
    unpack(snapshot.weak, ledger.weak);
    for (const [provider, text] of Object.entries(snapshot.answered)) {
      const bits = new Uint8Array(ledger.length);
      unpack(text, bits);
      ledger.answered.set(provider, bits);
    }
    return ledger;
  }

  private wants(i: number, grade: HistoryGrade): boolean {
    return !this.there[i] && (grade === 'klines' || !this.weak[i]);
  }

  private mark(bits: Uint8Array, [from, to]: Range, bit = 1): void {
    bits.fill(bit, this.indexOf(from), this.indexOf(to));
  }

  /** Of the first bucket that begins at `time` or later, within the ledger. */
  private indexOf(time: number): number {
    return Math.min(this.length, Math.max(0, Math.ceil((time - this.from) / this.bucketMs)));
  }

  private timeOf(index: number): number {
    return this.from + index * this.bucketMs;
  }
}

function dropShortRuns(wanted: Uint8Array, first: number, end: number): void {
  let sum = 0;
  for (let i = first; i < end; i++) sum += wanted[i]!;
  if (sum > SCATTERED * (end - first)) return;
  for (let i = first; i < end; i++) {
    let length = 0;
    while (i + length < end && wanted[i + length]) length++;
    if (length < WORTH_ASKING) wanted.fill(0, i, i + length);
    i += length;
  }
}

function packed(bits: Uint8Array): string {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) if (bits[i]) bytes[i >> 3]! |= 1 << (i & 7);
  return bytes.toString('base64');
}

function unpack(text: string, bits: Uint8Array): void {
  const bytes = Buffer.from(text, 'base64');
  for (let i = 0; i < bits.length; i++) bits[i] = ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1;
}
