import { type Entry, type EntryId, entryTime } from '@haunt/bus';
import {
  type HistoryBatch,
  type MarketMetrics,
  type MoversUpdate,
  partitionOf,
  type SymbolCounts,
} from '@haunt/contracts';
import {
  Activity,
  type ActivitySnapshot,
  type AssetSymbol,
  type BlockChange,
  ChartBook,
  type ChartBookHead,
  type ExplainedQuote,
  type Explanation,
  Movers,
  type MoversSnapshot,
  type MoverWindow,
  PriceBook,
  type PriceBookSnapshot,
  type PriceUpdate,
  type SourceId,
  type TickBatch,
  type WindowMovers,
} from '@haunt/domain';

/** Everything a partition knows but the contents of its charts' blocks, and which log positions it is the state of. */
export interface StateHead {
  readonly format: 2;
  /** Of the tick log; absent before the first entry. */
  readonly position?: EntryId;
  /** Of the log of history. */
  readonly history?: EntryId;
  /** Log time behind which entries are missing, until the next one. */
  readonly brokenSince?: number;
  readonly book: PriceBookSnapshot;
  readonly activity: ActivitySnapshot;
  readonly writers: readonly (readonly [writer: string, seq: number, at: number])[];
  readonly charts: ChartBookHead;
  /** Absent in older checkpoints. */
  readonly movers?: MoversSnapshot;
}

/** Nothing is known of the log between these two moments of its clock, epoch ms. */
export interface LogHole {
  readonly from: number;
  readonly to: number;
}

/** An ingestor whose clock leads the log's own (the time in the entry id) by more than this is not believed. */
const LEAD_MS = 2_000;
/** A writer that was silent for this long does not repeat itself any more. */
const FORGET_WRITER_MS = 900_000;

/**
 * All that one partition knows, as a function of its two logs: the same ticks in the same order and the same history give
 * the same prices, versions and candles, however the reading of the two was interleaved. Movers compare prices with the history
 * that had been read by then. Its clock is the tick log's; nothing here asks what time it is.
 */
export class PartitionState {
  private charts = new ChartBook();
  private book: PriceBook;
  private activity = new Activity();
  private movers = new Movers(this.charts);
  private readonly moved = new Map<MoverWindow, WindowMovers>();
  private writers = new Map<string, { seq: number; at: number }>();
  private last: EntryId | undefined;
  private lastHistory: EntryId | undefined;
  private brokenSince: number | undefined;
  private hole: LogHole | undefined;
  private readonly owns: (symbol: AssetSymbol) => boolean;

  /**
   * @param partitions how many there are in all
   * @param onRanked told how long a ranking of movers took, ms; nothing depends on it
   */
  constructor(
    readonly partition: number,
    partitions: number,
    private readonly onRanked: (ms: number) => void = () => undefined,
  ) {
    this.owns = (symbol) => partitionOf(symbol, partitions) === partition;
    this.book = new PriceBook({ owns: this.owns, observer: this.charts });
  }

  /** Id of the entry applied last; absent before the first. */
  get position(): EntryId | undefined {
    return this.last;
  }

  get historyPosition(): EntryId | undefined {
    return this.lastHistory;
  }

  /** The largest `receivedAt` seen, epoch ms. */
  get logTime(): number {
    return this.book.now;
  }

  /** The charts, to be read. */
  get history(): ChartBook {
    return this.charts;
  }

  /** Applies one log entry. Returns what changed, in the order it changed. */
  apply(entry: Entry<TickBatch>): readonly PriceUpdate[] {
    this.last = entry.id;
    const batch = believable(entry);
    if (this.isRepeated(batch)) return [];
    const updates = this.book.apply(batch);
    this.activity.apply(batch, this.book.now);
    for (const update of updates) this.movers.take(update);
    const began = performance.now();
    const lists = this.movers.passed(this.book.now);
    if (lists.length > 0) this.onRanked(performance.now() - began);
    for (const list of lists) this.moved.set(list.window, list);
    if (this.brokenSince !== undefined && this.book.now > this.brokenSince) {
      this.hole = { from: this.brokenSince, to: this.book.now };
      this.brokenSince = undefined;
    }
    return updates;
  }

  /**
   * Applies one entry of the log of history. What is not sane, has not ended when it was published, or belongs to
   * another partition is left out. Returns how many candles were taken.
   */
  applyHistory({ id, event }: Entry<HistoryBatch>): number {
    this.lastHistory = id;
    if (!this.owns(event.symbol)) return 0;
    const taken = this.charts.merge(event.symbol, event.bucketMs, event.grade, event.candles, entryTime(id));
    if (taken > 0) this.movers.learn(event.symbol);
    return taken;
  }

