import { PriceBook, type PriceBookOptions } from './price-book.js';
import type { ExplainedQuote, PriceUpdate } from './price.js';
import { tenDigits } from './significant.js';
import type { SourceId } from './source.js';
import type { Tick, Ticker } from './tick.js';

const T0 = 1_800_000_000_000;
const SECOND = 1_000;

/** A log that is written by hand: `at` is seconds after T0. */
class Log {
  readonly book: PriceBook;
  readonly updates: PriceUpdate[] = [];

  constructor(options?: PriceBookOptions) {
    this.book = new PriceBook(options);
  }

  trade(source: SourceId, pair: string, price: number, at: number, time = at): PriceUpdate[] {
    const [symbol, quote] = pair.split('/') as [string, string];
    const tick: Tick = { symbol, quote, price, size: 1, time: T0 + time * SECOND, id: '1' };
    return this.#apply(source, at, [tick], []);
  }

  ticker(source: SourceId, pair: string, price: number, at: number, rest: Partial<Ticker> = {}): PriceUpdate[] {
    const [symbol, quote] = pair.split('/') as [string, string];
    return this.#apply(source, at, [], [{ symbol, quote, price, time: T0 + at * SECOND, ...rest }]);
  }

  /** Nothing trades: the heartbeats of one second each. */
  pass(from: number, to: number): PriceUpdate[] {
    const updates: PriceUpdate[] = [];
    for (let at = from; at <= to; at++) updates.push(...this.#apply('okx', at, [], []));
    return updates;
  }

  line(symbol: string, source: SourceId, quote?: string): ExplainedQuote {
    const lines = this.book.quotes(symbol);
    return lines.find((line) => line.source === source && (quote === undefined || line.quote === quote))!;
  }

  #apply(source: SourceId, at: number, ticks: Tick[], tickers: Ticker[]): PriceUpdate[] {
    const updates = this.book.apply({ source, receivedAt: T0 + at * SECOND, ticks, tickers });
    this.updates.push(...updates);
    return updates;
  }
}

/** USDT at par, seen by two observations. */
function withRate(log: Log, at = 0): void {
  log.trade('coinbase', 'usdt/usd', 1, at);
  log.trade('coinbase', 'btc/usd', 50_000, at);
  log.trade('binance', 'btc/usdt', 50_000, at);
}

function weighted(lines: readonly ExplainedQuote[]): number {
  const counted = lines.filter((line) => line.counted);
  const sum = counted.reduce((total, line) => total + line.weight * line.priceUsd!, 0);
  return Number((sum / counted.reduce((total, line) => total + line.weight, 0)).toPrecision(10));
}

describe('what is published', () => {
  it('the first tick of a symbol, with everything known about it', () => {
    expect(new Log().trade('coinbase', 'eth/usd', 2_500, 1, 0.9)).toEqual([
      {
        symbol: 'eth',
        price: 2_500,
        source: 'coinbase',
        sources: ['coinbase'],
        status: 'single-source',
        spread: { p25: 2_500, p75: 2_500 },
        asOf: T0 + 900,
        version: (T0 + 1_000) * 1_000,
      },
    ]);
  });

  it('every change, however small the coin, and the last of a burst', () => {
    const log = new Log();
    const prices = [0.00000812, 0.00000813, 0.000008130000001, 0.00000812];
    const published = prices.flatMap((price, i) => log.trade('coinbase', 'pepe/usd', price, 1 + i / 1_000));
    expect(published.map(({ price, direction, previousPrice }) => [price, direction, previousPrice])).toEqual([
      [0.00000812, undefined, undefined],
      [0.00000813, 'up', 0.00000812],
      [0.000008130000001, 'up', 0.00000813],
      [0.00000812, 'down', 0.000008130000001],
    ]);
    expect(log.book.get('pepe')).toBe(published.at(-1));
  });

  it('a price that stands is published again every 5 s of its own time, and nothing else about it changes', () => {
    const log = new Log();
    log.trade('coinbase', 'eth/usd', 2_499, 0);
    const [first] = log.trade('coinbase', 'eth/usd', 2_500, 0.5);
    const again = Array.from({ length: 20 }, (_, i) => log.trade('coinbase', 'eth/usd', 2_500, 1.5 + i)).flat();
    expect(again.map(({ asOf }) => (asOf - T0) / SECOND)).toEqual([5.5, 10.5, 15.5, 20.5]);
    for (const update of again) {
      expect(update).toEqual({ ...first, asOf: update.asOf, version: update.version });
      expect(update.version).toBeGreaterThan(first!.version);
    }
  });

  it('versions never go back, also when the clocks of the ingestors do', () => {
    const log = new Log();
    const versions = [5, 3, 5, 5, 4.2].flatMap((at, i) => log.trade('coinbase', 'eth/usd', 2_500 + i, at, i));
    expect(versions.map(({ version }) => version - (T0 + 5 * SECOND) * 1_000)).toEqual([0, 1, 2, 3, 4]);
    expect(log.book.now).toBe(T0 + 5 * SECOND);
  });

  it('the spread of a refresh is its own asset’s', () => {
    const log = new Log();
    log.trade('coinbase', 'eth/usd', 2_500, 0);
    log.trade('coinbase', 'sol/usd', 100, 4.9);
    const [refresh] = log.trade('coinbase', 'eth/usd', 2_500, 5);
    expect(refresh!.spread).toEqual({ p25: 2_500, p75: 2_500 });
  });
});

