import { setImmediate as turn } from 'node:timers/promises';
import { Clock } from '@haunt/platform';
import type { Sleep } from '../src/seeder.parts.js';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Turns of the event loop after which nothing that is in this process moves any more. */
const SETTLED_AFTER = 12;

/** Time that passes only when everybody sleeps: it then jumps to whoever wakes first. */
export class FakeTime extends Clock {
  private readonly sleepers = new Set<Sleeper>();

  constructor(private time = Date.UTC(2026, 10, 20, 12, 3, 30)) {
    super();
  }

  override now(): number {
    return this.time;
  }

  readonly sleep: Sleep = (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = (): void => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper: Sleeper = { at: this.time + ms, wake };
      this.sleepers.add(sleeper);
      return signal?.addEventListener('abort', wake);
    });

  /** Lets time pass until the promise is settled; `limitMs` is the longest that may take. */
  async until<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    const limit = this.time + limitMs;
    let done = false;
    const settled = promise.finally(() => (done = true));
    settled.catch(() => undefined);
    for (;;) {
      await this.settle();
      if (done) return settled;
      if (!this.step(limit)) throw new Error(`not done within ${limitMs} ms of fake time`);
    }
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const limit = this.time + ms;
    do await this.settle();
    while (this.step(limit));
    this.time = limit;
    await this.settle();
  }

  private async settle(): Promise<void> {
    for (let i = 0; i < SETTLED_AFTER; i++) await turn();
  }

  /** Wakes whoever is first; false when that is beyond the limit, or nobody sleeps. */
  private step(limit: number): boolean {
    let first: Sleeper | undefined;
    for (const sleeper of this.sleepers) if (first === undefined || sleeper.at < first.at) first = sleeper;
    if (first === undefined || first.at > limit) return false;
    this.time = Math.max(this.time, first.at);
    for (const sleeper of this.sleepers) if (sleeper.at <= this.time) sleeper.wake();
    return true;
  }
}
