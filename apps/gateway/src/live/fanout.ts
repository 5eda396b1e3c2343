import type { LivePrice } from '@haunt/contracts';
import type { AssetSymbol } from '@haunt/domain';
import { Deliveries, FANOUT_RULES, type FanoutCounts, type FanoutRules } from './deliveries.js';
import { DueWheel } from './due-wheel.js';
import { type Frame, pricesFrame } from './frames.js';
import { Cohort, joinPrices, type LiveClient, type Room, Subscription } from './roster.js';
import { assetsOf, Watchers } from './watchers.js';

const WHEEL_SLOT_MS = 5;

/**
 * Brings each change of a price to those who watch it. Everything of one turn of the event loop leaves in one write per
 * client; every message is encoded once. `now` is ms of a clock that does not go back. Owns no timer: `flush` wants to
 * be called at the end of a turn in which something `isDirty`, `advance` every few ms while it `isWaiting`,
 * `cutTheSlow` about once a second.
 */
export class Fanout {
  private readonly watchers: Watchers;
  private readonly wheel = new DueWheel<Subscription | Cohort>(WHEEL_SLOT_MS);
  private readonly deliveries: Deliveries;
  private due: Cohort[] = [];
  private sequence = 0;

  /** `latest`: the current price of an asset, if it has one. */
  constructor(
    latest: (symbol: AssetSymbol) => LivePrice | undefined,
    private readonly rules: FanoutRules = FANOUT_RULES,
  ) {
    this.watchers = new Watchers(latest);
    this.deliveries = new Deliveries(rules, (client) => this.disconnect(client));
  }

  get counts(): Readonly<FanoutCounts> {
    return this.deliveries.counts;
  }

  /** Something has been put out in this turn. */
  get isDirty(): boolean {
    return this.deliveries.isDirty || this.due.length > 0;
  }

  /** Something is to be sent later. */
  get isWaiting(): boolean {
    return this.wheel.size > 0;
  }

  /** Clients that are behind. */
  get behind(): number {
    return this.deliveries.behind;
  }

  get watchedAssets(): number {
    return this.watchers.size;
  }

  /** A price has changed. The caller sees to it that versions do not go back. */
  publish(price: LivePrice, now: number): void {
    const room = this.watchers.room(price.symbol);
    if (room === undefined) return;
    room.show(price, ++this.sequence);
    // Backwards, because a throttled subscription leaves `ready` when it is served.
    for (let i = room.ready.length - 1; i >= 0; i--) this.deliver(room.ready[i] as Subscription, now);
    for (const cohort of room.cohorts) this.mark(cohort, room, now);
  }

  /** Puts out what has become due. */
  advance(now: number): void {
    for (const item of this.wheel.take(now)) {
      if (item instanceof Cohort) this.due.push(item);
      // Otherwise its client has left, or it was given another time by a change of throttle.
      else if (item.resting && item.dueAt <= now) this.wake(item, now);
    }
  }

  /** Ends a turn: every client that was sent something gets it in one write. */
  flush(now: number): void {
    const { due } = this;
    this.due = [];
    for (const cohort of due) this.flushCohort(cohort, now);
    this.deliveries.flush(now);
  }

  /** Answers a client at once. */
  answer(client: LiveClient, type: string, body: object, now: number): void {
    client.answer(type, body);
    this.deliveries.weigh(client, now);
  }

  /** Puts out a message that is no price. @returns false when the client is behind and gets nothing. */
  post(client: LiveClient, frame: Frame): boolean {
    if (client.behindSince !== undefined) return false;
    this.deliveries.post(client, frame, 0);
    return true;
  }

  /** From now on each change as its own message. @returns whether the client was not watching it in any way. */
  watch(client: LiveClient, symbol: AssetSymbol, now: number): boolean {
    if (client.singles.has(symbol)) return false;
    const room = this.watchers.enter(symbol);
    const single = new Subscription(client, room);
    client.singles.set(symbol, single);
    room.makeReady(single);
    if (!client.batched.has(symbol)) return true;
    this.watchers.leaveBatched(client, room);
    if (client.cohort?.changed.has(room)) this.deliver(single, now);
    return false;
  }

  /** As `watch`, in batches; `regroup` must follow when all are in. */
  watchBatched(client: LiveClient, symbol: AssetSymbol, now: number): boolean {
    if (client.batched.has(symbol)) return false;
    const room = this.watchers.enter(symbol);
    client.batched.set(symbol, room);
    const single = client.singles.get(symbol);
    if (single === undefined) return true;
    // What its throttle held back would otherwise wait for the next change.
    if (single.sent < room.sequence) this.deliver(single, now);
    this.watchers.leaveSingle(single);
    return false;
  }

  /** `regroup` must follow. @returns whether it was watching. */
  unwatch(client: LiveClient, symbol: AssetSymbol): boolean {
    const single = client.singles.get(symbol);
    const room = single?.room ?? client.batched.get(symbol);
    if (room === undefined) return false;
    client.missed.delete(room);
    if (single === undefined) this.watchers.leaveBatched(client, room);
    else this.watchers.leaveSingle(single);
    return true;
  }

