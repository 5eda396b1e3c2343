import { RateQuotes } from './rate-quotes.js';
import { StablecoinRates } from './rates.js';
import { RANK } from './source-rank.js';
import type { SourceId } from './source.js';

type Prices = Partial<Record<SourceId, number>>;
type Market = Partial<Record<keyof RateQuotes, Prices>>;

const T0 = 1_800_000_000_000;

function quotesOf(market: Market): RateQuotes {
  const quotes = new RateQuotes();
  for (const [pair, prices] of Object.entries(market) as [keyof RateQuotes, Prices][]) {
    for (const [source, price] of Object.entries(prices) as [SourceId, number][]) quotes[pair][RANK[source]] = price;
  }
  return quotes;
}

/** Rates after markets that follow each other by a second. */
function after(...markets: Market[]): StablecoinRates {
  const rates = new StablecoinRates();
  markets.forEach((market, i) => rates.refresh(quotesOf(market), T0 + i * 1_000));
  return rates;
}

const PAR: Market = {
  usdtUsd: { coinbase: 1 },
  btcUsd: { coinbase: 50_000 },
  btcUsdt: { binance: 50_000, okx: 50_000, kucoin: 50_000 },
};

describe('the rate of a stablecoin', () => {
  it('is the median of direct and cross observations', () => {
    const { usdt } = after({
      usdtUsd: { coinbase: 0.999, kraken: 0.9992 },
      btcUsd: { coinbase: 49_950 },
      btcUsdt: { binance: 50_000, okx: 50_050 },
    });
    expect(usdt).toMatchObject({ rate: 0.999, held: false, reason: '' });
  });

  it('needs two observations: one alone has nothing to be compared with', () => {
    expect(after({ usdtUsd: { coinbase: 1 } }).usdt).toMatchObject({
      rate: 0,
      reason: 'a single observation, nothing to compare it with',
    });
    expect(after({}).usdt).toMatchObject({ rate: 0, reason: 'nothing quotes it in USD' });
    expect(after({ usdcUsdt: { binance: 1, okx: 1 } }).usdt.rate).toBe(0);
  });

  it('has no bound around 1', () => {
    const { usdt } = after({ usdtUsd: { coinbase: 0.62 }, btcUsd: { coinbase: 31_000 }, btcUsdt: { binance: 50_000 } });
    expect(usdt.rate).toBe(0.62);
  });

  it('is not trusted while a source’s observations disagree', () => {
    const { usdt } = after({ ...PAR, usdtUsd: { coinbase: 0.97 } });
    expect(usdt).toMatchObject({ rate: 0, reason: 'its observations disagree' });
  });

  it('of three, the one that is far off is dropped', () => {
    const dollars = { usdtUsd: { coinbase: 1, kraken: 1.0002, coingecko: 1.3 } };
    expect(after(dollars).usdt.rate).toBeCloseTo(1.0001, 10);
  });

  it('reaches the other coin through USDC/USDT', () => {
    const { usdc } = after({
      ...PAR,
      usdtUsd: { coinbase: 0.99 },
      btcUsd: { coinbase: 49_500 },
      usdcUsdt: { binance: 1.01, okx: 1.0102 },
    });
    expect(usdc.rate).toBeCloseTo(0.99 * 1.0101, 10);
    const dollars = { usdcUsd: { kraken: 1, coingecko: 1 }, usdcUsdt: { binance: 1.25, okx: 1.25 } };
    expect(after(dollars).usdt.rate).toBe(0.8);
  });

  it('must agree with Bitcoin where Bitcoin is quoted: others would be converted wrong', () => {
    const { usdt } = after({ ...PAR, usdtUsd: { coinbase: 0.9, kraken: 0.9, coingecko: 0.9 } });
    expect(usdt.rate).toBe(0);
  });
});

