/** At most `count` hits in any `windowMs`. */
export class RateWindow {
  private readonly hits: number[] = [];

  constructor(
    readonly count: number,
    readonly windowMs: number,
  ) {}

  /** False when this hit, which counts as `cost` of them, is one too many; it is then not counted. */
  allows(now: number, cost = 1): boolean {
    while (this.hits.length > 0 && (this.hits[0] ?? 0) <= now - this.windowMs) this.hits.shift();
    if (this.hits.length + cost > this.count) return false;
    for (let hit = 0; hit < cost; hit++) this.hits.push(now);
    return true;
  }
}
