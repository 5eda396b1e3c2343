import type { ListedPair, StreamSource } from '@haunt/sources';
import { Backoff } from './backoff.js';
import type { SendQueue } from './send-queue.js';
import { type DataMessage, type SessionEnd, type SessionListener, StreamSession } from './stream-session.js';

/** After this long on one connection, earlier failures are forgiven. */
const HEALTHY_MS = 60_000;
/** Old and new connection both deliver for this long: what crosses the change arrives at least once. */
const OVERLAP_MS = 2_000;
/** A new connection that has delivered nothing by then is judged against the old one. */
const DELIVER_WITHIN_MS = 30_000;
/** A connection that lives and delivers nothing for this long is replaced, the next one less soon. */
const DATALESS_MS = 60_000;
const DATALESS_MAX_MS = 15 * 60_000;
/** 23 of 24 hours, and up to a twentieth of that earlier, so that sockets opened together do not rotate together. */
const ROTATE_AT = 23 / 24;
const ROTATE_JITTER = 1 / 20;
/** Longest time that setTimeout keeps. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface SlotParts {
  readonly source: StreamSource;
  /** Connection attempts of all slots of a source. */
  readonly connects: SendQueue<() => void>;
  readonly clock: { now(): number };
  readonly random: () => number;
  open(pairs: readonly ListedPair[], listener: SessionListener): StreamSession;
}

/** What a slot tells its runner, beside what its sessions say (their `data`, `refused`, ...). */
export interface SlotListener extends Omit<SessionListener, 'live' | 'ended' | 'reconnect'> {
  /** A session took over. */
  changed(): void;
  /** An attempt failed, or a live session broke (`wasLive`). `nextAttemptAt` in epoch ms, unless one is under way. */
  lost(message: string, wasLive: boolean, nextAttemptAt: number | undefined): void;
  /** The connection is being replaced while it still works. */
  replacing(reason: string): void;
}

/**
 * The place of one socket: keeps a connection for its pairs alive for ever. `serving` is the connection that counts,
 * `candidate` the one that shall take its place: it replaces a dead one as soon as it is live, and a living one (rotation,
 * a venue's wish, no data) only when it delivers as well; in between both are heard.
 */
export class StreamSlot {
  private readonly backoff: Backoff;
  private serving: StreamSession | undefined;
  private candidate: StreamSession | undefined;
  private retry: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  private queued: (() => void) | undefined;
  private overlap: NodeJS.Timeout | undefined;
  private judgement: NodeJS.Timeout | undefined;
  private health: NodeJS.Timeout | undefined;
  private rotation: NodeJS.Timeout | undefined;
  private dataCheck: NodeJS.Timeout | undefined;
  private datalessMs = DATALESS_MS;
  /** Data messages of serving connections so far. */
  private heard = 0;
  private closed = false;

  constructor(
    private readonly parts: SlotParts,
    private pairs: readonly ListedPair[],
    private readonly listener: SlotListener,
  ) {
    this.backoff = new Backoff(parts.random);
  }

  get live(): boolean {
    return this.serving !== undefined;
  }

  start(): void {
    this.connectIn(0);
  }

  setPairs(pairs: readonly ListedPair[]): void {
    this.pairs = pairs;
    this.serving?.setPairs(pairs);
    this.candidate?.setPairs(pairs);
  }

