import type { Log } from './log.js';

const LOOK_EVERY_MS = 500;

/**
 * Redis gone and Redis back, one line each: every reader of a process notices its own connection, a dozen of them within a
 * second, and an operator wants to know when it began and when it was over.
 */
export class OutageLines {
  private lost: { readonly at: number; connections: Set<string> } | undefined;
  private lastAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: Pick<Log, 'info' | 'warn'>,
    private readonly isHealthy: () => boolean,
    private readonly now: () => number,
  ) {}

  /** A connection broke, or could not be made. */
  report(connection: string, message: string): void {
    this.lastAt = this.now();
    if (this.lost === undefined) {
      this.log.warn({ connection, error: message }, `the connection to Redis is lost: ${message}`);
      this.lost = { at: this.lastAt, connections: new Set() };
      this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
      this.timer.unref();
    }
    this.lost.connections.add(connection);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = this.now();
    if (this.lost === undefined || !this.isHealthy() || now - this.lastAt < LOOK_EVERY_MS) return;
    const { at, connections } = this.lost;
    clearInterval(this.timer);
    this.lost = undefined;
    this.log.info({ outageMs: Math.round(now - at), connections: connections.size }, 'Redis is back');
  }
}
