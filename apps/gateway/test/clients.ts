import type { ClientToServerEvents, LiveMessage, LivePrice, ServerToClientEvents } from '@haunt/contracts';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

const PATIENCE_MS = 5_000;

/** A client of `/ws` that knows nothing but WebSocket and JSON, and remembers everything it got. */
export class RawClient {
  readonly received: LiveMessage[] = [];
  closed: { code: number; reason: string } | undefined;
  private readonly waiting: (() => void)[] = [];

  private constructor(readonly ws: WebSocket) {
    ws.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('a binary frame');
      this.received.push(JSON.parse((data as Buffer).toString()) as LiveMessage);
      this.wake();
    });
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
    ws.on('error', () => undefined);
  }

  static async connect(url: string): Promise<RawClient> {
    const client = new RawClient(new WebSocket(url));
    await new Promise((resolve, reject) => client.ws.once('open', resolve).once('error', reject));
    return client;
  }

  say(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves when the condition holds; looks again whenever something comes. */
  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!condition()) {
      if (Date.now() > end) throw new Error(`waited in vain; got ${JSON.stringify(this.received.slice(-5))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Says a message, and gives everything that came up to the answer to it. */
  async ask(message: unknown): Promise<LiveMessage[]> {
    const before = this.received.length;
    this.say(message);
    await this.until(() => this.received.slice(before).some(({ type }) => type !== 'price_update'));
    return this.received.slice(before);
  }

  prices(symbol?: string): LivePrice[] {
    const prices = this.received.flatMap((message) => (message.type === 'price_update' ? [message.data] : []));
    return prices.filter((price) => symbol === undefined || price.symbol === symbol);
  }

  close(): void {
    this.ws.terminate();
  }

  private wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}

export type IoClient = Socket<ServerToClientEvents, ClientToServerEvents>;

/** An ordinary Socket.IO client, and every event it gets from the start. */
export async function connectIo(
  url: string,
  transports = ['websocket'],
): Promise<{ socket: IoClient; events: [string, ...unknown[]][] }> {
  const socket: IoClient = io(url, { transports, forceNew: true, reconnection: false });
  const events: [string, ...unknown[]][] = [];
  socket.onAny((...event: [string, ...unknown[]]) => void events.push(event));
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  return { socket, events };
}
