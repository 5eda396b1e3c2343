import { retryAfterMs, type HttpClient } from '@haunt/platform';
import type { ListedPair, StreamSource, VenueMessage } from '@haunt/sources';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';
import { restAddress, webSocketAddress } from './addresses.js';
import { messageOf, retryAfterOf, SIMULATED_HEADER } from './failure.js';
import { Lifeline } from './lifeline.js';
import { SendQueue } from './send-queue.js';
import { Subscriptions } from './subscriptions.js';

/** For each step of connecting: ticket, handshake, welcome. */
const STEP_MS = 10_000;
/** A full book of a large pair has a few MB; what is larger is not market data. */
const MESSAGE_MAX_BYTES = 8 * 1024 * 1024;
/** A clean close is answered within this, or the socket is cut. */
const CLOSE_MS = 1_000;

/** `closeTimeout` is newer than the types. */
const SOCKET_OPTIONS: ClientOptions & { readonly closeTimeout: number } = {
  perMessageDeflate: false,
  // Pongs count against the venue's limit like every other frame: they go through the queue.
  autoPong: false,
  maxPayload: MESSAGE_MAX_BYTES,
  closeTimeout: CLOSE_MS,
  headers: { 'user-agent': 'haunt' },
};

export type DataMessage = Extract<VenueMessage, { type: 'trade' | 'ticker' }>;

export interface SessionEnd {
  readonly message: string;
  /** How long the venue wants to be left alone. */
  readonly retryAfterMs?: number;
}

/** What we send: a frame of the dialect, or one of WebSocket's own. All of them count against the venue's limit. */
type Outgoing = { readonly text: string } | { readonly pong: Buffer } | 'ping';

/** What a session tells. Nothing comes after `ended`, and nothing after `close()`. */
export interface SessionListener {
  /** Open, and welcomed where the venue does that; the subscriptions are on their way. */
  live(): void;
  data(message: DataMessage): void;
  refused(pair: ListedPair, message: string): void;
  /** The venue complains, and does not say about which pair. */
  complaint(message: string): void;
  /** The venue asks to be left for a new connection. */
  reconnect(reason: string): void;
  badFrame(problem: string, sample: Buffer): void;
  simulated(): void;
  /** It is over, and not because of `close()`. */
  ended(end: SessionEnd): void;
}

export interface SessionParts {
  readonly source: StreamSource;
  readonly http: Pick<HttpClient, 'request'>;
  readonly clock: { now(): number };
  readonly rest: string;
  /** Override of the WebSocket address. */
  readonly ws: string | undefined;
}

/**
 * One connection to a venue, from its ticket to its end; never reused, so that nothing late of an old connection can
 * reach a new one. Obeys the source's limits and keep-alive; knows no venue.
 */
export class StreamSession {
  private readonly subscriptions: Subscriptions;
  private readonly lifeline: Lifeline;
  private readonly queue: SendQueue<Outgoing>;
  private readonly abort = new AbortController();
  private socket: WebSocket | undefined;
  private wire: Socket | undefined;
  private over = false;
  private isLive = false;
  private pingEveryMs: number | undefined;
  private latestPong: Outgoing | undefined;
  private failure: string | undefined;
  private stepTimer: NodeJS.Timeout | undefined;

  /** Monotone time of opening, ms; undefined before. */
  openedAt: number | undefined;

  constructor(
    private readonly parts: SessionParts,
    pairs: readonly ListedPair[],
    private readonly listener: SessionListener,
  ) {
    const { source, clock } = parts;
    this.queue = new SendQueue<Outgoing>(source.limits.sends, (outgoing) => this.send(outgoing));
    this.subscriptions = new Subscriptions(source, pairs, {
      send: (text) => this.queue.push({ text }),
      sending: () => this.queue.waiting > 0,
      refused: (pair, message) => listener.refused(pair, message),
      complaint: (message) => listener.complaint(message),
    });
    this.lifeline = new Lifeline({
      keepAlive: source.keepAlive,
      bytes: () => this.wire?.bytesRead ?? 0,
      now: () => clock.now(),
      ping: (text) => this.queue.push(text === undefined ? 'ping' : { text }, true),
      silent: (message) => this.end(message),
    });
  }

  get live(): boolean {
    return this.isLive;
  }

  /** Everything wanted has been asked for, and no refusal is being looked into. */
  get settled(): boolean {
    return this.isLive && this.queue.waiting === 0 && !this.subscriptions.inDoubt;
  }

  start(): void {
    this.step('no ticket');
    this.address().then(
      (url) => this.open(url),
      (error: unknown) => this.end(`no ticket: ${messageOf(error)}`, retryAfterOf(error)),
    );
  }

  /** Subscribes what is missing and unsubscribes what is too much; before the session is live, remembers it. */
  setPairs(pairs: readonly ListedPair[]): void {
    this.subscriptions.want(pairs);
  }