  /** Entries behind the last one are missing. */
  interrupt(): void {
    if (this.last === undefined || this.brokenSince !== undefined) return;
    this.brokenSince = this.book.now;
    this.charts.interrupt(this.book.now);
  }

  /** The hole that the last interruption left, once an entry from behind it was applied; it is told once. */
  takeHole(): LogHole | undefined {
    const { hole } = this;
    this.hole = undefined;
    return hole;
  }

  /** The latest movers of every window that has some to tell; they are told once. */
  takeMovers(): MoversUpdate[] {
    const updates = Array.from(this.moved.values(), (list) => this.moversUpdate(list));
    this.moved.clear();
    return updates;
  }

  /** The movers of a window now; undefined before they were ranked for the first time. */
  moversOf(window: MoverWindow): MoversUpdate | undefined {
    const list = this.movers.of(window);
    return list && this.moversUpdate(list);
  }

  prices(symbols?: readonly AssetSymbol[]): PriceUpdate[] {
    if (!symbols) return this.book.all();
    return symbols.flatMap((symbol) => this.book.get(symbol) ?? []);
  }

  explain(symbol: AssetSymbol): Explanation | null {
    return this.book.explain(symbol);
  }

  /** Every quote of an asset, also of one without a price. */
  quotes(symbol: AssetSymbol): ExplainedQuote[] {
    return this.book.quotes(symbol);
  }

  /** Quotes per source that are excluded as too far off. */
  excluded(): ReadonlyMap<SourceId, number> {
    return this.book.excluded();
  }

  /** Every asset that somebody spoke of, whether it has a price or not. */
  *activeSymbols(): Generator<AssetSymbol> {
    for (const symbol of this.activity.symbols()) if (this.owns(symbol)) yield symbol;
  }

  /** Arrivals are those of the minute before `now`: log time, or later when the log stands still. */
  counts(symbol: AssetSymbol, now = this.book.now): SymbolCounts {
    return this.activity.symbol(symbol, now);
  }

  metrics(): MarketMetrics {
    const { partition, book, activity } = this;
    return { partition, at: book.now, ...activity.totals(book.now), ...book.counts() };
  }

  /** Everything but blocks; plain JSON. */
  head(charts: ChartBookHead = this.charts.head()): StateHead {
    return {
      format: 2,
      position: this.last,
      history: this.lastHistory,
      brokenSince: this.brokenSince,
      book: this.book.snapshot(),
      activity: this.activity.snapshot(),
      writers: Array.from(this.writers, ([writer, { seq, at }]) => [writer, seq, at]),
      charts,
      movers: this.movers.snapshot(),
    };
  }

  /** `head`, and the blocks that changed since the last call: nothing of it changes any more when the state goes on. */
  capture(): { readonly head: StateHead; readonly blocks: readonly BlockChange[] } {
    const { head, blocks } = this.charts.take();
    return { head: this.head(head), blocks };
  }

  /** `load` gives a block by its name; undefined when it is lost. @throws when `head` is not what it should be; then nothing changes */
  restore(head: StateHead, load: (name: string) => Uint8Array | undefined): void {
    const charts = ChartBook.restore(head.charts, load);
    const book = PriceBook.restore(head.book, { owns: this.owns, observer: charts });
    const activity = Activity.restore(head.activity);
    const writers = new Map(head.writers.map(([writer, seq, at]) => [writer, { seq, at }]));
    const movers = Movers.restore(head.movers, charts, book.all());
    // All of it or nothing.
    Object.assign(this, { charts, book, activity, writers, movers });
    this.last = head.position;
    this.lastHistory = head.history;
    this.brokenSince = head.brokenSince;
  }

  private moversUpdate({ window, ...lists }: WindowMovers): MoversUpdate {
    return { timeframe: window, partition: this.partition, ...lists };
  }

  /** A batch whose writing was confirmed too late is in the log twice. */
  private isRepeated({ origin, receivedAt }: TickBatch): boolean {
    if (origin === undefined) return false;
    const known = this.writers.get(origin.writer);
    if (known === undefined) {
      for (const [writer, { at }] of this.writers) if (at < receivedAt - FORGET_WRITER_MS) this.writers.delete(writer);
      this.writers.set(origin.writer, { seq: origin.seq, at: receivedAt });
      return false;
    }
    if (origin.seq <= known.seq) return true;
    known.seq = origin.seq;
    known.at = receivedAt;
    return false;
  }
}

/**
 * The batch with a `receivedAt` that the log itself bears out: one machine whose clock runs a minute ahead would otherwise
 * make the quotes of all others look stale.
 */
function believable({ id, event }: Entry<TickBatch>): TickBatch {
  const latest = entryTime(id) + LEAD_MS;
  return event.receivedAt > latest ? { ...event, receivedAt: latest } : event;
}
