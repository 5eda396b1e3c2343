import { MemoryBus } from '@haunt/bus';
import type { MarketMetrics } from '@haunt/contracts';
import type { PriceUpdate } from '@haunt/domain';
import { Clock, type Config, Health, Metrics, silentLog } from '@haunt/platform';
import { setTimeout as pause } from 'node:timers/promises';
import { priceUpdate, sourceStatus } from '../test/gateway-under-test.js';
import { LatestPrices, livePrice, type ShownPrice } from './latest-prices.js';
import { PriceIntake } from './price-intake.js';
import { SourceBoard } from './source-board.js';

class HeldClock extends Clock {
  time = 1_700_000_000_000;
  override now(): number {
    return this.time;
  }
}

let clock: HeldClock;
beforeEach(() => (clock = new HeldClock()));

describe('the latest prices', () => {
  let prices: LatestPrices;
  let told: ShownPrice[];
  beforeEach(() => {
    prices = new LatestPrices(clock);
    told = [];
    prices.onChange((price) => told.push(price));
  });
  const accept = (update: Partial<PriceUpdate>): boolean => prices.accept(priceUpdate({ asOf: clock.time, ...update }));

  it('never replace a newer one by an older one', () => {
    expect(accept({ price: 2, version: 10 })).toBe(true);
    expect(accept({ price: 1, version: 9 })).toBe(false);
    expect(accept({ price: 1, version: 10 })).toBe(false);
    expect(prices.get('btc')?.update.price).toBe(2);
    expect(told).toHaveLength(1);
  });

  it('tell of changes alone: of the smallest, not of a confirmation', () => {
    accept({ price: 0.000_012_34, version: 1 });
    accept({ price: 0.000_012_34, version: 2, volume24h: 5 });
    accept({ price: 0.000_012_340_000_1, version: 3 });
    accept({ price: 0.000_012_340_000_1, version: 4, status: 'degraded' });
    expect(told.map(({ version }) => version)).toEqual([1, 3, 4]);
    expect(prices.get('btc')?.update.version).toBe(4);
  });

  it('call a price stale 30 s after it was true, once, and fresh again when it is', () => {
    accept({ price: 5, version: 10 });
    clock.time += 30_000;
    prices.sweep();
    expect(prices.get('btc')?.status).toBe('normal');
    clock.time += 1;
    expect(prices.get('btc')).toMatchObject({ status: 'stale', version: 11, update: { price: 5, version: 10 } });
    prices.sweep();
    expect(prices.active()).toBe(0);
    // What the aggregator says next may have the very version that stood for stale: clients must see a higher one.
    accept({ price: 5, version: 11 });
    expect(told.map(({ status, version }) => [status, version])).toEqual([
      ['normal', 10],
      ['stale', 11],
      ['normal', 12],
    ]);
    expect(prices.active()).toBe(1);
  });

  it('show an old price as stale at once', () => {
    accept({ asOf: clock.time - 30_001, status: 'normal' });
    expect(told).toMatchObject([{ status: 'stale' }]);
  });

  it('are found under a former symbol', () => {
    accept({ symbol: 'pol', price: 1 });
    expect(livePrice(prices.get('matic') as ShownPrice, 'matic')).toMatchObject({
      id: 'matic',
      symbol: 'matic',
      price: 1,
    });
    expect(prices.get('nope')).toBeUndefined();
  });
});

describe('the intake of prices', () => {
  it('asks every partition until it answers, and is not put back by an old answer', async () => {
    const bus = new MemoryBus({ deadlines: { 'prices.get': 20 } });
    const prices = new LatestPrices(clock);
    const health = new Health(clock);
    const config = { partitions: 2 } as Config;
    const intake = new PriceIntake(config, bus, prices, clock, silentLog, health, new Metrics());
    const asOf = clock.time;
    bus.answer('prices.get', () => [priceUpdate({ symbol: 'a', price: 1, version: 1, asOf })], 0);
    intake.onApplicationBootstrap();
    await bus.publish('prices', [priceUpdate({ symbol: 'b', price: 9, version: 9, asOf })]);
    expect(health.readiness()).toEqual({ ready: false, checks: { prices: 'no price yet' } });
    while (prices.get('a') === undefined || prices.get('b') === undefined) await pause(2);
    // The second partition starts late, and its first answer is older than what the tail has said.
    bus.answer(
      'prices.get',
      () => [priceUpdate({ symbol: 'b', price: 1, version: 5, asOf }), priceUpdate({ symbol: 'c', version: 1, asOf })],
      1,
    );
    while (prices.get('c') === undefined) await pause(5);
    expect(prices.get('b')?.update.price).toBe(9);
    expect(health.readiness().ready).toBe(true);
    clock.time += 45_000;
    expect(health.readiness().checks).toEqual({ prices: 'no fresh price: the freshest is 45 s old' });
    await intake.onApplicationShutdown();
    await bus.close();
  });
});