describe('a de-peg', () => {
  const moved: Prices = { binance: 55_555, okx: 55_555, kucoin: 55_555 };

  it('first in Bitcoin, then in the coin: no rate between', () => {
    const rates = after(PAR, { ...PAR, btcUsdt: moved });
    expect(rates.usdt).toMatchObject({ rate: 0, held: false });
    rates.refresh(quotesOf({ ...PAR, btcUsdt: moved, usdtUsd: { coinbase: 0.9 } }), T0 + 2_000);
    expect(rates.usdt.rate).toBeCloseTo(0.9, 4);
    expect(rates.usdt.jumpedAt).toBe(T0 + 2_000);
  });

  it('first in the coin, then in Bitcoin: the old rate is held while Bitcoin stands', () => {
    const { usdt } = after(PAR, { ...PAR, usdtUsd: { coinbase: 0.9 } });
    expect(usdt).toMatchObject({ rate: 1, held: true });
  });

  it('half of the venues moved: no rate, and quotes of none of them fit', () => {
    const rates = after(PAR, { ...PAR, btcUsdt: { binance: 55_555, okx: 50_000 } });
    expect(rates.usdt.rate).toBe(0);
    expect(rates.fits(1, RANK.binance, T0)).toBe(false);
    expect(rates.fits(1, RANK.okx, T0)).toBe(false);
  });

  it('quotes from before the jump do not fit the rate after it', () => {
    const rates = after(PAR, { ...PAR, btcUsdt: moved, usdtUsd: { coinbase: 0.9 } });
    expect(rates.fits(1, RANK.binance, T0 + 999)).toBe(false);
    expect(rates.fits(1, RANK.binance, T0 + 1_000)).toBe(true);
    expect(rates.fits(0, RANK.coinbase, T0)).toBe(true);
  });
});

describe('the only dollar venue fails', () => {
  const tenfold: Market = { ...PAR, btcUsd: { coinbase: 500_000 }, usdtUsd: { coinbase: 10 } };

  it('times ten, coherently: the rate does not follow, it is held for 30 s, then there is none', () => {
    const rates = after(PAR, { ...PAR, btcUsd: { coinbase: 500_000 } }, tenfold);
    expect(rates.usdt).toMatchObject({ rate: 1, held: true, reason: 'one source alone says that it jumped' });
    rates.refresh(quotesOf(tenfold), T0 + 30_000);
    expect(rates.usdt.held).toBe(true);
    rates.refresh(quotesOf(tenfold), T0 + 30_001);
    expect(rates.usdt.rate).toBe(0);
    rates.refresh(quotesOf(tenfold), T0 + 9_000_000);
    expect(rates.usdt.rate).toBe(0);
    rates.refresh(quotesOf(PAR), T0 + 9_001_000);
    expect(rates.usdt).toMatchObject({ rate: 1, held: false, suspect: false });
  });

  it('times ten, believed when another source agrees', () => {
    const rates = after(PAR, tenfold, { ...tenfold, btcUsd: { coinbase: 500_000, kraken: 500_000 } });
    expect(rates.usdt.rate).toBe(10);
  });

  it('silence: USDC/USDT that stands where it stood confirms the rate for 5 min, without it there is none', () => {
    const { btcUsdt } = PAR;
    expect(after(PAR, { btcUsdt }).usdt.rate).toBe(0);
    const pegs = { usdcUsdt: { binance: 1.0001 } };
    const rates = after({ ...PAR, ...pegs }, { btcUsdt, ...pegs });
    expect(rates.usdt).toMatchObject({ rate: 1, held: true });
    rates.refresh(quotesOf({ btcUsdt, usdcUsdt: { binance: 1.11 } }), T0 + 2_000);
    expect(rates.usdt.rate).toBe(0);
    rates.refresh(quotesOf({ btcUsdt, ...pegs }), T0 + 300_000);
    expect(rates.usdt.rate).toBe(1);
    rates.refresh(quotesOf({ btcUsdt, ...pegs }), T0 + 300_001);
    expect(rates.usdt.rate).toBe(0);
  });
});
