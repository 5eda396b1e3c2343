import type { LivePrice } from '@haunt/contracts';
import type { AssetSymbol } from '@haunt/domain';
import { answerFrame, encodePrice, type Format, type Frame, priceFrame, pricesFrame } from './frames.js';

// Who watches what: rooms, the clients in them, and what ties one to the other. No rule of sending lives here.

/** One client's interest in one asset, each change of which it gets as a message of its own. */
export class Subscription {
  /** Place in the room's `ready`; -1 while it is not there. */
  place = -1;
  /** It was served less than its client's throttle ago, and waits in the wheel. */
  resting = false;
  /** The room's `sequence` that was sent last. */
  sent = 0;
  /** When that was, ms of the live clock. */
  sentAt = -Infinity;
  /** When the rest is over, ms of the live clock. */
  dueAt = 0;

  constructor(
    readonly client: LiveClient,
    readonly room: Room,
  ) {}
}

/** Everybody who watches one asset, and its current price in every encoding that somebody has needed. */
export class Room {
  /** Those who get the next change at once. */
  readonly ready: Subscription[] = [];
  /** Those who get it with the next flush of their asset set. */
  readonly cohorts = new Set<Cohort>();
  /** Clients in it, in whatever way; an empty room is dropped. */
  members = 0;
  /** Of the latest change among the changes of all rooms; 0 before there is a price. */
  sequence = 0;
  private json: string | undefined;
  private frames: Partial<Record<Format, Frame>> = {};

  constructor(
    readonly symbol: AssetSymbol,
    private price: LivePrice | undefined,
  ) {}

  get hasPrice(): boolean {
    return this.price !== undefined;
  }

  show(price: LivePrice, sequence: number): void {
    this.price = price;
    this.sequence = sequence;
    this.json = undefined;
    this.frames = {};
  }

  /** The price as JSON. Only where `hasPrice`. */
  encoded(): string {
    return (this.json ??= encodePrice(this.price as LivePrice));
  }

  /** The price as a message. Only where `hasPrice`. */
  frame(format: Format): Frame {
    return (this.frames[format] ??= priceFrame(format, this.encoded()));
  }

  makeReady(subscription: Subscription): void {
    if (subscription.place >= 0) return;
    subscription.place = this.ready.length;
    this.ready.push(subscription);
  }

  /** The last one takes the place of the removed: whoever walks `ready` while removing walks it backwards. */
  takeOut(subscription: Subscription): void {
    const { place } = subscription;
    if (place < 0) return;
    const last = this.ready.pop() as Subscription;
    if (last !== subscription) {
      this.ready[place] = last;
      last.place = place;
    }
    subscription.place = -1;
  }
}

/** The clients that watch exactly the same assets in batches, at the same pace: they share every frame. */
export class Cohort {
  readonly members = new Set<LiveClient>();
  /** Those who came since the last flush, with the sequence up to which they have seen everything. */
  readonly newcomers = new Map<LiveClient, number>();
  /** Changed since the last flush. */
  readonly changed = new Set<Room>();
  /** Waits in the wheel or for the end of the turn. */
  waiting = false;
  flushedAt = -Infinity;
  /** When it may flush again, ms of the live clock. */
  dueAt = 0;

  constructor(
    readonly key: string,
    /** Their symbols, sorted and joined. */
    readonly assets: string,
    readonly intervalMs: number,
    readonly rooms: ReadonlySet<Room>,
  ) {}

  /** Frames with everything that changed, each encoded when somebody needs it. */
  frames(): (format: Format) => Frame {
    const made: Partial<Record<Format, Frame>> = {};
    let joined: string | undefined;
    return (format) => {
      joined ??= joinPrices(this.changed);
      return (made[format] ??= pricesFrame(format, joined));
    };
  }
}

/** The prices of rooms that have one, as the inside of a JSON array. */
export function joinPrices(rooms: Iterable<Room>): string {
  let joined = '';
  for (const room of rooms) {
    if (!room.hasPrice) continue;
    joined = joined === '' ? room.encoded() : `${joined},${room.encoded()}`;
  }
  return joined;
}

/** A connection, as the live core sees it. */
export interface Wire {
  readonly format: Format;
  /** Sends in order. `bytes` are the same frames end to end, for a transport that can send them as they are. */
  write(frames: readonly Frame[], bytes: Buffer): void;
  /** Bytes that were written and that the system has not taken yet. */
  backlog(): number;
  /** Says goodbye with a WebSocket close code and a reason, and soon ends the connection whether it was heard or not. */
  close(code: number, reason: string): void;
}

/** One connected client: what it watches, how often it wants to hear of it, and what it has not got yet. */
export class LiveClient {
  /** Least ms between two updates of one asset. */
  throttleMs = 0;
  readonly singles = new Map<AssetSymbol, Subscription>();
  /** Watched in batches. */
  readonly batched = new Map<AssetSymbol, Room>();
  cohort: Cohort | undefined;
  /** It has sent at least one message. */
  hasSpoken = false;
  /** It was told goodbye or has left: what it still says is not heard. */
  gone = false;
  /** Frames of this turn. */
  outbox: Frame[] = [];
  /** Since when it has not been reading, ms of the live clock; while it does not, only the latest is kept for it. */
  behindSince: number | undefined;
  /** Changed while it was behind. */
  readonly missed = new Set<Room>();
  /** Assets of whose seeding it was not told meanwhile. */
  unheard: Set<AssetSymbol> | undefined;

  constructor(readonly wire: Wire) {}

  watches(symbol: AssetSymbol): boolean {
    return this.singles.has(symbol) || this.batched.has(symbol);
  }

  get watched(): number {
    return this.singles.size + this.batched.size;
  }

  /** Answers at once, behind whatever is in the outbox. */
  answer(type: string, body: object): void {
    this.flush();
    const frame = answerFrame(this.wire.format, type, body);
    this.wire.write([frame], frame.bytes);
  }

  /** Writes the outbox; `joined` if somebody has put the same frames together already. */
  flush(joined?: Buffer): void {
    const frames = this.outbox;
    if (frames.length === 0) return;
    this.outbox = [];
    this.wire.write(frames, joined ?? joinFrames(frames));
  }
}

export function joinFrames(frames: readonly Frame[]): Buffer {
  return frames.length === 1 ? (frames[0] as Frame).bytes : Buffer.concat(frames.map((frame) => frame.bytes));
}
