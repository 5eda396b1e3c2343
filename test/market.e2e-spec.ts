import { RedisBus } from '@haunt/bus';
import { partitionOf } from '@haunt/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtApp } from './built.js';
import { Child } from './child.js';
import { describeRedis, freePort, RedisServer } from './redis-server.js';
import { until } from './until.js';

import {
  changeOf,
  type Coin,
  coinsOf,
  HOUR,
  INDEX,
  MINUTE,
  NAMES,
  priceOf,
  referenceOf,
  SOURCES,
  TETHER,
  volatilityOf,
  volumeOf,
  WINDOWS,
} from './worked-out.js';

const SECOND = 1_000;
const PARTITIONS = 3;
const ASSETS = 80;

interface Row {
  readonly symbol: string;
  readonly price: number;
  readonly changePercent: number;
  readonly volume24h: number;
  readonly volatilityPercent: number;
  readonly samples: number;
  readonly spreadPercent: number;
}

const near = (a: number, b: number, to = 1e-9): boolean =>
  Math.abs(a - b) <= to * Math.max(Math.abs(a), Math.abs(b), 1e-3);

/**
 * History and quotes of our own making go in over Redis, as from seeders and ingestors; what comes out over REST is compared with
 * plain arithmetic over the same numbers.
 */
describeRedis('the market, worked out anew', () => {
  const children: Child[] = [];
  let redis: RedisServer;
  let bus: RedisBus;
  let port = 0;
  let coins: Coin[] = [];
  /** When they began to say what they still say, epoch ms. */
  let since = Infinity;
  const stop = new AbortController();
  let feeder: Promise<void> = Promise.resolve();

  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    const { data, error } = (await answer.json()) as { data: T; error?: unknown };
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(error)}`);
    return data;
  };

  async function seed(): Promise<void> {
    for (const { symbol, closes } of coins) {
      for (const [bucketMs, series] of closes) {
        const candles = [...series].map(([end, close]) => {
          return { time: end - bucketMs, open: close, high: close, low: close, close, volume: 1 };
        });
        for (let i = 0; i < candles.length; i += 500) {
          const batch = {
            symbol,
            provider: 'coinbase',
            grade: 'klines',
            bucketMs,
            candles: candles.slice(i, i + 500),
          } as const;
          await bus.publish('history', batch, partitionOf(symbol, PARTITIONS));
        }
      }
    }
  }

  /** Trades at the prices of the coins, and tickers with what the day was; the first prices are others. */
  async function say(isFirst: boolean): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const own = coins.filter(({ symbol }) => partitionOf(symbol, PARTITIONS) === partition);
      for (const source of SOURCES) {
        const now = Date.now();
        const quotes = own.flatMap(({ symbol, quotes: all }) =>
          all.filter((quote) => quote.source === source).map((quote) => ({ symbol, ...quote })),
        );
        const tether = { symbol: 'usdt', quote: 'usd', price: TETHER, size: 1, time: now, id: `${now}` };
        const traded = source === INDEX ? [] : quotes;
        const ticks = traded.map(({ symbol, quote, price }) => {
          return { symbol, quote, price: isFirst ? price * 1.001 : price, size: 1e-9, time: now, id: `${now}` };
        });
        const tickers = quotes.map(({ symbol, quote, price, open24h, volume24h }) => {
          return { symbol, quote, price, time: now, open24h, volume24h };
        });
        const rates = source === 'coinbase' || source === 'kraken' ? [tether] : [];
        await bus.publish('ticks', { source, receivedAt: now, ticks: [...rates, ...ticks], tickers }, partition);
      }
    }
    if (!isFirst) since = Math.min(since, Date.now());
  }

  async function feed(): Promise<void> {
    // No bucket must end between the first prices and the others, or while these are on their way.
    const left = MINUTE - (Date.now() % MINUTE);
    if (left < 10 * SECOND) await sleep(left);
    await say(true);
    while (!stop.signal.aborted) {
      await say(false);
      await sleep(SECOND);
    }
  }

  beforeAll(async () => {
    redis = await RedisServer.start();
    port = await freePort();
    const env = { REDIS_URL: redis.url, PORT: String(port), PARTITIONS: String(PARTITIONS), LOG_LEVEL: 'warn' };
    for (const app of ['aggregator', 'gateway']) children.push(new Child(builtApp(app), env));
    bus = new RedisBus({ url: redis.url, name: 'test' });
    await until(
      'the gateway',
      async () => (await fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined))?.ok ?? false,
      30_000,
    );
    const listed = await get<{ symbol: string }[]>(`/api/crypto/listings?limit=${ASSETS + 3}`);
    const symbols = listed.map(({ symbol }) => symbol.toLowerCase());
    coins = coinsOf(
      symbols.filter((symbol) => !['btc', 'usdt', 'usdc'].includes(symbol)),
      Date.now(),
    );
    await seed();
    feeder = feed();
    const isTold = (path: string): Promise<boolean | string> => get(path).then(() => true, String);
    await until('the last price', () => isTold(`/api/crypto/${coins.at(-1)!.symbol}/quotes`), 20_000);
    await until('movers', () => isTold('/api/market/movers'), 20_000);
  }, 90_000);

  afterAll(async () => {
    stop.abort();
    await feeder;
    await bus.close();
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.exit));
    await redis.stop();
  }, 20_000);

  /** The same symbols in the same order, and numbers that agree. @returns true, or what differs */
  function compare(found: readonly Row[], expected: readonly Partial<Row>[]): true | string {
    const names = (rows: readonly Partial<Row>[]): string => rows.map(({ symbol }) => symbol).join(' ');
    if (names(found) !== names(expected)) return `found ${names(found)}\nexpected ${names(expected)}`;
    for (const [i, row] of expected.entries()) {
      for (const [key, value] of Object.entries(row)) {
        const has = found[i]![key as keyof Row];
        if (typeof value === 'number' && typeof has === 'number' ? !near(has, value) : has !== value) {
          return `${row.symbol}: ${key} is ${has}, expected ${value}`;
        }
      }
    }
    return true;
  }

  /** Buckets that have ended since then close at the price, which has not changed. */
  function grow(): void {
    for (const coin of coins) {
      for (const [width, closes] of coin.closes) {
        for (let end = Math.ceil(since / width) * width; end <= Date.now(); end += width)
          closes.set(end, priceOf(coin));
      }
    }
  }

  const ranked = <T extends { readonly symbol: string }>(rows: readonly T[], of: (row: T) => number): T[] =>
    rows.toSorted((a, b) => of(b) - of(a) || (a.symbol < b.symbol ? -1 : 1)).slice(0, 50);
  const named = <T extends object>({ symbol }: Coin, row: T): T & { symbol: string } => ({
    symbol: symbol.toUpperCase(),
    ...row,
  });

  it('has the prices, volumes and changes of the day that the venues say', async () => {
    const check = async (): Promise<true | string> => {
      const rows: Row[] = [];
      const expected: Partial<Row>[] = [];
      for (const coin of coins) {
        const quotes = await get<{ price: number; volume24h: number; change24h: number }>(
          `/api/crypto/${coin.symbol}/quotes`,
        );
        rows.push({
          symbol: coin.symbol,
          price: quotes.price,
          volume24h: quotes.volume24h,
          changePercent: quotes.change24h,
        } as Row);
        expected.push({
          symbol: coin.symbol,
          price: priceOf(coin),
          volume24h: volumeOf(coin),
          changePercent: changeOf(coin),
        });
      }
      return compare(rows, expected);
    };
    await until('the quotes', check, 15_000);
    const leaders = coins.map((coin) => named(coin, { price: priceOf(coin), volume24h: volumeOf(coin) }));
    const found = await get<(Row & { change24h: number })[]>('/api/market/volume-leaders?limit=50');
    expect(
      compare(
        found,
        ranked(leaders, ({ volume24h }) => volume24h),
      ),
    ).toBe(true);
    const listed = await get<Row[]>('/api/crypto/listings?sort=volume_24h&limit=50');
    // In a list equals stand by their rank, as the coins do.
    expect(compare(listed, leaders.toSorted((a, b) => b.volume24h - a.volume24h).slice(0, 50))).toBe(true);
  });

  it.each(NAMES)('has the movers of %s', async (name) => {
    const check = async (): Promise<true | string> => {
      const { gainers, losers, timestamp } = await get<{ gainers: Row[]; losers: Row[]; timestamp: number }>(
        `/api/market/movers?timeframe=${name}&limit=50`,
      );
      grow();
      const edge = Math.round((timestamp * SECOND) / MINUTE) * MINUTE;
      const changes = coins.flatMap((coin) => {
        const reference = referenceOf(coin, WINDOWS[name], edge);
        if (reference === undefined) return [];
        const price = priceOf(coin);
        return named(coin, { price, changePercent: (price / reference - 1) * 100, volume24h: volumeOf(coin) });
      });
      const risen = ranked(
        changes.filter(({ changePercent }) => changePercent > 0),
        ({ changePercent }) => changePercent,
      );
      const fallen = ranked(
        changes.filter(({ changePercent }) => changePercent < 0),
        ({ changePercent }) => -changePercent,
      );
      if (risen.length < 15 || fallen.length < 15) return 'too few to compare';
      const first = compare(gainers, risen);
      return first === true ? compare(losers, fallen) : first;
    };
    await until(`the movers of ${name}`, check, 15_000);
  });

  it.each(NAMES)('has the volatility of %s', async (name) => {
    const check = async (): Promise<true | string> => {
      const rows = await get<Row[]>(`/api/market/volatility?window=${name}&limit=50`);
      grow();
      const expected = coins.flatMap((coin) => {
        const found = volatilityOf(coin, WINDOWS[name], Date.now());
        if (found === undefined) return [];
        return named(coin, { price: priceOf(coin), volatilityPercent: found.percent, samples: found.samples });
      });
      return compare(
        rows,
        ranked(expected, ({ volatilityPercent }) => volatilityPercent),
      );
    };
    // What was computed for somebody serves everybody for ten seconds.
    await until(`the volatility of ${name}`, check, 18_000);
  });

  it('shows the same past in its charts', async () => {
    for (const { symbol, closes } of coins.slice(0, 24)) {
      for (const [range, width] of [
        ['1h', MINUTE],
        ['1d', 5 * MINUTE],
        ['1w', HOUR],
      ] as const) {
        grow();
        const said = closes.get(width)!;
        const newest = Math.max(...said.keys());
        const { data } = await get<{ data: { time: number; close: number; interpolated?: true }[] }>(
          `/api/crypto/${symbol}/chart?range=${range}`,
        );
        const seen = data
          .filter(({ time, interpolated }) => interpolated !== true && time * SECOND + width <= newest)
          .map(({ time, close }): [number, number] => [time * SECOND + width, close]);
        const first = seen[0]?.[0] ?? Infinity;
        expect(seen).toEqual([...said].filter(([end]) => end >= first && end <= newest));
      }
    }
  });
});
