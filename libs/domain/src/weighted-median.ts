/** The middle of two positive numbers; unlike (a + b) / 2 it never overflows and never leaves [a, b]. */
export function middle(a: number, b: number): number {
  return a + (b - a) / 2;
}

/**
 * Sorts the first `count` entries of `order`, which are indices into `values`, by ascending value; equal values keep
 * their order. Insertion sort in place: for ten sources it is faster than Array.sort and allocates nothing.
 */
export function sortByValue(order: Uint8Array, count: number, values: Float64Array): void {
  for (let i = 1; i < count; i++) {
    const index = order[i]!;
    const value = values[index]!;
    let j = i - 1;
    while (j >= 0 && values[order[j]!]! > value) {
      order[j + 1] = order[j]!;
      j--;
    }
    order[j + 1] = index;
  }
}

/**
 * Weighted median of values already in ascending order: the value at which half of the votes are reached; when it is
 * reached exactly between two values, their middle. `votes` are whole numbers, so that a tie is a tie in floating point too.
 */
export function weightedMedian(order: Uint8Array, count: number, values: Float64Array, votes: Float64Array): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += votes[order[i]!]!;
  let reached = 0;
  for (let i = 0; i < count; i++) {
    const index = order[i]!;
    reached += votes[index]!;
    if (reached * 2 < total) continue;
    const value = values[index]!;
    return reached * 2 === total && i + 1 < count ? middle(value, values[order[i + 1]!]!) : value;
  }
  return Number.NaN;
}

/** Median of the first `count` values, which must be in ascending order; of an even number, the middle of the inner two. */
export function medianOfSorted(values: Float64Array, count: number, from = 0): number {
  const half = from + (count >> 1);
  return count % 2 === 1 ? values[half]! : middle(values[half - 1]!, values[half]!);
}

/** Sorts the first `count` values in place, ascending. */
export function sortValues(values: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    let j = i - 1;
    while (j >= 0 && values[j]! > value) {
      values[j + 1] = values[j]!;
      j--;
    }
    values[j + 1] = value;
  }
}
