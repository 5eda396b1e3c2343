import type { ExplanationView } from '@haunt/client';
import { agreementWord, decimalsWithin, dotPlot, quoteLines, rateLines, spreadPercent } from './explain.js';

type Quote = ExplanationView['sources'][number];
const quote = (source: Quote['source'], priceUsd: number | null, over: Partial<Quote> = {}): Quote => ({
  source,
  pair: 'btc/usd',
  quote: 'usd',
  quotePrice: priceUsd ?? 1,
  conversionRate: 1,
  priceUsd,
  ageMs: 0,
  weight: 1,
  counted: true,
  ...over,
});
const explained = (sources: Quote[], p25 = 100, p75 = 100): ExplanationView => ({
  symbol: 'btc',
  price: 100,
  status: 'normal',
  asOf: 0,
  version: 1,
  spread: { p25, p75 },
  sources,
});

describe('the quotes of a price', () => {
  it('share it by weight, those that count', () => {
    const lines = quoteLines(
      explained([
        quote('coinbase', 100),
        quote('kraken', 101, { weight: 0.6 }),
        quote('okx', 150, { counted: false, weight: 0.8 }),
      ]),
    );
    expect(lines.map(({ sharePercent }) => sharePercent.toFixed(6))).toEqual(['62.500000', '37.500000', '0.000000']);
    expect(lines.map(({ distancePercent }) => distancePercent?.toFixed(6))).toEqual([
      '0.000000',
      '1.000000',
      '50.000000',
    ]);
  });

  it('have no distance without a rate, and no share when nothing counts', () => {
    const [line] = quoteLines(explained([quote('okx', null, { counted: false, conversionRate: null })]));
    expect(line).toMatchObject({ distancePercent: undefined, sharePercent: 0 });
  });

  it('say what stablecoins were converted with, and that none is trusted', () => {
    const usdt = { quote: 'usdt', pair: 'btc/usdt' } as const;
    const lines = rateLines([
      quote('coinbase', 100),
      quote('binance', null, { ...usdt, conversionRate: null, counted: false }),
      quote('okx', 99, { ...usdt, conversionRate: 0.9 }),
      quote('kraken', null, { quote: 'usdc', conversionRate: null, counted: false }),
    ]);
    expect(lines).toEqual([
      { coin: 'usdt', rate: 0.9, quotes: ['binance', 'okx'] },
      { coin: 'usdc', rate: undefined, quotes: ['kraken'] },
    ]);
  });
});

describe('agreement', () => {
  it('is the width of the middle half in percent, and unknown with a single quote', () => {
    expect(spreadPercent(explained([quote('okx', 100), quote('kraken', 101)], 100, 100.5))).toBeCloseTo(0.5);
    expect(
      spreadPercent(explained([quote('okx', 100), quote('kraken', 101, { counted: false })], 100, 100.5)),
    ).toBeUndefined();
  });

  it('has words', () => {
    expect([undefined, 0.05, 0.1, 0.99, 1].map(agreementWord)).toEqual([
      'nothing to compare',
      'tight',
      'good',
      'loose',
      'wide apart',
    ]);
  });
});

describe('the plot', () => {
  it('is as wide as what counts, with the price in the middle', () => {
    const { dots, reachPercent, band } = dotPlot(explained([quote('okx', 98), quote('kraken', 101)], 98.9, 101.1));
    expect(reachPercent).toBeCloseTo(2.2);
    expect(dots.map(({ place }) => place.toFixed(4))).toEqual([(0.5 - 2 / 4.4).toFixed(4), (0.5 + 1 / 4.4).toFixed(4)]);
    expect(band.map((end) => end.toFixed(4))).toEqual(['0.2500', '0.7500']);
  });

  it('puts a far outlier at its end and says so, a near one at its place', () => {
    const out = { counted: false };
    const far = dotPlot(explained([quote('okx', 99), quote('kraken', 101), quote('huobi', 90, out)]));
    expect(far.dots[2]).toMatchObject({ place: 0, isBeyond: true });
    const near = dotPlot(explained([quote('okx', 99), quote('kraken', 101), quote('huobi', 98.5, out)]));
    expect(near.dots[2]?.isBeyond).toBe(false);
    expect(near.dots[2]?.place).toBeGreaterThan(0);
  });

  it('does not blow up what is the same', () => {
    const { reachPercent, dots } = dotPlot(explained([quote('okx', 100), quote('kraken', 100)]));
    expect(reachPercent).toBeGreaterThan(0);
    expect(dots.map(({ place }) => place)).toEqual([0.5, 0.5]);
  });
});

it('decimals are as many as tell quotes apart', () => {
  expect(decimalsWithin(63_000, 0.05, 2)).toBe(2);
  expect(decimalsWithin(1, 0.013, 4)).toBe(5);
  expect(decimalsWithin(6.2e-6, 0.02, 9)).toBe(10);
  expect(decimalsWithin(0, 0.02, 2)).toBe(2);
});
