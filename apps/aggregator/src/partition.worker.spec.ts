import { MemoryBus } from '@haunt/bus';
import { type HistoryBatch, partitionOf, type SeedRequest } from '@haunt/contracts';
import { Metrics, silentLog } from '@haunt/platform';
import { KEYS } from '@haunt/storage';
import { until } from '../test/until.js';
import { MemoryStore } from '../test/memory-store.js';
import { PartitionWorker } from './partition.worker.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T0 = Date.UTC(2026, 0, 10, 12, 0, 30);

describe('the owner of a partition', () => {
  let now: number;
  let bus: MemoryBus;
  let store: MemoryStore;
  let worker: PartitionWorker;
  let asked: SeedRequest[];
  let queues: string[];

  const open = async (partitions = 1): Promise<void> => {
    bus = new MemoryBus({ now: () => now });
    for (const queue of ['seed.requested', 'seed.deferred'] as const)
      bus.consume(queue, (entries) => {
        asked.push(...entries.map(({ event }) => event));
        queues.push(...entries.map(() => queue));
      });
    worker = new PartitionWorker(0, partitions, {
      bus,
      store,
      clock: { now: () => now },
      log: silentLog,
      metrics: new Metrics(),
      symbols: ['btc', 'eth'],
      owner: 'me',
    });
    await worker.start();
  };
  const close = async (): Promise<void> => {
    await worker.stop();
    await bus.close();
  };
  beforeEach(async () => {
    now = T0;
    [asked, queues] = [[], []];
    store = new MemoryStore();
    await store.acquire(KEYS.lease(0).name, 'me');
    await open();
  });
  afterEach(close);

  const trade = async (price: number, symbol = 'btc'): Promise<void> => {
    const ticks = [{ symbol, quote: 'usd', price, size: 1, time: now, id: String(now) }];
    await bus.publish('ticks', { source: 'coinbase', receivedAt: now, ticks, tickers: [] });
    await until(
      `a price of ${price}`,
      async () => (await bus.ask('prices.get', { symbols: [symbol] }))[0]?.price === price,
    );
  };
  const seed = async (bucketMs: number, count: number): Promise<void> => {
    const last = Math.floor(now / bucketMs) * bucketMs;
    const candles = Array.from({ length: count }, (_, i) => {
      const price = 100 + (i % 7);
      return { time: last - (i + 1) * bucketMs, open: price, high: price + 1, low: price - 1, close: price, volume: 9 };
    });
    const batch: HistoryBatch = { symbol: 'btc', provider: 'coinbase', grade: 'klines', bucketMs, candles };
    await bus.publish('history', batch);
    await until('history', async () => {
      const gaps = await bus.ask('history.missing', { symbol: 'btc' });
      return gaps.find((one) => one.bucketMs === bucketMs)?.missing[0]?.[1] !== last;
    });
  };
  const chart = (known?: string, symbol = 'btc') => bus.ask('chart.get', { symbol, range: '1d', known });

  it('answers for a chart at once, and asks for what is missing once', async () => {
    await trade(100);
    const { chart: first } = await chart();
    expect(first).toMatchObject({
      symbol: 'btc',
      range: '1d',
      seeding: true,
      seedingStatus: 'in_progress',
      seedingProgress: 0,
      expectedPoints: 288,
      dataCompleteness: 0.35,
    });
    const start = Math.floor(T0 / 300_000) * 300;
    expect(first!.data).toEqual([{ time: start, open: 100, high: 100, low: 100, close: 100, volume: 100 }]);
    expect(first!.gaps).toEqual([{ from: start - 287 * 300, to: start }]);
    await chart();
    await until('a request', () => asked.length > 0);
    expect(asked).toEqual([{ symbol: 'btc', reason: 'chart', requestedAt: T0 }]);
    await seed(5 * MINUTE, 300);
    now += 1_000;
    const { chart: second } = await chart();
    expect(second).toMatchObject({ dataCompleteness: 100, gaps: [] });
    expect(asked).toHaveLength(1);
  });

  it('follows the seeder', async () => {
    const tell = async (status: 'seeding' | 'failed', progress: number): Promise<void> => {
      await bus.publish('seed.progress', { symbol: 'btc', status, progress, message: 'Fetching', at: now });
      await until('the news', async () => {
        return (await bus.ask('seed.status', { symbols: ['btc'] }))[0]?.progress === progress;
      });
    };
    await tell('seeding', 42);
    expect((await chart()).chart).toMatchObject({ seeding: true, seedingStatus: 'in_progress', seedingProgress: 42 });
    await trade(100);
    expect(await bus.ask('seed.status', {})).toEqual([
      { symbol: 'btc', status: 'seeding', progress: 42, message: 'Fetching' },
    ]);
    await tell('failed', 43);
    expect((await chart()).chart).toMatchObject({ seeding: false, seedingStatus: 'failed' });
    expect(asked).toEqual([]);
    now += 5 * MINUTE;
    expect((await chart()).chart).toMatchObject({ seeding: true, seedingStatus: 'in_progress' });
    await until('a request', () => asked.length === 1);
    expect(queues).toEqual(['seed.requested']);
  });

  it('says how jobs ended of its assets that have neither prices nor charts', async () => {
    await close();
    await open(2);
    const symbols = ['bsv', 'lista', 'ethw', 'core', 'one', 'two'];
    const message = 'No history of it: nobody lists it';
    for (const symbol of symbols)
      await bus.publish('seed.progress', { symbol, status: 'failed', progress: 7, message, at: now });
    const own = symbols.filter((symbol) => partitionOf(symbol, 2) === 0);
    expect(own.length % symbols.length).not.toBe(0);
    await until('all of them', async () => (await bus.ask('seed.status', {})).length === own.length);
    expect(await bus.ask('seed.status', {})).toEqual(
      own.map((symbol) => ({ symbol, status: 'failed', progress: 7, message })),
    );
  });

  it('leaves out a chart that the asker has', async () => {
    await trade(100);
    const first = await chart();
    expect(await chart(first.revision)).toEqual({ revision: first.revision });
    expect((await chart()).chart).toBe(first.chart);
    now += 600;
    await trade(101);
    const second = await chart(first.revision);
    expect(second.revision).not.toBe(first.revision);
    expect(second.chart!.data.at(-1)).toMatchObject({ close: 101 });
  });

  it('says what history lacks', async () => {
    await trade(100);
    await seed(HOUR, 48);
    const gaps = await bus.ask('history.missing', { symbol: 'btc' });
    expect(gaps.map(({ bucketMs }) => bucketMs)).toEqual([MINUTE, 5 * MINUTE, HOUR]);
    const hour = Math.floor(now / HOUR) * HOUR;
    expect(gaps[2]).toEqual({
      bucketMs: HOUR,
      from: hour - 8_759 * HOUR,
      to: hour,
      missing: [[hour - 8_759 * HOUR, hour - 48 * HOUR]],
      weak: [],
    });
    now += 2 * HOUR;
    await trade(100);
    const later = await bus.ask('history.missing', { symbol: 'btc' });
    // The hour in which it started was seen in part, the next one not at all.
    expect(later[2]).toMatchObject({ weak: [[hour, hour + HOUR]] });
    expect(later[2]!.missing.at(-1)).toEqual([hour + HOUR, hour + 2 * HOUR]);
    expect(await bus.ask('history.missing', { symbol: 'doge' })).toHaveLength(3);
  });

  it('has a sparkline, changes and counts', async () => {
    await seed(HOUR, 200);
    await seed(5 * MINUTE, 300);
    await trade(110);
    const [line] = await bus.ask('sparklines.get', {});
    expect(line!.closes).toHaveLength(168);
    expect(line!.closes.at(-1)).toBe(110);
    expect(line).toMatchObject({ symbol: 'btc', change1h: expect.any(Number), change7d: expect.any(Number) });
    expect(line!.change30d).toBeUndefined();
    expect(await bus.ask('symbol.counts', { symbol: 'btc' })).toMatchObject({ totalUpdates: 1, chartDataPoints: 288 });
  });

  it('goes on after a restart, knows the hole, and has it filled', async () => {
    for (let i = 0; i < 12; i++) {
      await trade(100 + i);
      now += 10_000;
    }
    await close();
    now += 20 * MINUTE;
    await open();
    await trade(200);
    await until('a request', () => asked.length > 0);
    expect(asked).toEqual([{ symbol: 'btc', reason: 'gap', requestedAt: now }]);
    expect(queues).toEqual(['seed.deferred']);
    const { chart: hour } = await bus.ask('chart.get', { symbol: 'btc', range: '1h' });
    expect(hour!.data.map(({ close: price }) => price)).toEqual([102, 108, 111, 200]);
    expect(hour!.gaps).toHaveLength(2);
  });

  it('does not have a short interruption filled', async () => {
    await trade(100);
    await close();
    now += 40_000;
    await open();
    await trade(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toEqual([]);
  });

  it('without a checkpoint takes what was saved of the charts, each bucket at its own time', async () => {
    await trade(100);
    await seed(HOUR, 100);
    await seed(5 * MINUTE, 100);
    now += 5_000;
    const before = (await bus.ask('chart.get', { symbol: 'btc', range: '1w' })).chart!;
    await until('the documents', () => ['1d', '1w'].every((range) => store.values.has(KEYS.chart('btc', range).name)));
    expect(store.values.has(KEYS.sparkline('btc').name)).toBe(true);
    await until('all of them', () =>
      (store.values.get(KEYS.chart('btc', '1w').name)?.toString() ?? '').includes('klines'),
    );
    expect(store.ttls.get(KEYS.chart('btc', '1d').name)).toBe(24 * HOUR);
    expect(store.ttls.get(KEYS.chart('btc', '1w').name)).toBe(168 * HOUR);
    expect(JSON.parse(store.values.get(KEYS.chart('btc', '1w').name)!.toString())).toMatchObject({
      symbol: 'btc',
      bucketMs: HOUR,
    });
    await close();
    store.values.delete(KEYS.checkpoint(0).name);
    now += 2 * HOUR;
    await open();
    const { chart: after } = await bus.ask('chart.get', { symbol: 'btc', range: '1w' });
    const closed = before.data.filter(({ time }) => time * 1_000 < T0 - 30 * MINUTE);
    expect(after!.data.filter(({ time }) => time >= closed[2]!.time).slice(0, closed.length - 2)).toEqual(
      closed.slice(2),
    );
  });

  it('does not start afresh while nobody knows whether there is a checkpoint', async () => {
    await trade(100);
    await close();
    store.broken = true;
    await expect(open()).rejects.toThrow('the store is away');
    store.broken = false;
    await open();
    expect((await bus.ask('prices.get', {}))[0]?.price).toBe(100);
  });
});
