import { partitionOf } from '@haunt/contracts';
import type { Tick, TickBatch } from '@haunt/domain';
import { LogTime } from './log-time.js';
import { TickWriter } from './tick-writer.js';

interface Published {
  readonly at: number;
  readonly partition: number;
  readonly batch: TickBatch;
}

const tick = (id: number, symbol = 'btc'): Tick => ({
  symbol,
  quote: 'usd',
  price: 1,
  size: 1,
  time: id,
  id: String(id),
});
const idsIn = (published: readonly Published[]): number[] => {
  return published.flatMap(({ batch }) => batch.ticks.map(({ id }) => Number(id)));
};

describe('tick writer', () => {
  let published: Published[];
  let broken: string | undefined;
  let slowMs: number;
  let troubles: string[];
  let lines: string[];
  let offset: number;

  const writer = (partitions = 1): TickWriter => {
    const time = new LogTime({ now: () => Date.now() + offset });
    const say = (_: object, message: string): void => void lines.push(message);
    return new TickWriter({
      source: 'coinbase',
      partitions,
      time,
      log: { info: say, warn: say },
      onTrouble: (message) => void troubles.push(message),
      bus: {
        publish: async (_topic, event, partition = 0) => {
          const at = performance.now();
          if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
          if (broken !== undefined) throw new Error(broken);
          published.push({ at, partition, batch: event as unknown as TickBatch });
          return '1-0';
        },
      },
    });
  };

  beforeEach(() => {
    jest.useFakeTimers();
    published = [];
    broken = undefined;
    slowMs = 0;
    troubles = [];
    lines = [];
    offset = 0;
  });
  afterEach(() => jest.useRealTimers());

  it('gathers what comes within 5 ms', async () => {
    const write = writer();
    write.tick(tick(1));
    await jest.advanceTimersByTimeAsync(4);
    write.ticker({ symbol: 'btc', quote: 'usd', price: 2, time: 3 });
    expect(published).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(published).toHaveLength(1);
    expect(published[0]!.batch).toMatchObject({ source: 'coinbase', ticks: [tick(1)], tickers: [{ price: 2 }] });
  });

  it('does not wait when there are 200 items', () => {
    const write = writer();
    for (let i = 0; i < 199; i++) write.tick(tick(i));
    expect(published).toHaveLength(0);
    write.tick(tick(199));
    expect(idsIn(published)).toHaveLength(200);
  });

  it('sends each asset to its partition, and what rates come from to all of them', async () => {
    const write = writer(4);
    for (const symbol of ['eth', 'sol', 'usdt', 'btc', 'usdc']) write.tick(tick(1, symbol));
    await jest.advanceTimersByTimeAsync(10);
    const symbols = [0, 1, 2, 3].map((partition) =>
      published.filter((one) => one.partition === partition).flatMap(({ batch }) => batch.ticks.map((t) => t.symbol)),
    );
    for (const [partition, seen] of symbols.entries()) {
      const own = ['eth', 'sol'].filter((symbol) => partitionOf(symbol, 4) === partition);
      expect(seen).toEqual([...own, 'usdt', 'btc', 'usdc']);
    }
  });

  it('lets every partition know each second that time passes, when nothing else did', async () => {
    const write = writer(2);
    write.start();
    await jest.advanceTimersByTimeAsync(5_500);
    expect(published.filter(({ partition }) => partition === 1).length).toBeGreaterThanOrEqual(4);
    const times = published.filter(({ partition }) => partition === 0).map(({ batch }) => batch.receivedAt);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    published.length = 0;
    for (let i = 0; i < 50; i++) {
      write.tick(tick(i, 'eth'));
      await jest.advanceTimersByTimeAsync(100);
    }
    const busy = partitionOf('eth', 2);
    const empty = published.filter(({ batch }) => batch.ticks.length === 0);
    expect(empty.map(({ partition }) => partition)).toEqual(Array.from({ length: 5 }, () => 1 - busy));
    await write.close();
  });

  it('keeps the order and loses nothing when the bus is slow', async () => {
    const write = writer();
    slowMs = 40;
    for (let i = 0; i < 5_000; i++) {
      write.tick(tick(i));
      if (i % 20 === 0) await jest.advanceTimersByTimeAsync(1);
    }
    await jest.advanceTimersByTimeAsync(5_000);
    expect(idsIn(published)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
    expect(published.length).toBeLessThan(50);
  });

  it('keeps the newest while the bus is away, counts what it drops, and says so once', async () => {
    const write = writer();
    write.start();
    broken = 'Redis is away';
    for (let i = 0; i < 60_000; i++) {
      write.tick(tick(i));
      if (i % 1_000 === 0) await jest.advanceTimersByTimeAsync(100);
    }
    expect(troubles).toEqual(['ticks cannot be published: Redis is away']);
    expect(write.dropped).toBeGreaterThan(30_000);
    broken = undefined;
    await jest.advanceTimersByTimeAsync(5_000);
    const ids = idsIn(published);
    expect(ids).toEqual(Array.from({ length: 60_000 - write.dropped }, (_, i) => i + write.dropped));
    const times = published.map(({ batch }) => batch.receivedAt);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(lines).toEqual([
      'the log refuses the ticks of coinbase; the newest are kept',
      'the log takes the ticks of coinbase again',
    ]);
    await write.close();
  });

  it('the time in the log does not go back with the clock', async () => {
    const write = writer();
    write.tick(tick(1));
    await jest.advanceTimersByTimeAsync(10);
    offset = -3_600_000;
    write.tick(tick(2));
    await jest.advanceTimersByTimeAsync(10);
    expect(published).toHaveLength(2);
    expect(published[1]!.batch.receivedAt).toBe(published[0]!.batch.receivedAt);
  });

  it('sends what it has when it ends', async () => {
    const write = writer();
    write.start();
    write.tick(tick(1));
    await write.close();
    expect(idsIn(published)).toEqual([1]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends even when the bus neither takes nor refuses', async () => {
    const write = writer();
    slowMs = 1e9;
    write.tick(tick(1));
    await jest.advanceTimersByTimeAsync(10);
    let closed = false;
    void write.close().then(() => (closed = true));
    await jest.advanceTimersByTimeAsync(2_000);
    expect(closed).toBe(true);
  });
});
