/**
 * What is to happen later, in slots of a few milliseconds: one timer serves any number of waiting clients.
 * Nothing comes early; it comes late by less than a slot, plus however late `take` is called.
 */
export class DueWheel<T> {
  private readonly slots = new Map<number, T[]>();
  private taken = 0;
  private count = 0;

  constructor(private readonly slotMs: number) {}

  get size(): number {
    return this.count;
  }

  /** `at` and the `now` of `take` are of the same clock, which must not go back. */
  add(item: T, at: number): void {
    // A slot that was taken already would never be looked at again.
    const slot = Math.max(Math.ceil(at / this.slotMs), this.taken + 1);
    const items = this.slots.get(slot);
    if (items) items.push(item);
    else this.slots.set(slot, [item]);
    this.count++;
  }

  /** Removes and returns everything that is due, earliest slot first. */
  take(now: number): T[] {
    const last = Math.floor(now / this.slotMs);
    if (last <= this.taken) return [];
    const due: T[] = [];
    const passed = last - this.taken;
    // After a long sleep there are fewer filled slots than passed ones.
    const candidates =
      passed > this.slots.size
        ? [...this.slots.keys()].filter((slot) => slot <= last).sort((a, b) => a - b)
        : Array.from({ length: passed }, (_, i) => this.taken + 1 + i);
    for (const slot of candidates) {
      const items = this.slots.get(slot);
      if (!items) continue;
      this.slots.delete(slot);
      for (const item of items) due.push(item);
    }
    this.taken = last;
    this.count -= due.length;
    return due;
  }
}
