import { type SourceId, STREAM_IDS } from '@haunt/domain';
import { HISTORY_SOURCES, type QuotedCandle } from '@haunt/sources';
import { Exchange } from './exchange.js';
import type { Kline } from './klines.js';
import { Stage } from './spec-client.js';
import { assetOn, exchangeOf, HISTORY_CASES, walk } from './spec-history.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './tape.js';

/** Venues that leave out buckets in which nobody traded. */
const GAPPY: readonly SourceId[] = ['coinbase', 'kucoin'];

let stage: Stage;
beforeEach(async () => void (stage = await Stage.open({ keys: { cryptocompare: 'key' } })));
afterEach(() => stage.close());

function ofVenue(id: SourceId, widthMs: number, from: number, to: number, symbol = 'btc'): Kline[] {
  const venue = exchangeOf(stage, id);
  const pair = venue.pair(assetOn(stage, id, symbol).pair!)!;
  const klines = venue.klines(pair, widthMs, { from, to: to - 1, most: Infinity, keep: 'oldest' });
  return GAPPY.includes(id) ? klines.filter(({ count }) => count > 0) : klines;
}

const ohlc = ({ time, open, high, low, close }: QuotedCandle): number[] => [time, open, high, low, close];

describe.each(HISTORY_CASES)(
  'History of $id in buckets of $bucketMs ms, walked by its dialect',
  ({ id, resolution }) => {
    const { bucketMs, perRequest, reachMs = Infinity } = resolution;

    it('is every bucket once, as the venue knows it', async () => {
      stage.time += 17 * MINUTE_MS + 23_000;
      const open = Math.floor(stage.time / bucketMs) * bucketMs;
      const buckets = Math.min(Math.floor(2.2 * perRequest) + 7, reachMs / bucketMs - 1, 3000 * (DAY_MS / bucketMs));
      const from = open - buckets * bucketMs;
      const candles = await walk(stage, id, resolution, from, open + bucketMs);
      expect(stage.broken).toEqual([]);
      if (stage.simulator.venues[id] instanceof Exchange) {
        const known = ofVenue(id, bucketMs, from, open);
        expect(candles.map(ohlc)).toEqual(known.map(ohlc));
        const off = candles.filter(({ volume }, at) => !(Math.abs(volume! / known[at]!.quoteVolume - 1) < 1e-9));
        // Coinbase's volume is in the base currency, and only about so much in the other.
        if (id !== 'coinbase') expect(off).toEqual([]);
        return;
      }
      expect(candles.map(({ time }) => time)).toEqual(Array.from({ length: buckets }, (_, at) => from + at * bucketMs));
      for (const { time, open: first } of candles) {
        const near = [0, 80_000].map((late) => stage.simulator.market.truth('btc', time + late));
        expect(first).toBeGreaterThan(Math.min(...near) * 0.995);
        expect(first).toBeLessThan(Math.max(...near) * 1.005);
      }
    });
  },
);

describe('A bucket', () => {
  it.each(['binance', 'kraken'] as const)('of %s is the sum of its minutes, whatever its width and age', (id) => {
    stage.time += 47 * MINUTE_MS;
    const decimals = exchangeOf(stage, id).pair(assetOn(stage, id).pair!)!.sizeDecimals;
    const today = Math.floor(stage.time / DAY_MS) * DAY_MS;
    const days = [today, today - 8 * DAY_MS, today - 300 * DAY_MS];
    for (const day of days) {
      const minutes = ofVenue(id, MINUTE_MS, day, day + DAY_MS);
      for (const widthMs of [5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS]) {
        for (const whole of ofVenue(id, widthMs, day, day + DAY_MS)) {
          const parts = minutes.filter(({ time }) => time >= whole.time && time < whole.time + widthMs);
          const sum = (of: (kline: Kline) => number): number => parts.reduce((total, part) => total + of(part), 0);
          expect([whole.open, whole.high, whole.low, whole.close, whole.count]).toEqual([
            parts[0]!.open,
            Math.max(...parts.map(({ high }) => high)),
            Math.min(...parts.map(({ low }) => low)),
            parts.at(-1)!.close,
            sum(({ count }) => count),
          ]);
          expect(whole.volume.toFixed(decimals)).toBe(sum(({ volume }) => volume).toFixed(decimals));
          expect(Math.abs(whole.quoteVolume / sum(({ quoteVolume }) => quoteVolume) - 1)).toBeLessThan(1e-12);
        }
      }
    }
  });

  it('never changes when it is over, in whatever order and from wherever it is asked', async () => {
    const ages = [0, 3 * HOUR_MS, 5 * DAY_MS, 100 * DAY_MS];
    const ask = (): Kline[] => ages.flatMap((age) => ofVenue('okx', HOUR_MS, from - age - 4 * HOUR_MS, from - age));
    stage.simulator.round();
    const from = Math.floor(stage.time / HOUR_MS) * HOUR_MS;
    const before = ask();
    stage.time += 26 * HOUR_MS;
    const later = ofVenue('okx', HOUR_MS, from, from + 2 * HOUR_MS);
    expect(ask()).toEqual(before);
    const [first] = ofVenue('okx', HOUR_MS, from, from + HOUR_MS);
    expect(first).toEqual(later[0]);
    const other = await Stage.open();
    try {
      const venue = other.venue('okx');
      const range = { from: from - 100 * DAY_MS - HOUR_MS, to: Infinity, most: 1, keep: 'oldest' } as const;
      expect(venue.klines(venue.pair('BTC-USDT')!, HOUR_MS, range)).toEqual([before.at(-1)]);
    } finally {
      await other.close();
    }
  });

  it('follows the one before without a jump, at the seams of detail too', () => {
    const hours = ofVenue('binance', HOUR_MS, stage.time - 12 * DAY_MS, stage.time);
    const minutes = ofVenue('binance', MINUTE_MS, stage.time - 3 * HOUR_MS, stage.time);
    for (const klines of [hours, minutes]) {
      for (const [at, { open }] of klines.slice(1).entries()) {
        expect(Math.abs(open / klines[at]!.close - 1)).toBeLessThan(0.002);
      }
    }
    const ranges = minutes.map(({ high, low }) => high / low - 1);
    expect(Math.max(...ranges)).toBeLessThan(0.03);
    expect(Math.min(...ranges)).toBeGreaterThan(0);
  });

  it('has as much volume as the ticker says of a day, where all trades are counted and where they are not', () => {
    for (const id of ['binance', 'coinbase', 'kraken'] as const) {
      const venue = exchangeOf(stage, id);
      const { volume } = venue.day(venue.pair(assetOn(stage, id).pair!)!);
      for (const [from, to] of [
        [stage.time - HOUR_MS, stage.time],
        [stage.time - DAY_MS, stage.time - HOUR_MS],
        [stage.time - 30 * DAY_MS, stage.time - 29 * DAY_MS],
      ] as const) {
        const traded = ofVenue(id, MINUTE_MS, from, to).reduce((sum, kline) => sum + kline.quoteVolume, 0);
        const dollars = volume * stage.simulator.market.truth('btc', from) * ((to - from) / DAY_MS);
        expect(traded / dollars).toBeGreaterThan(0.8);
        expect(traded / dollars).toBeLessThan(1.25);
      }
    }
  });
});