  /** Ends it on our side; the listener hears nothing of it. */
  close(): void {
    if (this.over) return;
    this.finish();
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.close(1000);
    else this.socket?.terminate();
  }

  private async address(): Promise<string> {
    const { source, http, rest, ws } = this.parts;
    if (!source.ticket) return webSocketAddress(source, ws);
    const { method, path, headers } = source.ticket.request;
    const answer = await http.request({
      url: restAddress(rest) + path,
      method,
      timeoutMs: STEP_MS,
      signal: this.abort.signal,
      ...(headers && { headers: { ...headers } }),
    });
    if (answer.headers.has(SIMULATED_HEADER) && !this.over) this.listener.simulated();
    const ticket = source.ticket.address(answer.body, randomUUID(), ws);
    this.pingEveryMs = ticket.pingEveryMs;
    return ticket.url;
  }

  private open(url: string): void {
    if (this.over) return;
    this.step('the handshake was not answered');
    try {
      this.socket = new WebSocket(url, SOCKET_OPTIONS);
    } catch (error) {
      this.end(messageOf(error));
      return;
    }
    this.socket
      .on('upgrade', (response) => {
        this.wire = response.socket;
        if (response.headers[SIMULATED_HEADER] !== undefined && !this.over) this.listener.simulated();
      })
      .on('unexpected-response', (_request, response) => {
        const wait = retryAfterMs(response.headers['retry-after'] ?? null, this.parts.clock.now());
        this.end(`the handshake was answered with HTTP ${response.statusCode} ${response.statusMessage}`.trim(), wait);
      })
      .on('open', () => this.opened())
      .on('message', (data) => this.received(data as Buffer))
      .on('ping', (data) => this.pinged(data))
      .on('error', (error) => (this.failure ??= messageOf(error)))
      .on('close', (code, reason) => this.end(closing(code, reason.toString('utf8'), this.failure)));
  }

  private opened(): void {
    if (this.over) return;
    this.openedAt = performance.now();
    this.lifeline.watch();
    if (this.parts.source.waitForWelcome) this.step('no welcome');
    else this.begin();
  }

  /** From here on we may speak. */
  private begin(): void {
    if (this.over || this.isLive) return;
    clearTimeout(this.stepTimer);
    this.isLive = true;
    // Subscriptions first: some venues cut whoever opens a connection and does not ask for anything within seconds.
    this.subscriptions.begin();
    this.lifeline.ping(this.pingEveryMs);
    this.listener.live();
  }

  private received(raw: Buffer): void {
    if (this.over) return;
    const { source } = this.parts;
    let messages: VenueMessage[];
    try {
      messages = source.parse(source.decode ? source.decode(raw) : raw.toString('utf8'));
    } catch (error) {
      this.listener.badFrame(messageOf(error), raw);
      return;
    }
    for (const message of messages) this.heard(message);
  }

  private heard(message: VenueMessage): void {
    // One of the messages before in the same frame may have ended the session.
    if (this.over) return;
    switch (message.type) {
      case 'trade':
      case 'ticker':
        this.subscriptions.proved(message.pair);
        this.listener.data(message);
        return;
      case 'reply':
        this.queue.push({ text: message.frame }, true);
        return;
      case 'alive':
        if (message.welcome) this.begin();
        return;
      case 'refused':
        this.subscriptions.refused(message.message, message.pairs);
        return;
      case 'reconnect':
        this.listener.reconnect(message.reason);
    }
  }

  private pinged(data: Buffer): void {
    // Only the latest unanswered ping needs a pong (RFC 6455, 5.5.3).
    if (this.latestPong) this.queue.remove(this.latestPong);
    this.latestPong = { pong: data };
    this.queue.push(this.latestPong, true);
  }

  private send(outgoing: Outgoing): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (outgoing === 'ping') this.socket.ping();
    else if ('pong' in outgoing) this.socket.pong(outgoing.pong);
    else this.socket.send(outgoing.text);
  }

  /** Gives the next step of connecting its time. */
  private step(what: string): void {
    clearTimeout(this.stepTimer);
    this.stepTimer = setTimeout(() => this.end(`${what} within ${STEP_MS} ms`), STEP_MS);
  }

  private end(message: string, retryAfter?: number): void {
    if (this.over) return;
    this.finish();
    this.socket?.terminate();
    this.listener.ended({ message, ...(retryAfter !== undefined && { retryAfterMs: retryAfter }) });
  }

  private finish(): void {
    this.over = true;
    this.isLive = false;
    clearTimeout(this.stepTimer);
    this.lifeline.close();
    this.queue.close();
    this.subscriptions.close();
    this.abort.abort();
  }
}

function closing(code: number, reason: string, failure: string | undefined): string {
  if (failure !== undefined) return code === 1006 ? failure : `${failure} (closed with ${code})`;
  if (code === 1006) return 'the connection was cut (1006)';
  return `closed by the other side: ${code}${reason === '' ? '' : ` ${reason}`}`;
}
