import { RedisBus } from '@haunt/bus';
import { partitionOf } from '@haunt/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtApp } from './built.js';
import { Child } from './child.js';
import { describeRedis, freePort, RedisServer } from './redis-server.js';
import { until } from './until.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WIDTHS = [MINUTE, 5 * MINUTE, HOUR];
const WINDOWS = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '4h': 4 * HOUR,
  '24h': 24 * HOUR,
} as const;
const NAMES = Object.keys(WINDOWS) as (keyof typeof WINDOWS)[];
const PARTITIONS = 3;
const ASSETS = 80;
const TETHER = 0.9995;
const SOURCES = ['coinbase', 'kraken', 'okx', 'coingecko'] as const;
const INDEX = 'coingecko';

/** What the venues say of an asset, and its past; chosen here, so that everything can be worked out here. */
interface Coin {
  readonly symbol: string;
  /** By width, then by the time a bucket ends. */
  readonly closes: ReadonlyMap<number, Map<number, number>>;
  readonly quotes: readonly Quote[];
}

interface Quote {
  readonly source: (typeof SOURCES)[number];
  readonly weight: number;
  readonly quote: 'usd' | 'usdt';
  readonly rate: number;
  readonly price: number;
  readonly open24h: number;
  readonly volume24h: number;
}

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
/** A concluded price has ten significant digits. */
const rounded = (value: number): number => Number(value.toPrecision(10));

const priceOf = ({ quotes }: Coin): number => {
  const weights = quotes.reduce((sum, { weight }) => sum + weight, 0);
  return rounded(quotes.reduce((sum, { weight, price, rate }) => sum + weight * price * rate, 0) / weights);
};
/** What an index counts was counted by the venues already. */
const volumeOf = ({ quotes }: Coin): number =>
  quotes.reduce((sum, { source, volume24h, rate }) => (source === INDEX ? sum : sum + volume24h * rate), 0);
const changeOf = ({ quotes }: Coin): number => {
  const weights = quotes.reduce((sum, { weight }) => sum + weight, 0);
  return quotes.reduce((sum, { weight, price, open24h }) => sum + weight * (price / open24h - 1) * 100, 0) / weights;
};

/** Of every bucket no wider than a tenth of the window, or a minute: the close of the one that ended nearest to a window before. */
function referenceOf({ closes }: Coin, window: number, edge: number): number | undefined {
  const wanted = edge - window;
  const reach = Math.max(window / 20, MINUTE / 2);
  let best: { readonly distance: number; readonly close: number } | undefined;
  for (const width of WIDTHS.filter((each) => each === MINUTE || each <= window / 10)) {
    for (const [end, close] of closes.get(width)!) {
      const distance = Math.abs(end - wanted);
      if (distance <= reach && (best === undefined || distance < best.distance)) best = { distance, close };
    }
  }
  return best?.close;
}

/** The root of the sum of the squared log returns between the closes of the window's buckets and the price. */
function volatilityOf(coin: Coin, window: number, now: number): { percent: number; samples: number } | undefined {
  const width = window < 4 * HOUR ? MINUTE : 5 * MINUTE;
  const last = Math.floor(now / width) * width;
  const ends = Array.from({ length: window / width }, (_, i) => last - (window / width - 1 - i) * width);
  const path = [...ends.flatMap((end) => coin.closes.get(width)!.get(end) ?? []), priceOf(coin)];
  if (path.length - 1 < Math.ceil(0.9 * ends.length)) return undefined;
  const squares = path.slice(1).map((close, i) => Math.log(close / path[i]!) ** 2);
  return { percent: 100 * Math.sqrt(squares.reduce((sum, square) => sum + square, 0)), samples: squares.length };
}

/** Numbers in [0, 1), the same in every run. */
function chance(): () => number {
  let state = 20_261_120;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Each with a past and quotes of its own; among them some that are young, full of holes, without any past, equal to another, or still. */
function coinsOf(symbols: readonly string[], now: number): Coin[] {
  const random = chance();
  const coins: Coin[] = [];
  for (const [i, symbol] of symbols.entries()) {
    const kind = ['young', 'holes', 'none', 'twin', 'still'][i % 12] ?? 'usual';
    const end = Math.floor(now / MINUTE) * MINUTE;
    const minutes = new Map<number, number>();
    let price = 10 ** ((i % 8) - 3);
    for (let time = end - 26 * HOUR; time <= end; time += MINUTE) {
      if (kind !== 'still') price = rounded(price * (1 + (random() - 0.5) / 200));
      // Around every window's beginning, up to eleven minutes of it.
      const inHole = Object.values(WINDOWS).some((window) => Math.abs(end - window - time) < (window / 120) * random());
      const isThere = kind === 'none' ? false : kind === 'young' ? time > end - 2 * HOUR : kind !== 'holes' || !inHole;
      if (isThere) minutes.set(time, price);
    }
    const closes = new Map([[MINUTE, minutes]]);
    for (const width of WIDTHS.slice(1)) {
      const rolled = [...minutes].filter(([time]) => time % width === 0 && kind !== 'young' && kind !== 'holes');
      closes.set(width, new Map(rolled));
    }
    if (kind === 'twin' && i > 12) {
      coins.push({ ...coins[i - 5]!, symbol });
      continue;
    }
    const said = (source: Quote['source'], weight: number, quote: Quote['quote'] = 'usd'): Quote => {
      const rate = quote === 'usd' ? 1 : TETHER;
      const spot = rounded((kind === 'still' ? price : price * (1 + (random() - 0.5) / 1_000)) / rate);
      const open24h = rounded(spot * (1 + (random() - 0.5) / 5));
      return {
        source,
        weight,
        quote,
        rate,
        price: spot,
        open24h,
        volume24h: Math.round(random() * (source === INDEX ? 1e15 : 1e8)),
      };
    };
    const quotes = [said('coinbase', 1), ...(i % 3 === 0 ? [] : [said('kraken', 0.9)])];
    if (i % 4 === 0 && kind !== 'still') quotes.push(said('okx', 0.8, 'usdt'));
    if (i % 5 === 0) quotes.push(said(INDEX, 0.5));
    coins.push({ symbol, closes, quotes });
  }
  return coins;
}

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
