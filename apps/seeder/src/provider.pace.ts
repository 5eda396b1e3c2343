import { randomUUID } from 'node:crypto';
import { KEYS } from '@haunt/storage';
import { ProviderError } from './provider.error.js';
import { type SeederParts, URGENCY, type Urgency } from './seeder.parts.js';

/** Requests per rolling window that a provider allows. */
export interface Budget {
  readonly count: number;
  readonly windowMs: number;
}

/** Longer than this nobody waits for a provider while there are others. */
export const PATIENCE_MS = 20_000;

/** Where requests may only come seconds apart, a few may come at once, and then none for longer. */
const BURST = 4;
const BURST_FROM_MS = 5_000;
/** Of those, so many are for whoever waits, and never for the batch: where requests are scarce, half of them. */
const BURST_FOR_PEOPLE = 2;
const POLL_MAX_MS = 250;
/** Longer than whoever is next takes to ask; if it died, the others wait for so long. */
const NEXT_GRACE_MS = 1_000;

interface Waiter {
  readonly urgency: Urgency;
  /** Epoch ms. */
  readonly deadline: number;
  readonly go: () => void;
  readonly refuse: (error: unknown) => void;
}

type PaceParts = Pick<SeederParts, 'store' | 'clock' | 'sleep' | 'random' | 'me'>;

/**
 * When a provider may be asked, so that all jobs of all seeders together stay within its budget. The budget is a set of leases in
 * the store, one request each, that run out by themselves: one of window / count, so that requests are evenly spaced; where that
 * is seconds, four of four times that. In this process those who wait stand in one line, the most urgent first, and only its head
 * asks the store; of several processes each has its turn.
 */
export class ProviderPace {
  private readonly lines = new Map<string, Waiter[]>();

  constructor(private readonly parts: PaceParts) {}

  /**
   * Resolves when one request may be sent now.
   * @param name for the message
   * @throws ProviderError (`busy`) when that is not within PATIENCE_MS; the signal's reason when it is aborted
   */
  slot(provider: string, name: string, budget: Budget, urgency: Urgency, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const line = this.lines.get(provider) ?? [];
      const leave = (settle: () => void) => (): void => {
        signal.removeEventListener('abort', aborted);
        const index = line.indexOf(waiter);
        if (index >= 0) line.splice(index, 1);
        settle();
      };
      const refuse = (error: unknown): void => leave(() => reject(error))();
      const aborted = (): void => refuse(signal.reason);
      const deadline = this.parts.clock.now() + PATIENCE_MS;
      const waiter: Waiter = { urgency, deadline, go: leave(resolve), refuse };
      signal.addEventListener('abort', aborted, { once: true });
      line.push(waiter);
      if (this.lines.has(provider)) return undefined;
      this.lines.set(provider, line);
      return void this.serve(provider, name, budget, line);
    });
  }

  /** Nobody asks this provider for `ms`. */
  async pause(provider: string, ms: number): Promise<void> {
    const until = this.parts.clock.now() + ms;
    if (until <= (await this.pausedUntil(provider))) return;
    await this.parts.store.set(KEYS.pause(provider).name, String(until), Math.max(1, ms)).catch(() => undefined);
  }

  /** Until the line is empty. */
  private async serve(provider: string, name: string, budget: Budget, line: Waiter[]): Promise<void> {
    const { clock, store, sleep, random, me } = this.parts;
    const interval = budget.windowMs / budget.count;
    while (line.length > 0) {
      const paused = await this.pausedUntil(provider);
      const next = Math.max(clock.now(), paused);
      const reason =
        paused > clock.now() ? 'wants to be left alone for a while' : 'has no request left in its budget for now';
      const late = line.filter(({ deadline }) => deadline < next);
      for (const { refuse } of late) refuse(new ProviderError('busy', `${name} ${reason}`));
      if (line.length === 0) break;
      if (paused > clock.now()) {
        await sleep(Math.min(paused - clock.now(), POLL_MAX_MS));
      } else if (!(await this.isNext(provider, interval))) {
        await sleep(Math.min(interval / 4, POLL_MAX_MS) * (1 + random()));
      } else if (await this.take(provider, interval, isBatch(line))) {
        await store.release(KEYS.paceNext(provider).name, me).catch(() => undefined);
        // Whoever was first may have left while the store was asked; without anybody the slot runs out unused.
        mostUrgent(line)?.go();
        await sleep(this.gap(interval, line));
      } else {
        await sleep(Math.min(interval / 8, POLL_MAX_MS));
      }
    }
    this.lines.delete(provider);
    // Nobody here waits any more: it would be the turn of this process for as long as the lease lasts.
    await store.release(KEYS.paceNext(provider).name, me).catch(() => undefined);
  }

  /** Batch work leaves every other slot to whoever is in more of a hurry, in other processes too. */
  private gap(interval: number, line: readonly Waiter[]): number {
    if (interval > BURST_FROM_MS) return POLL_MAX_MS;
    return isBatch(line) ? 2 * interval : interval;
  }

  /**
   * Whether it is this process that gets the next slot. Whoever just had one is too late for it: without this, the one that
   * knows when its own lease ends would have every slot, and the others none.
   */
  private isNext(provider: string, interval: number): Promise<boolean> {
    const { store, me } = this.parts;
    const lease = store.acquire(KEYS.paceNext(provider).name, me, 2 * interval + NEXT_GRACE_MS);
    return lease.catch(() => false);
  }

  private async take(provider: string, interval: number, batch: boolean): Promise<boolean> {
    const slots = interval > BURST_FROM_MS ? BURST : 1;
    for (let slot = batch && slots > 1 ? BURST_FOR_PEOPLE : 0; slot < slots; slot++) {
      const owner = `${this.parts.me}:${randomUUID()}`;
      const lease = this.parts.store.acquire(KEYS.pace(provider, slot).name, owner, interval * slots);
      if (await lease.catch(() => false)) return true;
    }
    return false;
  }

  private async pausedUntil(provider: string): Promise<number> {
    const value = await this.parts.store.get(KEYS.pause(provider).name).catch(() => undefined);
    return value === undefined ? 0 : Number(value.toString());
  }
}

/** Nobody waits but the batch. */
function isBatch(line: readonly Waiter[]): boolean {
  return mostUrgent(line)?.urgency.level === URGENCY.batch;
}

/** Of equals the one that came first. */
function mostUrgent(line: readonly Waiter[]): Waiter | undefined {
  let first = line[0];
  for (const waiter of line) if (first !== undefined && waiter.urgency.level < first.urgency.level) first = waiter;
  return first;
}