  close(): void {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry.timer);
    if (this.queued) this.parts.connects.remove(this.queued);
    for (const timer of [this.overlap, this.judgement, this.health, this.rotation, this.dataCheck]) clearTimeout(timer);
    this.serving?.close();
    this.candidate?.close();
    this.serving = this.candidate = undefined;
  }

  /** Opens a candidate after a wait, or sooner if one was planned for later. One at a time. */
  private connectIn(waitMs: number): void {
    if (this.closed || this.candidate || this.queued) return;
    const at = performance.now() + waitMs;
    if (this.retry) {
      if (this.retry.at <= at) return;
      clearTimeout(this.retry.timer);
    }
    this.retry = { at, timer: setTimeout(() => this.queueUp(), Math.min(waitMs, TIMER_MAX_MS)) };
  }

  private queueUp(): void {
    this.retry = undefined;
    this.queued = () => {
      this.queued = undefined;
      this.connect();
    };
    this.parts.connects.push(this.queued);
  }

  private connect(): void {
    const session: StreamSession = this.parts.open(this.pairs, {
      live: () => this.onLive(session),
      data: (message) => this.onData(session, message),
      refused: (pair, message) => this.listener.refused(pair, message),
      complaint: (message) => this.listener.complaint(message),
      reconnect: (reason) => this.replace(session, reason),
      badFrame: (problem, sample) => this.listener.badFrame(problem, sample),
      simulated: () => this.listener.simulated(),
      ended: (end) => this.onEnd(session, end),
    });
    this.candidate = session;
    session.start();
  }

  private onLive(session: StreamSession): void {
    if (this.serving === undefined) this.promote(session);
    else {
      const { heard } = this;
      this.judgement = setTimeout(() => this.judge(session, heard), DELIVER_WITHIN_MS);
    }
  }

  private onData(session: StreamSession, message: DataMessage): void {
    if (session === this.serving) this.heard++;
    else if (this.overlap === undefined && session.settled) {
      this.overlap = setTimeout(() => this.promote(session), OVERLAP_MS);
    }
    this.listener.data(message);
  }

  /** The candidate has delivered nothing. If the old connection has, the new one is no good; else nothing trades. */
  private judge(session: StreamSession, heard: number): void {
    if (this.overlap !== undefined) return;
    if (this.serving && this.heard > heard) this.onEnd(session, { message: 'the new connection delivers nothing' });
    else this.promote(session);
  }

  private promote(session: StreamSession): void {
    const former = this.serving;
    this.dropCandidate();
    this.serving = session;
    former?.close();
    clearTimeout(this.health);
    this.health = setTimeout(() => this.backoff.reset(), HEALTHY_MS);
    this.planRotation(session);
    this.expectData();
    this.listener.changed();
  }

  private onEnd(session: StreamSession, end: SessionEnd): void {
    const wasServing = session === this.serving;
    if (wasServing) {
      this.serving = undefined;
      for (const timer of [this.health, this.rotation, this.dataCheck]) clearTimeout(timer);
    } else {
      this.dropCandidate();
      session.close();
    }
    const heir = this.candidate;
    const waitMs = heir ? 0 : Math.max(this.backoff.next(), end.retryAfterMs ?? 0);
    if (heir?.live) this.promote(heir);
    else this.connectIn(waitMs);
    this.listener.lost(end.message, wasServing, heir ? undefined : this.parts.clock.now() + waitMs);
  }

  private dropCandidate(): void {
    this.candidate = undefined;
    clearTimeout(this.overlap);
    clearTimeout(this.judgement);
    this.overlap = this.judgement = undefined;
  }

  /** Opens a successor while this one goes on. At once the first time; a venue that keeps asking is not hammered. */
  private replace(session: StreamSession, reason: string): void {
    if (session !== this.serving) {
      if (session === this.candidate) this.onEnd(session, { message: reason });
      return;
    }
    if (this.candidate || this.queued || this.retry) return;
    this.listener.replacing(reason);
    const first = this.backoff.attempts === 0;
    const waitMs = this.backoff.next();
    this.connectIn(first ? 0 : waitMs);
  }

  private planRotation(session: StreamSession): void {
    clearTimeout(this.rotation);
    const { maxAgeMs } = this.parts.source.limits;
    if (maxAgeMs === undefined) return;
    const age = performance.now() - (session.openedAt ?? performance.now());
    const due = maxAgeMs * ROTATE_AT * (1 - this.parts.random() * ROTATE_JITTER) - age;
    const rotate = (): void => {
      this.replace(session, `the connection nears the age of ${maxAgeMs} ms at which it is ended`);
    };
    this.rotation = setTimeout(rotate, Math.min(Math.max(0, due), TIMER_MAX_MS));
  }

  /** A venue may keep a socket alive and have forgotten what we subscribed to. */
  private expectData(): void {
    clearTimeout(this.dataCheck);
    const { heard } = this;
    this.dataCheck = setTimeout(() => {
      const session = this.serving;
      if (!session) return;
      if (this.heard > heard) this.datalessMs = DATALESS_MS;
      else {
        this.replace(session, `no data for ${this.datalessMs} ms`);
        this.datalessMs = Math.min(this.datalessMs * 2, DATALESS_MAX_MS);
      }
      this.expectData();
    }, this.datalessMs);
  }
}
