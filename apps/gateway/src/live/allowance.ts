/** A bucket that holds `burst` and fills at `perMs`; starts full. */
export class Allowance {
  private left: number;
  private at = -Infinity;

  constructor(
    private readonly burst: number,
    private readonly perMs: number,
  ) {
    this.left = burst;
  }

  /** Takes `amount`, or nothing and returns false. `now` in ms of a clock that does not go back. */
  take(amount: number, now: number): boolean {
    if (this.at > -Infinity) this.left = Math.min(this.burst, this.left + (now - this.at) * this.perMs);
    this.at = now;
    if (this.left < amount) return false;
    this.left -= amount;
    return true;
  }
}
