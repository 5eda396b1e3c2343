import { SEED_PROVIDERS } from '@haunt/domain';
import { HOUR_MS, MINUTE_MS } from './candles.js';
import type { HistoryResolution, HistorySource, QuotedCandle } from './history.js';
import { HISTORY_SOURCES } from './history-registry.js';
import { kucoinHistory } from './kucoin/kucoin.history.js';
import { ANSWERED, ASSET, bucket, HISTORY_CASES, market, NOW, number, WRITTEN } from './spec-histories.js';

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

describe.each(HISTORY_CASES)('History of $id in buckets of $bucketMs ms', ({ source, resolution }) => {
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
    for (const source of HISTORY_SOURCES) {
      for (const key of [undefined, 'key', 'pro:key']) {
        const { count, windowMs } = source.budget(key);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(windowMs).toBeGreaterThan(0);
      }
      expect(source.rest).toMatch(/^https:\/\/[^/]+$/);
    }
  });

  it('all have their place in the order in which seeders ask', () => {
    expect(SEED_PROVIDERS.toSorted()).toEqual(HISTORY_SOURCES.map(({ id }) => id).sort());
  });

  it('need a pair where they have a listing', () => {
    for (const source of HISTORY_SOURCES) {
      const ask = () => source.request({ symbol: 'btc', quote: 'usd' }, source.resolutions[0]!, 0, HOUR_MS, 'key');
      if (source.listing !== undefined) expect(ask).toThrow(/btc has none/);
    }
  });
});
