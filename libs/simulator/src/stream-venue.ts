import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { Connection } from './connection.js';
import { garbage, withNulls } from './damage.js';
import type { Fault, FaultKind } from './faults.js';
import { textFrame } from './frame.js';
import { unit } from './noise.js';
import { RateWindow } from './rate-window.js';
import type { Trade } from './tape.js';
import { Exchange, type Setting } from './venue.js';
import type { ListingStyle, VenuePair } from './venue-pair.js';

/** Trades of one pair made in one round at most: a loop that stood still does not make up for hours. */
const ROUND_TRADES = 20_000;

interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

/** What a venue demands of its WebSocket clients, from its own documentation. */
export interface StreamRules {
  /** Connections one address may open. */
  readonly connects: Rate;
  /** Frames a client may send. */
  readonly messages: Rate;
  /** Subscription requests, where they are counted apart. */
  readonly ops?: Rate;
  readonly maxAgeMs?: number;
}

export interface Channel {
  readonly key: string;
  readonly kind: string;
  readonly pair: VenuePair;
  readonly subscribers: Set<Connection>;
  dueAt: number;
  /** A frame that has to wait for its successor (reordering). */
  held: string | undefined;
}

/** A channel that speaks every `periodMs`, or (without) with every trade. `life`: goes on when data is silenced. */
export interface ChannelKind {
  readonly periodMs?: number;
  readonly life?: boolean;
}

interface Feed {
  readonly pair: VenuePair;
  readonly channels: Set<Channel>;
  slot: number;
  nextAt: number;
}

