import { DAY_MS, FIVE_MINUTES_MS, HOUR_MS, MINUTE_MS } from './candles.js';
import type { HistoryAsset, HistoryResolution, HistorySource, QuotedCandle } from './history.js';
import { HISTORY_SOURCES } from './history-registry.js';
import { kucoinHistory } from './kucoin/kucoin.history.js';
import { VenueFrameError } from './source.js';

type Row = QuotedCandle & { readonly volume: number };

const ASSET: HistoryAsset = { symbol: 'btc', coingeckoId: 'bitcoin', pair: 'BTC-USDT', quote: 'usdt' };
const WIDTHS: Readonly<Record<string, number>> = {
  ...{ '1m': MINUTE_MS, '5m': FIVE_MINUTES_MS, '1h': HOUR_MS, '1H': HOUR_MS },
  ...{ '1min': MINUTE_MS, '5min': FIVE_MINUTES_MS, '1hour': HOUR_MS, histohour: HOUR_MS, histoday: DAY_MS },
};
/** 20 Nov 2026 10:17:23 UTC: within a bucket of every width. */
const NOW = Date.UTC(2026, 10, 20, 10, 17, 23);

/** The market's bucket: every one another, so that a shift by one shows. */
function bucket(time: number): Row {
  const open = 100 + ((time / MINUTE_MS) % 9973) / 100;
  return { time, open, high: open + 3, low: open - 3, close: open + 1.5, volume: open * 7 };
}

/** The buckets whose start satisfies a venue's own comparison, oldest first, the one that still trades included. */
function market(bucketMs: number, first: number, last: number): Row[] {
  const rows: Row[] = [];
  for (let time = Math.ceil(first / bucketMs) * bucketMs; time <= Math.min(last, NOW); time += bucketMs)
    rows.push(bucket(time));
  return rows;
}

const texts = (...cells: number[]) => cells.map(String);

/** How each provider writes rows down, in its order and its envelope. */
const WRITTEN: Readonly<Record<string, (rows: readonly Row[], bucketMs: number) => unknown>> = {
  binance: (rows, bucketMs) =>
    rows.map((r) => [
      r.time,
      ...texts(r.open, r.high, r.low, r.close, 1),
      r.time + bucketMs - 1,
      `${r.volume}`,
      9,
      '1',
      '1',
      '0',
    ]),
  coinbase: (rows) =>
    rows
      .map((r) => [r.time / 1000, r.low, r.high, r.open, r.close, r.volume / ((r.high + r.low + r.close) / 3)])
      .reverse(),
  okx: (rows, bucketMs) => ({
    code: '0',
    msg: '',
    data: rows
      .map((r) => [
        ...texts(r.time, r.open, r.high, r.low, r.close, 1, r.volume, r.volume),
        r.time + bucketMs <= NOW ? '1' : '0',
      ])
      .reverse(),
  }),
  kucoin: (rows) => ({
    code: '200000',
    data: rows.map((r) => texts(r.time / 1000, r.open, r.close, r.high, r.low, 1, r.volume)).reverse(),
  }),
  kraken: (rows) => ({
    error: [],
    result: {
      XXBTZUSD: rows.map((r) => [
        r.time / 1000,
        ...texts(r.open, r.high, r.low, r.close, r.open, r.volume / r.open),
        12,
      ]),
      last: (rows.at(-2)?.time ?? 0) / 1000,
    },
  }),
  /** Three points a bucket that make up its candle, and a last one at the moment of the answer. */
  coingecko: (rows, bucketMs) => {
    const at = (r: Row, part: number, price: number) => [r.time + Math.floor(bucketMs * part), price];
    const prices = rows.flatMap((r) => [at(r, 0.01, r.open), at(r, 0.4, r.high), at(r, 0.5, r.low)]);
    const closes = rows.map((r) => at(r, 0.9, r.close));
    return { prices: [...prices, ...closes, [NOW, 1]], market_caps: [], total_volumes: [[NOW, 6e10]] };
  },
  cryptocompare: (rows) => ({
    Response: 'Success',
    Type: 100,
    Data: { Data: rows.map(({ volume, ...r }) => ({ ...r, time: r.time / 1000, volumefrom: 1, volumeto: volume })) },
  }),
};

