import type { LiveMovers, Timeframe } from '@haunt/contracts';
import { MOVERS_LIMIT } from '@haunt/domain';
import { call } from './listeners.js';

export interface MoversSubscriptionOptions {
  /** By default `1h`. */
  readonly timeframe?: Timeframe;
  /** Of either side, 1 to 50, by default 10. */
  readonly limit?: number;
  /** Called with the list as it is, then whenever who is in it, or in which order, has changed. */
  readonly onMovers: (movers: LiveMovers) => void;
}

export interface MoversSubscription {
  readonly timeframe: Timeframe;
  readonly limit: number;
  close(): void;
}

interface Reader extends MoversSubscription {
  readonly listener: (movers: LiveMovers) => void;
}

/** Who wants which movers. A connection has one list per timeframe: the longest that anybody wants, cut for the others. */
export class MoversDesk {
  private readonly readers = new Set<Reader>();
  private readonly latest = new Map<Timeframe, LiveMovers>();

  constructor(private readonly changed: () => void) {}

  /** @throws TypeError for a limit out of bounds */
  subscribe({ timeframe = '1h', limit = 10, onMovers }: MoversSubscriptionOptions): MoversSubscription {
    if (!Number.isInteger(limit) || limit < 1 || limit > MOVERS_LIMIT) {
      throw new TypeError(`limit must be a whole number, 1 to ${MOVERS_LIMIT}; it is ${limit}`);
    }
    const reader: Reader = {
      timeframe,
      limit,
      listener: onMovers,
      close: () => {
        if (!this.readers.delete(reader)) return;
        if (!this.wanted().has(timeframe)) this.latest.delete(timeframe);
        this.changed();
      },
    };
    // A list that is longer already is not sent again.
    const isThere = (this.wanted().get(timeframe) ?? 0) >= limit;
    this.readers.add(reader);
    this.changed();
    if (isThere) {
      queueMicrotask(() => {
        const movers = this.latest.get(timeframe);
        if (movers !== undefined && this.readers.has(reader)) this.tell(reader, movers);
      });
    }
    return reader;
  }

  /** Per timeframe the longest list that anybody wants. */
  wanted(): Map<Timeframe, number> {
    const limits = new Map<Timeframe, number>();
    for (const { timeframe, limit } of this.readers) {
      limits.set(timeframe, Math.max(limit, limits.get(timeframe) ?? 0));
    }
    return limits;
  }

  hear(movers: LiveMovers): void {
    this.latest.set(movers.timeframe, movers);
    for (const reader of this.readers) if (reader.timeframe === movers.timeframe) this.tell(reader, movers);
  }

  private tell({ limit, listener }: Reader, { gainers, losers, ...rest }: LiveMovers): void {
    call(listener, { ...rest, gainers: gainers.slice(0, limit), losers: losers.slice(0, limit) });
  }
}
