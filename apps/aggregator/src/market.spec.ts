import { MemoryBus } from '@haunt/bus';
import type { MoversUpdate } from '@haunt/contracts';
import type { SourceId, Tick } from '@haunt/domain';
import { Metrics, silentLog } from '@haunt/platform';
import { KEYS } from '@haunt/storage';
import { MemoryStore } from '../test/memory-store.js';
import { until } from '../test/until.js';
import { PartitionWorker } from './partition.worker.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const T0 = Date.UTC(2026, 0, 10, 12, 0, 10);

describe('movers and rankings of a partition', () => {
  let now: number;
  let bus: MemoryBus;
  let worker: PartitionWorker;
  let heard: MoversUpdate[];

  beforeEach(async () => {
    now = T0;
    heard = [];
    bus = new MemoryBus({ now: () => now });
    bus.consume('movers', (entries) => void heard.push(...entries.map(({ event }) => event)));
    const store = new MemoryStore();
    await store.acquire(KEYS.lease(0).name, 'me');
    const log = silentLog;
    const clock = { now: () => now };
    worker = new PartitionWorker(0, 1, { bus, store, clock, log, metrics: new Metrics(), symbols: [], owner: 'me' });
    await worker.start();
  });
  afterEach(async () => {
    await worker.stop();
    await bus.close();
  });

  const trade = async (prices: Readonly<Record<string, number>>, source: SourceId = 'coinbase'): Promise<void> => {
    const ticks = Object.entries(prices).map(([symbol, price]): Tick => ({
      symbol,
      quote: 'usd',
      price,
      size: 1,
      time: now,
      id: String(now),
    }));
    await bus.publish('ticks', { source, receivedAt: now, ticks, tickers: [] });
    for (const symbol of Object.keys(prices)) {
      await until(`${source}'s trade of ${symbol}`, async () => {
        const explanation = await bus.ask('price.explain', { symbol });
        return (
          explanation?.sources.some((quote) => quote.source === source && quote.quotePrice === prices[symbol]) ?? false
        );
      });
    }
  };
  const heartbeat = async (): Promise<void> => {
    await bus.publish('ticks', { source: 'okx', receivedAt: now, ticks: [], tickers: [] });
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  /** Minutes until now, closing at what is said. */
  const seed = async (symbol: string, closes: readonly number[]): Promise<void> => {
    const end = Math.floor(now / MINUTE) * MINUTE;
    const candles = closes.map((close, i) => {
      return { time: end - (closes.length - i) * MINUTE, open: close, high: close, low: close, close };
    });
    await bus.publish('history', { symbol, provider: 'okx', grade: 'klines', bucketMs: MINUTE, candles });
  };

  it('are published when they change, a second behind at the most, and answered to who comes later', async () => {
    await seed(
      'up',
      Array.from({ length: 300 }, () => 100),
    );
    await seed(
      'down',
      Array.from({ length: 300 }, () => 100),
    );
    await trade({ up: 101, down: 98, fresh: 5 });
    const hour = (): MoversUpdate | undefined => heard.filter(({ timeframe }) => timeframe === '1h').at(-1);
    expect(hour()).toMatchObject({
      partition: 0,
      at: now,
      gainers: [{ symbol: 'up', price: 101 }],
      losers: [{ symbol: 'down', price: 98 }],
    });
    expect(hour()!.gainers[0]!.changePercent).toBeCloseTo(1, 9);
    expect(await bus.ask('movers.get', { timeframe: '1h' })).toEqual([hour()]);
    expect((await bus.ask('movers.get', {})).map(({ timeframe }) => timeframe)).toEqual([
      '1m',
      '5m',
      '15m',
      '1h',
      '4h',
      '24h',
    ]);
    expect((await bus.ask('movers.get', { timeframe: '24h' }))[0]).toMatchObject({ gainers: [], losers: [] });
    heard.length = 0;
    now += 400;
    await trade({ down: 103 });
    expect(heard).toEqual([]);
    now += 600;
    await heartbeat();
    expect(hour()).toMatchObject({ at: now, gainers: [{ symbol: 'down' }, { symbol: 'up' }], losers: [] });
  });

  it('lose what has gone stale', async () => {
    await seed(
      'a',
      Array.from({ length: 70 }, () => 100),
    );
    await trade({ a: 101 });
    now += 29 * SECOND;
    await heartbeat();
    expect((await bus.ask('movers.get', { timeframe: '1h' }))[0]!.gainers).toHaveLength(1);
    now += 2 * SECOND;
    await heartbeat();
    expect((await bus.ask('movers.get', { timeframe: '1h' }))[0]!.gainers).toEqual([]);
    expect(heard.filter(({ timeframe }) => timeframe === '1h').at(-1)).toMatchObject({ at: now, gainers: [] });
    expect(await bus.ask('market.ranking', { kind: 'volatility', limit: 9 })).toEqual([]);
    expect(await bus.ask('market.ranking', { kind: 'agreement', limit: 9 })).toEqual([]);
  });

  it('are not made of what nobody can convert; who asks is told why', async () => {
    const tick: Tick = { symbol: 'btc', quote: 'usdt', price: 5, size: 1, time: now, id: 'one' };
    expect(await bus.ask('quotes.get', { symbol: 'btc' })).toEqual([]);
    await bus.publish('ticks', { source: 'bybit', receivedAt: now, ticks: [tick], tickers: [] });
    await until('a quote', async () => (await bus.ask('quotes.get', { symbol: 'btc' })).length > 0);
    expect(await bus.ask('price.explain', { symbol: 'btc' })).toBeNull();
    expect(await bus.ask('quotes.get', { symbol: 'btc' })).toMatchObject([
      {
        source: 'bybit',
        pair: 'btc/usdt',
        counted: false,
        reason: expect.stringMatching(/no trusted USD rate for USDT/),
      },
    ]);
  });

  it('rank by volatility', async () => {
    await seed(
      'calm',
      Array.from({ length: 70 }, () => 100),
    );
    await seed(
      'wild',
      Array.from({ length: 70 }, (_, i) => (i % 2 === 0 ? 100 : 101)),
    );
    await trade({ calm: 100, wild: 101, fresh: 7 });
    const [first, second, ...others] = await bus.ask('market.ranking', { kind: 'volatility', limit: 9 });
    expect([first!.symbol, second!.symbol, others]).toEqual(['wild', 'calm', []]);
    // Sixty minutes back, a close at 101 stands before 59 moves of a percent; the last close is 101, and so is the price.
    expect(first).toMatchObject({ price: 101, samples: 60 });
    expect(first!.value).toBeCloseTo(100 * Math.log(1.01) * Math.sqrt(59), 9);
    expect(second).toEqual({ symbol: 'calm', price: 100, value: 0, samples: 60 });
    expect(await bus.ask('market.ranking', { kind: 'volatility', window: '24h', limit: 9 })).toEqual([]);
  });

  it('rank by agreement, widest first, with each source’s distance', async () => {
    for (const [source, near, far] of [
      ['coinbase', 100, 100],
      ['kraken', 100, 101],
    ] as const) {
      await trade({ near, far, alone: 3, ...(source === 'kraken' && { alone: 3 }) }, source);
    }
    await trade({ single: 4 });
    const rows = await bus.ask('market.ranking', { kind: 'agreement', limit: 1 });
    const { price, spread } = (await bus.ask('prices.get', { symbols: ['far'] }))[0]!;
    expect(rows).toEqual([
      {
        symbol: 'far',
        price,
        value: ((spread.p75 - spread.p25) / price) * 100,
        sources: [
          { source: 'coinbase', pair: 'far/usd', distancePercent: (100 / price - 1) * 100, counted: true },
          { source: 'kraken', pair: 'far/usd', distancePercent: (101 / price - 1) * 100, counted: true },
        ],
      },
    ]);
    const all = await bus.ask('market.ranking', { kind: 'agreement', limit: 9 });
    expect(all.map(({ symbol }) => symbol)).toEqual(['far', 'alone', 'near']);
  });

  it('rank by activity of the last minute, which ends when the log falls silent', async () => {
    for (let i = 0; i < 5; i++) {
      await trade({ busy: 100 + i, ...(i === 0 && { quiet: 1 }) });
      now += SECOND;
    }
    const rows = await bus.ask('market.ranking', { kind: 'activity', limit: 9 });
    expect(rows).toEqual([
      { symbol: 'busy', price: 104, value: 5, totalUpdates: 5 },
      { symbol: 'quiet', price: 1, value: 1, totalUpdates: 1 },
    ]);
    expect((await bus.ask('symbol.counts', { symbol: 'busy' })).updatesLastMinute).toBe(5);
    now += 57 * SECOND;
    expect((await bus.ask('symbol.counts', { symbol: 'busy' })).updatesLastMinute).toBe(2);
    now += 3 * SECOND;
    expect(await bus.ask('market.ranking', { kind: 'activity', limit: 9 })).toEqual([]);
    expect(await bus.ask('symbol.counts', { symbol: 'busy' })).toMatchObject({ totalUpdates: 5, updatesLastMinute: 0 });
  });
});
