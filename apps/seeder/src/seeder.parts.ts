import type { EventBus } from '@haunt/bus';
import type { Clock, Config, HttpClient, Log, Metrics } from '@haunt/platform';
import type { HistorySource } from '@haunt/sources';
import type { KeyValueStore } from '@haunt/storage';

/** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** What seeding needs of its process. */
export interface SeederParts {
  readonly config: Pick<Config, 'symbols' | 'sources' | 'partitions' | 'addresses' | 'keys'>;
  readonly bus: EventBus;
  readonly store: KeyValueStore;
  readonly http: Pick<HttpClient, 'request'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly sources: readonly HistorySource[];
  readonly sleep: Sleep;
  /** 0..1 */
  readonly random: () => number;
  /** Who this process is among all seeders. */
  readonly me: string;
}

/** Who waits for a job decides who goes first: the smaller, the sooner. It may become more urgent while it runs. */
export interface Urgency {
  level: number;
}

export const URGENCY = { manual: 0, chart: 1, gap: 1, batch: 2 } as const;
