import type { KeepAlive } from '@haunt/sources';

/** The silence of a socket is looked at this often within the time it is allowed. */
const LOOKS = 20;

export interface LifelineParts {
  readonly keepAlive: KeepAlive;
  /** Bytes received so far. */
  readonly bytes: () => number;
  readonly now: () => number;
  /** With a frame of the dialect, or without: WebSocket's own ping. */
  readonly ping: (frame?: string) => void;
  readonly silent: (message: string) => void;
}

/**
 * How both sides know that a socket lives: sends our pings, and notices when nothing comes any more. Any inbound byte is
 * life: frames of whatever kind, pings, pongs, half of a large message. Looks are counted, not the clock: neither a
 * clock that jumps nor a process that was stopped for a minute makes a socket look silent.
 */
export class Lifeline {
  private watchdog: NodeJS.Timeout | undefined;
  private pinger: NodeJS.Timeout | undefined;

  constructor(private readonly parts: LifelineParts) {}

  /** From the opening on. */
  watch(): void {
    const { bytes, silent, keepAlive } = this.parts;
    let seen = -1;
    let quiet = 0;
    this.watchdog = setInterval(() => {
      const received = bytes();
      quiet = received === seen ? quiet + 1 : 0;
      seen = received;
      if (quiet >= LOOKS) silent(`the socket was silent for ${keepAlive.silenceMs} ms`);
    }, keepAlive.silenceMs / LOOKS);
  }

  /** From when we may speak. `everyMs`: what this connection was told, instead of what the source says. */
  ping(everyMs: number | undefined): void {
    const { keepAlive, ping, now } = this.parts;
    if (keepAlive.by === 'server') return;
    const frame = keepAlive.by === 'client-frame' ? keepAlive.frame : (): undefined => undefined;
    this.pinger = setInterval(() => ping(frame(now())), everyMs ?? keepAlive.everyMs);
  }

  close(): void {
    clearInterval(this.watchdog);
    clearInterval(this.pinger);
  }
}
