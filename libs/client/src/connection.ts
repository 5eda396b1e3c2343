import type { ClientToServerEvents, LiveError, ServerToClientEvents } from '@haunt/contracts';
import { backoff, type BackoffRules } from '@haunt/domain';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { Address } from './address.js';
import { HauntError } from './haunt-error.js';
import type { LiveState } from './live-state.js';

/** A connection that ends sooner does not count as one: a server that takes everybody and drops them is not asked faster. */
const HELD_MS = 5_000;

export type SocketSettings = Partial<ManagerOptions & SocketOptions>;

export interface ConnectionRules {
  /** For connecting, and for every answer. */
  readonly timeoutMs: number;
  /** After this long without a word from the server it is asked whether it is there. */
  readonly silenceMs: number;
  readonly backoff: BackoffRules;
  readonly socket: SocketSettings;
}

type Requests = keyof ClientToServerEvents;
type AnswerTo<R extends Requests> = Exclude<
  Parameters<NonNullable<Parameters<ClientToServerEvents[R]>[1]>>[0],
  LiveError
>;

export interface ConnectionListener {
  readonly changed: (state: LiveState) => void;
  /** Nothing that was asked of the connection before holds. */
  readonly opened: () => void;
}

/**
 * A Socket.IO connection that comes back. The retries of Socket.IO itself would not: they end when the server closes
 * politely, and do not say when the next one is.
 */
export class Connection {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  state: LiveState = { status: 'idle' };
  private attempt = 0;
  private heardAt = 0;
  /** The server ends, and has said when to come back. */
  private bidden: number | undefined;
  private retrying: ReturnType<typeof setTimeout> | undefined;
  private holding: ReturnType<typeof setTimeout> | undefined;
  private listening: ReturnType<typeof setInterval> | undefined;
  private readonly cameOnline = (): void => this.retryNow();

  constructor(
    { origin, socketPath }: Address,
    private readonly rules: ConnectionRules,
    private readonly listener: ConnectionListener,
  ) {
    this.socket = io(origin, {
      path: socketPath,
      // Polling wants every request of a client to reach the same gateway.
      transports: ['websocket'],
      timeout: rules.timeoutMs,
      ...rules.socket,
      reconnection: false,
      autoConnect: false,
      forceNew: true,
    });
    this.socket.on('connect', () => this.opened());
    this.socket.on('connect_error', (error) => this.lost(`the server cannot be reached (${error.message})`));
    this.socket.on('disconnect', (reason) => this.lost(`the connection has ended (${reason})`));
    this.socket.on('restarting', ({ retryAfterMs }) => (this.bidden = retryAfterMs));
    this.socket.onAny(() => (this.heardAt = performance.now()));
  }

  /** Does nothing when there is a connection, or one is on its way. */
  open(): void {
    const { status } = this.state;
    if (status !== 'idle' && status !== 'closed') return;
    this.attempt = 0;
    onlineEvents()?.addEventListener?.('online', this.cameOnline);
    this.try();
  }

  /** Tries at once instead of at `retryAt`. */
  retryNow(): void {
    if (this.state.status === 'waiting') this.try();
  }

  close(): void {
    onlineEvents()?.removeEventListener?.('online', this.cameOnline);
    this.stopTimers();
    this.enter({ status: 'closed' });
    this.socket.disconnect();
  }

  /**
   * Says something and gives the answer. A server that does not answer is given up: the connection begins anew.
   * @throws HauntError when it refuses, does not answer, or there is no connection
   */
  async ask<R extends Requests>(request: R, body: Parameters<ClientToServerEvents[R]>[0]): Promise<AnswerTo<R>> {
    const { socket, rules } = this;
    const id = socket.id;
    if (!socket.connected) throw new HauntError(0, 'network', 'there is no live connection');
    let answer: AnswerTo<R> | LiveError;
    try {
      // What is asked and answered belongs together by the table of events; Socket.IO's own types lose that for a name that is a parameter.
      const asked = socket.timeout(rules.timeoutMs) as unknown as Asked;
      answer = (await asked.emitWithAck(request, body ?? {})) as AnswerTo<R> | LiveError;
    } catch (error) {
      if (!socket.connected || socket.id !== id) {
        throw new HauntError(0, 'network', `the connection ended before ${request} was answered`, undefined, {
          cause: error,
        });
      }
      this.cut(`the server did not answer within ${rules.timeoutMs} ms`);
      throw new HauntError(0, 'timeout', `no answer to ${request} within ${rules.timeoutMs} ms`, undefined, {
        cause: error,
      });
    }
    this.heardAt = performance.now();
    if (isRefusal(answer)) throw new HauntError(400, answer.code, answer.error);
    return answer;
  }

  private try(): void {
    this.stopTimers();
    this.enter({ status: 'connecting', attempt: this.attempt });
    if (this.state.status === 'connecting') this.socket.connect();
  }

  private opened(): void {
    this.heardAt = performance.now();
    this.bidden = undefined;
    this.holding = setTimeout(() => (this.attempt = 0), HELD_MS);
    this.listening = setInterval(() => this.listen(), this.rules.silenceMs);
    this.enter({ status: 'connected' });
    this.listener.opened();
  }

  /** A connection that was cut without a word looks like one on which nothing happens. */
  private listen(): void {
    if (performance.now() - this.heardAt < this.rules.silenceMs) return;
    // What is to be done when there is no answer, `ask` has done.
    this.ask('ping', {}).catch(() => undefined);
  }

  private cut(reason: string): void {
    this.lost(reason);
    this.socket.disconnect();
  }

  private lost(reason: string): void {
    const { status } = this.state;
    if (status !== 'connecting' && status !== 'connected') return;
    this.stopTimers();
    const { attempt } = this;
    this.attempt++;
    const { bidden } = this;
    this.bidden = undefined;
    const retryInMs = bidden ?? Math.round(backoff(attempt, Math.random(), this.rules.backoff));
    this.retrying = setTimeout(() => this.try(), retryInMs);
    const why = bidden === undefined ? reason : 'the server is restarting';
    this.enter({ status: 'waiting', attempt, retryInMs, retryAt: Date.now() + retryInMs, reason: why });
  }

  private stopTimers(): void {
    clearTimeout(this.retrying);
    clearTimeout(this.holding);
    clearInterval(this.listening);
  }

  private enter(state: LiveState): void {
    this.state = state;
    this.listener.changed(state);
  }
}

interface Asked {
  emitWithAck(event: string, body: object): Promise<unknown>;
}

interface OnlineEvents {
  addEventListener?(event: 'online', listener: () => void): void;
  removeEventListener?(event: 'online', listener: () => void): void;
}

/** Browsers tell when the network is back. */
function onlineEvents(): OnlineEvents | undefined {
  return globalThis as OnlineEvents;
}

function isRefusal(answer: object): answer is LiveError {
  return 'error' in answer && 'code' in answer;
}
