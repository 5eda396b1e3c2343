import type { Restarting } from '@haunt/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fanout } from './fanout.js';
import { dataFrame } from './frames.js';
import type { MoversFeed } from './movers-feed.js';
import type { LiveClient } from './roster.js';

/** A new connection costs a handshake, a subscription and a snapshot: so far apart a server takes them without a pause. */
const MS_PER_RETURN = 1;
/** Few clients are spread over this, too: they might be few on each of many servers. */
const SPREAD_LEAST_MS = 1_000;

export interface Farewell<C> {
  readonly client: C;
  /** From now on. */
  readonly afterMs: number;
  /** To be told to it then. */
  readonly retryAfterMs: number;
}

/**
 * When each client of a server that ends is to go, soonest first, and how long it is asked to stay away. Those who do as they
 * are asked come back evenly, a thousand a second, and the last of a few after a second. Those who come back at once
 * are spread as far as the server's own end allows, `withinMs`: until its turn a client is served as ever.
 * @param random gives [0, 1)
 */
export function farewells<C>(clients: Iterable<C>, withinMs: number, random: () => number): Farewell<C>[] {
  const all = [...clients];
  const spreadMs = Math.max(SPREAD_LEAST_MS, all.length * MS_PER_RETURN);
  const closeMs = Math.min(withinMs, all.length * MS_PER_RETURN);
  return all.map((client, i) => {
    const returnsAt = ((i + random()) / all.length) * spreadMs;
    const afterMs = (returnsAt * closeMs) / spreadMs;
    return { client, afterMs, retryAfterMs: Math.round(returnsAt - afterMs) };
  });
}

/** Waits are not worth less; whoever is due by then goes together. */
const STEP_MS = 5;

/** Sends the clients of a server that ends away. */
export class Dismissal {
  constructor(
    private readonly fanout: Fanout,
    private readonly movers: MoversFeed,
    /** Ms of a clock that does not go back. */
    private readonly now: () => number,
  ) {}

  /** Resolves when everybody was told to go, `withinMs`; until its turn a client gets its prices as ever. */
  async of(clients: ReadonlySet<LiveClient>, withinMs: number): Promise<void> {
    const begin = this.now();
    for (const { client, afterMs, retryAfterMs } of farewells(clients, withinMs, Math.random)) {
      const wait = begin + afterMs - this.now();
      if (wait >= STEP_MS) await sleep(wait);
      if (clients.has(client) && !client.gone) this.dismiss(client, { retryAfterMs });
    }
  }

  /** Gives a client what is still held back for it, and says goodbye. */
  private dismiss(client: LiveClient, notice: Restarting): void {
    const { format } = client.wire;
    this.fanout.release(client, this.now());
    // Clients of `/ws` rely on speaking first.
    if (client.hasSpoken || format === 'io') {
      this.fanout.post(client, dataFrame(format, 'restarting', JSON.stringify(notice)));
    }
    client.flush();
    this.fanout.disconnect(client);
    this.movers.leave(client);
    client.wire.close(1012, 'service restart');
  }
}