describe('time', () => {
  it('makes a price stale after 30 s, keeps its value and its old time, and lets it come back', () => {
    const log = new Log();
    log.trade('coinbase', 'eth/usd', 2_500, 0);
    expect(log.pass(1, 30)).toEqual([]);
    const [stale, ...more] = log.pass(31, 90);
    expect(stale).toMatchObject({ price: 2_500, status: 'stale', asOf: T0, sources: [], source: 'coinbase' });
    expect(more).toEqual([]);
    expect(log.book.explain('eth')).toMatchObject({ price: 2_500, status: 'stale', asOf: T0 });
    expect(log.line('eth', 'coinbase').reason).toBe('quote is 90 s old, older than 30 s');
    expect(log.trade('coinbase', 'eth/usd', 2_500, 91)).toMatchObject([{ status: 'single-source', asOf: T0 + 91_000 }]);
  });

  it('a venue clock 10 s ahead makes no quote immortal and no price fresher than its arrival', () => {
    const log = new Log();
    expect(log.trade('coinbase', 'eth/usd', 2_500, 1, 11)[0]!.asOf).toBe(T0 + 1_000);
    expect(log.trade('coinbase', 'eth/usd', 2_501, 2, 12)[0]!.price).toBe(2_501);
    expect(log.pass(3, 32)).toEqual([]);
    expect(log.pass(33, 33)).toMatchObject([{ status: 'stale' }]);
  });

  it('one trade from the far future does not lock out those that follow', () => {
    const log = new Log();
    log.trade('coinbase', 'eth/usd', 2_500, 1, 1e9);
    expect(log.trade('coinbase', 'eth/usd', 2_501, 1.2, 1.1)).toMatchObject([{ price: 2_501 }]);
  });

  it('a venue clock 10 s behind counts as long as it trades', () => {
    const log = new Log();
    for (let at = 0; at < 60; at += 15) log.trade('coinbase', 'eth/usd', 2_500 + at, at, at - 10);
    expect(log.updates.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'single-source'));
  });

  it('a late trade does not move the price; of two at the same time the later in the log does', () => {
    const log = new Log();
    log.trade('coinbase', 'eth/usd', 2_500, 2, 1.5);
    expect(log.trade('coinbase', 'eth/usd', 2_400, 2, 1.4)).toEqual([]);
    expect(log.trade('coinbase', 'eth/usd', 2_600, 2, 1.5)).toMatchObject([{ price: 2_600 }]);
  });

  it('forgets a pair that was silent for an hour', () => {
    const log = new Log();
    log.trade('coinbase', 'eth/usd', 2_500, 0);
    log.trade('coinbase', 'eth/eur', 2_300, 0);
    log.ticker('kraken', 'doge/eur', 0.1, 0);
    log.pass(3_500, 3_500);
    log.trade('coinbase', 'eth/usd', 2_500, 3_550);
    log.pass(3_700, 3_700);
    expect(log.book.quotes('eth').map(({ pair }) => pair)).toEqual(['eth/usd']);
    expect(log.book.snapshot().assets.map(({ symbol }) => symbol)).toEqual(['eth']);
  });
});