describe('the board of sources', () => {
  let board: SourceBoard;
  beforeEach(() => {
    const config = { sources: ['okx', 'kraken', 'coinmarketcap'], simulated: false } as unknown as Config;
    board = new SourceBoard(config, new MemoryBus(), clock, new Health(clock));
  });
  const row = (source: string): Record<string, unknown> => ({
    ...board.exchanges().find((each) => each.source === source),
  });
  const metrics = (event: Partial<MarketMetrics>): void =>
    board.hearMetrics({
      partition: 0,
      at: clock.time,
      totalUpdates: 0,
      updates: {},
      updatesLastMinute: 0,
      sourcesLastMinute: {},
      activeSymbols: 0,
      knownSymbols: 0,
      ...event,
    });

  it('has a row for every configured source, also for one that never spoke', () => {
    expect(board.exchanges().map(({ source, name, status }) => [source, name, status])).toEqual([
      ['okx', 'OKX', 'connecting'],
      ['kraken', 'Kraken', 'connecting'],
      ['coinmarketcap', 'CoinMarketCap', 'connecting'],
    ]);
    clock.time += 12_345;
    expect(row('okx')).toMatchObject({
      status: 'failing',
      online: false,
      updateCount: 0,
      lastError: 'no word from its ingestor for 12 s',
    });
  });

  it('shows what the ingestor says while it says anything', () => {
    const at = clock.time;
    board.hearStatus(sourceStatus({ source: 'okx', at, lastDataAt: 7, symbols: 90, unlisted: ['xmr'] }));
    board.hearStatus(
      sourceStatus({
        source: 'kraken',
        at,
        state: 'failing',
        lastError: { message: 'HTTP 500', at: 5 },
        nextAttemptAt: at + 4_000,
      }),
    );
    board.hearStatus(sourceStatus({ source: 'coinmarketcap', at, state: 'disabled', reason: 'no API key' }));
    expect(row('okx')).toMatchObject({
      status: 'connected',
      online: true,
      lastUpdate: 7,
      symbols: 90,
      unlisted: ['xmr'],
    });
    expect(row('kraken')).toMatchObject({ status: 'failing', lastError: 'HTTP 500', nextAttempt: at + 4_000 });
    expect(row('coinmarketcap')).toMatchObject({ status: 'disabled', reason: 'no API key', online: false });
    expect(board.stats(5)).toMatchObject({ onlineSources: 1, totalSources: 3, activeSymbols: 5 });
    clock.time += 10_001;
    expect(row('okx')).toMatchObject({ status: 'failing', online: false });
    // The word that comes now counts from now, whatever the clock of its writer says.
    board.hearStatus(sourceStatus({ source: 'okx', at: at + 1 }));
    expect(row('okx')).toMatchObject({ status: 'connected' });
    // A late one of the same process does not undo it.
    board.hearStatus(sourceStatus({ source: 'okx', at: at - 1, state: 'failing' }));
    expect(row('okx')).toMatchObject({ status: 'connected' });
  });

  it('adds up what the partitions have counted', () => {
    metrics({
      totalUpdates: 300,
      updates: { okx: 100, kraken: 200 },
      updatesLastMinute: 60,
      sourcesLastMinute: { okx: 60 },
    });
    metrics({
      partition: 1,
      totalUpdates: 100,
      updates: { okx: 100 },
      updatesLastMinute: 30,
      sourcesLastMinute: { okx: 30 },
    });
    expect(row('okx')).toMatchObject({ updateCount: 200, updatePercent: 50, updatesPerMinute: 90 });
    expect(board.stats(0)).toMatchObject({ totalUpdates: 400, tps: 1.5 });
  });

  it('lets the rate fall to nothing when the log falls silent', () => {
    for (let second = 0; second <= 120; second++) {
      metrics({ totalUpdates: second * 10, updatesLastMinute: 600 });
      clock.time += 1_000;
    }
    expect(board.stats(0).tps).toBe(10);
    clock.time += 30_000;
    const half = board.stats(0).tps;
    expect(half).toBeGreaterThan(4);
    expect(half).toBeLessThan(6);
    clock.time += 31_000;
    expect(board.stats(0).tps).toBe(0);
    expect(board.stats(0).totalUpdates).toBe(1_200);
  });

  it('says that all is made up as long as a source does', () => {
    expect(board.isSimulated()).toBe(false);
    board.hearStatus(sourceStatus({ source: 'okx', at: clock.time, simulated: true }));
    expect(board.isSimulated()).toBe(true);
    board.hearStatus(sourceStatus({ source: 'okx', at: clock.time + 1 }));
    expect(board.isSimulated()).toBe(false);
  });
});
