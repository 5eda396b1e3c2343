import type { Log } from '@haunt/platform';

const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;

/** Asks every partition what it has, each until it has answered, less and less often. A new round takes the place of the one before. */
export class PartitionAsking {
  private readonly retries = new Map<number, NodeJS.Timeout>();
  private closed = false;

  /** `ask` one partition and take in its answer; `what` it is asked for, for the log. */
  constructor(
    private readonly partitions: number,
    private readonly what: string,
    private readonly ask: (partition: number) => Promise<void>,
    private readonly log: Log,
  ) {}

  everybody(): void {
    for (let partition = 0; partition < this.partitions; partition++) {
      clearTimeout(this.retries.get(partition));
      void this.one(partition, RETRY_FIRST_MS);
    }
  }

  close(): void {
    this.closed = true;
    for (const retry of this.retries.values()) clearTimeout(retry);
  }

  private async one(partition: number, retryMs: number): Promise<void> {
    try {
      await this.ask(partition);
    } catch (error) {
      if (this.closed) return;
      // The aggregator may well start after us; then it tells by itself.
      this.log.debug({ partition, err: error }, `the aggregator has not told its ${this.what} yet`);
      const retry = setTimeout(() => void this.one(partition, Math.min(2 * retryMs, RETRY_MOST_MS)), retryMs);
      this.retries.set(partition, retry);
    }
  }
}
