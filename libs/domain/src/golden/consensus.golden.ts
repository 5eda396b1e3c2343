import type { PriceStatus } from '../price.js';
import type { SourceId } from '../source.js';

type Per<V> = Partial<Record<SourceId, V>>;

export interface GoldenStep {
  /** USD per source. */
  readonly quotes: Per<number>;
  /** Milliseconds before now; default 0. */
  readonly ages?: Per<number>;
  /** Default: the table's. */
  readonly weights?: number | Per<number>;
  readonly others?: boolean;
  readonly expect: {
    readonly price?: number;
    /** p25, p75 */
    readonly spread?: readonly [number, number];
    readonly status: PriceStatus;
    readonly counted: readonly SourceId[];
    readonly excluded: readonly SourceId[];
    readonly disagreement?: boolean;
  };
}

export interface GoldenVector {
  readonly name: string;
  readonly why: string;
  /** One after the other, each with the verdicts of the one before. */
  readonly steps: readonly GoldenStep[];
}

/**
 * What the price rule must answer. The expected values were worked out apart from the code, in exact fractions, and rounded
 * to the nearest double at the end; a price is compared to ten significant digits. Those named after Pyth take the quotes of pyth-client's
 * program/rust/test_data/aggregation (thinned to nine sources where it has more), with equal weights; their answers are ours: Pyth publishes
 * a median with a confidence, Haunt the average of those that agree.
 */
