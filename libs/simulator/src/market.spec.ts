import { ASSETS, DEFAULT_SYMBOLS } from '@haunt/domain';
import { simulatedAsset } from './assets.js';
import { Market } from './market.js';
import { Tape } from './tape.js';
import { listPairs, shareFor } from './venue-pair.js';
import { BINANCE } from './venues/binance.js';

const NOON = Date.UTC(2026, 10, 20, 12);

it('knows every built-in asset by the ids that real APIs have for it', () => {
  const own = ASSETS.map(({ symbol, id, coingeckoId }) => `${symbol} ${id} ${coingeckoId}`);
  const simulated = ASSETS.map(({ symbol }) => simulatedAsset(symbol));
  expect(simulated.map(({ symbol, cmcId, coingeckoId }) => `${symbol} ${cmcId} ${coingeckoId}`)).toEqual(own);
});

describe('Market', () => {
  it('is the same for the same seed, in whatever order it is asked, and another for another seed', () => {
    const moments = Array.from({ length: 200 }, (_, at) => NOON - at * 7_777_777);
    const forwards = moments.map((time) => new Market(5).truth('eth', time));
    const market = new Market(5);
    expect(moments.toReversed().map((time) => market.truth('eth', time))).toEqual(forwards.toReversed());
    expect(new Market(6).truth('eth', NOON)).not.toBe(forwards[0]);
  });

  it('moves as prices do: visibly within a second, some percent in a day, never by a multiple in a year', () => {
    const market = new Market(3);
    for (const symbol of ['btc', 'eth', 'doge', 'shib']) {
      const steps = Array.from({ length: 2000 }, (_, at) => {
        const time = NOON + at * 1000;
        return Math.log(market.truth(symbol, time + 1000) / market.truth(symbol, time));
      });
      const perSecond = Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0) / steps.length);
      expect(perSecond).toBeGreaterThan(0.0001);
      expect(perSecond).toBeLessThan(0.001);
      const year = Array.from({ length: 365 }, (_, day) => market.truth(symbol, NOON - day * 86_400_000));
      expect(Math.max(...year) / Math.min(...year)).toBeGreaterThan(1.1);
      expect(Math.max(...year) / Math.min(...year)).toBeLessThan(8);
    }
  });

  it('keeps stablecoins at their peg until told otherwise', () => {
    const market = new Market(3);
    expect(Math.abs(market.truth('usdt', NOON) - 1)).toBeLessThan(0.001);
    market.depeg('USDT', 0.9, NOON, 60_000);
    expect(market.truth('usdt', NOON - 1)).toBeGreaterThan(0.999);
    expect(market.truth('usdt', NOON + 30_000)).toBeCloseTo(0.95, 2);
    expect(market.truth('usdt', NOON + 90_000)).toBeCloseTo(0.9, 2);
    market.depeg('usdt', 1, NOON + 120_000);
    expect(market.truth('usdt', NOON + 120_000)).toBeCloseTo(1, 2);
    expect(() => market.depeg('usdt', 0, NOON)).toThrow('above 0');
  });
});

describe('Tape', () => {
  const share = shareFor(1, [BINANCE], DEFAULT_SYMBOLS, 1000);
  const pairs = listPairs(1, BINANCE, DEFAULT_SYMBOLS, share).filter(({ online }) => online);
  const tape = new Tape(new Market(1), 0.0003);

  it('makes as many trades as it was told, in order, with prices and sizes as their texts say', () => {
    let count = 0;
    const wrong: unknown[] = [];
    for (const pair of pairs) {
      const from = tape.lastSlot(pair, NOON);
      const to = tape.lastSlot(pair, NOON + 20_000);
      if (pair.quote === 'usdt') count += to - from;
      let before = 0;
      for (let slot = from; slot <= Math.min(to, from + 40); slot++) {
        const trade = tape.trade(pair, slot);
        const spelled = trade.price === Number(trade.priceText) && trade.size === Number(trade.sizeText);
        if (!spelled || !(trade.price > 0) || !(trade.size > 0) || trade.time < before) wrong.push(trade);
        before = trade.time;
      }
    }
    expect(wrong).toEqual([]);
    expect(count / 20).toBeGreaterThan(950);
    expect(count / 20).toBeLessThan(1050);
  });

  it('prices what is worth less than a cent in the steps that venues use', () => {
    const shib = tape.last(
      pairs.find(({ id }) => id === 'SHIBUSDT')!,
      NOON,
    );
    expect(shib.priceText).toMatch(/^0\.0000\d{4}$/);
    const btc = tape.last(
      pairs.find(({ id }) => id === 'BTCUSDT')!,
      NOON,
    );
    expect(btc.priceText).toMatch(/^\d{5,6}\.\d\d$/);
  });

  it('sums to the volume that the ticker says, over a day', () => {
    const slow = listPairs(1, BINANCE, DEFAULT_SYMBOLS, share / 50);
    const pair = slow.find(({ id }) => id === 'JSTUSDT')!;
    const from = tape.lastSlot(pair, NOON - 86_400_000);
    let volume = 0;
    for (let slot = from + 1; slot <= tape.lastSlot(pair, NOON); slot++) volume += tape.trade(pair, slot).size;
    expect(volume / tape.day(pair, NOON).volume).toBeGreaterThan(0.85);
    expect(volume / tape.day(pair, NOON).volume).toBeLessThan(1.15);
  });
});
