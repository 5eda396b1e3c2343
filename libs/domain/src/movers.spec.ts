import { ChartBook } from './chart/chart-book.js';
import { MOVER_WINDOWS, MOVER_WINDOW_NAMES, type MoverWindow } from './mover-windows.js';
import { type MovedAsset, Movers, type WindowMovers } from './movers.js';
import type { PriceUpdate } from './price.js';
import { seeded } from './reference/random.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T0 = Date.UTC(2026, 0, 1, 12, 0, 0);

function price(symbol: string, value: number, more: Partial<PriceUpdate> = {}): PriceUpdate {
  return {
    symbol,
    price: value,
    source: 'coinbase',
    sources: ['coinbase'],
    status: 'normal',
    spread: { p25: value, p75: value },
    asOf: 0,
    version: 1,
    ...more,
  };
}

/** Minute candles that end at `end`, closing at what `close` says of the time they end at; undefined: none. */
function seed(
  charts: ChartBook,
  symbol: string,
  from: number,
  end: number,
  close: (time: number) => number | undefined,
) {
  const rows = [];
  for (let time = from; time < end; time += MINUTE) {
    const c = close(time + MINUTE);
    if (c !== undefined) rows.push({ time, open: c, high: c, low: c, close: c });
  }
  charts.merge(symbol, MINUTE, 'klines', rows, end);
}

/** A few entries of the log at the same time: many assets are not looked up in one go. */
function pass(movers: Movers, now: number): void {
  for (let i = 0; i < 3; i++) movers.passed(now);
}

const symbolsOf = (assets: readonly MovedAsset[]): string[] => assets.map(({ symbol }) => symbol);

