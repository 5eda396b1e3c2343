export interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

/** What leaves us evenly spaced may arrive in a bunch: windows are kept a little longer than the venue counts them. */
const STRETCH = 1.05;
const JITTER_MS = 50;

/** At most this many answers wait; of a flood of pings only the latest need one. */
const URGENT_MAX = 64;

/** Counts events in a rolling window. Times are of any monotone clock, ms. */
export class RollingWindow {
  private readonly times: number[] = [];
  private readonly windowMs: number;

  constructor(private readonly rate: Rate) {
    this.windowMs = rate.windowMs * STRETCH + JITTER_MS;
  }

  /** Ms until one more event fits while `reserve` places stay free; 0 when it fits now. */
  waitMs(now: number, reserve = 0): number {
    while (this.times.length > 0 && now - this.times[0]! >= this.windowMs) this.times.shift();
    const allowed = Math.max(1, this.rate.count - reserve);
    const blocking = this.times[this.times.length - allowed];
    return blocking === undefined ? 0 : blocking + this.windowMs - now;
  }

  add(now: number): void {
    this.times.push(now);
  }
}

/**
 * Hands items on as fast as a venue's rule allows, in order. Urgent ones (answers to pings) overtake, and keep a tenth of
 * the budget to themselves: a long subscription must not cost the connection its keep-alive.
 */
export class SendQueue<T> {
  private readonly window: RollingWindow;
  private readonly urgent: T[] = [];
  private readonly ordinary: T[] = [];
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    rate: Rate,
    private readonly deliver: (item: T) => void,
    private readonly reserve = rate.count > 1 ? Math.ceil(rate.count / 10) : 0,
  ) {
    this.window = new RollingWindow(rate);
  }

  /** Items that are not urgent and still wait. */
  get waiting(): number {
    return this.ordinary.length;
  }

  push(item: T, urgent = false): void {
    if (this.closed) return;
    if (!urgent) this.ordinary.push(item);
    else if (this.urgent.push(item) > URGENT_MAX) this.urgent.shift();
    this.pump();
  }

  /** Takes back an item that has not left. */
  remove(item: T): void {
    for (const lane of [this.urgent, this.ordinary]) {
      const index = lane.indexOf(item);
      if (index >= 0) lane.splice(index, 1);
    }
  }

  /** Forgets what waits; nothing leaves from now on. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.urgent.length = 0;
    this.ordinary.length = 0;
  }

  private pump(): void {
    clearTimeout(this.timer);
    while (!this.closed) {
      const lane = this.urgent.length > 0 ? this.urgent : this.ordinary;
      if (lane.length === 0) return;
      // Not the time of day: a clock that is set back must not hold a ping for an hour.
      const now = performance.now();
      const wait = this.window.waitMs(now, lane === this.urgent ? 0 : this.reserve);
      if (wait > 0) {
        this.timer = setTimeout(() => this.pump(), Math.ceil(wait));
        return;
      }
      this.window.add(now);
      this.deliver(lane.shift()!);
    }
  }
}
