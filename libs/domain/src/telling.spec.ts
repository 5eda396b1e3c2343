import type { PriceObserver } from './price-observer.js';
import { PriceBook } from './price-book.js';
import type { SourceId } from './source.js';

const T0 = Date.UTC(2026, 0, 1);

/** A price book and everything it has told, as lines. Times are seconds after T0. */
class Told implements PriceObserver {
  lines: string[] = [];
  readonly book = new PriceBook({ observer: this });
  day: number | undefined;

  trade(source: SourceId, price: number, time: number, now = time, quote = 'usd', size = 1): string[] {
    const tick = { symbol: 'eth', quote, price, size, time: T0 + time * 1_000, id: '1' };
    return this.after(() => this.book.apply({ source, receivedAt: T0 + now * 1_000, ticks: [tick], tickers: [] }));
  }

  ticker(source: SourceId, price: number, time: number): string[] {
    const ticker = { symbol: 'eth', quote: 'usd', price, time: T0 + time * 1_000 };
    return this.after(() => this.book.apply({ source, receivedAt: ticker.time, ticks: [], tickers: [ticker] }));
  }

  pass(now: number): string[] {
    return this.after(() => this.book.apply({ source: 'okx', receivedAt: T0 + now * 1_000, ticks: [], tickers: [] }));
  }

  watched(_: string, price: number, now: number): void {
    this.lines.push(`watched ${price} at ${seconds(now)}`);
  }
  lost(_: string, since: number): void {
    this.lines.push(`lost since ${seconds(since)}`);
  }
  traded(_: string, price: number, time: number, usd: number): void {
    this.lines.push(`traded ${price} at ${seconds(time)} for ${usd}`);
  }
  moved(_: string, price: number, time: number): void {
    this.lines.push(`moved ${price} at ${seconds(time)}`);
  }
  passed(): void {
    return;
  }
  change24h(): number | undefined {
    return this.day;
  }

  private after(act: () => void): string[] {
    this.lines = [];
    act();
    return this.lines;
  }
}

function seconds(time: number): number {
  return (time - T0) / 1_000;
}

describe('what a price book tells', () => {
  it('every trade with the price it made, at its own time, and what was traded in dollars', () => {
    const told = new Told();
    expect(told.trade('coinbase', 100, 1, 2, 'usd', 3)).toEqual(['watched 100 at 2', 'traded 100 at 1 for 300']);
    expect(told.trade('binance', 100.2, 3)).toEqual(['traded 100.1 at 3 for 100.2']);
    expect(told.trade('binance', 100.2, 3)).toEqual(['traded 100.1 at 3 for 100.2']);
    expect(told.trade('coinbase', 100, 9, 4)).toEqual(['traded 100.1 at 4 for 100']);
  });

  it('a late trade with the price it would have made, and changes nothing', () => {
    const told = new Told();
    told.trade('coinbase', 100, 10);
    told.trade('binance', 100.2, 11);
    expect(told.trade('binance', 100.4, 8, 12)).toEqual(['traded 100.2 at 8 for 100.4']);
    expect(told.book.get('eth')?.price).toBe(100.1);
  });

  it('of a trade too old to count only what was traded, unless nobody else says anything', () => {
    const told = new Told();
    told.trade('coinbase', 100, 100);
    expect(told.trade('coinbase', 99, 60, 101)).toEqual(['traded 99 at 60 for 99']);
    told.trade('binance', 100.2, 101);
    expect(told.trade('coinbase', 98, 61, 102)).toEqual(['traded NaN at 61 for 98']);
    expect(new Told().trade('coinbase', 99, 60, 600)).toEqual(['traded 99 at 60 for 99']);
  });

  it('no volume of an excluded source or of a currency that cannot be converted', () => {
    const told = new Told();
    told.trade('coinbase', 100, 1);
    told.trade('binance', 100, 1);
    told.trade('kucoin', 100, 1);
    expect(told.trade('okx', 120, 2)).toEqual(['traded 100 at 2 for 0']);
    expect(told.trade('huobi', 100, 2, 2, 'usdt')).toEqual(['traded 100 at 2 for 0']);
    expect(told.trade('huobi', 0.05, 2, 2, 'btc')).toEqual(['traded 100 at 2 for 0']);
    expect(told.trade('coinbase', 100, 2, 2, 'usd', Number.NaN)).toEqual(['traded 100 at 2 for 0']);
    expect(told.trade('coinbase', Number.NaN, 2)).toEqual([]);
  });

  it('what tickers and time do to a price, and when it is not known any more', () => {
    const told = new Told();
    told.trade('coinbase', 100, 1);
    expect(told.ticker('coinbase', 100, 10)).toEqual([]);
    expect(told.ticker('coinbase', 101, 11)).toEqual(['moved 101 at 11']);
    told.trade('binance', 102, 20);
    expect(told.pass(42)).toEqual(['moved 102 at 42']);
    expect(told.pass(51)).toEqual(['lost since 20']);
    expect(told.pass(52)).toEqual([]);
    // It still stands there: nothing moved, but from now on it is known again.
    expect(told.ticker('binance', 102, 60)).toEqual(['watched 102 at 60']);
  });

  it('and asks for the change over a day before it asks the tickers', () => {
    const told = new Told();
    told.day = 3;
    told.trade('coinbase', 100, 1);
    expect(told.book.get('eth')?.change24h).toBe(3);
  });
});
