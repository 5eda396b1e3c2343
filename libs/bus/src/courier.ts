import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchHandler, Entry } from './event-bus.js';

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Five attempts spread over 15 s: long enough for a store to come back, before anything is given up. */
export const DEFAULT_BACKOFF: Backoff = { firstMs: 250, maxMs: 10_000 };

const BACKOFF_FACTOR = 4;

export interface CourierOptions<E> {
  readonly handler: BatchHandler<E>;
  readonly attempts: number;
  readonly backoff: Backoff;
  /** Aborted: no further call of the handler. */
  readonly stop: AbortSignal;
  /** The handler threw; `attempt` counts from 1. Awaited before the next try. */
  readonly onFailure: (entries: readonly Entry<E>[], attempt: number, error: unknown) => void | Promise<void>;
  /** The entry is given up. Awaited, because nothing may come after it before it is safe. */
  readonly onRefused: (entry: Entry<E>, error: unknown) => void | Promise<void>;
}

/** Hands entries to a handler: the same ones again when it throws, until they are done, given up, or stopped. */
export class Courier<E> {
  constructor(private readonly options: CourierOptions<E>) {}

  /**
   * True when every entry was handled or given up; false when stopped before that. A batch that fails to the end is
   * taken apart and each entry tried once more alone, so that one bad entry does not take its neighbours with it.
   * @param triesBefore attempts these entries have already used up elsewhere
   */
  async deliver(entries: readonly Entry<E>[], triesBefore = 0): Promise<boolean> {
    const { attempts, backoff, stop, onFailure, onRefused } = this.options;
    for (let attempt = triesBefore + 1; ; attempt++) {
      if (stop.aborted) return false;
      const failure = await this.attempt(entries);
      if (failure === undefined) return true;
      await onFailure(entries, attempt, failure.error);
      if (attempt >= attempts) {
        const [first] = entries;
        if (entries.length === 1 && first !== undefined) {
          await onRefused(first, failure.error);
          return true;
        }
        return this.deliverEach(entries);
      }
      const delay = Math.min(backoff.maxMs, backoff.firstMs * BACKOFF_FACTOR ** (attempt - 1));
      await sleep(delay, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  private async deliverEach(entries: readonly Entry<E>[]): Promise<boolean> {
    for (const entry of entries) {
      if (this.options.stop.aborted) return false;
      const failure = await this.attempt([entry]);
      if (failure !== undefined) await this.options.onRefused(entry, failure.error);
    }
    return true;
  }

  private async attempt(entries: readonly Entry<E>[]): Promise<{ error: unknown } | undefined> {
    try {
      await this.options.handler(entries);
      return undefined;
    } catch (error) {
      return { error };
    }
  }
}
