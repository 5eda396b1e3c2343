import type { LiveMovers, RankedMover, Timeframe } from '@haunt/contracts';
import type { MergedMovers } from '../movers-board.js';
import { dataFrame, type Format, type Frame } from './frames.js';
import type { LiveClient } from './roster.js';
import type { Outlet } from './seeding-feed.js';

/** A timeframe is told this often at the most. */
export const MOVERS_PACE_MS = 1_000;

/** A list as it is sent: once encoded for everybody who gets it. */
interface Edition {
  readonly of: MergedMovers;
  /** Who is in it, in which order. */
  readonly order: string;
  readonly frame: (format: Format) => Frame;
}

/** Those who get the same list, and the order in which each has it. */
interface Audience {
  readonly timeframe: Timeframe;
  readonly limit: number;
  readonly members: Map<LiveClient, string | undefined>;
  edition: Edition | undefined;
}

interface Pace {
  timer: NodeJS.Timeout;
  /** Something changed since it was told. */
  pending: boolean;
}

/**
 * Brings movers to those who asked for them: at once, and then whenever who is in the list, or in which order, has changed, at
 * most once a second, the last change always.
 */
export class MoversFeed {
  private readonly audiences = new Map<string, Audience>();
  private readonly subscriptions = new Map<LiveClient, Map<Timeframe, Audience>>();
  private readonly paces = new Map<Timeframe, Pace>();

  /** `latest`: the movers of a timeframe now, undefined before the first. */
  constructor(
    private readonly outlet: Pick<Outlet, 'post' | 'settle'>,
    private readonly latest: (timeframe: Timeframe) => MergedMovers | undefined,
  ) {}

  /** @returns whether it is new; then `greet` should follow the answer. */
  subscribe(client: LiveClient, timeframe: Timeframe, limit: number): boolean {
    const mine = this.subscriptions.get(client) ?? new Map<Timeframe, Audience>();
    if (mine.get(timeframe)?.limit === limit) return false;
    this.end(client, timeframe);
    const key = `${timeframe}/${limit}`;
    const audience = this.audiences.get(key) ?? { timeframe, limit, members: new Map(), edition: undefined };
    this.audiences.set(key, audience);
    audience.members.set(client, undefined);
    this.subscriptions.set(client, mine.set(timeframe, audience));
    return true;
  }

  /** Tells a client the movers that it has just subscribed to, as far as there are any yet. */
  greet(client: LiveClient, timeframe: Timeframe): void {
    const audience = this.subscriptions.get(client)?.get(timeframe);
    if (audience !== undefined) this.tell(audience, client);
  }

  /** Of one timeframe or of all. @returns those that it was subscribed to */
  unsubscribe(client: LiveClient, timeframe?: Timeframe): Timeframe[] {
    const mine = [...(this.subscriptions.get(client)?.keys() ?? [])];
    const ended = timeframe === undefined ? mine : mine.filter((one) => one === timeframe);
    for (const one of ended) this.end(client, one);
    return ended;
  }

  /** The client is gone. */
  leave(client: LiveClient): void {
    this.unsubscribe(client);
  }

  /** The movers of a timeframe have changed. */
  hear(timeframe: Timeframe): void {
    const pace = this.paces.get(timeframe);
    if (pace !== undefined) {
      pace.pending = true;
      return;
    }
    if (!this.flush(timeframe)) return;
    this.paces.set(timeframe, { timer: this.pause(timeframe), pending: false });
  }

  /** A client that was behind reads again: it gets what has changed meanwhile. */
  caughtUp(client: LiveClient): void {
    if (client.behindSince !== undefined) return;
    for (const audience of this.subscriptions.get(client)?.values() ?? []) this.tell(audience, client);
  }

  close(): void {
    for (const { timer } of this.paces.values()) clearTimeout(timer);
    this.paces.clear();
  }

  private pause(timeframe: Timeframe): NodeJS.Timeout {
    return setTimeout(() => {
      const isPending = this.paces.get(timeframe)?.pending === true;
      this.paces.delete(timeframe);
      if (isPending) this.hear(timeframe);
    }, MOVERS_PACE_MS);
  }

  /** @returns whether anybody was told anything. */
  private flush(timeframe: Timeframe): boolean {
    let told = false;
    for (const audience of this.audiences.values()) {
      if (audience.timeframe !== timeframe) continue;
      for (const client of audience.members.keys()) if (this.tell(audience, client)) told = true;
    }
    if (told) this.outlet.settle();
    return told;
  }

  /** Tells a client what it does not have. */
  private tell(audience: Audience, client: LiveClient): boolean {
    const edition = this.editionOf(audience);
    if (edition === undefined || client.gone || audience.members.get(client) === edition.order) return false;
    if (!this.outlet.post(client, edition.frame(client.wire.format))) return false;
    audience.members.set(client, edition.order);
    return true;
  }

  private editionOf(audience: Audience): Edition | undefined {
    const merged = this.latest(audience.timeframe);
    if (merged === undefined || audience.edition?.of === merged) return merged && audience.edition;
    const { timeframe, limit } = audience;
    const gainers = merged.gainers.slice(0, limit);
    const losers = merged.losers.slice(0, limit);
    const movers: LiveMovers = { timeframe, gainers, losers, timestamp: Math.floor(merged.at) };
    const made: Partial<Record<Format, Frame>> = {};
    let json: string | undefined;
    const frame = (format: Format): Frame =>
      (made[format] ??= dataFrame(format, 'movers_update', (json ??= JSON.stringify(movers))));
    audience.edition = { of: merged, order: `${names(gainers)}/${names(losers)}`, frame };
    return audience.edition;
  }

  private end(client: LiveClient, timeframe: Timeframe): void {
    const mine = this.subscriptions.get(client);
    const audience = mine?.get(timeframe);
    if (mine === undefined || audience === undefined) return;
    mine.delete(timeframe);
    if (mine.size === 0) this.subscriptions.delete(client);
    audience.members.delete(client);
    if (audience.members.size === 0) this.audiences.delete(`${timeframe}/${audience.limit}`);
  }
}

function names(movers: readonly RankedMover[]): string {
  return movers.map(({ symbol }) => symbol).join();
}
