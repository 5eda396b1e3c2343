import type { Consumption, Entry } from '@haunt/bus';
import type { SourceId, TickBatch } from '@haunt/domain';
import { type Metrics, watchLag } from '@haunt/platform';
import type { Saving } from './checkpoint.store.js';
import type { PartitionState } from './partition.state.js';

type Observe = (seconds: number) => void;

/** The Prometheus metrics of one partition, for as long as this process works on it. Nothing is counted per tick. */
export class PartitionMetrics {
  private readonly labels: { readonly partition: string };
  private readonly taken;
  private readonly updates;
  private readonly delay;
  private readonly venueDelay;
  /** By source; looking labels up costs more than what is measured. */
  private readonly venueDelays = new Map<SourceId, Observe>();
  private readonly ranking;
  private readonly stall;
  private readonly saving;
  private readonly failures;
  private readonly savedAt;
  private readonly bytes;
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly metrics: Metrics,
    partition: number,
    state: PartitionState,
  ) {
    this.labels = { partition: String(partition) };
    this.taken = metrics.counter('log_entries_total');
    this.updates = metrics.counter('price_updates_total');
    this.delay = metrics.histogram('ingest_to_publish_seconds');
    this.venueDelay = metrics.histogram('venue_to_publish_seconds');
    this.ranking = metrics.histogram('movers_ranking_seconds');
    this.stall = metrics.histogram('checkpoint_stall_seconds');
    this.saving = metrics.histogram('checkpoint_seconds');
    this.failures = metrics.counter('checkpoint_failures_total');
    this.savedAt = metrics.gauge('checkpoint_timestamp_seconds');
    this.bytes = metrics.gauge('checkpoint_bytes');
    const { labels } = this;
    this.ends.push(
      metrics.collect('log_timestamp_seconds', (gauge) => {
        if (state.logTime > 0) gauge.set(labels, state.logTime / 1000);
      }),
      () => metrics.gauge('log_timestamp_seconds').remove(labels),
      () => this.savedAt.remove(labels),
      () => this.bytes.remove(labels),
      ...this.excluded(state),
    );
  }

  /** How far behind the ends of its logs the partition is. */
  follow(logs: Readonly<Record<'ticks' | 'history', Consumption>>): void {
    for (const [topic, log] of Object.entries(logs)) {
      this.ends.push(watchLag(this.metrics, log, { topic, ...this.labels }));
    }
  }

  took(entries: number): void {
    this.taken.inc(entries);
  }

  sent(updates: number): void {
    this.updates.inc(updates);
  }

  /** The prices that these entries made are published. */
  published(entries: readonly Entry<TickBatch>[], now: number): void {
    for (const { event } of entries) {
      const last = event.ticks.at(-1);
      if (last === undefined && event.tickers.length === 0) continue;
      this.delay.observe(Math.max(0, now - event.receivedAt) / 1000);
      if (last !== undefined) this.venueDelayOf(event.source)(Math.max(0, now - last.time) / 1000);
    }
  }

  ranked(ms: number): void {
    this.ranking.observe(ms / 1000);
  }

  saved({ stallMs, bytes }: Saving, tookMs: number, now: number): void {
    this.stall.observe(stallMs / 1000);
    this.saving.observe(tookMs / 1000);
    this.bytes.set(this.labels, bytes);
    this.savedAt.set(this.labels, now / 1000);
  }

  unsaved(): void {
    this.failures.inc();
  }

  /** The partition is somebody else's: what is said of it here would stand still. */
  close(): void {
    for (const end of this.ends.splice(0)) end();
  }

  private venueDelayOf(source: SourceId): Observe {
    let observe = this.venueDelays.get(source);
    if (observe === undefined) {
      const child = this.venueDelay.labels({ source });
      observe = (seconds) => child.observe(seconds);
      this.venueDelays.set(source, observe);
    }
    return observe;
  }

  /** Summed over the partitions of this process: each takes back what it said last and says it anew. */
  private excluded(state: PartitionState): (() => void)[] {
    const { metrics } = this;
    let said: ReadonlyMap<SourceId, number> = new Map();
    const say = (counts: ReadonlyMap<SourceId, number>): void => {
      const gauge = metrics.gauge('source_excluded_quotes');
      for (const source of new Set([...said.keys(), ...counts.keys()])) {
        gauge.inc({ source }, (counts.get(source) ?? 0) - (said.get(source) ?? 0));
      }
      said = counts;
    };
    return [metrics.collect('source_excluded_quotes', () => say(state.excluded())), () => say(new Map())];
  }
}