describe('The newest buckets', () => {
  it.each([...STREAM_IDS, 'kraken'] as const)('%s: are the trades, and the last one ends where the ticker is', (id) => {
    stage.simulator.round();
    stage.time += 2 * MINUTE_MS + 13_000;
    const venue = exchangeOf(stage, id);
    for (const symbol of ['btc', 'doge']) {
      const pair = venue.pair(assetOn(stage, id, symbol).pair!)!;
      const open = Math.floor(stage.time / MINUTE_MS) * MINUTE_MS;
      const klines = ofVenue(id, MINUTE_MS, open - 4 * MINUTE_MS, open + MINUTE_MS, symbol);
      const trades = venue.recent(pair, Math.ceil(pair.perSecond * 400));
      expect(klines).toHaveLength(5);
      for (const { time, ...kline } of klines) {
        const inside = trades.filter((trade) => trade.time >= time && trade.time < time + MINUTE_MS);
        const prices = inside.map(({ price }) => price);
        expect(kline).toEqual({
          open: prices[0],
          high: Math.max(...prices),
          low: Math.min(...prices),
          close: prices.at(-1),
          volume: Number(inside.reduce((sum, { size }) => sum + size, 0).toFixed(pair.sizeDecimals)),
          quoteVolume: inside.reduce((sum, { size, price }) => sum + size * price, 0),
          count: inside.length,
        });
      }
      expect(klines.at(-1)!.close).toBe(venue.last(pair).price);
      expect(ofVenue(id, HOUR_MS, open - HOUR_MS, open + MINUTE_MS, symbol).at(-1)!.close).toBe(venue.last(pair).price);
    }
  });

  it('are what a client of the feed makes of the trades it was told', async () => {
    const client = await stage.client('coinbase');
    await client.subscribe([{ pair: 'BTC-USD', symbol: 'btc', quote: 'usd' }]);
    const from = Math.ceil(stage.time / MINUTE_MS) * MINUTE_MS;
    await stage.pass(from + 2 * MINUTE_MS - stage.time, 10_000);
    const resolution = HISTORY_SOURCES.find(({ id }) => id === 'coinbase')!.resolutions[0]!;
    const candles = await walk(stage, 'coinbase', resolution, from, from + 2 * MINUTE_MS);
    const built = [from, from + MINUTE_MS].map((time) => {
      const told = client.trades.filter((trade) => trade.time >= time && trade.time < time + MINUTE_MS);
      const prices = told.map(({ price }) => price);
      return [time, prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1)];
    });
    expect(candles.map(ohlc)).toEqual(built);
  });

  it.each(['coingecko', 'cryptocompare'] as const)('%s: end at the price it tells live', async (id) => {
    const paths = {
      coingecko: '/api/v3/coins/bitcoin/market_chart?vs_currency=usd&days=1&precision=full',
      cryptocompare: '/data/v2/histohour?fsym=BTC&tsym=USD&limit=3&api_key=key',
    };
    const live = {
      coingecko: '/api/v3/simple/price?ids=bitcoin&vs_currencies=usd&precision=full',
      cryptocompare: '/data/pricemulti?fsyms=BTC&tsyms=USD&api_key=key',
    };
    stage.time += 123_456;
    const past = (await (await stage.rest(id, paths[id])).json()) as {
      prices: number[][];
      Data: { Data: { close: number }[] };
    };
    const now = (await (await stage.rest(id, live[id])).json()) as Record<string, Record<string, number>>;
    const price = now['bitcoin']?.['usd'] ?? now['BTC']?.['USD'];
    expect(id === 'coingecko' ? past.prices.at(-1)![1] : past.Data.Data.at(-1)!.close).toBeCloseTo(price!, 3);
  });
});