  /** Puts a client among those who watch the same in batches, after what it watches or its throttle has changed. */
  regroup(client: LiveClient, now: number): void {
    const { cohort: was, throttleMs } = client;
    const interval = throttleMs > 0 ? throttleMs : this.rules.batchMs;
    if (was !== undefined) {
      if (was.intervalMs === interval && was.assets === assetsOf(client)) return;
      this.releasePending(was, client);
      this.watchers.leaveCohort(client);
    }
    if (client.batched.size === 0) return;
    // A throttle counts from what this client was sent: only those who came together keep the same time.
    const phase = throttleMs > this.rules.batchMs ? Math.ceil(now / this.rules.batchMs) : 0;
    const { cohort, isNew } = this.watchers.enterCohort(client, interval, phase);
    if (isNew && phase > 0) cohort.flushedAt = now;
    if (cohort.changed.size > 0) cohort.newcomers.set(client, this.sequence);
  }

  /** Sends a client the current prices of these assets, as far as they have one, at once. */
  snapshot(client: LiveClient, symbols: readonly AssetSymbol[], now: number): void {
    const batch: Room[] = [];
    for (const symbol of symbols) {
      const single = client.singles.get(symbol);
      if (single?.room.hasPrice) this.deliver(single, now);
      const room = client.batched.get(symbol);
      if (room?.hasPrice) batch.push(room);
    }
    this.deliverBatch(client, batch);
    client.flush();
    this.deliveries.weigh(client, now);
  }

  /** Applies at once, also to what is waiting. */
  throttle(client: LiveClient, throttleMs: number, now: number): void {
    client.throttleMs = throttleMs;
    for (const single of client.singles.values()) {
      if (single.sentAt + throttleMs > now) this.rest(single, single.sentAt + throttleMs);
      else this.wake(single, now);
    }
    this.regroup(client, now);
  }

  /** Puts out whatever a throttle or a batch holds back for a client that is about to go, as far as it reads. */
  release(client: LiveClient, now: number): void {
    for (const single of client.singles.values()) if (single.room.sequence > single.sent) this.deliver(single, now);
    if (client.cohort !== undefined) this.releasePending(client.cohort, client);
  }

  /** Forgets a client; nothing is sent to it any more. */
  disconnect(client: LiveClient): void {
    client.gone = true;
    this.deliveries.forget(client);
    client.outbox = [];
    client.missed.clear();
    this.watchers.leaveCohort(client);
    for (const single of client.singles.values()) this.watchers.leaveSingle(single);
    for (const room of client.batched.values()) this.watchers.leaveBatched(client, room);
  }

  /** The client's connection has taken what was written: if it was behind, it gets the latest of what it missed. */
  drained(client: LiveClient, now: number): void {
    const missed = this.deliveries.caughtUp(client);
    for (const room of missed) {
      const single = client.singles.get(room.symbol);
      if (single !== undefined && !single.resting) this.deliver(single, now);
    }
    this.deliverBatch(
      client,
      missed.filter((room) => client.batched.has(room.symbol)),
    );
  }

  /** Cuts those who have been behind for too long. */
  cutTheSlow(now: number): void {
    this.deliveries.cutTheSlow(now);
  }

  private deliver(single: Subscription, now: number): void {
    const { client, room } = single;
    if (client.behindSince !== undefined) return this.deliveries.keep(client, room);
    this.deliveries.post(client, room.frame(client.wire.format), 1);
    single.sent = room.sequence;
    single.sentAt = now;
    if (client.throttleMs > 0) this.rest(single, now + client.throttleMs);
  }

  private deliverBatch(client: LiveClient, rooms: readonly Room[]): void {
    if (rooms.length === 0) return;
    if (client.behindSince !== undefined) for (const room of rooms) this.deliveries.keep(client, room);
    else this.deliveries.post(client, pricesFrame(client.wire.format, joinPrices(rooms)), rooms.length);
  }

  private rest(single: Subscription, until: number): void {
    single.room.takeOut(single);
    single.resting = true;
    single.dueAt = until;
    this.wheel.add(single, until);
  }

  private wake(single: Subscription, now: number): void {
    single.resting = false;
    single.room.makeReady(single);
    if (single.room.sequence > single.sent) this.deliver(single, now);
  }

  private mark(cohort: Cohort, room: Room, now: number): void {
    if (cohort.changed.has(room)) this.deliveries.counts.conflated += cohort.members.size;
    else cohort.changed.add(room);
    if (cohort.waiting) return;
    cohort.waiting = true;
    const dueAt = cohort.flushedAt + cohort.intervalMs;
    if (dueAt <= now) this.due.push(cohort);
    else this.wheel.add(cohort, dueAt);
  }

  private flushCohort(cohort: Cohort, now: number): void {
    const frame = cohort.frames();
    const rooms = [...cohort.changed];
    for (const client of cohort.members) {
      const seen = cohort.newcomers.get(client);
      if (seen === undefined && client.behindSince === undefined)
        this.deliveries.post(client, frame(client.wire.format), rooms.length);
      else this.deliverBatch(client, seen === undefined ? rooms : rooms.filter((room) => room.sequence > seen));
    }
    cohort.newcomers.clear();
    cohort.changed.clear();
    cohort.waiting = false;
    cohort.flushedAt = now;
  }

  /** Sends a client that is about to leave a cohort what that holds back for it. */
  private releasePending(cohort: Cohort, client: LiveClient): void {
    const seen = cohort.newcomers.get(client) ?? -1;
    const pending = [...cohort.changed].filter((room) => room.sequence > seen && client.batched.has(room.symbol));
    this.deliverBatch(client, pending);
  }
}
