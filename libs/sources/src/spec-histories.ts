import { DAY_MS, FIVE_MINUTES_MS, HOUR_MS, MINUTE_MS } from './candles.js';
import type { HistoryAsset, QuotedCandle } from './history.js';
import { HISTORY_SOURCES } from './history-registry.js';

export type Row = QuotedCandle & { readonly volume: number };

export const ASSET: HistoryAsset = { symbol: 'btc', coingeckoId: 'bitcoin', pair: 'BTC-USDT', quote: 'usdt' };
const WIDTHS: Readonly<Record<string, number>> = {
  '1m': MINUTE_MS,
  '1min': MINUTE_MS,
  '5m': FIVE_MINUTES_MS,
  '5min': FIVE_MINUTES_MS,
  '1h': HOUR_MS,
  '1H': HOUR_MS,
  '1hour': HOUR_MS,
  '1': MINUTE_MS,
  '5': FIVE_MINUTES_MS,
  '60': HOUR_MS,
  histohour: HOUR_MS,
  histoday: DAY_MS,
};
/** 20 Nov 2026 10:17:23 UTC: within a bucket of every width. */
export const NOW = Date.UTC(2026, 10, 20, 10, 17, 23);

/** The market's bucket: every one another, so that a shift by one shows. */
export function bucket(time: number): Row {
  const open = 100 + ((time / MINUTE_MS) % 9973) / 100;
  return { time, open, high: open + 3, low: open - 3, close: open + 1.5, volume: open * 7 };
}

/** The buckets whose start satisfies a venue's own comparison, oldest first, the one that still trades included. */
export function market(bucketMs: number, first: number, last: number): Row[] {
  const rows: Row[] = [];
  for (let time = Math.ceil(first / bucketMs) * bucketMs; time <= Math.min(last, NOW); time += bucketMs)
    rows.push(bucket(time));
  return rows;
}

const texts = (...cells: number[]) => cells.map(String);

/** How each provider writes rows down, in its order and its envelope. */
export const WRITTEN: Readonly<Record<string, (rows: readonly Row[], bucketMs: number) => unknown>> = {
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
  bybit: (rows) => ({
    retCode: 0,
    retMsg: 'OK',
    result: {
      category: 'spot',
      symbol: 'BTCUSDT',
      list: rows.map((r) => texts(r.time, r.open, r.high, r.low, r.close, 1, r.volume)).reverse(),
    },
    retExtInfo: {},
    time: NOW,
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
export const ANSWERED: Readonly<Record<string, (path: string, query: URLSearchParams) => Row[]>> = {
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
  /** `start` and `end` inclusive; of too many the newest. */
  bybit: (_path, query) => {
    const limit = number(query, 'limit');
    expect(limit).toBeLessThanOrEqual(1000);
    return market(width(query.get('interval')), number(query, 'start'), number(query, 'end')).slice(-limit);
  },
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

export function number(query: URLSearchParams, name: string): number {
  const value = query.get(name);
  expect(value).toMatch(/^\d+$/);
  return Number(value);
}

function width(name: string | null | undefined): number {
  const bucketMs = WIDTHS[name ?? ''];
  if (bucketMs === undefined) throw new Error(`no width is called ${name}`);
  return bucketMs;
}

/** Every source in every width. */
export const HISTORY_CASES = HISTORY_SOURCES.flatMap((source) =>
  source.resolutions.map((resolution) => ({ source, resolution, id: source.id, bucketMs: resolution.bucketMs })),
);
