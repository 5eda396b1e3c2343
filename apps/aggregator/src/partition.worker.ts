import type { Consumption, Entry, EventBus, Gap, Position } from '@haunt/bus';
import type { AssetSymbol, PriceUpdate, TickBatch } from '@haunt/domain';
import type { Clock, Log, Metrics } from '@haunt/platform';
import { type KeyValueStore, KEYS } from '@haunt/storage';
import { type Checkpoint, PartitionState } from './partition.state.js';

/** Without a checkpoint: far enough back that every quote that still counts (30 s) is read again. */
const REPLAY_MS = 60_000;
const METRICS_EVERY_MS = 1_000;
const CHECKPOINT_EVERY_MS = 5_000;

export interface WorkerParts {
  readonly bus: EventBus;
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Reads one partition's log, publishes its prices, answers for it, and writes its checkpoints. */
export class PartitionWorker {
  private readonly state: PartitionState;
  private readonly consumptions: Consumption[] = [];
  private readonly taken;
  private readonly published;
  private readonly lag;
  private metricsAt = 0;
  private checkpointAt = 0;
  private saving: Promise<void> | undefined;

  constructor(
    readonly partition: number,
    partitions: number,
    private readonly parts: WorkerParts,
    /** False once the lease is lost: then nothing may be saved over what the new owner saves. */
    private readonly owns: () => boolean,
  ) {
    this.state = new PartitionState(partition, partitions);
    const { metrics } = parts;
    this.taken = metrics.counter('log_entries_total', 'Entries taken from the tick log');
    this.published = metrics.counter('price_updates_total', 'Price updates published');
    this.lag = metrics.histogram(
      'ingest_to_publish_seconds',
      'From the sealing of a batch by its ingestor to the publishing of its prices',
      [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
    );
  }

  /** Restores the last checkpoint and starts to read behind it. */
  async start(): Promise<void> {
    const { bus, clock } = this.parts;
    const from = await this.resume();
    const partition = this.partition;
    this.checkpointAt = clock.now();
    this.consumptions.push(
      bus.consume('ticks', (entries) => this.take(entries), { partition, from, onGap: (gap) => this.report(gap) }),
      bus.answer('prices.get', ({ symbols }) => this.state.prices(symbols), partition),
      bus.answer('price.explain', ({ symbol }) => this.state.explain(symbol), partition),
      bus.answer('symbol.counts', ({ symbol }) => this.state.counts(symbol), partition),
    );
  }

  /** Stops reading and answering, then saves what was read. */
  async stop(): Promise<void> {
    await Promise.all(this.consumptions.splice(0).map((consumption) => consumption.close()));
    await this.saving;
    await this.save();
  }

  private async take(entries: readonly Entry<TickBatch>[]): Promise<void> {
    const { bus, clock } = this.parts;
    const changed = new Map<AssetSymbol, PriceUpdate>();
    for (const entry of entries) {
      for (const update of this.state.apply(entry)) changed.set(update.symbol, update);
    }
    this.taken.inc(entries.length);
    if (changed.size > 0) {
      await this.publish([...changed.values()]);
      const now = clock.now();
      for (const { event } of entries) this.lag.observe(Math.max(0, now - event.receivedAt) / 1000);
    }
    if (this.state.logTime - this.metricsAt >= METRICS_EVERY_MS) {
      this.metricsAt = this.state.logTime;
      await bus.publish('metrics', this.state.metrics()).catch(() => undefined);
    }
    if (clock.now() - this.checkpointAt >= CHECKPOINT_EVERY_MS) {
      this.checkpointAt = clock.now();
      this.saving ??= this.save().finally(() => (this.saving = undefined));
    }
  }

  /**
   * The state has moved on already: were this to throw, the same entries would be applied a second time. A price that could
   * not be published is superseded by the next one.
   */
  private async publish(updates: readonly PriceUpdate[]): Promise<void> {
    try {
      await this.parts.bus.publish('prices', updates);
      this.published.inc(updates.length);
    } catch (error) {
      this.parts.log.warn({ err: error, partition: this.partition }, 'prices could not be published');
    }
  }

  private async resume(): Promise<Position> {
    const { store, clock, log } = this.parts;
    const partition = this.partition;
    const saved = await store.get(KEYS.checkpoint(partition).name).catch(() => undefined);
    if (saved) {
      try {
        const checkpoint = JSON.parse(saved.toString()) as Checkpoint;
        if (checkpoint.format !== 1) throw new Error(`format ${String(checkpoint.format)} is not 1`);
        this.state.restore(checkpoint);
        log.info({ partition, position: checkpoint.position }, 'partition goes on behind its checkpoint');
        return { at: 'after', id: checkpoint.position };
      } catch (error) {
        log.warn(
          { err: error, partition },
          'the checkpoint cannot be used; the last minute of the log is read instead',
        );
      }
    }
    return { at: 'since', time: clock.now() - REPLAY_MS };
  }

  private async save(): Promise<void> {
    const checkpoint = this.state.checkpoint();
    if (!checkpoint || !this.owns()) return;
    const { store, log } = this.parts;
    try {
      await store.set(KEYS.checkpoint(this.partition).name, JSON.stringify(checkpoint));
    } catch (error) {
      log.warn({ err: error, partition: this.partition }, 'the checkpoint could not be written');
    }
  }

  private report(gap: Gap): void {
    this.parts.log.error({ ...gap }, 'the log was trimmed before it was read: ticks are missing from candles');
  }
}
