import { RateWindow, type RateWindowSnapshot } from './rate-window.js';
import { RANK, RANKED_SOURCES } from './source-rank.js';
import { isSourceId, type SourceId } from './source.js';
import type { AssetSymbol, Tick, TickBatch, Ticker } from './tick.js';

/** Totals of a partition, as the `metrics` topic carries them. */
export interface ActivityTotals {
  /** Ticks and tickers since the log began. */
  readonly totalUpdates: number;
  readonly updates: Readonly<Partial<Record<SourceId, number>>>;
  readonly updatesLastMinute: number;
  readonly sourcesLastMinute: Readonly<Partial<Record<SourceId, number>>>;
}

/** Totals of one asset, as the `symbol.counts` query answers. Sources that never spoke of it are not listed. */
export interface SymbolActivity {
  readonly symbol: AssetSymbol;
  readonly totalUpdates: number;
  readonly sources: readonly { readonly source: SourceId; readonly updateCount: number; readonly lastAt: number }[];
  readonly updatesLastMinute: number;
}

interface Counters {
  readonly totals: Float64Array;
  readonly lastAt: Float64Array;
  readonly window: RateWindow;
}

export interface ActivitySnapshot {
  readonly sources: readonly (readonly [SourceId, total: number, RateWindowSnapshot])[];
  readonly symbols: readonly {
    readonly symbol: AssetSymbol;
    readonly sources: readonly (readonly [SourceId, total: number, lastAt: number])[];
    readonly window: RateWindowSnapshot;
  }[];
}

/**
 * Counts what arrives, whether or not it changes a price: since the log began and within the last 60 s, in all, per source
 * and per asset. Like the price book it knows no clock: `now` is the log's. Deterministic over the log.
 */
export class Activity {
  readonly #totals = new Float64Array(RANKED_SOURCES.length);
  #windows = RANKED_SOURCES.map(() => new RateWindow());
  readonly #symbols = new Map<AssetSymbol, Counters>();

  /** Counts a log entry at log time `now` (the price book's `now` after the same batch). */
  apply(batch: TickBatch, now: number): void {
    const count = batch.ticks.length + batch.tickers.length;
    if (count === 0) return;
    const source = RANK[batch.source];
    this.#totals[source]! += count;
    this.#windows[source]!.add(now, count);
    this.#count(batch.ticks, source, now);
    this.#count(batch.tickers, source, now);
  }

  totals(now: number): ActivityTotals {
    const updates: Partial<Record<SourceId, number>> = {};
    const sourcesLastMinute: Partial<Record<SourceId, number>> = {};
    let totalUpdates = 0;
    let updatesLastMinute = 0;
    for (const [rank, source] of RANKED_SOURCES.entries()) {
      const total = this.#totals[rank]!;
      if (total === 0) continue;
      const lastMinute = this.#windows[rank]!.total(now);
      updates[source] = total;
      sourcesLastMinute[source] = lastMinute;
      totalUpdates += total;
      updatesLastMinute += lastMinute;
    }
    return { totalUpdates, updates, updatesLastMinute, sourcesLastMinute };
  }

  /** Every asset that somebody spoke of. */
  symbols(): IterableIterator<AssetSymbol> {
    return this.#symbols.keys();
  }

  /** An asset nobody spoke of has zeros. `now` may be of another clock than the log's, when that stands still. */
  symbol(symbol: AssetSymbol, now: number): SymbolActivity {
    const counters = this.#symbols.get(symbol);
    if (counters === undefined) return { symbol, totalUpdates: 0, sources: [], updatesLastMinute: 0 };
    const sources = rows(counters).map(([source, updateCount, lastAt]) => ({ source, updateCount, lastAt }));
    const totalUpdates = sources.reduce((sum, { updateCount }) => sum + updateCount, 0);
    return { symbol, totalUpdates, sources, updatesLastMinute: counters.window.total(now) };
  }

  snapshot(): ActivitySnapshot {
    return {
      sources: RANKED_SOURCES.map((source, rank) => [source, this.#totals[rank]!, this.#windows[rank]!.snapshot()]),
      symbols: Array.from(this.#symbols, ([symbol, counters]) => ({
        symbol,
        sources: rows(counters),
        window: counters.window.snapshot(),
      })),
    };
  }

  static restore(snapshot: ActivitySnapshot): Activity {
    const activity = new Activity();
    for (const [source, total, window] of snapshot.sources) {
      if (!isSourceId(source)) continue;
      activity.#totals[RANK[source]] = total;
      activity.#windows[RANK[source]] = RateWindow.restore(window);
    }
    for (const { symbol, sources, window } of snapshot.symbols) {
      const counters = newCounters(RateWindow.restore(window));
      for (const [source, total, lastAt] of sources) {
        if (!isSourceId(source)) continue;
        counters.totals[RANK[source]] = total;
        counters.lastAt[RANK[source]] = lastAt;
      }
      activity.#symbols.set(symbol, counters);
    }
    return activity;
  }

  #count(arrivals: readonly (Tick | Ticker)[], source: number, now: number): void {
    for (let i = 0; i < arrivals.length; i++) {
      const { symbol } = arrivals[i]!;
      let counters = this.#symbols.get(symbol);
      if (counters === undefined) this.#symbols.set(symbol, (counters = newCounters(new RateWindow())));
      counters.totals[source]! += 1;
      counters.lastAt[source] = now;
      counters.window.add(now, 1);
    }
  }
}

function newCounters(window: RateWindow): Counters {
  return {
    totals: new Float64Array(RANKED_SOURCES.length),
    lastAt: new Float64Array(RANKED_SOURCES.length),
    window,
  };
}

function rows({ totals, lastAt }: Counters): [SourceId, number, number][] {
  return RANKED_SOURCES.map((source, rank): [SourceId, number, number] => [
    source,
    totals[rank]!,
    lastAt[rank]!,
  ]).filter(([, total]) => total > 0);
}
