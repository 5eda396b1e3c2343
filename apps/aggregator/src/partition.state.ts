import type { Entry, EntryId } from '@haunt/bus';
import { type MarketMetrics, partitionOf, type SymbolCounts } from '@haunt/contracts';
import {
  Activity,
  type ActivitySnapshot,
  type AssetSymbol,
  type Explanation,
  PriceBook,
  type PriceBookSnapshot,
  type PriceUpdate,
  type TickBatch,
} from '@haunt/domain';

/** What is written in one piece: a state and the log position it is the state of. */
export interface Checkpoint {
  readonly format: 1;
  readonly position: EntryId;
  readonly book: PriceBookSnapshot;
  readonly activity: ActivitySnapshot;
}

/** An ingestor whose clock leads the log's own (the time in the entry id) by more than this is not believed. */
const LEAD_MS = 2_000;

/**
 * All that one partition knows, as a function of its log: the same entries in the same order give the same prices and
 * versions. Its clock is the log's; nothing here asks what time it is.
 */
export class PartitionState {
  private book: PriceBook;
  private activity = new Activity();
  private last: EntryId | undefined;
  private readonly owns: (symbol: AssetSymbol) => boolean;

  /** @param partitions how many there are in all */
  constructor(
    readonly partition: number,
    partitions: number,
  ) {
    this.owns = (symbol) => partitionOf(symbol, partitions) === partition;
    this.book = new PriceBook({ owns: this.owns });
  }

  /** Id of the entry applied last; absent before the first. */
  get position(): EntryId | undefined {
    return this.last;
  }

  /** The largest `receivedAt` seen, epoch ms. */
  get logTime(): number {
    return this.book.now;
  }

  /** Applies one log entry. Returns what changed, in the order it changed. */
  apply(entry: Entry<TickBatch>): readonly PriceUpdate[] {
    const batch = believable(entry);
    const updates = this.book.apply(batch);
    this.activity.apply(batch, this.book.now);
    this.last = entry.id;
    return updates;
  }

  prices(symbols?: readonly AssetSymbol[]): PriceUpdate[] {
    if (!symbols) return this.book.all();
    return symbols.flatMap((symbol) => this.book.get(symbol) ?? []);
  }

  explain(symbol: AssetSymbol): Explanation | null {
    return this.book.explain(symbol);
  }

  counts(symbol: AssetSymbol): SymbolCounts {
    return this.activity.symbol(symbol, this.book.now);
  }

  metrics(): MarketMetrics {
    const { partition, book, activity } = this;
    return { partition, at: book.now, ...activity.totals(book.now), ...book.counts() };
  }

  /** Absent before the first entry. */
  checkpoint(): Checkpoint | undefined {
    if (this.last === undefined) return undefined;
    return { format: 1, position: this.last, book: this.book.snapshot(), activity: this.activity.snapshot() };
  }

  restore(checkpoint: Checkpoint): void {
    this.book = PriceBook.restore(checkpoint.book, { owns: this.owns });
    this.activity = Activity.restore(checkpoint.activity);
    this.last = checkpoint.position;
  }
}

/**
 * The batch with a `receivedAt` that the log itself bears out: one machine whose clock runs a minute ahead would otherwise
 * make the quotes of all others look stale.
 */
function believable({ id, event }: Entry<TickBatch>): TickBatch {
  const latest = Number(id.slice(0, id.indexOf('-'))) + LEAD_MS;
  return event.receivedAt > latest ? { ...event, receivedAt: latest } : event;
}
