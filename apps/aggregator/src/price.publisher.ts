import type { Entry, EventBus } from '@haunt/bus';
import { batchId, type TickBatch } from '@haunt/domain';
import type { Log, RareLines, Span, Tracing } from '@haunt/platform';
import type { PartitionMetrics } from './partition.metrics.js';
import { ToldPrices } from './told.prices.js';

interface PublisherParts {
  readonly bus: EventBus;
  readonly log: Log;
  readonly rare: RareLines;
  readonly tracing: Tracing;
  readonly measured: PartitionMetrics;
}

/** Tells the prices that follow from entries of a partition's log, the last of each asset, and what each follows from. */
export class PricePublisher {
  /** Of the entries being read, until `publish`. */
  readonly told = new ToldPrices();

  constructor(
    private readonly partition: number,
    private readonly parts: PublisherParts,
  ) {}

  /**
   * The state has moved on already: were this to throw, the same entries would be applied a second time. A price that could
   * not be published is superseded by the next one.
   */
  async publish(entries: readonly Entry<TickBatch>[], began: number): Promise<void> {
    const { bus, log, tracing } = this.parts;
    const { partition, told } = this;
    const updates = told.take();
    const follows = `ticks/${partition} ${entries[0]!.id} ${entries.at(-1)!.id}`;
    const spans = tracing.isOn ? this.trace(entries, began) : [];
    const traceparent = spans.at(-1)?.traceparent;
    try {
      const entry = await bus.publish(
        'prices',
        updates,
        0,
        traceparent === undefined ? { follows } : { follows, traceparent },
      );
      told.published(entry);
      this.parts.measured.sent(updates.length);
      for (const span of spans) span.end({ entry, prices: updates.length });
      if (log.isTracing)
        log.trace(
          { partition, entry, follows, batches: batchesOf(entries), symbols: updates.map(({ symbol }) => symbol) },
          'prices written',
        );
    } catch (error) {
      for (const span of spans) span.end({}, error);
      this.parts.rare.warn('prices', { err: error, partition }, 'prices could not be published');
    }
  }

  /** A span for every batch that is being traced. */
  private trace(entries: readonly Entry<TickBatch>[], at: number): Span[] {
    const { partition } = this;
    return entries.flatMap(({ id, event, headers }) => {
      const parent = headers?.traceparent;
      if (parent === undefined) return [];
      const fields = { partition, batch: batchId(event), follows: id };
      return this.parts.tracing.start('aggregate batch', { parent, kind: 'consumer', at, fields }) ?? [];
    });
  }
}

function batchesOf(entries: readonly Entry<TickBatch>[]): string[] {
  return entries.map(({ event }) => batchId(event));
}
