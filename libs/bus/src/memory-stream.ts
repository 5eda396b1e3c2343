import { BEFORE_ALL, beforeTime, compareIds, entryTime } from './entry-id.js';
import type { Entry, EntryId, Headers, Lag, Position } from './event-bus.js';

/** Above this an entry is trimmed whatever its age: a publisher that outruns its readers must not eat the memory. */
const MAX_ENTRIES = 100_000;

const COMPACT_FROM = 1_024;

/** An ordered, bounded list of entries in memory; ids have the shape of Redis' own. */
export class MemoryStream<E> {
  private entries: Entry<E>[] = [];
  /** Trimmed entries still at the front of the array. */
  private head = 0;
  private lastTime = 0;
  private lastSequence = 0;
  private lastTrimmed: EntryId = BEFORE_ALL;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly retainMs: number,
    /** Positions from before this belong to a stream that died with its process. */
    private readonly born: EntryId,
  ) {}

  get lastId(): EntryId {
    return `${this.lastTime}-${this.lastSequence}`;
  }

  get firstId(): EntryId | undefined {
    return this.entries[this.head]?.id;
  }

  append(event: E, now: number, headers?: Headers): EntryId {
    const time = Math.floor(now);
    if (time > this.lastTime) {
      this.lastTime = time;
      this.lastSequence = 0;
    } else {
      this.lastSequence++;
    }
    const id = this.lastId;
    this.entries.push(headers === undefined ? { id, event } : { id, event, headers });
    this.trim(now - this.retainMs);
    this.wake();
    return id;
  }

  /** Lets those that wait for a change look again. */
  wake(): void {
    for (const wake of this.waiting) wake();
  }

  /** Up to `count` entries behind `position`, oldest first. */
  after(position: EntryId, count: number): Entry<E>[] {
    const first = this.placeBehind(position);
    return this.entries.slice(first, first + count);
  }

  /** How much lies behind `position`. */
  lag(position: EntryId): Lag {
    const first = this.placeBehind(position);
    const last = this.entries.at(-1);
    if (last === undefined || first >= this.entries.length) return { entries: 0, ms: 0 };
    const done = compareIds(position, this.lastTrimmed) < 0 ? this.lastTrimmed : position;
    const from = entryTime(done) === 0 ? (this.entries[first] as Entry<E>).id : done;
    return { entries: this.entries.length - first, ms: entryTime(last.id) - entryTime(from) };
  }

  private placeBehind(position: EntryId): number {
    let low = this.head;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIds((this.entries[middle] as Entry<E>).id, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** True when entries behind `position` were trimmed, so that a reader there has missed some. */
  trimmedBehind(position: EntryId): boolean {
    return compareIds(this.lastTrimmed, position) > 0;
  }

  /** The id behind which a reader begins; `lost` says that what followed an `after` died with an earlier process. */
  resolve(position: Position): { readonly id: EntryId; readonly lost: boolean } {
    if (position.at === 'now') return { id: this.lastId, lost: false };
    if (position.at === 'since') return { id: beforeTime(position.time), lost: false };
    if (position.at === 'start') return { id: this.lastTrimmed, lost: false };
    if (compareIds(position.id, this.lastId) > 0) return { id: this.lastTrimmed, lost: true };
    return { id: position.id, lost: position.id !== BEFORE_ALL && compareIds(position.id, this.born) < 0 };
  }

  /** Resolves at the next append. */
  async changed(stop: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        stop.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      stop.addEventListener('abort', wake);
    });
  }

  private trim(oldest: number): void {
    const excess = this.entries.length - MAX_ENTRIES;
    for (;;) {
      const entry = this.entries[this.head];
      if (entry === undefined || (entryTime(entry.id) >= oldest && this.head >= excess)) break;
      this.lastTrimmed = entry.id;
      this.head++;
    }
    if (this.head >= COMPACT_FROM && this.head * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
  }
}
