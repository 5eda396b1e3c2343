import type { SourceId, Tick, TickBatch, Ticker } from '@haunt/domain';
import type { LogTime } from './log-time.js';

/** A batch is sealed this long after its first item ... */
const SEAL_MS = 5;
/** ... or with this many items; while the batch before is still on its way, it may grow to `GROW_MAX`. */
const SEAL_ITEMS = 200;
const GROW_MAX = 2_000;
/** Items that wait for a bus that refuses them. A few seconds of a flood, minutes of an ordinary day. */
const BACKLOG_MAX = 20_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

export interface LaneParts {
  readonly source: SourceId;
  /** Unique among all writers, also after a restart. */
  readonly writer: string;
  readonly time: LogTime;
  publish(batch: TickBatch): Promise<unknown>;
  /** The bus refuses batches, or takes them again (undefined). */
  trouble(message: string | undefined): void;
  /** Items that were given up because too many waited. */
  dropped(items: number): void;
}

/**
 * One source's way into one partition of the log. One batch at a time, because two on their way could arrive in the
 * wrong order when the first fails. While the bus refuses, a bounded backlog waits; when it is full, the oldest batch
 * is dropped and counted: prices are replaceable, the newest are worth most, and the log keeps no hole a reader could
 * trip over, it is only thinner there.
 */
export class BatchLane {
  private ticks: Tick[] = [];
  private tickers: Ticker[] = [];
  private readonly backlog: TickBatch[] = [];
  private waiting = 0;
  private underWay: Promise<void> | undefined;
  private due = false;
  private timer: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  private seq = 0;
  private quiet = false;
  private closed = false;

  constructor(private readonly parts: LaneParts) {}

  tick(tick: Tick): void {
    this.ticks.push(tick);
    this.added();
  }

  ticker(ticker: Ticker): void {
    this.tickers.push(ticker);
    this.added();
  }

  /** Called once a second: says that time passes when nothing else did. */
  beat(): void {
    const idle = this.size === 0 && this.failures === 0 && this.underWay === undefined && !this.closed;
    if (idle && this.quiet) this.put(this.seal());
    // A batch of a second of data must not look younger than it is.
    else if (this.failures > 0 && this.size > 0) this.keep(this.seal());
    this.quiet = true;
  }

  /** Sends what there is; resolves when the bus has it or has refused it once more. */
  async flush(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.retry);
    await this.underWay;
    if (this.size > 0) this.keep(this.seal());
    while (this.backlog.length > 0) {
      const batch = this.backlog.shift()!;
      await this.send(batch);
      if (this.failures > 0) {
        this.parts.dropped(this.backlog.reduce((sum, waiting) => sum + sizeOf(waiting), 0));
        this.backlog.length = 0;
      }
    }
  }

  /** Items that are not in the log yet, but for those under way. */
  get queued(): number {
    return this.size + this.waiting;
  }

  private get size(): number {
    return this.ticks.length + this.tickers.length;
  }

  private added(): void {
    this.quiet = false;
    const { size } = this;
    if (this.underWay !== undefined || this.failures > 0 || this.closed) {
      if (size >= GROW_MAX) this.keep(this.seal());
      else if (size === 1) this.arm();
    } else if (size >= SEAL_ITEMS) this.put(this.seal());
    else if (size === 1) this.arm();
  }

  private arm(): void {
    this.due = false;
    this.timer = setTimeout(() => {
      this.due = true;
      this.next();
    }, SEAL_MS);
  }

  private seal(): TickBatch {
    const { ticks, tickers } = this;
    this.ticks = [];
    this.tickers = [];
    this.due = false;
    clearTimeout(this.timer);
    const { source, writer, time } = this.parts;
    return { source, origin: { writer, seq: ++this.seq }, receivedAt: time.next(), ticks, tickers };
  }

  /** Sends the next batch unless one is on its way or the bus is being left alone. */
  private next(): void {
    if (this.underWay !== undefined || this.failures > 0 || this.closed) return;
    const batch = this.backlog.shift();
    if (batch) {
      this.waiting -= sizeOf(batch);
      this.put(batch);
    } else if (this.size > 0 && (this.due || this.size >= SEAL_ITEMS)) this.put(this.seal());
  }

  private put(batch: TickBatch): void {
    this.underWay = this.sendAndGoOn(batch);
  }

  private async sendAndGoOn(batch: TickBatch): Promise<void> {
    await this.send(batch);
    this.underWay = undefined;
    this.next();
  }

  /** Never rejects: what the bus refuses goes back to the head of the backlog. */
  private async send(batch: TickBatch): Promise<void> {
    try {
      await this.parts.publish(batch);
      if (this.failures > 0) this.parts.trouble(undefined);
      this.failures = 0;
    } catch (error) {
      if (this.failures++ === 0) this.parts.trouble(error instanceof Error ? error.message : String(error));
      if (sizeOf(batch) > 0) {
        this.backlog.unshift(batch);
        this.waiting += sizeOf(batch);
        this.trim();
      }
      if (!this.closed) this.retry = setTimeout(() => this.tryAgain(), this.wait());
    }
  }

  private tryAgain(): void {
    const kept = this.backlog.shift();
    if (kept) this.waiting -= sizeOf(kept);
    this.put(kept ?? this.seal());
  }

  private wait(): number {
    return Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (this.failures - 1));
  }

  private keep(batch: TickBatch): void {
    this.backlog.push(batch);
    this.waiting += sizeOf(batch);
    this.trim();
  }

  private trim(): void {
    while (this.waiting > BACKLOG_MAX && this.backlog.length > 1) {
      const oldest = this.backlog.shift()!;
      this.waiting -= sizeOf(oldest);
      this.parts.dropped(sizeOf(oldest));
    }
  }
}

const sizeOf = (batch: TickBatch): number => batch.ticks.length + batch.tickers.length;
