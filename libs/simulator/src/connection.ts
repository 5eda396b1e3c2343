import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { RateWindow } from './rate-window.js';

/** Unread bytes at which venues call a client too slow. */
const SLOW_CLIENT_BYTES = 16 * 1024 * 1024;

/** One client of a fake venue. Frames are gathered and leave in one write per round. */
export class Connection {
  readonly subscriptions = new Set<string>();
  lastReceivedAt: number;
  lastSentAt: number;
  /** When the other side last showed that it lives, in the way this venue asks for. */
  lastPongAt: number;
  /** Pings without answer. */
  unanswered: (string | number)[] = [];
  lastPingAt: number;
  welcomed = false;
  combined = false;
  micros = false;
  closing = false;
  readonly ops: RateWindow;
  private outbox: Buffer[] = [];
  private delayed: { readonly at: number; readonly bytes: Buffer }[] = [];

  constructor(
    readonly id: string,
    readonly ws: WebSocket,
    readonly socket: Duplex,
    readonly url: URL,
    readonly openedAt: number,
    readonly messages: RateWindow,
    ops: RateWindow,
  ) {
    this.ops = ops;
    this.lastReceivedAt = openedAt;
    this.lastSentAt = openedAt;
    this.lastPongAt = openedAt;
    this.lastPingAt = openedAt;
  }

  push(bytes: Buffer, now: number, delayMs: number): void {
    if (this.closing) return;
    // Nothing overtakes what is still being delayed.
    const queued = this.delayed.at(-1)?.at;
    if (delayMs > 0 || queued !== undefined) {
      this.delayed.push({ at: Math.max(now + delayMs, queued ?? 0), bytes });
      return;
    }
    this.outbox.push(bytes);
    this.lastSentAt = now;
  }

  /** Writes what is due. False when the client does not keep up. */
  flush(now: number): boolean {
    while ((this.delayed[0]?.at ?? Infinity) <= now) {
      const due = this.delayed.shift();
      if (due !== undefined) this.outbox.push(due.bytes);
      this.lastSentAt = now;
    }
    const [first] = this.outbox;
    if (first === undefined) return true;
    if (this.socket.writable) this.socket.write(this.outbox.length === 1 ? first : Buffer.concat(this.outbox));
    this.outbox = [];
    return this.socket.writableLength < SLOW_CLIENT_BYTES;
  }

  /** Sends nothing of what is waiting. */
  discard(): void {
    this.outbox = [];
    this.delayed = [];
  }

  /** Closes as a server does: close frame, and soon after the socket. */
  cut(code: number, reason: string, now: number): void {
    if (this.closing) return;
    this.flush(now);
    this.closing = true;
    this.ws.close(code, reason.slice(0, 120));
    setTimeout(() => this.ws.terminate(), 1000).unref();
  }
}