describe('tickers', () => {
  it('do not move a price that trades, but prove that an illiquid one stands', () => {
    const log = new Log();
    log.trade('coinbase', 'eth/usd', 2_500, 0);
    expect(log.ticker('coinbase', 'eth/usd', 2_490, 4.9)).toEqual([]);
    expect(log.ticker('coinbase', 'eth/usd', 2_500, 20)).toMatchObject([{ price: 2_500, asOf: T0 + 20_000 }]);
    expect(log.pass(21, 50)).toEqual([]);
    expect(log.ticker('coinbase', 'eth/usd', 2_510, 51)).toMatchObject([{ status: 'stale' }, { price: 2_510 }]);
  });

  it('that go back in time are dropped: some REST answers alternate stale and fresh', () => {
    const log = new Log();
    log.ticker('kraken', 'eth/usd', 2_500, 10);
    expect(log.ticker('kraken', 'eth/usd', 2_000, 11, { time: T0 })).toEqual([]);
    expect(log.ticker('kraken', 'eth/usd', 2_501, 12)).toMatchObject([{ price: 2_501 }]);
  });

  it('a trade moves the quote after a ticker did, unless it is from long before it', () => {
    const log = new Log();
    log.trade('coinbase', 'eth/usd', 2_500, 0);
    log.ticker('coinbase', 'eth/usd', 2_510, 20);
    expect(log.trade('coinbase', 'eth/usd', 2_490, 20.5, 10)).toEqual([]);
    expect(log.trade('coinbase', 'eth/usd', 2_511, 20.6, 19.9)).toMatchObject([{ price: 2_511 }]);
  });

  it('nothing that is no number enters', () => {
    const log = new Log();
    for (const price of [0, -1, Number.NaN, Infinity]) {
      log.trade('coinbase', 'eth/usd', price, 1);
      log.ticker('kraken', 'eth/usd', price, 1);
    }
    log.trade('coinbase', 'eth/usd', 2_500, 1, Number.NaN);
    expect(log.updates).toEqual([]);
    expect(log.book.quotes('eth')).toEqual([]);
  });
});

describe('24 h figures', () => {
  it('the change is each source’s own, weighted; the volume is the venues’ in USD', () => {
    const log = new Log();
    withRate(log);
    log.ticker('coinbase', 'eth/usd', 2_500, 1, { open24h: 2_000, volume24h: 1_000_000 });
    log.ticker('binance', 'eth/usdt', 2_500, 1, { open24h: 2_500, volume24h: 3_000_000 });
    log.ticker('coingecko', 'eth/usd', 2_500, 1, { open24h: 2_500, volume24h: 90_000_000 });
    const { change24h, volume24h } = log.trade('okx', 'eth/usdt', 2_500.5, 2)[0]!;
    expect(change24h).toBeCloseTo(25 / 2.5, 12);
    expect(volume24h).toBe(4_000_000);
  });

  it('without any venue the median of the indices stands in, and old figures are no figures', () => {
    const log = new Log();
    log.ticker('coingecko', 'xmr/usd', 150, 1, { volume24h: 10 });
    log.ticker('coinmarketcap', 'xmr/usd', 150.1, 1, { volume24h: 30 });
    log.ticker('cryptocompare', 'xmr/usd', 150, 1, { volume24h: 20 });
    expect(log.ticker('coingecko', 'xmr/usd', 150.2, 2)[0]!.volume24h).toBe(20);
    expect(log.ticker('kraken', 'xmr/usd', 150, 3, { volume24h: 7 })[0]!.volume24h).toBe(7);
    log.trade('kraken', 'xmr/usd', 150, 602);
    expect(log.trade('kraken', 'xmr/usd', 151, 603.5)[0]!.volume24h).toBeUndefined();
  });
});