/** The rows each provider has for a request, by its documentation: which ends are inside, and what it does to too many. */
const ANSWERED: Readonly<Record<string, (path: string, query: URLSearchParams) => Row[]>> = {
  /** `startTime` and `endTime` inclusive; of too many the oldest. */
  binance: (_path, query) => {
    expect(number(query, 'limit')).toBeLessThanOrEqual(1000);
    return market(width(query.get('interval')), number(query, 'startTime'), number(query, 'endTime')).slice(
      0,
      number(query, 'limit'),
    );
  },
  /** `start` and `end` inclusive; too many are refused; a few from before `start` come along. */
  coinbase: (_path, query) => {
    const bucketMs = number(query, 'granularity') * 1000;
    const [start, end] = [Date.parse(query.get('start')!), Date.parse(query.get('end')!)];
    expect((end - start) / bucketMs + 1).toBeLessThanOrEqual(300);
    return market(bucketMs, start - 2 * bucketMs, end);
  },
  /** `after` and `before` exclusive, the newest first; of too many the newest; none that still trades. */
  okx: (_path, query) => {
    const [limit, bucketMs] = [number(query, 'limit'), width(query.get('bar'))];
    expect(limit).toBeLessThanOrEqual(300);
    return market(bucketMs, number(query, 'before') + 1, number(query, 'after') - 1).slice(-limit);
  },
  /** `startAt` inclusive; of too many the newest 1,500. Here `endAt` is inclusive too; a test below has it exclusive. */
  kucoin: (_path, query) =>
    market(width(query.get('type')), number(query, 'startAt') * 1000, number(query, 'endAt') * 1000).slice(-1500),
  /** After `since`, always up to now, the newest 720. */
  kraken: (_path, query) =>
    market(number(query, 'interval') * MINUTE_MS, number(query, 'since') * 1000 + 1, NOW).slice(-720),
  /** The last so many days, whatever was asked for. */
  coingecko: (_path, query) => {
    const days = number(query, 'days');
    return market(days === 1 ? FIVE_MINUTES_MS : HOUR_MS, NOW - days * DAY_MS, NOW);
  },
  /** `limit` + 1 rows up to `toTs`, inclusive. */
  cryptocompare: (path, query) => {
    const [limit, bucketMs, last] = [
      number(query, 'limit'),
      width(path.split('/').at(-1)),
      number(query, 'toTs') * 1000,
    ];
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThanOrEqual(2000);
    return market(bucketMs, last - 3000 * bucketMs, last).slice(-(limit + 1));
  },
};

function number(query: URLSearchParams, name: string): number {
  const value = query.get(name);
  expect(value).toMatch(/^\d+$/);
  return Number(value);
}

function width(name: string | null | undefined): number {
  const bucketMs = WIDTHS[name ?? ''];
  if (bucketMs === undefined) throw new Error(`no width is called ${name}`);
  return bucketMs;
}

/** What a seeder does: pages of `perRequest`, oldest first, put one after the other. */
function walk(
  source: HistorySource,
  resolution: HistoryResolution,
  from: number,
  to: number,
  answered = ANSWERED[source.id]!,
): QuotedCandle[] {
  const candles: QuotedCandle[] = [];
  const page = resolution.perRequest * resolution.bucketMs;
  for (let start = from; start < to; start += page) {
    const end = Math.min(start + page, to);
    const { pathname, searchParams } = new URL(
      source.request(ASSET, resolution, start, end, 'key').path,
      'https://venue.test',
    );
    const body = WRITTEN[source.id]!(answered(pathname, searchParams), resolution.bucketMs);
    candles.push(...source.parse(JSON.parse(JSON.stringify(body)), resolution, start, end, NOW));
  }
  return candles;
}

const CASES = HISTORY_SOURCES.flatMap((source) =>
  source.resolutions.map((resolution) => ({ source, resolution, id: source.id, bucketMs: resolution.bucketMs })),
);

