import type { MarketUpdate } from '@haunt/contracts';
import { dataFrame, type Format, type Frame } from './frames.js';
import type { LiveClient } from './roster.js';
import type { Outlet } from './seeding-feed.js';

/** Brings the figures of the whole market to everybody when they change, and to each client when it first subscribes to something. */
export class MarketFeed {
  private readonly told = new WeakSet<LiveClient>();
  private edition: { readonly of: MarketUpdate; readonly frame: (format: Format) => Frame } | undefined;

  /** `latest`: the figures as they are known, the same object as long as they are. */
  constructor(
    private readonly outlet: Outlet,
    private readonly latest: () => MarketUpdate | undefined,
  ) {}

  /** The figures have changed. On `/ws` only those are told that have said something, because clients of it rely on speaking first. */
  hear(): void {
    for (const client of this.outlet.clients) {
      if (!client.gone && (client.hasSpoken || client.wire.format === 'io')) this.tell(client);
    }
    this.outlet.settle();
  }

  /** A client has subscribed to something. Changes are minutes apart: it would not know the figures until the next. */
  greet(client: LiveClient): void {
    if (!client.gone && !this.told.has(client)) this.tell(client);
  }

  /** One that is behind does without: the figures of the whole market wait for nobody. */
  private tell(client: LiveClient): void {
    const frame = this.frame(client.wire.format);
    if (frame !== undefined && this.outlet.post(client, frame)) this.told.add(client);
  }

  private frame(format: Format): Frame | undefined {
    const latest = this.latest();
    if (latest === undefined) return undefined;
    if (this.edition?.of !== latest) {
      const json = JSON.stringify(latest);
      const made: Partial<Record<Format, Frame>> = {};
      this.edition = { of: latest, frame: (each) => (made[each] ??= dataFrame(each, 'market_update', json)) };
    }
    return this.edition.frame(format);
  }
}