describe('conversion', () => {
  it('a stablecoin quote without a trusted rate is left out with that reason, never taken for a dollar', () => {
    const log = new Log();
    log.trade('binance', 'sol/usdt', 100, 1);
    log.trade('kraken', 'sol/eur', 90, 1);
    expect(log.updates).toEqual([]);
    expect(log.book.explain('sol')).toBeNull();
    expect(log.line('sol', 'binance')).toMatchObject({ conversionRate: null, priceUsd: null, counted: false });
    expect(log.line('sol', 'binance').reason).toBe('no trusted USD rate for USDT: nothing quotes it in USD');
    expect(log.line('sol', 'kraken').reason).toBe('no trusted USD rate for EUR');
    withRate(log, 2);
    expect(log.pass(3, 3)).toMatchObject([{ symbol: 'sol', price: 100, source: 'binance', asOf: T0 + 1_000 }]);
  });

  it('of several pairs of one source the dollar is used, then USDT, then USDC', () => {
    const log = new Log();
    withRate(log);
    log.trade('binance', 'sol/usdc', 99, 1);
    log.trade('binance', 'sol/usdt', 100, 1);
    expect(log.line('sol', 'binance', 'usdt').counted).toBe(true);
    log.trade('binance', 'sol/usd', 101, 1);
    expect(log.book.get('sol')).toMatchObject({ price: 101, status: 'single-source' });
    expect(log.line('sol', 'binance', 'usdt').reason).toBe("Binance's sol/usd is used instead");
    expect(log.line('sol', 'binance', 'usdc').reason).toBe("Binance's sol/usd is used instead");
  });

  it('keeps the quotes of the rate symbols in every partition and prices only its own', () => {
    const log = new Log({ owns: (symbol) => symbol === 'sol' });
    withRate(log);
    log.trade('coinbase', 'doge/usd', 0.1, 1);
    log.trade('binance', 'sol/usdt', 100, 1);
    expect(log.updates.map(({ symbol }) => symbol)).toEqual(['sol']);
    expect(log.book.all()).toHaveLength(1);
    expect(log.book.counts()).toEqual({ knownSymbols: 1, activeSymbols: 1 });
  });
});

describe('a jump of a stablecoin quote', () => {
  const open = (): Log => {
    const log = new Log();
    withRate(log);
    log.trade('coinbase', 'sol/usd', 100, 1);
    log.trade('binance', 'sol/usdt', 100, 1);
    return log;
  };

  it('waits until the same venue has quoted Bitcoin in it, and is then judged like any other', () => {
    const log = open();
    expect(log.trade('binance', 'sol/usdt', 111, 2)).toEqual([]);
    expect(log.line('sol', 'binance').quotePrice).toBe(100);
    log.trade('binance', 'btc/usdt', 50_000, 2.1);
    expect(log.line('sol', 'binance').quotePrice).toBe(111);
    expect(log.book.get('sol')).toMatchObject({ price: 105.5, status: 'degraded' });
  });

  it('with Bitcoin jumping alike there is no rate: the quote is left out', () => {
    const log = open();
    log.trade('binance', 'sol/usdt', 111.111, 2);
    log.trade('binance', 'btc/usdt', 55_555, 2.1);
    expect(log.book.get('sol')).toMatchObject({ price: 100, status: 'single-source', sources: ['coinbase'] });
    expect(log.line('sol', 'binance').reason).toBe('no trusted USD rate for USDT: its observations disagree');
    log.trade('coinbase', 'usdt/usd', 0.9, 2.2);
    log.pass(2.5, 2.5);
    expect(log.line('sol', 'binance').reason).toMatch(/^quoted before USDT moved to 0\.9/);
    log.trade('binance', 'sol/usdt', 111.111, 2.6);
    expect(log.book.get('sol')).toMatchObject({ status: 'degraded', sources: ['coinbase', 'binance'] });
    expect(log.book.get('sol')!.price).toBeCloseTo(100, 2);
  });

  it('waits for two seconds at most', () => {
    const log = open();
    log.trade('binance', 'sol/usdt', 111, 2);
    expect(log.pass(3, 3)).toEqual([]);
    expect(log.pass(4, 4)).toMatchObject([{ symbol: 'sol', price: 105.5 }]);
  });

  it('of a venue whose Bitcoin strays from the others’ is left out', () => {
    const log = open();
    log.trade('okx', 'btc/usdt', 50_000, 2);
    log.trade('kucoin', 'btc/usdt', 50_000, 2);
    log.trade('binance', 'btc/usdt', 50_400, 2);
    log.trade('binance', 'sol/usdt', 100.8, 2);
    expect(log.line('sol', 'binance').reason).toBe(
      "Binance's own BTC/USDT strays from the others' by more than 0.5 %: the USDT rate does not fit",
    );
  });
});

