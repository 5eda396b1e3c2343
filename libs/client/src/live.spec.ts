import { setTimeout as pause } from 'node:timers/promises';
import type { LivePrice, MarketUpdate } from '@haunt/contracts';
import { type GatewayUnderTest, startGateway } from '../../../apps/gateway/test/gateway-under-test.js';
import { TcpProxy } from '../../../test/tcp-proxy.js';
import { until } from '../test/until.js';
import { HauntClient, type HauntClientOptions } from './haunt-client.js';
import type { HauntError } from './haunt-error.js';
import type { LiveState } from './live-state.js';

const QUICK = { baseMs: 20, capMs: 40 };

describe('a live client of a gateway', () => {
  let gateway: GatewayUnderTest;
  let proxy: TcpProxy;
  const clients: HauntClient[] = [];
  const make = (options: HauntClientOptions = {}): HauntClient => {
    const client = new HauntClient({ url: gateway.url, timeoutMs: 2_000, backoff: QUICK, ...options });
    clients.push(client);
    return client;
  };
  const behindProxy = (options: HauntClientOptions = {}): HauntClient =>
    make({ url: `http://127.0.0.1:${proxy.port}`, ...options });
  const pricesOf = (prices: readonly LivePrice[]): [string, number][] =>
    prices.map(({ symbol, price }) => [symbol, price]);

  beforeAll(async () => {
    gateway = await startGateway({ assetsPerClient: 150 });
    proxy = await TcpProxy.start(Number(new URL(gateway.url).port));
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    proxy.refuse(false);
    proxy.silence(false);
    proxy.holdAnswers(false);
  });
  afterAll(async () => {
    await proxy.stop();
    await gateway.close();
  });

  it('hears the price as it is, then every change, however it spells the asset', async () => {
    await gateway.publish({ symbol: 'sol', price: 140 });
    const heard: LivePrice[] = [];
    const subscription = make().live.subscribe([' SOL', 'Eth'], { onPrice: (price) => heard.push(price) });
    expect(subscription.assets).toEqual(['sol', 'eth']);
    await until(() => heard.length === 1);
    await gateway.publish({ symbol: 'sol', price: 141 }, { symbol: 'eth', price: 2_000 });
    await until(() => heard.length === 3);
    expect(pricesOf(heard)).toEqual([
      ['sol', 140],
      ['sol', 141],
      ['eth', 2_000],
    ]);
  });

  it('tells a second subscription what the first has, and each only what it asked for', async () => {
    await gateway.publish({ symbol: 'ada', price: 1 }, { symbol: 'dot', price: 2 });
    const { live } = make();
    const [first, second]: [LivePrice[], LivePrice[]] = [[], []];
    const one = live.subscribe(['ada'], { onPrice: (price) => first.push(price) });
    await until(() => first.length === 1);
    live.subscribe(['ada', 'dot'], { onPrice: (price) => second.push(price) });
    await until(() => second.length === 2);
    expect(new Map(pricesOf(second))).toEqual(
      new Map([
        ['ada', 1],
        ['dot', 2],
      ]),
    );
    // Ending the one must not end the asset for the other.
    one.close();
    await live.ping();
    await gateway.publish({ symbol: 'ada', price: 3 });
    await until(() => second.length === 3);
    expect(pricesOf(first)).toEqual([['ada', 1]]);
  });

  it('hears what it left and came back to', async () => {
    await gateway.publish({ symbol: 'xmr', price: 150 });
    const { live } = make();
    const heard: LivePrice[] = [];
    const subscription = live.subscribe(['xmr'], { onPrice: (price) => heard.push(price) });
    await until(() => heard.length === 1);
    subscription.remove(['xmr']);
    await live.ping();
    await gateway.publish({ symbol: 'xmr', price: 151 });
    await pause(30);
    expect(heard).toHaveLength(1);
    subscription.add(['xmr']);
    await until(() => heard.length === 2);
    expect(heard[1]?.price).toBe(151);
  });

  it('gets what came together in one call', async () => {
    const { live } = make();
    const calls: (readonly LivePrice[])[] = [];
    live.subscribe(['a1', 'a2', 'a3'], { onPrices: (prices) => calls.push(prices) });
    await live.connected();
    await live.ping();
    await gateway.publish({ symbol: 'a1', price: 1 }, { symbol: 'a2', price: 2 }, { symbol: 'a3', price: 3 });
    await until(() => calls.length > 0);
    expect(calls.map(pricesOf)).toEqual([
      [
        ['a1', 1],
        ['a2', 2],
        ['a3', 3],
      ],
    ]);
  });

  it('keeps each subscription to its own throttle, and always tells the last', async () => {
    await gateway.publish({ symbol: 'fast', price: 0 });
    const { live } = make();
    const [quick, slow]: [LivePrice[], LivePrice[]] = [[], []];
    live.subscribe(['fast'], { onPrice: (price) => quick.push(price) });
    live.subscribe(['fast'], { throttleMs: 300, onPrice: (price) => slow.push(price) });
    await until(() => quick.length === 1 && slow.length === 1);
    const startedAt = performance.now();
    for (let price = 1; price <= 10; price++) {
      await gateway.publish({ symbol: 'fast', price });
      await pause(5);
    }
    await until(() => quick.at(-1)?.price === 10 && slow.at(-1)?.price === 10);
    expect(slow.length).toBeLessThanOrEqual(mostIn(performance.now() - startedAt, 300));
    expect(quick.length).toBeGreaterThan(slow.length);
  });

  it('has the server throttle when nobody wants it faster', async () => {
    await gateway.publish({ symbol: 'lazy', price: 0 });
    const { live } = make();
    const all: LivePrice[] = [];
    live.on('prices', (prices) => all.push(...prices));
    live.subscribe(['lazy'], { throttleMs: 400 });
    await until(() => all.length === 1);
    const startedAt = performance.now();
    for (let price = 1; price <= 10; price++) {
      await gateway.publish({ symbol: 'lazy', price });
      await pause(5);
    }
    await until(() => all.at(-1)?.price === 10);
    expect(all.length).toBeLessThanOrEqual(mostIn(performance.now() - startedAt, 400));
  });

  it('comes back after the connection was cut, asks for everything again, and says when it will try', async () => {
    await gateway.publish({ symbol: 'btc', price: 50_000 });
    const { live } = behindProxy();
    const states: LiveState[] = [];
    const heard: LivePrice[] = [];
    const movers: string[] = [];
    live.on('state', (state) => states.push(state));
    live.subscribe(['btc'], { onPrice: (price) => heard.push(price) });
    live.subscribeMovers({ timeframe: '5m', onMovers: ({ timeframe }) => movers.push(timeframe) });
    await until(() => heard.length === 1);
    proxy.refuse();
    await until(() => states.filter(({ status }) => status === 'waiting').length >= 3);
    await gateway.publish({ symbol: 'btc', price: 50_001 });
    proxy.refuse(false);
    await until(() => heard.length === 2);
    expect(heard[1]?.price).toBe(50_001);
    await publishMovers(gateway);
    await until(() => movers.length > 0);
    const [first, second] = states.filter((state) => state.status === 'waiting');
    expect(first).toEqual({
      status: 'waiting',
      attempt: 0,
      retryInMs: expect.any(Number) as number,
      retryAt: expect.any(Number) as number,
      reason: 'the connection has ended (transport close)',
    });
    // Half of 20 ms and up to the whole of it, then of 40.
    expect(first?.retryInMs).toBeGreaterThanOrEqual(10);
    expect(first?.retryInMs).toBeLessThanOrEqual(20);
    expect(second?.retryInMs).toBeGreaterThanOrEqual(20);
    expect(second?.reason).toMatch(/^the server cannot be reached/);
    expect(live.state).toEqual({ status: 'connected' });
  });

  it('notices a connection that is dead without a word', async () => {
    const { live } = behindProxy({ timeoutMs: 100, silenceMs: 50 });
    const states: LiveState[] = [];
    live.on('state', (state) => states.push(state));
    await live.connected();
    states.length = 0;
    proxy.silence();
    await until(() => states.some(({ status }) => status === 'waiting'));
    const waiting = states.find((state) => state.status === 'waiting');
    expect(waiting?.reason).toBe('the server did not answer within 100 ms');
    proxy.cut();
    proxy.silence(false);
    await until(() => live.state.status === 'connected');
  });

  it('waits in vain no longer than it was told to, and tries at once when asked', async () => {
    proxy.refuse();
    const { live } = behindProxy({ backoff: { baseMs: 60_000, capMs: 60_000 } });
    await expect(live.connected(500)).rejects.toMatchObject({
      name: 'HauntError',
      status: 0,
      code: 'timeout',
      message: expect.stringMatching(/^no live connection within 500 ms: the server cannot be reached/) as string,
    });
    proxy.refuse(false);
    live.reconnectNow();
    await live.connected();
  });

  it('says what was refused to whom it concerns; the others go on', async () => {
    await gateway.publish({ symbol: 'btc', price: 7 });
    const { live } = make();
    const heard: LivePrice[] = [];
    const errors: HauntError[] = [];
    live.subscribe(['btc'], { onPrice: (price) => heard.push(price) });
    await until(() => heard.length === 1);
    const many = Array.from({ length: 200 }, (_, i) => `coin${i}`);
    const greedy = live.subscribe(many, { onError: (error) => errors.push(error) });
    await until(() => errors.length > 0);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ status: 400, code: 'too_many_assets' });
    expect(errors[0]?.message).toMatch(/may subscribe to 150 assets/);
    await gateway.publish({ symbol: 'btc', price: 8 });
    await until(() => heard.length === 2);
    // What was refused is asked for again when there is room.
    greedy.remove(many.slice(0, 100));
    await live.ping();
    await gateway.publish({ symbol: 'coin199', price: 9 });
    await until(() => live.prices.get('coin199')?.price === 9);
  });

  it('hears of the market and of seeding', async () => {
    const { live } = make();
    const markets: MarketUpdate[] = [];
    const [mine, all]: [string[], string[]] = [[], []];
    live.on('market', (market) => markets.push(market));
    live.on('seeding', ({ symbol, progress }) => all.push(`${symbol} ${progress}`));
    live.subscribe(['eth'], { onSeeding: ({ symbol, progress }) => mine.push(`${symbol} ${progress}`) });
    live.subscribe(['btc']);
    await live.connected();
    await live.ping();
    for (const symbol of ['btc', 'eth', 'sol']) {
      await gateway.bus.publish('seed.progress', { symbol, status: 'seeding', progress: 10, message: '', at: 1 });
    }
    const value = { totalMarketCap: 3e12, totalVolume24h: 1e11, btcDominance: 55, ethDominance: 12, updatedAt: 5 };
    await gateway.bus.publish('market', { global: { value, source: 'one', at: 5 }, troubles: {} });
    await until(() => markets.length === 1 && all.length === 2 && mine.length === 1);
    expect(mine).toEqual(['eth 10']);
    expect(markets[0]?.totalMarketCap).toBe(3e12);
  });

  it('ends when it is closed, and begins anew when it is asked to', async () => {
    await gateway.publish({ symbol: 'btc', price: 1 });
    const { live } = make();
    const heard: LivePrice[] = [];
    live.subscribe(['btc'], { onPrice: (price) => heard.push(price) });
    await until(() => heard.length === 1);
    live.close();
    await pause(60);
    expect(live.state).toEqual({ status: 'closed' });
    await gateway.publish({ symbol: 'btc', price: 2 });
    await expect(live.ping()).rejects.toMatchObject({ code: 'network' });
    live.connect();
    await until(() => heard.length === 2);
    expect(heard[1]?.price).toBe(2);
  });

  it('stays away as long as a server that ends asks it to', async () => {
    const ending = await startGateway();
    const { live } = make({ url: ending.url, backoff: { baseMs: 60_000, capMs: 60_000 } });
    const states: LiveState[] = [];
    live.on('state', (state) => states.push(state));
    await live.connected();
    await ending.close();
    await until(() => states.some(({ status }) => status === 'waiting'));
    const waiting = states.find((state) => state.status === 'waiting');
    // One client of one server: within a second, not the half minute of its own rules.
    expect(waiting?.retryInMs).toBeLessThanOrEqual(1_000);
    expect(waiting?.reason).toBe('the server is restarting');
  });

  it.each([
    [[''], /symbol of 1 to 64 characters/],
    [['btc', 'x'.repeat(65)], /symbol of 1 to 64 characters/],
    [['1027'], /not the id 1027; rest\.asset\(1027\) names it/],
  ])('refuses %j before anything is sent', (assets, message) => {
    const { live } = make();
    expect(() => live.subscribe(assets)).toThrow(message);
    expect(live.state).toEqual({ status: 'idle' });
  });
});

/** Updates that a throttle lets through: the first, and one with every interval, of which one had begun before. */
const mostIn = (ms: number, throttleMs: number): number => 2 + Math.ceil(ms / throttleMs);

async function publishMovers({ bus }: GatewayUnderTest): Promise<void> {
  const gainers = [{ symbol: 'btc', price: 1, changePercent: 5 }];
  await bus.publish('movers', { timeframe: '5m', partition: 0, gainers, losers: [], at: Date.now() });
}
