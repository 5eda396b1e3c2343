import type { AssetSymbol, SourceId, SourceState, SourceStatus } from '@haunt/domain';
import type { Log } from '@haunt/platform';

/** Without data of any pair for this long, a living session is `stale`. */
export const DATA_BUDGET_MS = 30_000;

export interface HealthParts {
  readonly source: SourceId;
  /** Which process speaks. */
  readonly instance: string;
  readonly clock: { now(): number };
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Told when the state changes. */
  readonly onChange: (health: SourceHealth) => void;
}

/**
 * What is known about one source, and the state that follows from it. Connected is not fresh: liveness comes from the
 * session (its keep-alive, a poll that was answered), freshness from the data of any pair.
 */
export class SourceHealth {
  ticks = 0;
  tickers = 0;
  badFrames = 0;
  duplicates = 0;
  /** Connections that took the place of another one. */
  reconnects = 0;
  /** Connections that broke, attempts and polls that failed. */
  failures = 0;
  /** Assets asked for that the source lists. */
  symbols = 0;
  unlisted: readonly AssetSymbol[] = [];
  /** Subscriptions that the venue refused; asked for again with the next product list. */
  refused: readonly { readonly symbol: AssetSymbol; readonly message: string }[] = [];
  /** Asked when a report is written. */
  silent: () => readonly AssetSymbol[] = () => [];
  /** Longer for what is polled less often. */
  budgetMs = DATA_BUDGET_MS;

  private current: SourceState = 'connecting';
  private since: number;
  private disabled: string | undefined;
  private liveSince: number | undefined;
  private failed = false;
  private lastError: { readonly message: string; readonly at: number } | undefined;
  private nextAttemptAt: number | undefined;
  private latestDataAt: number | undefined;
  private isSimulated = false;

  constructor(private readonly parts: HealthParts) {
    this.since = parts.clock.now();
  }

  get source(): SourceId {
    return this.parts.source;
  }

  get state(): SourceState {
    return this.current;
  }

  /** When data of any pair last came, epoch ms. */
  get lastDataAt(): number | undefined {
    return this.latestDataAt;
  }

  /** Never tried, or no longer, for a reason that ends the sentence "disabled: ...". Undefined lifts it. */
  disable(reason: string | undefined): void {
    this.disabled = reason;
    this.check();
  }

  /** A session works. `whole`: and nothing of the source waits for another attempt. */
  live(whole: boolean): void {
    this.liveSince ??= this.parts.clock.now();
    this.failed = false;
    if (whole) this.nextAttemptAt = undefined;
    this.check();
  }

  /** No session works any more; the next attempt is on its way. */
  broken(message: string, nextAttemptAt: number | undefined): void {
    this.liveSince = undefined;
    this.failures++;
    this.remember(message, nextAttemptAt);
    this.check();
  }

  /** An attempt to get a session failed, and none works. */
  attemptFailed(message: string, nextAttemptAt: number | undefined): void {
    this.failed = true;
    this.broken(message, nextAttemptAt);
  }

  /** Something went wrong that the rest of the source survives. */
  trouble(message: string, nextAttemptAt?: number): void {
    if (nextAttemptAt !== undefined) this.failures++;
    this.remember(message, nextAttemptAt ?? this.nextAttemptAt);
  }

  /** A trade or a ticker of any pair came in. Called per message. */
  data(now: number): void {
    this.latestDataAt = now;
    if (this.current !== 'connected') this.check();
  }

  /** The other side says that it is a simulation. */
  simulated(): void {
    this.isSimulated = true;
  }

  /** Derives the state anew; time alone can change it. */
  check(): void {
    const now = this.parts.clock.now();
    const state = this.derive(now);
    if (state === this.current) return;
    const previous = this.current;
    this.current = state;
    this.since = now;
    const { log, source } = this.parts;
    const said = { source, state, previous, ...this.why(state, now) };
    if (state === 'stale' || state === 'failing') log.warn(said, `${source} is ${state}`);
    else log.info(said, `${source} is ${state}`);
    this.parts.onChange(this);
  }

  report(): SourceStatus {
    return {
      source: this.parts.source,
      instance: this.parts.instance,
      state: this.state,
      since: this.since,
      at: this.parts.clock.now(),
      ...(this.disabled !== undefined && { reason: this.disabled }),
      ...(this.lastError && { lastError: this.lastError }),
      ...(this.nextAttemptAt !== undefined && { nextAttemptAt: this.nextAttemptAt }),
      ...(this.lastDataAt !== undefined && { lastDataAt: this.lastDataAt }),
      ticks: this.ticks,
      tickers: this.tickers,
      badFrames: this.badFrames,
      duplicates: this.duplicates,
      symbols: this.symbols,
      unlisted: this.unlisted,
      silent: this.silent(),
      ...(this.refused.length > 0 && { refused: this.refused }),
      ...(this.isSimulated && { simulated: true }),
    };
  }

  private derive(now: number): SourceState {
    if (this.disabled !== undefined) return 'disabled';
    if (this.liveSince === undefined) return this.failed ? 'failing' : 'connecting';
    if (this.lastDataAt !== undefined && now - this.lastDataAt <= this.budgetMs) return 'connected';
    return now - this.liveSince <= this.budgetMs ? 'connecting' : 'stale';
  }

  private why(state: SourceState, now: number): object {
    if (state === 'disabled') return { reason: this.disabled };
    if (state === 'connected') return { symbols: this.symbols, unlisted: this.unlisted.length };
    if (state === 'stale') return { noDataForMs: now - (this.lastDataAt ?? this.liveSince ?? now) };
    return {
      // Once a session works again, why the last one did not says nothing.
      ...(this.lastError && this.liveSince === undefined && { error: this.lastError.message }),
      ...(this.nextAttemptAt !== undefined && { nextAttemptInMs: Math.max(0, Math.round(this.nextAttemptAt - now)) }),
    };
  }

  private remember(message: string, nextAttemptAt: number | undefined): void {
    this.lastError = { message, at: this.parts.clock.now() };
    this.nextAttemptAt = nextAttemptAt;
  }
}
