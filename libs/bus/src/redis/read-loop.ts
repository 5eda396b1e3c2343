import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connect, createClient, discard } from './connection.js';

/** How long Redis may hold a blocking read back; bounded, because silence beyond it means a dead connection. */
export const BLOCK_MS = 2_000;
/** How much later than that its answer may arrive. */
export const BLOCK_GRACE_MS = 1_500;

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;

export interface ReadLoopOptions {
  readonly url: string;
  /** As it appears in CLIENT LIST. */
  readonly name: string;
  /** Once per connection, before the first step. */
  readonly connected?: (client: Redis) => Promise<void>;
  /** One blocking read and what follows from it. Whatever it throws replaces the connection. */
  readonly step: (client: Redis, stop: AbortSignal) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
  readonly stop: AbortController;
}

/** A blocking reader with a connection of its own, which it replaces for as long as it lives. */
export class ReadLoop {
  private client: Redis | undefined;
  private readonly done: Promise<void>;

  constructor(private readonly options: ReadLoopOptions) {
    this.done = this.run();
  }

  /** Resolves when the step under way is over; a read that blocks is cut short. */
  close(): Promise<void> {
    this.options.stop.abort();
    if (this.client !== undefined) discard(this.client);
    return this.done;
  }

  private async run(): Promise<void> {
    const { url, name, connected, step, onTrouble, stop } = this.options;
    let failures = 0;
    while (!stop.signal.aborted) {
      const client = createClient(url, name);
      this.client = client;
      try {
        await connect(client);
        await connected?.(client);
        while (!stop.signal.aborted) {
          await step(client, stop.signal);
          failures = 0;
        }
      } catch (error) {
        if (!stop.signal.aborted) {
          // Once an outage, not once an attempt.
          if (failures === 0) onTrouble(error);
          const delay = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** failures++);
          await sleep(delay, undefined, { signal: stop.signal }).catch(() => undefined);
        }
      } finally {
        discard(client);
      }
    }
  }
}