describe.each(CASES)('History of $id in buckets of $bucketMs ms', ({ source, resolution }) => {
  const { bucketMs, perRequest, reachMs = Infinity } = resolution;
  const open = Math.floor(NOW / bucketMs) * bucketMs;
  const buckets = Math.min(2.5 * perRequest + 7, Math.floor(reachMs / bucketMs) - 1);
  const from = open - Math.floor(buckets) * bucketMs;

  it('gives every bucket once, page after page, up to the one that still trades', () => {
    const candles = walk(source, resolution, from, open + bucketMs);
    expect(candles.map(({ time }) => time)).toEqual(market(bucketMs, from, open - 1).map(({ time }) => time));
    for (const candle of candles) {
      const { volume, ...ohlc } = bucket(candle.time);
      expect(candle).toMatchObject(ohlc);
      if (source.id === 'coingecko') expect(candle).not.toHaveProperty('volume');
      else expect(candle.volume).toBeCloseTo(volume, 6);
    }
  });

  it.each([1, 2, 3])('gives %i of them alone', (count) => {
    const [start, end] = [from + 3 * bucketMs, from + (3 + count) * bucketMs];
    expect(walk(source, resolution, start, end).map(({ time }) => time)).toEqual(
      market(bucketMs, start, end - 1).map(({ time }) => time),
    );
  });

  it('is not asked for a range that would be shifted or cut', () => {
    const ranges = [
      [from + 1, open],
      [from, from],
      [open, from],
      [from, from + bucketMs / 2],
      [open - (perRequest + 1) * bucketMs, open],
      [Number.NaN, open],
    ] as const;
    for (const [start, end] of ranges) {
      expect(() => source.request(ASSET, resolution, start, end, 'key')).toThrow(RangeError);
    }
    expect(() => source.request(ASSET, { ...resolution, bucketMs: 7_000 }, 0, 7_000, 'key')).toThrow(RangeError);
  });

  describe('when it is damaged', () => {
    const to = from + 4 * bucketMs;
    const parse = (body: unknown) => source.parse(body, resolution, from, to, NOW);
    // Kraken never gives the newest of its rows away: here is one for it to keep.
    const guard = bucket(to);
    const good = market(bucketMs, from, to - 1);
    const read = (rows: readonly Row[]) => parse(WRITTEN[source.id]!([...rows, guard], bucketMs));
    const times = (rows: readonly { time: number }[]) => rows.map(({ time }) => time);

    it.each([
      ['HTML', '<html><body>502 Bad Gateway</body></html>'],
      ['null', null],
      ['nothing', undefined],
      ['a number', 429],
      ['an object', {}],
      ['an object of lists', { data: [[]], result: [], Data: [[1]], prices: [['x']], code: '0' }],
      ['a list of other things', [{ price: 1 }, 'x', null, []]],
      ['an error of Binance or OKX', { code: '50011', msg: 'Too Many Requests', data: [] }],
      ['an error of Coinbase', { message: 'NotFound' }],
      ['an error of Kraken', { error: ['EQuery:Unknown asset pair'] }],
      ['an error of CoinGecko', { status: { error_code: 429, error_message: 'slow down' } }],
      ['an error of CryptoCompare', { Response: 'Error', Message: 'rate limit', Data: {} }],
    ])('fails for %s', (_name, body) => {
      expect(() => parse(body)).toThrow(VenueFrameError);
    });

    it('is empty when there is nothing', () => {
      expect(parse(WRITTEN[source.id]!([], bucketMs))).toEqual([]);
    });

    it('sorts rows and drops duplicates', () => {
      const shuffled = [good[2]!, good[0]!, good[3]!, good[0]!, good[1]!, good[2]!];
      expect(times(read(shuffled))).toEqual(times(good));
    });

    it('drops rows that were not asked for', () => {
      expect(times(read([bucket(from - bucketMs), ...good, bucket(to), bucket(to + bucketMs)]))).toEqual(times(good));
    });

    it('drops rows that cannot be, and keeps the others', () => {
      const ruin = { open: -1, high: -1, low: -1, close: -1 };
      const [a, b, c, d] = good as [Row, Row, Row, Row];
      const isFolded = source.id === 'coingecko';
      for (const price of [0, -5, Number.NaN, Infinity]) {
        const bad = { ...b, open: price, high: price, low: price, close: price };
        expect(times(read([a, bad, c, d]))).toEqual(times([a, c, d]));
      }
      expect(times(read([a, { ...b, ...ruin }, c, d]))).toEqual(times([a, c, d]));
      // Points have no high and low that could be confused.
      if (isFolded) return;
      expect(times(read([a, { ...b, high: b.low, low: b.high }, c, d]))).toEqual(times([a, c, d]));
      expect(times(read([a, { ...b, close: b.high + 1 }, c, d]))).toEqual(times([a, c, d]));
      expect(times(read([a, { ...b, time: b.time + 1000 }, c, d]))).toEqual(times([a, c, d]));
    });

    it('keeps a candle whose volume is none', () => {
      for (const volume of [Number.NaN, -1]) {
        const candle = read([{ ...good[0]!, volume }])[0];
        expect(candle).toMatchObject({ time: from, close: good[0]!.close });
        expect(candle).not.toHaveProperty('volume');
      }
    });
  });
});

describe('The sources of history', () => {
  it('include KuCoin whether or not the end of a range is inside', () => {
    const resolution = kucoinHistory.resolutions[0]!;
    const from = Math.floor(NOW / MINUTE_MS - 4000) * MINUTE_MS;
    const exclusive = (_path: string, query: URLSearchParams) =>
      market(MINUTE_MS, number(query, 'startAt') * 1000, number(query, 'endAt') * 1000 - 1).slice(-1500);
    const candles = walk(kucoinHistory, resolution, from, from + 4000 * MINUTE_MS, exclusive);
    expect(candles.map(({ time }) => time)).toEqual(
      market(MINUTE_MS, from, from + 3999 * MINUTE_MS).map((r) => r.time),
    );
  });

  it('are one of each, and have budgets that let them work', () => {
    expect(new Set(HISTORY_SOURCES.map(({ id }) => id)).size).toBe(HISTORY_SOURCES.length);
    for (const { budget, rest } of HISTORY_SOURCES) {
      for (const key of [undefined, 'key', 'pro:key']) {
        const { count, windowMs } = budget(key);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(windowMs).toBeGreaterThan(0);
      }
      expect(rest).toMatch(/^https:\/\/[^/]+$/);
    }
  });

  it('need a pair where they have a listing', () => {
    for (const { listing, request, resolutions } of HISTORY_SOURCES) {
      const ask = () => request({ symbol: 'btc', quote: 'usd' }, resolutions[0]!, 0, HOUR_MS, 'key');
      if (listing !== undefined) expect(ask).toThrow(/btc has none/);
    }
  });
});
