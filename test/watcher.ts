import type { ClientToServerEvents, LiveMessage, LivePrice, ServerToClientEvents } from '@haunt/contracts';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

/** How much older than the one before a price may be: quotes take turns. */
const BACK_MS = 5_000;
/** How soon somebody who was cut off tries again. */
const RETRY_MS = 100;

/** The last update of an asset. */
export interface Seen {
  readonly price: number;
  readonly version: number;
  /** When the price was true, epoch ms. */
  readonly timestamp: number;
  readonly status: string;
  /** When it came, epoch ms. */
  readonly at: number;
}

export interface WatcherOptions {
  readonly name?: string;
  readonly symbols: readonly string[];
  /** `http://host:port` of the gateways it may go to, in this order, and from the beginning again. */
  readonly urls: readonly string[];
  /** The connection may end: it comes back by itself, when it was told to. Otherwise that is a fault. */
  readonly returns?: boolean;
  readonly throttleMs?: number;
  readonly batch?: boolean;
  /** Hears every update. */
  readonly onPrice?: (price: LivePrice) => void;
  /** Hears of every end of a connection, with its time, epoch ms. */
  readonly onEnd?: (watcher: Watcher, at: number) => void;
}

/** A client that writes down what it was sent, and whatever must not happen. */
export abstract class Watcher {
  readonly faults: string[] = [];
  readonly newest = new Map<string, Seen>();
  updates = 0;
  /** When the last update that was not stale came. */
  lastAt = 0;
  /** How often it has connected. */
  connections = 0;
  /** What it was told before a connection ended, one entry per notice: how long to stay away. */
  readonly notices: number[] = [];
  /** Why each connection ended. */
  readonly ends: string[] = [];
  readonly name: string;
  /** Since the connection began. */
  private readonly snapshots = new Set<string>();
  protected closed = false;

  constructor(protected readonly options: WatcherOptions) {
    this.name = options.name ?? 'a client';
  }

  abstract close(): void;

  /** The assets of which nothing fresh came after `since`. */
  lacks(since: number): string[] {
    return this.options.symbols.filter((symbol) => {
      const seen = this.newest.get(symbol);
      return seen === undefined || seen.at <= since || seen.status === 'stale';
    });
  }

  protected begins(): void {
    this.connections++;
    this.snapshots.clear();
  }

  protected ended(reason: string): void {
    if (this.closed) return;
    this.ends.push(reason);
    this.options.onEnd?.(this, Date.now());
    if (this.options.returns !== true) this.faults.push(`the gateway closed the connection: ${reason}`);
  }

  protected take(update: LivePrice): void {
    const { symbol, price, version, timestamp, status } = update;
    const before = this.newest.get(symbol);
    const isSnapshot = !this.snapshots.has(symbol);
    this.snapshots.add(symbol);
    const fault = (what: string): number => this.faults.push(`${this.name}: ${symbol} ${what}`);
    if (!(price > 0)) fault(`cost ${price}`);
    // Whoever comes back is shown what there is, which may be what it has seen.
    const isOlder = before !== undefined && version <= before.version;
    if (before && isOlder && !(isSnapshot && version === before.version)) {
      fault(`went from version ${before.version} to ${version}${isSnapshot ? ' with another connection' : ''}`);
    }
    if (before && status !== 'stale' && timestamp < before.timestamp - BACK_MS) {
      fault(`became ${before.timestamp - timestamp} ms older`);
    }
    const at = Date.now();
    this.newest.set(symbol, { price, version, timestamp, status, at });
    this.updates++;
    if (status !== 'stale') this.lastAt = at;
    this.options.onPrice?.(update);
  }
}

/** On `/ws`: one that comes back goes to the next gateway. */
export class WsWatcher extends Watcher {
  private socket: WebSocket | undefined;
  private turn = 0;

  constructor(options: WatcherOptions) {
    super(options);
    this.connect();
  }

  close(): void {
    this.closed = true;
    this.socket?.terminate();
  }

  private connect(): void {
    if (this.closed) return;
    const { urls, symbols, batch = false, throttleMs } = this.options;
    const url = urls[this.turn++ % urls.length] ?? '';
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    this.socket = socket;
    let retryMs = RETRY_MS;
    socket.on('open', () => {
      this.begins();
      if (throttleMs !== undefined) socket.send(JSON.stringify({ type: 'set_throttle', throttle_ms: throttleMs }));
      socket.send(JSON.stringify({ type: 'subscribe', assets: symbols, batch }));
    });
    socket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as LiveMessage;
      if (message.type === 'price_update') this.take(message.data);
      if (message.type === 'price_updates') for (const price of message.data) this.take(price);
      if (message.type === 'error') this.faults.push(`${this.name}: ${message.error}`);
      if (message.type !== 'restarting') return;
      retryMs = message.data.retryAfterMs;
      this.notices.push(retryMs);
    });
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      this.ended(`${code} ${reason.toString()}`);
      if (this.options.returns === true) setTimeout(() => this.connect(), retryMs);
    });
  }
}

/** On Socket.IO: one that comes back does so as that client does it, to the same gateway. */
export class IoWatcher extends Watcher {
  private readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;

  constructor(options: WatcherOptions) {
    super(options);
    const { urls, symbols, batch = false, throttleMs, returns = false } = options;
    const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(urls[0] ?? '', {
      transports: ['websocket'],
      forceNew: true,
      reconnection: returns,
      reconnectionDelay: RETRY_MS,
      reconnectionDelayMax: 10 * RETRY_MS,
    });
    this.socket = socket;
    socket.on('connect', () => {
      this.begins();
      if (throttleMs !== undefined) socket.emit('set_throttle', { throttle_ms: throttleMs });
      socket.emit('subscribe', { assets: symbols, batch });
    });
    socket.on('price_update', (price) => this.take(price));
    socket.on('price_updates', (prices) => prices.forEach((price) => this.take(price)));
    socket.on('restarting', ({ retryAfterMs }) => this.notices.push(retryAfterMs));
    socket.on('error', ({ error }) => this.faults.push(`${this.name}: ${error}`));
    socket.on('disconnect', (reason) => this.ended(reason));
  }

  close(): void {
    this.closed = true;
    this.socket.disconnect();
  }
}
