import type { CandleBlock } from './candle-block.js';

/** What of a series fits into JSON: everything but the contents of its blocks. */
export interface SeriesHead {
  /** Null: nothing was ever written. */
  readonly newest: number | null;
  readonly edges: readonly number[];
  /** Numbers of its blocks as runs: first and last of each. */
  readonly blocks: readonly (readonly [first: number, last: number])[];
}

/** What changed since the last `take`. The blocks are not written to any more: whoever has them may encode them at leisure. */
export interface SeriesChanges {
  readonly head: SeriesHead;
  readonly changed: readonly (readonly [number: number, block: CandleBlock | Uint8Array])[];
  readonly gone: readonly number[];
}

/** Numbers of the blocks of a head. */
export function blocksOf(head: SeriesHead): number[] {
  return head.blocks.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/** Ascending numbers as runs. */
export function runsOf(numbers: readonly number[]): [number, number][] {
  const all: [number, number][] = [];
  for (const number of numbers) {
    const last = all.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else all.push([number, number]);
  }
  return all;
}
