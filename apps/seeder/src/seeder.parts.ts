import type { EventBus } from '@haunt/bus';
import type { AssetSymbol } from '@haunt/domain';
import type { AssetDirectory, Clock, Config, HttpClient, Log, Metrics, Tracing } from '@haunt/platform';
import type { HistorySource } from '@haunt/sources';
import type { KeyValueStore } from '@haunt/storage';

/** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** What seeding needs of its process. */
export interface SeederParts {
  readonly config: Pick<Config, 'symbols' | 'sources' | 'partitions' | 'addresses' | 'keys'>;
  /** Who is who. */
  readonly assets: Pick<AssetDirectory, 'find' | 'kept' | 'registry'>;
  readonly bus: EventBus;
  readonly store: KeyValueStore;
  readonly http: Pick<HttpClient, 'request'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing?: Tracing;
  readonly sources: readonly HistorySource[];
  readonly sleep: Sleep;
  /** 0..1 */
  readonly random: () => number;
  /** Who this process is among all seeders. */
  readonly me: string;
}

/** The name that an asset is kept under, whatever it is called; one that nobody knows keeps its own. */
export function keptName({ assets }: Pick<SeederParts, 'assets'>, name: string): AssetSymbol {
  const symbol = name.trim().toLowerCase();
  // The name first: a coin called 42 is not the one whose id is 42.
  return (assets.kept(symbol) ?? assets.find(symbol))?.symbol ?? symbol;
}

/** Who waits for a job decides who goes first: the smaller, the sooner. It may become more urgent while it runs. */
export interface Urgency {
  level: number;
}

/** `rest`: what no chart that somebody looks at lacks. */
export const URGENCY = { manual: 0, chart: 1, gap: 1, rest: 2, batch: 3 } as const;
