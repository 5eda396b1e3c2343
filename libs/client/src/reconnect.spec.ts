import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClientToServerEvents, LivePrice, ServerToClientEvents } from '@haunt/contracts';
import { Server } from 'socket.io';
import { until } from '../test/until.js';
import { HauntClient } from './haunt-client.js';
import type { LiveState } from './live-state.js';

const price = (version: number): LivePrice => ({
  id: 'btc',
  symbol: 'btc',
  price: version,
  source: 'kraken',
  sources: ['kraken'],
  timestamp: version,
  assetType: 'crypto',
  version,
  status: 'normal',
});

/** A gateway that says whatever a test has it say. */
class FakeGateway {
  readonly io: Server<ClientToServerEvents, ServerToClientEvents>;
  readonly asked: string[] = [];
  readonly throttles: number[] = [];
  snapshot: LivePrice[] = [];
  answers = true;
  private readonly http: HttpServer = createServer();

  constructor() {
    this.io = new Server(this.http, { transports: ['websocket'] });
    this.io.on('connection', (socket) => {
      socket.on('set_throttle', ({ throttle_ms }, acknowledge) => {
        this.throttles.push(throttle_ms);
        acknowledge?.({ throttle_ms });
      });
      socket.on('subscribe', ({ assets }, acknowledge) => {
        this.asked.push(assets.join());
        if (!this.answers) return;
        acknowledge?.({ assets: [...assets] });
        socket.emit('price_updates', this.snapshot);
      });
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.http.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return this.io.close();
  }
}

describe('a client that comes back', () => {
  let gateway: FakeGateway;
  let client: HauntClient;
  const heard: number[] = [];
  const states: LiveState[] = [];

  const start = async (options: { timeoutMs?: number } = {}): Promise<void> => {
    const url = await gateway.listen();
    client = new HauntClient({ url, timeoutMs: 1_000, backoff: { baseMs: 10, capMs: 20 }, ...options });
    client.live.on('state', (state) => states.push(state));
    client.live.subscribe(['btc'], { throttleMs: 10, onPrice: ({ version }) => heard.push(version) });
  };
  beforeEach(() => {
    gateway = new FakeGateway();
    heard.length = 0;
    states.length = 0;
  });
  afterEach(async () => {
    client.close();
    await gateway.close();
  });

  it('never hears an older price from a gateway that is behind the one it left', async () => {
    gateway.snapshot = [price(100)];
    await start();
    const told: number[] = [];
    client.live.on('prices', (prices) => told.push(...prices.map(({ version }) => version)));
    await until(() => heard.length === 1);
    gateway.snapshot = [price(90)];
    gateway.io.disconnectSockets(true);
    await until(() => gateway.asked.length === 2);
    gateway.io.emit('price_updates', [price(95)]);
    gateway.io.emit('price_updates', [price(100)]);
    gateway.io.emit('price_update', price(99));
    gateway.io.emit('price_updates', [price(101)]);
    await until(() => heard.length === 2);
    expect(heard).toEqual([100, 101]);
    expect(told).toEqual([100, 101]);
    expect(client.live.prices.get('btc')?.version).toBe(101);
  });

  it('comes back when the server closed politely, which Socket.IO alone does not', async () => {
    await start();
    await until(() => gateway.asked.length === 1);
    gateway.io.disconnectSockets(false);
    await until(() => gateway.asked.length === 2);
    expect(states).toContainEqual(
      expect.objectContaining({ status: 'waiting', reason: 'the connection has ended (io server disconnect)' }),
    );
  });

  it('comes back to a server that was killed and started again', async () => {
    await start();
    await until(() => gateway.asked.length === 1);
    const port = Number(new URL(`http://127.0.0.1:${(gateway.io.httpServer.address() as AddressInfo).port}`).port);
    await gateway.close();
    gateway = new FakeGateway();
    gateway.snapshot = [price(7)];
    await until(() => states.filter(({ status }) => status === 'waiting').length > 1);
    await gateway.listen(port);
    await until(() => heard.length === 1);
    expect(gateway.asked).toEqual(['btc']);
    expect(gateway.throttles).toEqual([10]);
  });

  it('gives a server up that does not answer a subscription', async () => {
    gateway.answers = false;
    await start({ timeoutMs: 300 });
    await until(() => states.some((state) => state.status === 'waiting'));
    gateway.answers = true;
    gateway.snapshot = [price(1)];
    await until(() => heard.length === 1);
    expect(states).toContainEqual(
      expect.objectContaining({ status: 'waiting', reason: 'the server did not answer within 300 ms' }),
    );
  });

  it('waits longer each time for a server that takes everybody and drops them', async () => {
    gateway.io.on('connection', (socket) => socket.disconnect(true));
    await start();
    await until(() => states.filter(({ status }) => status === 'waiting').length === 4);
    const attempts = states.flatMap((state) => (state.status === 'waiting' ? [state.attempt] : []));
    expect(attempts).toEqual([0, 1, 2, 3]);
  });
});
