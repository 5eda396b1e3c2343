import type { Entry, EntryId } from '@haunt/bus';
import { type AssetSymbol, batchId, type PriceTrace, type PriceUpdate, type TickBatch } from '@haunt/domain';

/** An entry of the log without its ticks, which must not be kept from being forgotten. */
interface Cause extends Pick<TickBatch, 'source' | 'origin' | 'receivedAt'> {
  readonly entry: EntryId;
}

/** What an asset was last told as, and which entry of the log made it so. */
interface Told {
  update: PriceUpdate;
  cause: Cause;
  /** In the reading that is under way. */
  isNew: boolean;
  published: EntryId | undefined;
}

/** The last update of every asset in one reading of the log, until they are published, and what each followed from. */
export class ToldPrices {
  private readonly assets = new Map<AssetSymbol, Told>();
  private changed: Told[] = [];
  private leaving: readonly Told[] = [];

  get isChanged(): boolean {
    return this.changed.length > 0;
  }

  /** The updates that an entry made. */
  note({ id, event }: Entry<TickBatch>, updates: readonly PriceUpdate[]): void {
    if (updates.length === 0) return;
    const { source, origin, receivedAt } = event;
    const cause: Cause = origin ? { entry: id, source, origin, receivedAt } : { entry: id, source, receivedAt };
    for (const update of updates) {
      const told = this.assets.get(update.symbol);
      if (told === undefined) {
        const first: Told = { update, cause, isNew: true, published: undefined };
        this.assets.set(update.symbol, first);
        this.changed.push(first);
        continue;
      }
      told.update = update;
      told.cause = cause;
      if (told.isNew) continue;
      told.isNew = true;
      this.changed.push(told);
    }
  }

  /** The last update of every asset that changed since the last call, in the order in which they first did. */
  take(): PriceUpdate[] {
    const { changed } = this;
    this.changed = [];
    this.leaving = changed;
    return changed.map((told) => {
      told.isNew = false;
      told.published = undefined;
      return told.update;
    });
  }

  /** What was taken last is in this entry of `prices`. */
  published(entry: EntryId): void {
    for (const told of this.leaving) told.published = entry;
    this.leaving = [];
  }

  causeOf(symbol: AssetSymbol): Omit<PriceTrace, 'partition'> | undefined {
    const told = this.assets.get(symbol);
    if (told === undefined) return undefined;
    const { cause, published } = told;
    const { entry, source, receivedAt } = cause;
    return { entry, batch: batchId(cause), source, receivedAt, ...(published !== undefined && { published }) };
  }
}
