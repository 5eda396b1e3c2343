import type { EventBus } from '@haunt/bus';
import { partitionOf } from '@haunt/contracts';

interface Change {
  readonly version: number;
  readonly price: number;
  /** When it was read here, epoch ms. */
  readonly at: number;
}

/** Reads along what aggregators publish: what clients should have seen, and when nobody said anything. */
export class PriceLog {
  private readonly changes = new Map<string, Change[]>();
  /** Per partition, when something was read, epoch ms; only where half a second or more lies between. */
  private readonly silences: { readonly partition: number; readonly from: number; readonly to: number }[] = [];
  private readonly lastAt: number[];

  constructor(
    bus: EventBus,
    private readonly partitions: number,
  ) {
    this.lastAt = Array.from({ length: partitions }, () => Date.now());
    bus.consume('prices', (entries) => {
      const at = Date.now();
      for (const { event } of entries) {
        for (const { symbol, price, version } of event) {
          this.heard(partitionOf(symbol, partitions), at);
          const changes = this.changes.get(symbol) ?? [];
          this.changes.set(symbol, changes);
          if (changes.at(-1)?.price !== price) changes.push({ version, price, at });
        }
      }
    });
  }

  /** The version of the last change of an asset's price that was read before `time`; 0 when there was none. */
  versionAt(symbol: string, time: number): number {
    return this.changes.get(symbol)?.findLast(({ at }) => at <= time)?.version ?? 0;
  }

  /** The longest time without a word of a partition since then, ms, until now. */
  longestSilence(partition: number, since: number): number {
    const open = { partition, from: this.lastAt[partition] ?? 0, to: Date.now() };
    const lengths = [...this.silences, open]
      .filter((silence) => silence.partition === partition && silence.to > since)
      .map(({ from, to }) => to - Math.max(from, since));
    return Math.max(0, ...lengths);
  }

  private heard(partition: number, at: number): void {
    const from = this.lastAt[partition] ?? at;
    this.lastAt[partition] = at;
    if (at - from >= 500) this.silences.push({ partition, from, to: at });
  }
}
