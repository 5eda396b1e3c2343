import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { Connection } from './connection.js';
import type { Fault, FaultKind } from './faults.js';
import { Publisher } from './publisher.js';
import { RateWindow } from './rate-window.js';
import type { RequestRules, Setting } from './venue.js';
import type { ListingStyle, VenuePair } from './venue-pair.js';

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

/** A fake venue with a WebSocket feed; the dialects say what is written and which rules hold. */
export abstract class StreamVenue extends Publisher {
  protected readonly connections = new Set<Connection>();
  private readonly stuckSockets = new Set<Duplex>();
  private readonly attempts = new Map<string, RateWindow>();
  private accepted = 0;
  private readonly server = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false });

  protected constructor(
    style: ListingStyle,
    setting: Setting,
    requests: RequestRules,
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
    this.publishDue(now);
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

  private accept(ws: WebSocket, socket: Duplex, url: URL): void {
    const { messages, ops = messages } = this.rules;
    const connection = new Connection(
      (++this.accepted).toString(16).padStart(8, '0'),
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

  private refuse(socket: Duplex, status: string, retryAfterS?: number): void {
    this.stats.refusedConnects++;
    const retry = retryAfterS === undefined ? '' : `Retry-After: ${retryAfterS}\r\n`;
    socket.end(`HTTP/1.1 ${status}\r\nx-haunt-simulated: 1\r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}
