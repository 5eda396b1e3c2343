/** The best so many of many that are offered one after the other. Better is lower; of equals the name that comes first. */
export class TopList {
  readonly slots: Int32Array;
  readonly ranks: Float64Array;
  size = 0;

  /** `nameOf`: the name of an offered slot. */
  constructor(
    capacity: number,
    private readonly nameOf: (slot: number) => string,
  ) {
    this.slots = new Int32Array(capacity);
    this.ranks = new Float64Array(capacity);
  }

  clear(): void {
    this.size = 0;
  }

  /** `rank` is a number. */
  offer(slot: number, rank: number): void {
    const { slots, ranks } = this;
    if (this.size === slots.length) {
      if (!this.#precedes(slot, rank, this.size - 1)) return;
    } else this.size++;
    let at = this.size - 1;
    for (; at > 0 && this.#precedes(slot, rank, at - 1); at--) {
      slots[at] = slots[at - 1]!;
      ranks[at] = ranks[at - 1]!;
    }
    slots[at] = slot;
    ranks[at] = rank;
  }

  #precedes(slot: number, rank: number, other: number): boolean {
    const theirs = this.ranks[other]!;
    return rank < theirs || (rank === theirs && this.nameOf(slot) < this.nameOf(this.slots[other]!));
  }
}
