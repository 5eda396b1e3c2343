/** Enough for what two overlapping sockets of the busiest pair are apart, and for what venues repeat on reconnect. */
const CAPACITY = 512;

/**
 * The last trade ids of one pair. Exact, and by identity alone: a trade that comes late or out of order is let through,
 * as long as its own id is not among the last `capacity` ones.
 */
export class RecentIds {
  private readonly ring: string[] = [];
  private readonly known = new Set<string>();
  private oldest = 0;

  constructor(private readonly capacity = CAPACITY) {}

  get size(): number {
    return this.known.size;
  }

  /** True when the id is new; it is remembered. */
  add(id: string): boolean {
    if (this.known.has(id)) return false;
    this.known.add(id);
    if (this.ring.length < this.capacity) {
      this.ring.push(id);
      return true;
    }
    this.known.delete(this.ring[this.oldest]!);
    this.ring[this.oldest] = id;
    this.oldest = (this.oldest + 1) % this.capacity;
    return true;
  }
}
