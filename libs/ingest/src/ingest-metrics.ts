import type { SourceId } from '@haunt/domain';
import type { Metrics } from '@haunt/platform';
import type { SourceHealth } from './source-health.js';

const TOTALS = ['ticks', 'tickers', 'badFrames', 'duplicates'] as const;

export interface IngestCounts {
  /** Brings the counters up to what the source's health says. */
  status(health: SourceHealth): void;
  dropped(source: SourceId, items: number): void;
  unresolved(source: SourceId): void;
}

/** The Prometheus counters of the sources of this process. Counted when a status is reported, not per tick. */
export function countIngest(metrics: Metrics): IngestCounts {
  const counters = {
    ticks: metrics.counter('ingest_ticks_total', 'Trades taken from a source', ['source']),
    tickers: metrics.counter('ingest_tickers_total', 'Tickers taken from a source', ['source']),
    badFrames: metrics.counter('ingest_bad_frames_total', 'Frames of a source that could not be read', ['source']),
    duplicates: metrics.counter('ingest_duplicates_total', 'Trades that a source sent more than once', ['source']),
  };
  const lost = metrics.counter('ingest_dropped_total', 'Items dropped because the bus refused them', ['source']);
  const strange = metrics.counter('ingest_unresolved_total', 'Frames of pairs that nobody can place', ['source']);
  const connected = metrics.gauge('ingest_source_connected', 'Whether data of a source is fresh', ['source']);
  const counted = new Map<string, number>();
  return {
    status(health) {
      const { source } = health;
      for (const total of TOTALS) {
        const key = `${source} ${total}`;
        counters[total].inc({ source }, health[total] - (counted.get(key) ?? 0));
        counted.set(key, health[total]);
      }
      connected.set({ source }, health.report().state === 'connected' ? 1 : 0);
    },
    dropped: (source, items) => lost.inc({ source }, items),
    unresolved: (source) => strange.inc({ source }),
  };
}
