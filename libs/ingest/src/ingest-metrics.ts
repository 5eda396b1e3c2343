import type { SourceId, SourceState } from '@haunt/domain';
import type { Metrics } from '@haunt/platform';
import type { SourceHealth } from './source-health.js';

const STATES: readonly SourceState[] = ['connected', 'connecting', 'stale', 'failing', 'disabled'];

/** What a source's health counts, and the counter that shows it. */
const TOTALS = {
  ticks: 'ingest_ticks_total',
  tickers: 'ingest_tickers_total',
  badFrames: 'ingest_bad_frames_total',
  duplicates: 'ingest_duplicates_total',
  reconnects: 'ingest_reconnects_total',
  failures: 'ingest_failures_total',
} as const;

type Total = keyof typeof TOTALS;

/** The metrics of one source. Nothing is counted per tick. */
export interface SourceMetrics {
  /** Brings the counters up to what the source's health says. */
  status(): void;
  dropped(items: number): void;
  unresolved(): void;
  /** Of one trade per batch: from the venue's own time to ours, ms. */
  delay(ms: number): void;
}

/** `queued`: items on their way into the log. */
export function measureSource(health: SourceHealth, metrics: Metrics, queued: () => number): SourceMetrics {
  const { source } = health;
  const labels: { readonly source: SourceId } = { source };
  const totals = (Object.keys(TOTALS) as Total[]).map((total) => {
    return { total, counter: metrics.counter(TOTALS[total]).labels(labels), counted: 0 };
  });
  const dropped = metrics.counter('ingest_dropped_total').labels(labels);
  const unresolved = metrics.counter('ingest_unresolved_total').labels(labels);
  const delay = metrics.histogram('ingest_venue_delay_seconds').labels(labels);
  metrics.collect('ingest_queue_items', (gauge) => gauge.set(labels, queued()));
  metrics.collect('source_assets', (gauge) => gauge.set(labels, health.symbols));
  metrics.collect('source_silent_assets', (gauge) => gauge.set(labels, health.silent().length));
  metrics.collect('source_state', (gauge) => {
    for (const state of STATES) gauge.set({ source, state }, state === health.state ? 1 : 0);
  });
  metrics.collect('source_last_data_timestamp_seconds', (gauge) => {
    if (health.lastDataAt !== undefined) gauge.set(labels, health.lastDataAt / 1000);
  });
  return {
    status() {
      for (const one of totals) {
        one.counter.inc(health[one.total] - one.counted);
        one.counted = health[one.total];
      }
    },
    dropped: (items) => dropped.inc(items),
    unresolved: () => unresolved.inc(),
    delay: (ms) => delay.observe(Math.max(0, ms) / 1000),
  };
}
