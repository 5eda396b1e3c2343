import { Activity, type ActivitySnapshot } from './activity.js';
import { RateWindow } from './rate-window.js';
import type { SourceId } from './source.js';
import type { TickBatch } from './tick.js';

const T0 = 1_800_000_000_000;

function batch(source: SourceId, ...symbols: string[]): TickBatch {
  const ticks = symbols.map((symbol) => ({ symbol, quote: 'usd', price: 1, size: 1, time: T0, id: '1' }));
  const tickers = symbols.slice(0, 1).map((symbol) => ({ symbol, quote: 'usd', price: 1, time: T0 }));
  return { source, receivedAt: T0, ticks, tickers };
}

describe('a window of 60 s', () => {
  it('empties when time passes, slot by slot', () => {
    const window = new RateWindow();
    window.add(T0, 5);
    window.add(T0 + 30_500, 2);
    const at = [0, 30_999, 59_999, 60_000, 90_000, 91_000].map((ms) => window.total(T0 + ms));
    expect(at).toEqual([7, 7, 7, 2, 0, 0]);
  });

  it('survives a silence longer than itself, and late arrivals', () => {
    const window = new RateWindow();
    window.add(T0, 5);
    window.add(T0 + 86_400_000, 1);
    window.add(T0, 1);
    expect(window.total(T0 + 86_400_000)).toBe(2);
    expect(window.total(T0 + 86_460_000)).toBe(0);
  });

  it('counts as a list of arrivals does', () => {
    const window = new RateWindow();
    const arrivals: number[] = [];
    for (let i = 0, now = T0; i < 2_000; i++, now += (i * 7_919) % 4_001) {
      window.add(now, 1);
      arrivals.push(Math.floor(now / 1_000));
      const second = Math.floor(now / 1_000);
      expect(window.total(now)).toBe(arrivals.filter((one) => one > second - 60).length);
    }
  });
});

describe('activity', () => {
  it('counts what arrives, per source and per asset, ticks and tickers alike', () => {
    const activity = new Activity();
    activity.apply(batch('okx', 'btc', 'eth', 'btc'), T0);
    activity.apply(batch('coinbase', 'btc'), T0 + 10_000);
    activity.apply({ source: 'kraken', receivedAt: T0, ticks: [], tickers: [] }, T0 + 10_000);
    expect(activity.totals(T0 + 10_000)).toEqual({
      totalUpdates: 6,
      updates: { okx: 4, coinbase: 2 },
      updatesLastMinute: 6,
      sourcesLastMinute: { okx: 4, coinbase: 2 },
    });
    expect(activity.symbol('btc', T0 + 10_000)).toEqual({
      symbol: 'btc',
      totalUpdates: 5,
      sources: [
        { source: 'coinbase', updateCount: 2, lastAt: T0 + 10_000 },
        { source: 'okx', updateCount: 3, lastAt: T0 },
      ],
      updatesLastMinute: 5,
    });
    expect(activity.symbol('doge', T0).sources).toEqual([]);
  });

  it('falls to 0 when nothing comes any more, while the totals stay', () => {
    const activity = new Activity();
    activity.apply(batch('okx', 'btc'), T0);
    expect(activity.totals(T0 + 61_000)).toMatchObject({
      totalUpdates: 2,
      updatesLastMinute: 0,
      sourcesLastMinute: { okx: 0 },
    });
    expect(activity.symbol('btc', T0 + 61_000)).toMatchObject({ totalUpdates: 2, updatesLastMinute: 0 });
  });

  it('goes on as before when it was saved and restored', () => {
    const activity = new Activity();
    activity.apply(batch('okx', 'btc', 'eth'), T0);
    const restored = Activity.restore(JSON.parse(JSON.stringify(activity.snapshot())) as ActivitySnapshot);
    for (const one of [activity, restored]) one.apply(batch('huobi', 'eth'), T0 + 59_000);
    expect(restored.snapshot()).toEqual(activity.snapshot());
    expect(restored.totals(T0 + 60_000)).toEqual(activity.totals(T0 + 60_000));
    expect(restored.symbol('eth', T0 + 60_000)).toEqual(activity.symbol('eth', T0 + 60_000));
  });
});
