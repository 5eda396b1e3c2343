import { randomUUID } from 'node:crypto';
import type { SeederParts } from './seeder.parts.js';

type LeaseParts = Pick<SeederParts, 'store' | 'sleep' | 'me'>;

/** A key that one holder at a time has over all processes, renewed until it is given back. */
export class Lease {
  private readonly ended = new AbortController();
  private readonly losing = new AbortController();
  private readonly kept: Promise<void>;

  private constructor(
    private readonly parts: LeaseParts,
    private readonly key: string,
    private readonly owner: string,
    private readonly ttlMs: number,
  ) {
    this.kept = this.keep();
  }

  /** Undefined when somebody else has it, in this process too. @throws when the store cannot be asked. */
  static async take(parts: LeaseParts, key: string, ttlMs: number): Promise<Lease | undefined> {
    const owner = `${parts.me}:${randomUUID()}`;
    return (await parts.store.acquire(key, owner, ttlMs)) ? new Lease(parts, key, owner, ttlMs) : undefined;
  }

  /** Aborted when somebody else took it: this process was away for longer than it lasts. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Gives it back; without effect when it was lost. Never throws: it runs out by itself. */
  async release(): Promise<void> {
    this.ended.abort();
    await this.kept;
    await this.parts.store.release(this.key, this.owner).catch(() => undefined);
  }

  private async keep(): Promise<void> {
    const { store, sleep } = this.parts;
    const { signal } = this.ended;
    for (;;) {
      await sleep(this.ttlMs / 3, signal);
      if (signal.aborted) return;
      // A store that is away gives it to nobody: whose it is shows when it is back.
      const mine = await store.acquire(this.key, this.owner, this.ttlMs).catch(() => true);
      if (!mine) {
        this.losing.abort(new Error(`${this.key} was taken over`));
        return;
      }
    }
  }
}