describe('explain', () => {
  it('adds up to the price exactly and gives the reason for what does not count', () => {
    const log = new Log();
    withRate(log);
    log.trade('coinbase', 'usdt/usd', 0.9987, 0.5);
    log.trade('coinbase', 'sol/usd', 99.9, 1);
    log.trade('binance', 'sol/usdt', 100.07, 1);
    log.trade('okx', 'sol/usdt', 100.03, 1);
    log.trade('huobi', 'sol/usdt', 101.9, 1);
    log.trade('kraken', 'sol/usd', 99.93, 1);
    const { price, sources } = log.book.explain('sol')!;
    expect(tenDigits(weighted(sources))).toBe(price);
    expect(price).toBe(log.book.get('sol')!.price);
    expect(log.line('sol', 'okx')).toMatchObject({ pair: 'sol/usdt', quotePrice: 100.03, weight: 0.8, ageMs: 0 });
    expect(log.line('sol', 'huobi').reason).toBe(
      '1.9 % from the weighted median, more than 0.5 % allowed; excluded until within 0.25 %',
    );
    log.trade('huobi', 'sol/usdt', 100.4, 2);
    expect(log.line('sol', 'huobi').reason).toBe(
      '0.37 % from the weighted median, excluded before, and stays so until within 0.25 %',
    );
    expect(sources.map(({ source }) => source)).toEqual(['coinbase', 'binance', 'kraken', 'okx', 'huobi']);
  });

  it('is that of the last evaluation, also while the rate moves on', () => {
    const log = new Log();
    withRate(log);
    log.trade('binance', 'sol/usdt', 100, 1);
    for (let i = 1; i < 20; i++) {
      log.trade('coinbase', 'btc/usd', 50_000 + i, 1 + i / 1_000);
      expect(tenDigits(weighted(log.book.explain('sol')!.sources))).toBe(log.book.get('sol')!.price);
    }
  });

  it('remarks on two that disagree and on a verdict that cannot be upheld', () => {
    const log = new Log();
    log.trade('coinbase', 'sol/usd', 100, 0);
    log.trade('kraken', 'sol/usd', 103, 0);
    expect(log.book.get('sol')!.status).toBe('degraded');
    expect(log.line('sol', 'kraken').reason).toBe(
      'the counted quotes differ by more than 0.5 %, and nobody can tell who is wrong',
    );
    log.trade('cryptocompare', 'sol/usd', 100, 1);
    log.trade('coingecko', 'sol/usd', 100, 1);
    expect(log.line('sol', 'kraken').counted).toBe(false);
    log.trade('kraken', 'sol/usd', 103, 29);
    log.pass(30, 33);
    expect(log.book.get('sol')).toMatchObject({ status: 'single-source', price: 103 });
    expect(log.line('sol', 'kraken').reason).toBe(
      'excluded before; counts because no other fresh quote is left to judge it by',
    );
  });

  it('an update caused by an exclusion does not name the excluded source', () => {
    const log = new Log();
    log.trade('coinbase', 'sol/usd', 100, 0);
    log.trade('kraken', 'sol/usd', 100.1, 0);
    log.trade('coingecko', 'sol/usd', 100.2, 0);
    expect(log.trade('coingecko', 'sol/usd', 200, 1)).toMatchObject([{ source: 'coinbase', status: 'degraded' }]);
  });
});
