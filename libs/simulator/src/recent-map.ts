/** What was worked out lately, at most so many entries: the oldest goes first. */
export class RecentMap<V> {
  private readonly entries = new Map<number, V>();

  constructor(private readonly most: number) {}

  get(key: number): V | undefined {
    return this.entries.get(key);
  }

  set(key: number, value: V): V {
    if (this.entries.size >= this.most) {
      const [oldest] = this.entries.keys();
      if (oldest !== undefined) this.entries.delete(oldest);
    }
    this.entries.set(key, value);
    return value;
  }

  clear(): void {
    this.entries.clear();
  }
}