describe('movers', () => {
  it('are those of an independent computation from the same candles', () => {
    const random = seeded(7);
    const charts = new ChartBook();
    const movers = new Movers(charts);
    const closes = new Map<string, Map<number, number>>();
    const prices = new Map<string, PriceUpdate>();
    const start = T0 - 26 * HOUR;
    for (let i = 0; i < 110; i++) {
      const symbol = `coin${i}`;
      const known = new Map<number, number>();
      // Some have two hours of history, some holes, some none.
      const since = i % 5 === 0 ? T0 - 2 * HOUR : start;
      const holes = i % 7 === 0 ? 0.3 : 0;
      let walk = 10 ** ((i % 9) - 4);
      for (let time = since; time <= T0 + 4 * MINUTE; time += MINUTE) {
        walk *= 1 + (random() - 0.5) / 100;
        if (i % 31 !== 30 && random() >= holes) known.set(time, Number(walk.toPrecision(10)));
      }
      closes.set(symbol, known);
      seed(charts, symbol, start, T0 + 4 * MINUTE, (time) => known.get(time));
      prices.set(symbol, price(symbol, walk, { status: i % 13 === 0 ? 'stale' : 'normal', volume24h: i }));
    }
    for (const update of prices.values()) movers.take(update);

    /** A scan over every candle. */
    const naive = (window: MoverWindow, now: number, side: 1 | -1): (readonly [string, number])[] => {
      const length = MOVER_WINDOWS[window];
      const near = Math.max(length / 20, 30 * SECOND);
      const wanted = Math.round(now / MINUTE) * MINUTE - length;
      const changes: [string, number][] = [];
      for (const [symbol, update] of prices) {
        if (update.status === 'stale') continue;
        let base: number | undefined;
        let nearest = near + 1;
        for (const [time, close] of closes.get(symbol)!) {
          // Times ascend: of two that are as near, the earlier one stays.
          if (Math.abs(wanted - time) >= nearest) continue;
          nearest = Math.abs(wanted - time);
          base = close;
        }
        if (base !== undefined) changes.push([symbol, ((update.price - base) / base) * 100]);
      }
      return changes
        .filter(([, change]) => change * side > 0)
        .sort(([a, x], [b, y]) => (y - x) * side || (a < b ? -1 : 1))
        .slice(0, 50);
    };

    for (let now = T0; now < T0 + 4 * MINUTE; now += 17 * SECOND) {
      for (let i = 0; i < 40; i++) {
        const update = prices.get(`coin${Math.floor(random() * 110)}`)!;
        const next = { ...update, price: update.price * (1 + (random() - 0.5) / 50) };
        prices.set(next.symbol, next);
        movers.take(next);
      }
      pass(movers, now);
      for (const window of MOVER_WINDOW_NAMES) {
        const { gainers, losers } = movers.of(window)!;
        for (const [list, side] of [
          [gainers, 1],
          [losers, -1],
        ] as const) {
          const expected = naive(window, now, side);
          expect(expected.length).toBeGreaterThan(20);
          expect(symbolsOf(list)).toEqual(expected.map(([symbol]) => symbol));
          for (const [i, { changePercent }] of list.entries()) expect(changePercent).toBeCloseTo(expected[i]![1], 9);
        }
      }
    }
  });

  it('leave out what has no history of the window, however long it has been there', () => {
    const charts = new ChartBook();
    const movers = new Movers(charts);
    seed(charts, 'young', T0 - 10 * MINUTE, T0, () => 100);
    movers.take(price('young', 200));
    movers.take(price('none', 200));
    movers.passed(T0);
    const windows = MOVER_WINDOW_NAMES.filter((window) => movers.of(window)!.gainers.length > 0);
    expect(windows).toEqual(['1m', '5m']);
  });

  it('take an hour for a day, but not for a minute', () => {
    const charts = new ChartBook();
    const rows = Array.from({ length: 30 }, (_, i) => {
      const close = 100 + i;
      return { time: T0 - (30 - i) * HOUR, open: close, high: close, low: close, close };
    });
    charts.merge('hourly', HOUR, 'hourly', rows, T0);
    const movers = new Movers(charts);
    movers.take(price('hourly', 210));
    movers.passed(T0);
    // The hour that ended a day ago closed at 105.
    expect(movers.of('24h')!.gainers).toEqual([{ symbol: 'hourly', price: 210, changePercent: 100 }]);
    expect(movers.of('4h')!.gainers).toEqual([]);
  });

  it('are gainers when they rose and losers when they fell; equals stand in the order of their names', () => {
    const charts = new ChartBook();
    const movers = new Movers(charts);
    for (const [symbol, now] of [
      ['c', 101],
      ['b', 102],
      ['a', 101],
      ['same', 100],
      ['e', 99],
      ['d', 99],
      ['f', 50],
    ] as const) {
      seed(charts, symbol, T0 - 2 * HOUR, T0, () => 100);
      movers.take(price(symbol, now));
    }
    movers.passed(T0);
    const { gainers, losers } = movers.of('1h')!;
    expect(symbolsOf(gainers)).toEqual(['b', 'a', 'c']);
    expect(symbolsOf(losers)).toEqual(['f', 'd', 'e']);
  });

  it('are fifty at the most on either side', () => {
    const charts = new ChartBook();
    const movers = new Movers(charts);
    for (let i = 0; i < 130; i++) {
      seed(charts, `c${i}`, T0 - 2 * HOUR, T0, () => 100);
      movers.take(price(`c${i}`, 35.5 + i));
    }
    pass(movers, T0);
    const { gainers, losers } = movers.of('15m')!;
    expect([gainers.length, gainers[0]?.symbol, gainers[49]?.symbol]).toEqual([50, 'c129', 'c80']);
    expect([losers.length, losers[0]?.symbol, losers[49]?.symbol]).toEqual([50, 'c0', 'c49']);
  });

  it('tell a window when its list or order changed, twice a second, and every five seconds in any case', () => {
    const charts = new ChartBook();
    const movers = new Movers(charts);
    for (const symbol of ['a', 'b']) seed(charts, symbol, T0 - 30 * MINUTE, T0 + 30 * MINUTE, () => 100);
    const told = (ms: number, ...updates: PriceUpdate[]): string[] => {
      for (const update of updates) movers.take(update);
      const all: readonly WindowMovers[] = movers.passed(T0 + ms);
      return all.map(
        ({ window, gainers, losers }) => `${window} ${[...symbolsOf(gainers), '|', ...symbolsOf(losers)].join('')}`,
      );
    };
    const three = (lists: string): string[] => ['1m', '5m', '15m'].map((window) => `${window} ${lists}`);
    expect(told(0, price('a', 101), price('b', 102))).toEqual([...three('ba|'), '1h |', '4h |', '24h |']);
    expect(told(499, price('a', 103))).toEqual([]);
    expect(told(500)).toEqual(three('ab|'));
    expect(told(2_000, price('a', 104))).toEqual([]);
    expect(told(3_000, price('b', 99, { status: 'stale' }))).toEqual(three('a|'));
    expect(told(4_000, price('b', 99))).toEqual(three('a|b'));
    expect(told(5_000)).toEqual(['1h |', '4h |', '24h |']);
    expect(told(9_000)).toEqual(three('a|b'));
  });

  it('show no stale price, not even between two rankings', () => {
    const charts = new ChartBook();
    const movers = new Movers(charts);
    seed(charts, 'a', T0 - 2 * HOUR, T0, () => 100);
    movers.take(price('a', 101));
    expect(movers.of('1h')).toBeUndefined();
    movers.passed(T0);
    movers.take(price('a', 101, { status: 'stale' }));
    expect(movers.of('1h')).toEqual({ window: '1h', gainers: [], losers: [], at: T0 });
  });

  it('know a history as soon as it is learnt', () => {
    const charts = new ChartBook();
    const movers = new Movers(charts);
    movers.take(price('a', 110));
    for (const now of [T0, T0 + 40 * SECOND]) movers.passed(now);
    expect(movers.of('24h')!.gainers).toEqual([]);
    seed(charts, 'a', T0 - 25 * HOUR, T0, () => 100);
    movers.learn('a');
    expect(symbolsOf(movers.of('24h')!.gainers)).toEqual(['a']);
    movers.passed(T0 + 80 * SECOND);
    movers.passed(T0 + 95 * SECOND);
    expect(symbolsOf(movers.of('24h')!.gainers)).toEqual(['a']);
  });

  it('look few past prices up at a time, and tell nothing until all are known: after the start, a hole, and a turn that came early', () => {
    const charts = new ChartBook();
    let looked = 0;
    const movers = new Movers({
      get(symbol) {
        looked++;
        return charts.get(symbol);
      },
    });
    for (let i = 0; i < 450; i++) {
      seed(charts, `c${i}`, T0 - 2 * HOUR, T0 + 2 * HOUR, () => 100 + (i % 7));
      movers.take(price(`c${i}`, 200));
    }
    /** How many calls it takes until something is told; how many are looked up at the most in one of them. */
    const untilTold = (now: number): [calls: number, most: number] => {
      let most = 0;
      for (let calls = 1; ; calls++) {
        const before = looked;
        const told = movers.passed(now);
        most = Math.max(most, looked - before);
        if (told.length > 0) return [calls, most];
        expect(movers.of('1h')).toBeUndefined();
      }
    };
    // Fifty assets for each of two preparations, and as many of the next minute.
    const [first, most] = untilTold(T0);
    expect(first).toBe(9);
    expect(most).toBeLessThanOrEqual(200);
    const [hole] = untilTold(T0 + HOUR);
    expect(hole).toBe(9);
    // Half a minute later the minute turns, and only some of the next one was looked up.
    const [turn] = untilTold(T0 + HOUR + 31 * SECOND);
    expect(turn).toBeGreaterThan(1);
    expect(symbolsOf(movers.of('1h')!.gainers)).toHaveLength(50);
  });

  it('go on from a snapshot as if nothing had happened', () => {
    const random = seeded(3);
    const charts = new ChartBook();
    for (let i = 0; i < 100; i++) {
      seed(charts, `c${i}`, T0 - 2 * HOUR, T0 + 4 * MINUTE, () => 100 * (1 + (random() - 0.5) / 100));
    }
    const one = new Movers(charts);
    let two = new Movers(charts);
    const prices = new Map<string, PriceUpdate>();
    let tellings = 0;
    for (let now = T0; now < T0 + 4 * MINUTE; now += 700) {
      const update = price(`c${Math.floor(random() * 100)}`, 100 + random() - 0.5, { volume24h: random() });
      prices.set(update.symbol, update);
      for (const movers of [one, two]) movers.take(update);
      const told = one.passed(now);
      expect(two.passed(now)).toEqual(told);
      tellings += told.length;
      if (random() < 0.1)
        two = Movers.restore(JSON.parse(JSON.stringify(two.snapshot())), charts, [...prices.values()]);
    }
    expect(tellings).toBeGreaterThan(400);
    expect(two.snapshot()).toEqual(one.snapshot());
  });
});
