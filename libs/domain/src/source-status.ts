import type { SourceId } from './source.js';
import type { AssetSymbol } from './tick.js';

/**
 * Connected is not fresh. `connecting`: no working session yet, or between two. `connected`: the session is alive and
 * data came within its budget. `stale`: the session is alive, data does not come. `failing`: the last attempt failed;
 * `lastError` and `nextAttemptAt` say how and when next. `disabled`: never tried; `reason` says why.
 */
export type SourceState = 'connected' | 'connecting' | 'stale' | 'failing' | 'disabled';

/** What an ingestor says about one source, on every change of state and every few seconds. Totals are since its start. */
export interface SourceStatus {
  readonly source: SourceId;
  /** Which ingestor process speaks; totals start again at 0 when it changes. */
  readonly instance: string;
  readonly state: SourceState;
  /** Epoch ms. */
  readonly since: number;
  /** Epoch ms of this report. */
  readonly at: number;
  readonly reason?: string;
  readonly lastError?: { readonly message: string; readonly at: number };
  readonly nextAttemptAt?: number;
  readonly lastDataAt?: number;
  readonly ticks: number;
  readonly tickers: number;
  readonly badFrames: number;
  readonly duplicates: number;
  /** Assets asked for that this source lists. */
  readonly symbols: number;
  /** Asked for, not listed by the venue. */
  readonly unlisted: readonly AssetSymbol[];
  /** Subscribed, and nothing came within the silence budget of a symbol. */
  readonly silent: readonly AssetSymbol[];
  /** Listed and refused by the venue when asked for; tried again with its next product list. */
  readonly refused?: readonly { readonly symbol: AssetSymbol; readonly message: string }[];
  /** The other side says that it is a simulation. */
  readonly simulated?: boolean;
}
