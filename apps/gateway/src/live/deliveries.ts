import { errorOf, type Format, type Frame } from './frames.js';
import { joinFrames, type LiveClient, type Room } from './roster.js';

export interface FanoutRules {
  /** Least ms between two flushes to a batch subscriber without a throttle. */
  readonly batchMs: number;
  /** Above this many unsent bytes a client gets only the latest of each asset, once it has read. */
  readonly behindBytes: number;
  /** Above this many it is cut. */
  readonly cutBytes: number;
  /** It is cut when it stays behind for longer. */
  readonly behindMs: number;
}

export const FANOUT_RULES: FanoutRules = {
  batchMs: 80,
  behindBytes: 512 * 1024,
  cutBytes: 2 * 1024 * 1024,
  behindMs: 30_000,
};

const TOO_SLOW =
  'what is sent to this client is not being read, or not as fast as it comes; this connection is being closed';

/** What was done since the start. */
export interface FanoutCounts {
  /** Price updates written, per format; each price of a batch counts. */
  readonly delivered: Record<Format, number>;
  /** Updates that a client did not get because a later one took their place. */
  conflated: number;
  /** Clients cut because they did not read. */
  cut: number;
}

/** What is on its way to clients: gathered for a turn, written at its end, and kept back from those who do not read. */
export class Deliveries {
  readonly counts: FanoutCounts = { delivered: { ws: 0, io: 0 }, conflated: 0, cut: 0 };
  private readonly slow = new Set<LiveClient>();
  private turn: LiveClient[] = [];

  /** `onCut`: forgets a client that is being cut. */
  constructor(
    private readonly rules: FanoutRules,
    private readonly onCut: (client: LiveClient) => void,
  ) {}

  /** Clients that do not read fast enough, and get only the latest of each asset. */
  get behind(): number {
    return this.slow.size;
  }

  /** Something waits for the end of the turn. */
  get isDirty(): boolean {
    return this.turn.length > 0;
  }

  /** Puts a frame with so many prices into the client's outbox. */
  post(client: LiveClient, frame: Frame, prices: number): void {
    if (client.outbox.length === 0) this.turn.push(client);
    client.outbox.push(frame);
    this.counts.delivered[client.wire.format] += prices;
  }

  /** For a client that does not read: the room's latest is sent when it does again. */
  keep(client: LiveClient, room: Room): void {
    if (client.missed.has(room)) this.counts.conflated++;
    else client.missed.add(room);
  }

  /** Ends a turn: every client that was sent something gets it in one write. */
  flush(now: number): void {
    const { turn } = this;
    this.turn = [];
    let before: readonly Frame[] = [];
    let joined: Buffer | undefined;
    for (const client of turn) {
      const frames = client.outbox;
      if (frames.length === 0) continue;
      // Those who watch the same get the same bytes.
      if (joined === undefined || !sameFrames(frames, before)) joined = joinFrames(frames);
      before = frames;
      client.flush(joined);
      this.weigh(client, now);
    }
  }

  /** Looks whether a client reads what it is sent. */
  weigh(client: LiveClient, now: number): void {
    if (client.gone) return;
    const backlog = client.wire.backlog();
    if (backlog <= this.rules.behindBytes) return;
    if (backlog > this.rules.cutBytes) this.cut(client);
    else if (client.behindSince === undefined) {
      client.behindSince = now;
      this.slow.add(client);
    }
  }

  /** @returns what a client has missed, if it was behind and has caught up. */
  caughtUp(client: LiveClient): Room[] {
    if (!this.slow.has(client) || client.wire.backlog() > this.rules.behindBytes) return [];
    this.forget(client);
    const missed = [...client.missed];
    client.missed.clear();
    return missed;
  }

  /** Cuts those who have been behind for too long. */
  cutTheSlow(now: number): void {
    for (const client of this.slow) {
      if (now - (client.behindSince as number) >= this.rules.behindMs) this.cut(client);
    }
  }

  forget(client: LiveClient): void {
    this.slow.delete(client);
    client.behindSince = undefined;
  }

  private cut(client: LiveClient): void {
    this.counts.cut++;
    this.onCut(client);
    // Behind all that it has not read: it may yet come to it.
    client.answer('error', errorOf('too_slow', TOO_SLOW));
    client.wire.close(1008, 'too slow');
  }
}

function sameFrames(a: readonly Frame[], b: readonly Frame[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
