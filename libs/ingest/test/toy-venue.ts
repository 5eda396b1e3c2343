import { SOURCE_IDS } from '@haunt/domain';
import { type ListedPair, type StreamSource, VenueFrameError, type VenueMessage } from '@haunt/sources';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HttpAnswer, HttpInput } from '@haunt/platform';

/** Pairs of a venue that lists `names` in dollars, spelled `BTC-USD`. */
export function listing(...names: string[]): ListedPair[] {
  return names.map((name) => {
    const [symbol = '', quote = 'usd'] = name.toLowerCase().split('-');
    return { pair: `${symbol}-${quote}`.toUpperCase(), symbol, quote };
  });
}

/** A dialect without quirks: frames are lists of messages as JSON, a subscription is `{op, pairs}`. */
export function toySource(changes: Partial<StreamSource> = {}): StreamSource {
  return {
    kind: 'stream',
    id: SOURCE_IDS[0]!,
    addresses: { ws: 'ws://unused.invalid/feed', rest: 'http://unused.invalid' },
    documentation: 'https://example.org',
    limits: {
      pairsPerSocket: 100,
      pairsPerFrame: 100,
      sends: { count: 1_000, windowMs: 1_000 },
      connects: { count: 1_000, windowMs: 1_000 },
    },
    keepAlive: { by: 'server', silenceMs: 60_000 },
    listing: {
      request: { method: 'GET', path: '/products' },
      parse(body) {
        if (!Array.isArray(body)) throw new VenueFrameError('not a product list');
        return body as ListedPair[];
      },
      spelled: (pair) => (/^\w+-\w+$/.test(pair) ? listing(pair)[0] : undefined),
    },
    subscribe: (pairs) => [JSON.stringify({ op: 'subscribe', pairs: pairs.map(({ pair }) => pair) })],
    unsubscribe: (pairs) => [JSON.stringify({ op: 'unsubscribe', pairs: pairs.map(({ pair }) => pair) })],
    parse(text) {
      const frame: unknown = JSON.parse(text);
      if (!Array.isArray(frame)) throw new VenueFrameError('not a list of messages');
      return frame as VenueMessage[];
    },
    ...changes,
  };
}

export const trade = (id: string | number, pair = 'BTC-USD', price = 100): VenueMessage => {
  return { type: 'trade', pair, price, size: 1, time: 1_000 + Number(id), id: String(id) };
};

/** One connection as the venue sees it. */
export class ToyConnection {
  readonly frames: string[] = [];
  readonly pongs: string[] = [];
  readonly subscribed = new Set<string>();
  closed = false;

  constructor(
    readonly socket: WebSocket,
    readonly url: string,
  ) {}

  say(...messages: VenueMessage[]): void {
    this.socket.send(JSON.stringify(messages));
  }
}

/** A venue on a free port. What it does beside keeping score is up to `onSubscribe`. */
export class ToyVenue {
  readonly connections: ToyConnection[] = [];
  onConnect: (connection: ToyConnection) => void = () => {};
  onSubscribe: (connection: ToyConnection, pairs: readonly string[]) => void = () => {};
  private server: WebSocketServer | undefined;
  private port = 0;

  async open(headers: readonly string[] = []): Promise<void> {
    const server = new WebSocketServer({ port: this.port, autoPong: false });
    this.server = server;
    server.on('headers', (lines) => lines.push(...headers));
    server.on('connection', (socket, request) => this.accept(new ToyConnection(socket, request.url ?? '')));
    await new Promise((resolve) => server.once('listening', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  get last(): ToyConnection {
    return this.connections.at(-1)!;
  }

  get alive(): ToyConnection[] {
    return this.connections.filter(({ closed }) => !closed);
  }

  /** As `kill -9`: nobody says goodbye, and the port is closed. */
  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const client of server?.clients ?? []) client.terminate();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  private accept(connection: ToyConnection): void {
    this.connections.push(connection);
    const { socket } = connection;
    socket.on('close', () => (connection.closed = true));
    socket.on('pong', (data) => connection.pongs.push(data.toString()));
    socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      connection.frames.push(text);
      if (!text.startsWith('{')) return;
      const { op, pairs } = JSON.parse(text) as { op: string; pairs: string[] };
      for (const pair of pairs) {
        if (op === 'subscribe') connection.subscribed.add(pair);
        else connection.subscribed.delete(pair);
      }
      if (op === 'subscribe') this.onSubscribe(connection, pairs);
    });
    this.onConnect(connection);
  }
}

/** An HTTP client whose answers are made up by `answer`; what it throws is the failure. */
export function toyHttp(answer: (input: HttpInput) => unknown): { request(input: HttpInput): Promise<HttpAnswer> } {
  return {
    request: async (input) => {
      const body = await answer(input);
      return { status: 200, headers: new Headers(), body, receivedAt: 0 };
    },
  };
}

/** A store in memory. */
export function toyStore() {
  const values = new Map<string, string>();
  return {
    values,
    get: async (key: string) => (values.has(key) ? Buffer.from(values.get(key)!) : undefined),
    set: async (key: string, value: Buffer | string) => {
      values.set(key, value.toString());
    },
  };
}

/** A store in memory that gives leases, too. */
export function leasingStore(now: () => number) {
  const toy = toyStore();
  const leases = new Map<string, { readonly owner: string; readonly until: number }>();
  return {
    ...toy,
    /** As a store that is full or away. */
    refuseSets: false,
    async set(key: string, value: Buffer | string) {
      if (this.refuseSets) throw new Error('the store is away');
      await toy.set(key, value);
    },
    acquire: async (key: string, owner: string, ttlMs: number) => {
      const lease = leases.get(key);
      if (lease !== undefined && lease.owner !== owner && lease.until > now()) return false;
      leases.set(key, { owner, until: now() + ttlMs });
      return true;
    },
    release: async (key: string, owner: string) => {
      if (leases.get(key)?.owner === owner) leases.delete(key);
    },
  };
}

/** Lets sockets work, without time passing for timers, until `condition` holds. @throws after 5 s of real time. */
export async function until(condition: () => boolean, what = condition.toString()): Promise<void> {
  const limit = process.hrtime.bigint() + 5_000_000_000n;
  while (!condition()) {
    if (process.hrtime.bigint() > limit) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets what is on its way arrive. */
export async function settle(): Promise<void> {
  const limit = process.hrtime.bigint() + 15_000_000n;
  while (process.hrtime.bigint() < limit) await new Promise((resolve) => setImmediate(resolve));
}

/** Fake timers, real sockets: nothing that Node's own I/O needs is faked. */
export function fakeTime(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'hrtime'] });
}

/** Lets `ms` pass in small steps, sockets working in between. */
export async function pass(ms: number, stepMs = 250): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    jest.advanceTimersByTime(Math.min(stepMs, ms - passed));
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}
