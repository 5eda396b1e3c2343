/**
 * The times that a process writes into the log. They never go back, whatever happens to the machine's clock: readers take
 * the largest one for the present.
 */
export class LogTime {
  private latest = 0;

  constructor(private readonly clock: { now(): number }) {}

  /** Epoch ms. */
  next(): number {
    this.latest = Math.max(this.latest, this.clock.now());
    return this.latest;
  }
}