export const GOLDEN: readonly GoldenVector[] = [
  {
    name: 'pyth 1: three agree',
    why: 'All the same: that is the price, rounding included.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 10, kucoin: 10 },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kucoin'],
          excluded: [],
          price: 10,
          spread: [10, 10],
        },
      },
    ],
  },
  {
    name: 'pyth 2: negative prices',
    why: 'Pyth takes them; a spot price below zero is garbage and never enters.',
    steps: [
      {
        quotes: { coinbase: -10, binance: -10, kucoin: -10 },
        weights: 1,
        expect: { status: 'stale', counted: [], excluded: [] },
      },
    ],
  },
  {
    name: 'pyth 3: zero prices',
    why: 'The same for zero.',
    steps: [
      {
        quotes: { coinbase: 0, binance: 0, kucoin: 0 },
        weights: 1,
        expect: { status: 'stale', counted: [], excluded: [] },
      },
    ],
  },
  {
    name: 'pyth 4: 5 % apart each',
    why: 'No two within 0.5 %: the MAD (0.5) widens what is allowed to 1.5, nobody is out, and the disagreement is said.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 11, kucoin: 10.5 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kucoin'],
          excluded: [],
          price: 10.5,
          spread: [10, 11],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 5: far apart, evenly',
    why: 'MAD 5 allows 15 around 15. Pyth answers 15 too.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 15, kucoin: 20 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kucoin'],
          excluded: [],
          price: 15,
          spread: [10, 20],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 6: the same in another order',
    why: 'The order of arrival has no influence.',
    steps: [
      {
        quotes: { coinbase: 20, binance: 10, kucoin: 15 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kucoin'],
          excluded: [],
          price: 15,
          spread: [10, 20],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 7: one times ten',
    why: 'Median 100, MAD 0: allowed 0.5, and 1000 is out.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100, kucoin: 1000 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: ['kucoin'],
          price: 100,
          spread: [100, 100],
        },
      },
    ],
  },
  {
    name: 'pyth 8: one 10 % off',
    why: 'Median 10.02, MAD 0.02: three MAD (0.06) are more than 0.5 % (0.0501); 11 is out.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 10.02, kucoin: 11 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: ['kucoin'],
          price: 10.01,
          spread: [10, 10.02],
        },
      },
    ],
  },
  {
    name: 'pyth 9: two camps',
    why: 'Half of the votes on either side: the median is the middle 10.51, MAD 0.5. Undecidable, nobody is out.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 10.02, kucoin: 11, okx: 11.02 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kucoin', 'okx'],
          excluded: [],
          price: 10.51,
          spread: [10.02, 11],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 10: fat finger by a million',
    why: '500, 501 and 500 million. Median 501 as in Pyth, MAD 1, allowed 3: the third is out.',
    steps: [
      {
        quotes: { coinbase: 500, binance: 501, kucoin: 500000000 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: ['kucoin'],
          price: 500.5,
          spread: [500, 501],
        },
      },
    ],
  },
  {
    name: 'pyth 11: two fat fingers of three',
    why: 'The majority is wrong, and nobody can know: the price follows it, as in Pyth.',
    steps: [
      {
        quotes: { coinbase: 500, binance: 501000000, kucoin: 500000000 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['binance', 'kucoin'],
          excluded: ['coinbase'],
          price: 500500000,
          spread: [500000000, 501000000],
        },
      },
    ],
  },
  {
    name: 'pyth 12: two camps within 0.01 %',
    why: 'The same picture as in 9, ten thousand times closer: agreement.',
    steps: [
      {
        quotes: { coinbase: 10010, binance: 10010.02, kucoin: 10011, okx: 10011.02 },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kucoin', 'okx'],
          excluded: [],
          price: 10010.51,
          spread: [10010.02, 10011],
        },
      },
    ],
  },
  {
    name: 'pyth 14: five in three camps',
    why: 'Median 11, MAD 0.5 allows 1.5: all count, none agree.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 10.01, kucoin: 11, okx: 11.01, huobi: 11.5 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kucoin', 'okx', 'huobi'],
          excluded: [],
          price: 10.704,
          spread: [10.01, 11.01],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 15: seven in a row',
    why: 'Median 13, MAD 2: an even spread has no outlier.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 11, kucoin: 12, okx: 13, huobi: 14, kraken: 15, coingecko: 16 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko'],
          excluded: [],
          price: 13,
          spread: [11, 15],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 16: seven in an uneven row',
    why: 'Median 13.2, MAD 2: all count.',
    steps: [
      {
        quotes: {
          coinbase: 10,
          binance: 11.03,
          kucoin: 12.03,
          okx: 13.2,
          huobi: 14.02,
          kraken: 15.2,
          coingecko: 16.32,
        },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko'],
          excluded: [],
          price: 13.114285714285714,
          spread: [11.03, 15.2],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 17: the same backwards',
    why: 'The order of arrival has no influence.',
    steps: [
      {
        quotes: {
          coinbase: 16.32,
          binance: 15.2,
          kucoin: 14.02,
          okx: 13.2,
          huobi: 12.03,
          kraken: 11.03,
          coingecko: 10,
        },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko'],
          excluded: [],
          price: 13.114285714285714,
          spread: [11.03, 15.2],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 18: two near, one 9 % off',
    why: 'Median 11, MAD 0.1, allowed 0.3: 10 is out. Pyth, which knows its confidence, gives it little influence.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 11, kucoin: 11.1 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['binance', 'kucoin'],
          excluded: ['coinbase'],
          price: 11.05,
          spread: [11, 11.1],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 19: four, none agreeing',
    why: 'Median the middle of 10 and 11, MAD 0.55, allowed 1.65: 8 is out.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 11, kucoin: 11.1, okx: 8 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kucoin'],
          excluded: ['okx'],
          price: 10.7,
          spread: [10, 11.1],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 20: five around 11',
    why: 'Median 11, MAD 1, allowed 3: 8 is exactly 3 away and may stay.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 11, kucoin: 11.1, okx: 8, huobi: 12 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kucoin', 'okx', 'huobi'],
          excluded: [],
          price: 10.42,
          spread: [10, 11.1],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 21: three camps of three',
    why: 'Median 11.1, MAD 0.99: no majority anywhere.',
    steps: [
      {
        quotes: {
          coinbase: 10,
          binance: 10.1,
          kucoin: 10.11,
          okx: 11,
          huobi: 11.1,
          kraken: 11.11,
          coingecko: 12,
          coinmarketcap: 12.1,
          cryptocompare: 12.11,
        },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: [
            'coinbase',
            'binance',
            'kraken',
            'kucoin',
            'okx',
            'huobi',
            'coingecko',
            'coinmarketcap',
            'cryptocompare',
          ],
          excluded: [],
          price: 11.07,
          spread: [10.11, 12],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 22: one 0.1 % off',
    why: 'Within 0.5 %: an average of all three.',
    steps: [
      {
        quotes: { coinbase: 10000, binance: 10010, kucoin: 10000 },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kucoin'],
          excluded: [],
          price: 10003.333333333334,
          spread: [10000, 10010],
        },
      },
    ],
  },
  {
    name: 'pyth 23: eight against one at 2 %',
    why: 'The ninth is out by two per cent although it would move the price by 0.2 % only.',
    steps: [
      {
        quotes: {
          coinbase: 9900,
          binance: 10100,
          kucoin: 10100,
          okx: 10100,
          huobi: 10100,
          kraken: 10100,
          coingecko: 10100,
          coinmarketcap: 10100,
          cryptocompare: 10100,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko', 'coinmarketcap', 'cryptocompare'],
          excluded: ['coinbase'],
          price: 10100,
          spread: [10100, 10100],
        },
      },
    ],
  },
  {
    name: 'pyth 24: two camps 1 % apart and one below',
    why: 'One of 9 breaks the tie between 4 and 4: median 100000. MAD 1000 allows 3000: 90000 is out, both camps stay.',
    steps: [
      {
        quotes: {
          coinbase: 100000,
          binance: 100000,
          kucoin: 100000,
          okx: 100000,
          huobi: 101000,
          kraken: 101000,
          coingecko: 101000,
          coinmarketcap: 101000,
          cryptocompare: 90000,
        },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko', 'coinmarketcap'],
          excluded: ['cryptocompare'],
          price: 100500,
          spread: [100000, 101000],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 25: the tie-breaker is near',
    why: '99000 is no further from 100000 than the other camp.',
    steps: [
      {
        quotes: {
          coinbase: 100000,
          binance: 100000,
          kucoin: 100000,
          okx: 100000,
          huobi: 101000,
          kraken: 101000,
          coingecko: 101000,
          coinmarketcap: 101000,
          cryptocompare: 99000,
        },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: [
            'coinbase',
            'binance',
            'kraken',
            'kucoin',
            'okx',
            'huobi',
            'coingecko',
            'coinmarketcap',
            'cryptocompare',
          ],
          excluded: [],
          price: 100333.33333333333,
          spread: [100000, 101000],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 26: the tie-breaker joins a camp',
    why: 'Five of nine at 100000: MAD 0, the camp at 101000 is out.',
    steps: [
      {
        quotes: {
          coinbase: 100000,
          binance: 100000,
          kucoin: 100000,
          okx: 100000,
          huobi: 101000,
          kraken: 101000,
          coingecko: 101000,
          coinmarketcap: 101000,
          cryptocompare: 100000,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kucoin', 'okx', 'cryptocompare'],
          excluded: ['kraken', 'huobi', 'coingecko', 'coinmarketcap'],
          price: 100000,
          spread: [100000, 100000],
        },
      },
    ],
  },
  {
    name: 'pyth 27: the tie-breaker in the middle',
    why: 'Median 100500, MAD 500, exactly what 0.5 % (502.5) calls agreement.',
    steps: [
      {
        quotes: {
          coinbase: 100000,
          binance: 100000,
          kucoin: 100000,
          okx: 100000,
          huobi: 101000,
          kraken: 101000,
          coingecko: 101000,
          coinmarketcap: 101000,
          cryptocompare: 100500,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: [
            'coinbase',
            'binance',
            'kraken',
            'kucoin',
            'okx',
            'huobi',
            'coingecko',
            'coinmarketcap',
            'cryptocompare',
          ],
          excluded: [],
          price: 100500,
          spread: [100000, 101000],
        },
      },
    ],
  },
  {
    name: 'pyth 28: the other camp wins',
    why: 'Five of nine at 101000.',
    steps: [
      {
        quotes: {
          coinbase: 100000,
          binance: 100000,
          kucoin: 100000,
          okx: 100000,
          huobi: 101000,
          kraken: 101000,
          coingecko: 101000,
          coinmarketcap: 101000,
          cryptocompare: 101000,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['kraken', 'huobi', 'coingecko', 'coinmarketcap', 'cryptocompare'],
          excluded: ['coinbase', 'binance', 'kucoin', 'okx'],
          price: 101000,
          spread: [101000, 101000],
        },
      },
    ],
  },
  {
    name: 'pyth 29: the tie-breaker is 10 % above',
    why: 'Median 101000, MAD 1000: 111000 is out, the camps stay.',
    steps: [
      {
        quotes: {
          coinbase: 100000,
          binance: 100000,
          kucoin: 100000,
          okx: 100000,
          huobi: 101000,
          kraken: 101000,
          coingecko: 101000,
          coinmarketcap: 101000,
          cryptocompare: 111000,
        },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko', 'coinmarketcap'],
          excluded: ['cryptocompare'],
          price: 100500,
          spread: [100000, 101000],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 30: the tie-breaker is times eleven',
    why: 'The same for 1,110,000.',
    steps: [
      {
        quotes: {
          coinbase: 100000,
          binance: 100000,
          kucoin: 100000,
          okx: 100000,
          huobi: 101000,
          kraken: 101000,
          coingecko: 101000,
          coinmarketcap: 101000,
          cryptocompare: 1110000,
        },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko', 'coinmarketcap'],
          excluded: ['cryptocompare'],
          price: 100500,
          spread: [100000, 101000],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 32: one zero among eight',
    why: 'A zero never enters; the eight agree within 0.2 %.',
    steps: [
      {
        quotes: {
          coinbase: 43296.055,
          binance: 43257.2,
          kucoin: 43291.5,
          okx: 43299.99999999,
          huobi: 43316.09,
          kraken: 43291.98852938,
          coingecko: 0,
          coinmarketcap: 43279,
          cryptocompare: 43320.9,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coinmarketcap', 'cryptocompare'],
          excluded: [],
          price: 43294.09169117125,
          spread: [43291.5, 43299.99999999],
        },
      },
    ],
  },
  {
    name: 'pyth 33: one wrong exponent among eight',
    why: '0.00043254 for 43254: out.',
    steps: [
      {
        quotes: {
          coinbase: 43296.055,
          binance: 43257.2,
          kucoin: 0.00043254,
          okx: 43291.5,
          huobi: 43299.99999999,
          kraken: 43316.09,
          coingecko: 43291.98852938,
          coinmarketcap: 43279,
          cryptocompare: 43320.9,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kraken', 'okx', 'huobi', 'coingecko', 'coinmarketcap', 'cryptocompare'],
          excluded: ['kucoin'],
          price: 43294.09169117125,
          spread: [43291.5, 43299.99999999],
        },
      },
    ],
  },
  {
    name: 'pyth 35: two of seven at a hundredth',
    why: 'The five decide, and their spread is 0.01 %.',
    steps: [
      {
        quotes: {
          coinbase: 40000,
          binance: 40001,
          kucoin: 40002,
          okx: 40003,
          huobi: 40004,
          kraken: 400,
          coingecko: 400,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kucoin', 'okx', 'huobi'],
          excluded: ['kraken', 'coingecko'],
          price: 40002,
          spread: [40001, 40003],
        },
      },
    ],
  },
  {
    name: 'pyth 36: four of seven are garbage',
    why: 'No majority: the median is the highest good one, but the MAD is as wide as the garbage. Flagged.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 10.01, kucoin: 10.02, okx: 500, huobi: 300, kraken: 400, coingecko: 1015 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko'],
          excluded: [],
          price: 320.7185714285714,
          spread: [10.01, 500],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'pyth 37: two of seven times a hundred',
    why: 'As 35, upwards.',
    steps: [
      {
        quotes: {
          coinbase: 40000,
          binance: 40001,
          kucoin: 40002,
          okx: 40003,
          huobi: 40004,
          kraken: 4000000,
          coingecko: 4000000,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kucoin', 'okx', 'huobi'],
          excluded: ['kraken', 'coingecko'],
          price: 40002,
          spread: [40001, 40003],
        },
      },
    ],
  },
  {
    name: 'pyth 38: no confidence in any',
    why: 'A weight of zero counts as little as a confidence of zero: no price.',
    steps: [
      {
        quotes: { coinbase: 10, binance: 10, kucoin: 10 },
        weights: 0,
        expect: { status: 'stale', counted: [], excluded: [] },
      },
    ],
  },
  {
    name: 'pyth 39: two, one times ten',
    why: 'Two cannot say who is wrong: the average, flagged.',
    steps: [
      {
        quotes: { coinbase: 0.21, binance: 2.099 },
        weights: 1,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: [],
          price: 1.1545,
          spread: [0.21, 2.099],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'nine agree',
    why: 'The weighted average of the table: Σ w·p / 6.7.',
    steps: [
      {
        quotes: {
          coinbase: 100,
          binance: 100.02,
          kucoin: 99.98,
          okx: 100.01,
          huobi: 100,
          kraken: 99.99,
          coingecko: 100.05,
          coinmarketcap: 99.95,
          cryptocompare: 100,
        },
        expect: {
          status: 'normal',
          counted: [
            'coinbase',
            'binance',
            'kraken',
            'kucoin',
            'okx',
            'huobi',
            'coingecko',
            'coinmarketcap',
            'cryptocompare',
          ],
          excluded: [],
          price: 100.00044776119402,
          spread: [99.99, 100.01],
        },
      },
    ],
  },
  {
    name: 'the heaviest times ten',
    why: 'The rest decide: 114 would be the average of all.',
    steps: [
      {
        quotes: {
          coinbase: 1000,
          binance: 100.02,
          kucoin: 99.98,
          okx: 100.01,
          huobi: 100,
          kraken: 99.99,
          coingecko: 100.05,
          coinmarketcap: 99.95,
          cryptocompare: 100,
        },
        expect: {
          status: 'normal',
          counted: ['binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko', 'coinmarketcap', 'cryptocompare'],
          excluded: ['coinbase'],
          price: 100.00052631578947,
          spread: [99.99, 100.01],
        },
      },
    ],
  },
  {
    name: 'a venue stuck at 90',
    why: 'Its polls keep answering; the price does not notice.',
    steps: [
      {
        quotes: {
          coinbase: 100,
          binance: 100.02,
          kucoin: 99.98,
          okx: 100.01,
          huobi: 100,
          kraken: 90,
          coingecko: 100.05,
          coinmarketcap: 99.95,
          cryptocompare: 100,
        },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kucoin', 'okx', 'huobi', 'coingecko', 'coinmarketcap', 'cryptocompare'],
          excluded: ['kraken'],
          price: 100.00206896551724,
          spread: [100, 100.01],
        },
      },
    ],
  },
  {
    name: 'one just inside 0.5 %',
    why: 'Two others at 100: 100.5 is exactly 0.5 % away and counts.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100, okx: 100.5 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'okx'],
          excluded: [],
          price: 100.14285714285714,
          spread: [100, 100.5],
        },
      },
    ],
  },
  {
    name: 'one just outside 0.5 %',
    why: '100.51 does not.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100, okx: 100.51 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: ['okx'],
          price: 100,
          spread: [100, 100],
        },
      },
    ],
  },
  {
    name: 'a de-peg left unconverted',
    why: 'What USDT venues would say at 0.90 if nothing were converted: 3.3 of 6.7 votes at 111.1, 3.4 at 100. Out by a hair, which is why conversion comes first.',
    steps: [
      {
        quotes: {
          coinbase: 100,
          kraken: 100,
          coingecko: 100,
          coinmarketcap: 100,
          cryptocompare: 100,
          binance: 111.1,
          kucoin: 111.1,
          okx: 111.1,
          huobi: 111.1,
        },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'kraken', 'coingecko', 'coinmarketcap', 'cryptocompare'],
          excluded: ['binance', 'kucoin', 'okx', 'huobi'],
          price: 100,
          spread: [100, 100],
        },
      },
    ],
  },
  {
    name: 'a heavy source alone against two light ones',
    why: 'Coinbase (1.0) has the votes of both indices together (1.0), less one hundredth: it holds no half, and is out.',
    steps: [
      {
        quotes: { coinbase: 110, coingecko: 100, coinmarketcap: 100.1 },
        expect: {
          status: 'degraded',
          counted: ['coingecko', 'coinmarketcap'],
          excluded: ['coinbase'],
          price: 100.05,
          spread: [100, 100.1],
        },
      },
    ],
  },
  {
    name: 'a weight of five against three of 0.1',
    why: 'Whatever its weight, one source cannot outvote the others.',
    steps: [
      {
        quotes: { coinbase: 200, okx: 100, huobi: 100, kraken: 100.1 },
        weights: { coinbase: 5, okx: 0.1, huobi: 0.1, kraken: 0.1 },
        expect: {
          status: 'normal',
          counted: ['kraken', 'okx', 'huobi'],
          excluded: ['coinbase'],
          price: 100.03333333333333,
          spread: [100, 100.1],
        },
      },
    ],
  },
  {
    name: 'a zero weight beside good ones',
    why: 'It is not there: two remain.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100, okx: 300 },
        weights: { coinbase: 1, binance: 1, okx: 0 },
        expect: { status: 'degraded', counted: ['coinbase', 'binance'], excluded: [], price: 100, spread: [100, 100] },
      },
    ],
  },
  {
    name: 'a sub-cent coin',
    why: 'Shares, not cents: 0.00000810 is 1.2 % off.',
    steps: [
      {
        quotes: { coinbase: 8e-6, binance: 8.01e-6, kucoin: 8e-6, okx: 8.1e-6 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kucoin'],
          excluded: ['okx'],
          price: 8.003571428571429e-6,
          spread: [8e-6, 8.01e-6],
        },
      },
    ],
  },
  {
    name: 'garbage that is no number',
    why: 'NaN, infinities and negatives never enter.',
    steps: [
      {
        quotes: {
          coinbase: 100,
          binance: NaN,
          kucoin: Infinity,
          okx: -100,
          huobi: 101,
          kraken: 100,
          coingecko: -Infinity,
        },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'kraken'],
          excluded: ['huobi'],
          price: 100,
          spread: [100, 100],
        },
      },
    ],
  },
  {
    name: 'out, and back only within half',
    why: 'Out at 0.7 %; at 0.3 % a newcomer would count, it does not; at 0.25 % it does; at 0.4 % it still does.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100, okx: 100.7 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: ['okx'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 100, binance: 100, okx: 100.3 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: ['okx'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 100, binance: 100, okx: 100.25 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'okx'],
          excluded: [],
          price: 100.07142857142857,
          spread: [100, 100.25],
        },
      },
      {
        quotes: { coinbase: 100, binance: 100, okx: 100.4 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'okx'],
          excluded: [],
          price: 100.11428571428571,
          spread: [100, 100.4],
        },
      },
    ],
  },
  {
    name: 'out, silent, and back',
    why: 'A verdict survives the silence of its source.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100, kraken: 100, okx: 120 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kraken'],
          excluded: ['okx'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 100, binance: 100, kraken: 100 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kraken'],
          excluded: ['okx'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 100, binance: 100, kraken: 100, okx: 100.4 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kraken'],
          excluded: ['okx'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 100, binance: 100, kraken: 100, okx: 100.1 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kraken', 'okx'],
          excluded: [],
          price: 100.02162162162162,
          spread: [100, 100],
        },
      },
    ],
  },
  {
    name: 'a real move, the leader first',
    why: 'Binance leads and is out; when the majority has followed it is back, and those who lag are out.',
    steps: [
      {
        quotes: { binance: 103, coinbase: 100, kraken: 100, okx: 100 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'kraken', 'okx'],
          excluded: ['binance'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { binance: 103, coinbase: 103, kraken: 100, okx: 103 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'okx'],
          excluded: ['kraken'],
          price: 103,
          spread: [103, 103],
        },
      },
      {
        quotes: { binance: 103, coinbase: 103, kraken: 103, okx: 103 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kraken', 'okx'],
          excluded: [],
          price: 103,
          spread: [103, 103],
        },
      },
    ],
  },
  {
    name: 'two disagree',
    why: '0.6 % apart: both count, flagged.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100.6 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: [],
          price: 100.3,
          spread: [100, 100.6],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'two agree',
    why: '0.4 % apart: fewer than three are degraded, but agree.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100.4 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: [],
          price: 100.2,
          spread: [100, 100.4],
        },
      },
    ],
  },
  {
    name: 'two, one under a verdict',
    why: 'With three it was convicted; with two it stays out, the other is alone.',
    steps: [
      {
        quotes: { coinbase: 100, okx: 100, binance: 150 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'okx'],
          excluded: ['binance'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 100, binance: 150 },
        expect: {
          status: 'single-source',
          counted: ['coinbase'],
          excluded: ['binance'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 100, binance: 100.3 },
        expect: {
          status: 'single-source',
          counted: ['coinbase'],
          excluded: ['binance'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 100, binance: 100.2 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'binance'],
          excluded: [],
          price: 100.1,
          spread: [100, 100.2],
        },
      },
    ],
  },
  {
    name: 'the innocent leave',
    why: 'Nobody else quotes: the convicted one counts, and stays convicted for when they return.',
    steps: [
      {
        quotes: { coinbase: 100, okx: 100, binance: 150 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'okx'],
          excluded: ['binance'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { binance: 150 },
        expect: {
          status: 'single-source',
          counted: ['binance'],
          excluded: ['binance'],
          price: 150,
          spread: [150, 150],
        },
      },
      {
        quotes: { coinbase: 100, binance: 150 },
        expect: {
          status: 'single-source',
          counted: ['coinbase'],
          excluded: ['binance'],
          price: 100,
          spread: [100, 100],
        },
      },
    ],
  },
  {
    name: 'the innocent cannot be converted',
    why: 'Others quote, only in a currency without a trusted rate: the convicted one is not believed, the last price stands.',
    steps: [
      {
        quotes: { coinbase: 1000, binance: 100, okx: 100 },
        expect: {
          status: 'degraded',
          counted: ['binance', 'okx'],
          excluded: ['coinbase'],
          price: 100,
          spread: [100, 100],
        },
      },
      { quotes: { coinbase: 1000 }, others: true, expect: { status: 'stale', counted: [], excluded: ['coinbase'] } },
    ],
  },
  {
    name: 'two convicts disagree',
    why: 'Nobody else quotes: both count, flagged, both stay convicted.',
    steps: [
      {
        quotes: { coinbase: 150, okx: 90, binance: 100, kraken: 100, huobi: 100 },
        expect: {
          status: 'normal',
          counted: ['binance', 'kraken', 'huobi'],
          excluded: ['coinbase', 'okx'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 150, okx: 90 },
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'okx'],
          excluded: ['coinbase', 'okx'],
          price: 123.33333333333333,
          spread: [90, 150],
          disagreement: true,
        },
      },
    ],
  },
  {
    name: 'two convicts disagree while others quote',
    why: 'Neither is believed.',
    steps: [
      {
        quotes: { coinbase: 150, okx: 90, binance: 100, kraken: 100, huobi: 100 },
        expect: {
          status: 'normal',
          counted: ['binance', 'kraken', 'huobi'],
          excluded: ['coinbase', 'okx'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 150, okx: 90 },
        others: true,
        expect: { status: 'stale', counted: [], excluded: ['coinbase', 'okx'], disagreement: true },
      },
    ],
  },
  {
    name: 'two convicts agree',
    why: 'Two who agree are two witnesses: both are acquitted.',
    steps: [
      {
        quotes: { coinbase: 110, okx: 110, binance: 100, kraken: 100, huobi: 100 },
        expect: {
          status: 'normal',
          counted: ['binance', 'kraken', 'huobi'],
          excluded: ['coinbase', 'okx'],
          price: 100,
          spread: [100, 100],
        },
      },
      {
        quotes: { coinbase: 110, okx: 110.1 },
        others: true,
        expect: {
          status: 'degraded',
          counted: ['coinbase', 'okx'],
          excluded: [],
          price: 110.04444444444445,
          spread: [110, 110.1],
        },
      },
    ],
  },
  {
    name: 'one alone',
    why: 'A single source is the price, and says so.',
    steps: [
      {
        quotes: { huobi: 3.5 },
        expect: { status: 'single-source', counted: ['huobi'], excluded: [], price: 3.5, spread: [3.5, 3.5] },
      },
    ],
  },
  {
    name: 'nobody',
    why: 'No quote, no price.',
    steps: [{ quotes: {}, expect: { status: 'stale', counted: [], excluded: [] } }],
  },
  {
    name: 'the thirtieth second',
    why: '30,000 ms old counts; a thousandth more does not.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 101, okx: 102 },
        ages: { coinbase: 30000, binance: 30000.001, okx: 45000 },
        expect: { status: 'single-source', counted: ['coinbase'], excluded: [], price: 100, spread: [100, 100] },
      },
    ],
  },
  {
    name: 'all too old',
    why: 'Nothing fresh is stale, whatever it says.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100, okx: 100 },
        ages: { coinbase: 31000, binance: 60000, okx: 3600000 },
        expect: { status: 'stale', counted: [], excluded: [] },
      },
    ],
  },
  {
    name: 'a clock ten seconds ahead',
    why: 'Its quote is taken for one of now: it counts like the others.',
    steps: [
      {
        quotes: { coinbase: 100, binance: 100.1, okx: 100.2 },
        ages: { okx: -10000 },
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'okx'],
          excluded: [],
          price: 100.09285714285714,
          spread: [100, 100.2],
        },
      },
    ],
  },
  {
    name: 'quartiles of eight',
    why: 'v[2] and v[5] of the counted in ascending order.',
    steps: [
      {
        quotes: {
          coinbase: 100,
          binance: 100.01,
          kucoin: 100.02,
          okx: 100.03,
          huobi: 100.04,
          kraken: 100.05,
          coingecko: 100.06,
          coinmarketcap: 100.07,
        },
        weights: 1,
        expect: {
          status: 'normal',
          counted: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi', 'coingecko', 'coinmarketcap'],
          excluded: [],
          price: 100.035,
          spread: [100.02, 100.05],
        },
      },
    ],
  },
];
