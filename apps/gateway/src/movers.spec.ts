import type { EventBus } from '@haunt/bus';
import { type LiveMessage, type LiveMovers, type Mover, type MoversUpdate, type RankedAsset } from '@haunt/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import { connectIo, RawClient } from '../test/clients.js';
import { type GatewayUnderTest, startGateway } from '../test/gateway-under-test.js';

const mover = (symbol: string, changePercent: number, more: Partial<Mover> = {}): Mover => ({
  symbol,
  price: 100,
  changePercent,
  ...more,
});
const updates = (client: RawClient): LiveMovers[] =>
  client.received.flatMap((message: LiveMessage) => (message.type === 'movers_update' ? [message.data] : []));
const line = ({ timeframe, gainers, losers }: LiveMovers): string =>
  `${timeframe} ${gainers.map(({ symbol }) => symbol).join()}|${losers.map(({ symbol }) => symbol).join()}`;

describe('movers of two partitions', () => {
  let gateway: GatewayUnderTest;
  let rankings: Record<number, RankedAsset[] | undefined>;
  const clients: RawClient[] = [];

  const raw = async (): Promise<RawClient> => {
    const client = await RawClient.connect(gateway.wsUrl);
    clients.push(client);
    return client;
  };
  const tell = async (update: Partial<MoversUpdate>): Promise<void> => {
    const empty = { timeframe: '1h' as const, partition: 0, gainers: [], losers: [] };
    await gateway.bus.publish('movers', { ...empty, at: gateway.clock.now(), ...update });
    await gateway.publish();
  };
  const get = async (path: string): Promise<{ status: number; data: unknown; body: Record<string, unknown> }> => {
    const response = await fetch(`${gateway.url}/api/market/${path}`);
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, data: body['data'], body };
  };

  beforeEach(async () => {
    rankings = { 0: [], 1: [] };
    const arrange = (bus: EventBus): void => {
      for (const partition of [0, 1]) {
        bus.answer('prices.get', () => [], partition);
        bus.answer('sparklines.get', () => [], partition);
        bus.answer('movers.get', () => [], partition);
        bus.answer(
          'market.ranking',
          ({ limit }) => {
            const rows = rankings[partition];
            if (rows === undefined) throw new Error('out of order');
            return rows.slice(0, limit);
          },
          partition,
        );
      }
    };
    gateway = await startGateway({ partitions: 2 }, arrange);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await gateway.close();
  });

  it('are merged in order, and cut where the caller wants', async () => {
    expect(await get('movers')).toMatchObject({ status: 503, body: { code: 'not_ready' } });
    const at = gateway.clock.now();
    await tell({ at: at - 1_000, gainers: [mover('a', 3), mover('b', 2), mover('f', 1)], losers: [mover('x', -1)] });
    await tell({
      at,
      partition: 1,
      gainers: [mover('c', 2.5, { volume24h: 7 }), mover('d', 1)],
      losers: [mover('y', -5)],
    });
    await tell({ timeframe: '24h', gainers: [mover('day', 50)] });
    expect((await get('movers')).data).toEqual({
      timeframe: '1h',
      gainers: [
        { symbol: 'A', price: 100, changePercent: 3 },
        { symbol: 'C', price: 100, changePercent: 2.5, volume24h: 7 },
        { symbol: 'B', price: 100, changePercent: 2 },
        { symbol: 'D', price: 100, changePercent: 1 },
        { symbol: 'F', price: 100, changePercent: 1 },
      ],
      losers: [
        { symbol: 'Y', price: 100, changePercent: -5 },
        { symbol: 'X', price: 100, changePercent: -1 },
      ],
      timestamp: Math.floor(at / 1000),
    });
    const few = (await get('movers?limit=1&timeframe=%2024H&asset_type=CRYPTO')).data as LiveMovers;
    expect(line(few)).toBe('24h DAY|');
    expect(line((await get('movers?limit=2')).data as LiveMovers)).toBe('1h A,C|Y,X');
    expect(line((await get('movers?timeframe=1week')).data as LiveMovers)).toBe('1h A,C,B,D,F|Y,X');
    expect(line((await get('movers?asset_type=stock')).data as LiveMovers)).toBe('1h |');
  });

  it.each(['movers', 'volume-leaders', 'volatility', 'agreement', 'activity'])(
    '%s takes limits from 1 to 50',
    async (route) => {
      await tell({});
      expect((await get(`${route}?limit=50`)).status).toBe(200);
      for (const limit of ['0', '51', '-1', '1.5', 'ten', '1&limit=2']) {
        expect([limit, await get(`${route}?limit=${limit}`)]).toMatchObject([
          limit,
          { status: 400, body: { code: 'invalid_limit', error: expect.stringMatching(/limit must be/) as string } },
        ]);
      }
    },
  );

  it('of a partition that is silent are not shown; nor is what comes late', async () => {
    await tell({ gainers: [mover('a', 3)] });
    await tell({ partition: 1, gainers: [mover('b', 2)] });
    const shown = async (): Promise<string> => line((await get('movers')).data as LiveMovers);
    await tell({ at: gateway.clock.now() - 5_000, gainers: [mover('late', 9)] });
    expect(await shown()).toBe('1h A,B|');
    const client = await raw();
    client.say({ type: 'subscribe_movers' });
    await client.until(() => updates(client).length === 1);
    gateway.clock.offset = 29_000;
    await tell({ partition: 1, gainers: [mover('b', 2)] });
    gateway.clock.offset = 31_000;
    await client.until(() => updates(client).length === 2);
    expect(updates(client).map(line)).toEqual(['1h A,B|', '1h B|']);
    expect(await shown()).toBe('1h B|');
  });

  it('reach who subscribes: an answer, the lists of now, then what changes in who or in which order', async () => {
    await tell({ gainers: [mover('a', 3), mover('b', 2), mover('c', 1)] });
    const client = await raw();
    const other = await raw();
    await client.ask({ type: 'subscribe_movers', timeframe: '1H', limit: 2 });
    await client.until(() => client.received.length === 2);
    expect(client.received).toEqual([
      { type: 'subscribed_movers', timeframe: '1h', limit: 2 },
      {
        type: 'movers_update',
        data: {
          timeframe: '1h',
          gainers: [
            { symbol: 'A', price: 100, changePercent: 3 },
            { symbol: 'B', price: 100, changePercent: 2 },
          ],
          losers: [],
          timestamp: expect.any(Number) as number,
        },
      },
    ]);
    // The same again is cheap, and shows nothing twice.
    await client.ask({ type: 'subscribe_movers', timeframe: '1h', limit: 2 });
    await tell({ gainers: [mover('a', 4), mover('b', 3), mover('c', 2)] });
    await tell({ gainers: [mover('a', 4), mover('b', 3), mover('d', 2)] });
    await tell({ gainers: [mover('b', 5), mover('a', 4)] });
    await tell({ gainers: [mover('c', 6), mover('b', 5), mover('a', 4)] });
    await client.until(() => updates(client).length === 2);
    expect(updates(client).map(line)).toEqual(['1h A,B|', '1h B,A|']);
    const from = Date.now();
    await client.until(() => updates(client).length === 3);
    expect(Date.now() - from).toBeGreaterThan(900);
    expect(line(updates(client)[2]!)).toBe('1h C,B|');
    expect(other.received).toEqual([]);
    expect(await client.ask({ type: 'unsubscribe_movers' })).toEqual([
      { type: 'unsubscribed_movers', timeframes: ['1h'] },
    ]);
    expect(await client.ask({ type: 'unsubscribe_movers', timeframe: '4h' })).toEqual([
      { type: 'unsubscribed_movers', timeframes: [] },
    ]);
    await pause(1_050);
    await tell({ gainers: [mover('z', 9)] });
    expect(await client.ask({ type: 'ping' })).toHaveLength(1);
  });

  it('may be subscribed to before there are any, of several timeframes, over Socket.IO', async () => {
    const { socket, events } = await connectIo(gateway.url);
    expect(await socket.emitWithAck('subscribe_movers', undefined)).toEqual({ timeframe: '1h', limit: 10 });
    expect(await socket.emitWithAck('subscribe_movers', { timeframe: '5m', limit: 1 })).toEqual({
      timeframe: '5m',
      limit: 1,
    });
    expect(await socket.emitWithAck('subscribe_movers', { timeframe: 'soon' })).toEqual({ timeframe: '1h', limit: 10 });
    const told = (): string[] =>
      events.flatMap(([name, data]) => (name === 'movers_update' ? [line(data as LiveMovers)] : []));
    expect(told()).toEqual([]);
    await tell({ losers: [mover('a', -1)] });
    await tell({ timeframe: '5m', losers: [mover('a', -1), mover('b', -0.5)] });
    await tell({ timeframe: '1m', losers: [mover('c', -1)] });
    while (told().length < 2) await pause(5);
    expect(told()).toEqual(['1h |A', '5m |A']);
    // Another limit takes the place of the one before.
    await socket.emitWithAck('subscribe_movers', { timeframe: '5m', limit: 2 });
    while (told().length < 3) await pause(5);
    expect(told()[2]).toBe('5m |A,B');
    expect(await socket.emitWithAck('unsubscribe_movers', { timeframe: '5m' })).toEqual({ timeframes: ['5m'] });
    expect(await socket.emitWithAck('unsubscribe_movers', {})).toEqual({ timeframes: ['1h'] });
    socket.disconnect();
  });

  it('stand beside volume leaders, from the prices alone', async () => {
    await gateway.publish(
      { symbol: 'low', price: 1, volume24h: 5 },
      { symbol: 'b', price: 2, volume24h: 9, change24h: -1 },
      { symbol: 'a', price: 3, volume24h: 9 },
      { symbol: 'unknown', price: 4 },
      { symbol: 'stale', price: 5, volume24h: 99, status: 'stale' },
    );
    expect((await get('volume-leaders?limit=2')).data).toEqual([
      { symbol: 'A', price: 3, volume24h: 9 },
      { symbol: 'B', price: 2, volume24h: 9, change24h: -1 },
    ]);
    gateway.clock.offset = 31_000;
    expect((await get('volume-leaders')).data).toEqual([]);
  });

  it('stand beside rankings over all partitions', async () => {
    const row = (symbol: string, value: number): RankedAsset => ({
      symbol,
      price: 10,
      value,
      samples: 60,
      totalUpdates: 7,
    });
    rankings[0] = [row('a', 3), row('old', 2.5), row('c', 1)];
    rankings[1] = [
      row('b', 2),
      { ...row('d', 1), sources: [{ source: 'okx', pair: 'd/usdt', distancePercent: 1, counted: true }] },
    ];
    await gateway.publish({ symbol: 'old', price: 10, status: 'stale' });
    const volatile = (await get('volatility?window=15M&limit=2')).data as Record<string, unknown>[];
    expect(volatile).toEqual([
      {
        symbol: 'A',
        price: 10,
        window: '15m',
        volatilityPercent: 3,
        annualizedPercent: expect.any(Number) as number,
        samples: 60,
      },
      {
        symbol: 'B',
        price: 10,
        window: '15m',
        volatilityPercent: 2,
        annualizedPercent: expect.any(Number) as number,
        samples: 60,
      },
    ]);
    expect(volatile[0]!['annualizedPercent']).toBeCloseTo(3 * Math.sqrt(365 * 96), 9);
    expect((await get('volatility?window=2h')).body).toMatchObject({
      code: 'invalid_window',
      error: expect.stringMatching(/window must be one of 1m, .*24h; it is "2h"/) as string,
    });
    expect((await get('agreement')).data).toEqual([
      { symbol: 'A', price: 10, spreadPercent: 3, sources: [] },
      { symbol: 'B', price: 10, spreadPercent: 2, sources: [] },
      { symbol: 'C', price: 10, spreadPercent: 1, sources: [] },
      {
        symbol: 'D',
        price: 10,
        spreadPercent: 1,
        sources: [{ source: 'okx', pair: 'd/usdt', distancePercent: 1, counted: true }],
      },
    ]);
    expect((await get('activity?limit=2')).data).toEqual([
      { symbol: 'A', price: 10, updatesPerMinute: 3, totalUpdates: 7 },
      { symbol: 'OLD', price: 10, updatesPerMinute: 2.5, totalUpdates: 7 },
    ]);
    // A partition that fails does not take away what was told a moment ago.
    rankings[1] = undefined;
    await pause(1_050);
    expect(((await get('agreement')).data as unknown[]).length).toBe(4);
    expect((await get('volatility?window=4h')).status).toBe(500);
  });
});