/** A fake venue with a WebSocket feed; the dialects say what is written and which rules hold. */
export abstract class StreamVenue extends Exchange {
  protected readonly connections = new Set<Connection>();
  protected abstract readonly kinds: Readonly<Record<string, ChannelKind>>;
  private readonly channels = new Map<string, Channel>();
  private readonly feeds = new Map<number, Feed>();
  private readonly extraIds = new Map<number, number>();
  private readonly stuckSockets = new Set<Duplex>();
  private readonly attempts = new Map<string, RateWindow>();
  private readonly server = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false });
  private counter = 0;

  protected constructor(
    style: ListingStyle,
    setting: Setting,
    requests: Rate,
    readonly rules: StreamRules,
  ) {
    super(style, setting, requests);
    this.server.on('headers', (headers: string[]) => headers.push('x-haunt-simulated: 1'));
  }

  /** A client is connected. */
  protected abstract opened(connection: Connection): void;
  protected abstract received(connection: Connection, text: string): void;
  /** Once per round: pings, deadlines. */
  protected abstract tend(connection: Connection, now: number): void;
  protected abstract spellTrades(channel: Channel, trades: readonly Trade[]): string[];
  protected abstract spellPeriodic(channel: Channel): string;
  /** A client sent more than it may. */
  protected tooManyMessages(connection: Connection): void {
    this.break(
      connection,
      'messages',
      `more than ${this.rules.messages.count} messages in ${this.rules.messages.windowMs} ms`,
    );
  }
  protected ponged(connection: Connection): void {
    connection.lastPongAt = this.setting.now();
  }
  protected wire(text: string): Buffer {
    return textFrame(text);
  }

  /** Takes an upgrade request of this venue. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL): void {
    const { faults, stats } = this;
    socket.on('error', () => socket.destroy());
    stats.connects++;
    if (faults.get('half-open') !== undefined || faults.get('hang') !== undefined) {
      this.stuckSockets.add(socket);
      socket.on('close', () => this.stuckSockets.delete(socket));
      return;
    }
    if (faults.get('refuse')?.how === 'reset') return void socket.destroy();
    if (faults.get('refuse') !== undefined) return this.refuse(socket, '503 Service Unavailable');
    const limited = faults.get('rate-limit');
    if (limited !== undefined) return this.refuse(socket, '429 Too Many Requests', limited.retryAfterS ?? 5);
    const remote = request.socket.remoteAddress ?? '';
    let window = this.attempts.get(remote);
    if (window === undefined) {
      window = new RateWindow(this.rules.connects.count, this.rules.connects.windowMs);
      this.attempts.set(remote, window);
    }
    if (!window.allows(this.setting.now())) {
      const { count, windowMs } = this.rules.connects;
      this.violation('connects', `more than ${count} connections in ${windowMs} ms`);
      return this.refuse(socket, '429 Too Many Requests', Math.ceil(windowMs / 1000));
    }
    this.server.handleUpgrade(request, socket, head, (ws) => this.accept(ws, socket, url));
  }

  override round(now: number): void {
    super.round(now);
    for (const feed of this.feeds.values()) if (feed.nextAt <= now) this.trade(feed, now);
    for (const channel of this.channels.values()) {
      const { periodMs } = this.kinds[channel.kind] ?? {};
      if (periodMs === undefined || channel.dueAt > now) continue;
      channel.dueAt = now + periodMs;
      this.publish(channel, [this.spellPeriodic(channel)], now);
    }
    const frozen = this.faults.get('half-open') !== undefined;
    const maxAgeMs = (this.rules.maxAgeMs ?? Infinity) / this.setting.timeScale;
    for (const connection of this.connections) {
      if (frozen) {
        connection.discard();
        continue;
      }
      if (now - connection.openedAt >= maxAgeMs) {
        this.break(connection, 'age', `a connection stayed until it was cut at ${maxAgeMs / 1000} s`, 1001);
      } else {
        this.tend(connection, now);
      }
      if (!connection.flush(now)) {
        this.stats.slowClients++;
        connection.discard();
        connection.cut(1008, 'ErrSlowConsume', now);
        connection.ws.terminate();
      }
    }
  }

  override fault(fault: Fault, forMs?: number): void {
    if (fault.kind === 'drop') {
      for (const { ws } of this.connections) ws.terminate();
    } else if (fault.kind === 'shutdown') {
      this.announceShutdown();
      const gone = [...this.connections];
      setTimeout(() => gone.forEach(({ ws }) => ws.terminate()), fault.afterMs ?? 5000).unref();
    } else {
      super.fault(fault, forMs);
      if (fault.kind === 'half-open') for (const { ws } of this.connections) ws.pause();
    }
  }

  /** A half-open socket never comes back: healing destroys those that were. */
  override heal(kind?: FaultKind): void {
    const frozen = this.faults.get('half-open') !== undefined;
    super.heal(kind);
    if (!frozen || this.faults.get('half-open') === undefined) {
      for (const socket of this.stuckSockets) socket.destroy();
      if (kind === undefined || kind === 'half-open') {
        for (const { ws } of this.connections) if (ws.isPaused) ws.terminate();
      }
    }
  }

  override stop(): void {
    super.stop();
    for (const socket of this.stuckSockets) socket.destroy();
    for (const { ws } of this.connections) ws.terminate();
  }

  /** Tells every client that the venue goes; venues without such a message say nothing. */
  protected announceShutdown(): void {}

  /** To one client; protocol, not data: it goes on when data is silenced. */
  protected send(connection: Connection, text: string): void {
    if (this.faults.get('silence')?.pings === false) return;
    this.push(connection, this.wire(text), this.setting.now());
  }

  /** Data to one client: the last known trade after a subscription. */
  protected sendData(connection: Connection, pair: VenuePair, text: string): void {
    if (!this.faults.concerns('silence', pair.base)) this.push(connection, this.wire(text), this.setting.now());
  }

  /** The client broke a rule and is cut for it. */
  protected break(connection: Connection, rule: string, text: string, code = 1008): void {
    if (connection.closing) return;
    this.violation(rule, text);
    connection.cut(code, text, this.setting.now());
  }

  protected ping(connection: Connection, payload: string): void {
    if (this.faults.get('silence')?.pings !== false && !connection.closing) connection.ws.ping(payload);
  }

  /** False when it was subscribed already. */
  protected subscribe(connection: Connection, key: string, kind: string, pair: VenuePair): boolean {
    if (connection.subscriptions.has(key)) return false;
    connection.subscriptions.add(key);
    let channel = this.channels.get(key);
    if (channel === undefined) {
      const { periodMs } = this.kinds[kind] ?? {};
      // Spread over the period, so that not every pair speaks in the same round.
      const dueAt = this.setting.now() + (periodMs ?? 0) * unit(pair.seed, 99);
      channel = { key, kind, pair, subscribers: new Set(), dueAt, held: undefined };
      this.channels.set(key, channel);
      if (periodMs === undefined) this.feed(pair).channels.add(channel);
    }
    channel.subscribers.add(connection);
    return true;
  }

  protected unsubscribe(connection: Connection, key: string): boolean {
    if (!connection.subscriptions.delete(key)) return false;
    const channel = this.channels.get(key);
    channel?.subscribers.delete(connection);
    if (channel?.subscribers.size === 0) {
      this.channels.delete(key);
      const feed = this.feeds.get(channel.pair.index);
      feed?.channels.delete(channel);
      if (feed?.channels.size === 0) this.feeds.delete(channel.pair.index);
    }
    return true;
  }

  private accept(ws: WebSocket, socket: Duplex, url: URL): void {
    const { messages, ops = messages } = this.rules;
    const connection = new Connection(
      (++this.counter).toString(16).padStart(8, '0'),
      ws,
      socket,
      url,
      this.setting.now(),
      new RateWindow(messages.count, messages.windowMs),
      new RateWindow(ops.count, ops.windowMs),
    );
    this.connections.add(connection);
    this.stats.connections = this.connections.size;
    ws.on('close', () => {
      for (const key of connection.subscriptions) this.unsubscribe(connection, key);
      this.connections.delete(connection);
      this.stats.connections = this.connections.size;
    });
    ws.on('error', () => ws.terminate());
    ws.on('pong', () => {
      if (this.admits(connection)) this.ponged(connection);
    });
    ws.on('ping', (data: Buffer) => {
      if (this.admits(connection) && this.faults.get('silence')?.pings !== false) ws.pong(data);
    });
    ws.on('message', (data: RawData) => {
      if (this.admits(connection)) this.received(connection, (data as Buffer).toString('utf8'));
      connection.flush(this.setting.now());
    });
    this.opened(connection);
    connection.flush(this.setting.now());
  }

  /** Counts a frame of the client. */
  private admits(connection: Connection): boolean {
    if (connection.closing) return false;
    const now = this.setting.now();
    this.stats.framesIn++;
    connection.lastReceivedAt = now;
    if (connection.messages.allows(now)) return true;
    this.tooManyMessages(connection);
    return false;
  }

  private feed(pair: VenuePair): Feed {
    let feed = this.feeds.get(pair.index);
    if (feed === undefined) {
      const slot = this.tape.lastSlot(pair, this.setting.now()) + 1;
      feed = { pair, channels: new Set(), slot, nextAt: this.tape.timeOf(pair, slot) };
      this.feeds.set(pair.index, feed);
    }
    return feed;
  }

  private trade(feed: Feed, now: number): void {
    const { pair } = feed;
    const times = this.faults.get('flood')?.times ?? 1;
    const last = this.tape.lastSlot(pair, now);
    feed.slot = Math.max(feed.slot, last - Math.floor(ROUND_TRADES / times));
    let extra = this.extraIds.get(pair.index) ?? 0;
    const trades: Trade[] = [];
    for (; feed.slot <= last; feed.slot++) {
      for (let twin = 0; twin < times; twin++) {
        if (twin > 0) extra++;
        const trade = this.traded(pair, feed.slot, twin);
        trades.push(extra === 0 ? trade : { ...trade, id: trade.id + extra });
      }
    }
    if (extra > 0) this.extraIds.set(pair.index, extra);
    feed.nextAt = this.tape.timeOf(pair, feed.slot);
    if (trades.length === 0) return;
    this.stats.trades += trades.length;
    for (const channel of feed.channels) this.publish(channel, this.spellTrades(channel, trades), now);
  }

  private publish(channel: Channel, texts: readonly string[], now: number): void {
    const { faults } = this;
    if (this.muted(channel)) return;
    for (const text of faults.any ? this.damaged(channel, texts) : texts) {
      const bytes = this.wire(text);
      for (const connection of channel.subscribers) this.push(connection, bytes, now);
    }
  }

  private muted(channel: Channel): boolean {
    const silence = this.faults.get('silence');
    if (silence === undefined) return false;
    if (this.kinds[channel.kind]?.life === true) return silence.pings === false;
    return this.faults.concerns('silence', channel.pair.base);
  }

  /** Frames as a venue in trouble sends them: twice, late, broken, with rubbish between. */
  private damaged(channel: Channel, texts: readonly string[]): string[] {
    const { faults } = this;
    const twice = faults.get('duplicates');
    const swap = faults.get('reorder');
    const rubbish = faults.get('garbage');
    const nulls = faults.get('nulls');
    const out: string[] = [];
    for (const text of texts) {
      const counter = this.counter++;
      if (swap !== undefined && channel.held === undefined && unit(channel.pair.seed, counter) < (swap.share ?? 0.2)) {
        channel.held = text;
        continue;
      }
      out.push(nulls === undefined ? text : withNulls(text, nulls.share ?? 0.2));
      if (channel.held !== undefined) out.push(channel.held);
      channel.held = undefined;
      if (twice !== undefined && unit(channel.pair.seed ^ 0xd0b, counter) < (twice.share ?? 0.2)) out.push(text);
      const share = rubbish === undefined ? 0 : (rubbish.share ?? 0.2);
      const pieces = Math.floor(share) + (unit(channel.pair.seed ^ 0x6a2, counter) < share % 1 ? 1 : 0);
      for (let piece = 0; piece < pieces; piece++) out.push(garbage(counter + piece));
    }
    return out;
  }

  private push(connection: Connection, bytes: Buffer, now: number): void {
    if (this.faults.get('half-open') !== undefined) return;
    this.stats.framesOut++;
    this.stats.bytesOut += bytes.length;
    connection.push(bytes, now, this.faults.get('slow')?.delayMs ?? 0);
  }

  private refuse(socket: Duplex, status: string, retryAfterS?: number): void {
    this.stats.refusedConnects++;
    const retry = retryAfterS === undefined ? '' : `Retry-After: ${retryAfterS}\r\n`;
    socket.end(`HTTP/1.1 ${status}\r\nx-haunt-simulated: 1\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}
