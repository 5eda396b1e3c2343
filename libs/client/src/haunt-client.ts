import type { BackoffRules } from '@haunt/domain';
import { addressOf } from './address.js';
import type { SocketSettings } from './connection.js';
import { HauntLive } from './live.js';
import { HauntRest } from './rest.js';
import { type Fetch, RestTransport } from './rest-transport.js';

export interface HauntClientOptions {
  /** Of the server, with or without a path. By default where the page came from, elsewhere `http://localhost:3001`. */
  readonly url?: string;
  /** The `API_TOKEN` of the server; only seeding wants it. */
  readonly token?: string;
  /** By default the global one. */
  readonly fetch?: Fetch;
  /** For an answer and for connecting, ms; by default 10,000. */
  readonly timeoutMs?: number;
  /** A live connection on which nothing came for this long is asked whether it still is one, ms; by default 15,000. */
  readonly silenceMs?: number;
  /** Between two attempts to connect; by default from 1 s to 10 s, half of it random. */
  readonly backoff?: BackoffRules;
  /** Handed to Socket.IO, as `extraHeaders` or `transports`. */
  readonly socket?: SocketSettings;
}

/**
 * A Haunt server: `rest` asks once, `live` keeps a connection.
 * @throws TypeError for a `url` that is no http or https address
 */
export class HauntClient {
  readonly rest: HauntRest;
  readonly live: HauntLive;

  constructor(options: HauntClientOptions = {}) {
    const { url, token, timeoutMs = 10_000, silenceMs = 15_000, backoff, socket = {} } = options;
    const address = addressOf(url);
    // Browsers refuse to be asked through another object than the window.
    const fetch: Fetch = options.fetch ?? ((to, init) => globalThis.fetch(to, init));
    this.rest = new HauntRest(new RestTransport(address.base, fetch, timeoutMs, token));
    this.live = new HauntLive(address, {
      timeoutMs,
      silenceMs,
      backoff: { baseMs: 1_000, capMs: 10_000, ...backoff },
      socket,
    });
  }

  /** Ends the live connection. */
  close(): void {
    this.live.close();
  }
}
