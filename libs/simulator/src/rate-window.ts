/** At most `count` hits in any `windowMs`. */
export class RateWindow {
  private readonly hits: number[] = [];

  constructor(
    readonly count: number,
    readonly windowMs: number,
  ) {}

  /** False when this hit is one too many; it is then not counted. */
  allows(now: number): boolean {
    while (this.hits.length > 0 && (this.hits[0] ?? 0) <= now - this.windowMs) this.hits.shift();
    if (this.hits.length >= this.count) return false;
    this.hits.push(now);
    return true;
  }
}
