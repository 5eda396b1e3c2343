import { PriceBook } from './price-book.js';
import type { PriceBookSnapshot } from './price-book-snapshot.js';
import type { PriceUpdate } from './price.js';
import { randomMarket, type Fault, type MarketRules } from './reference/random-market.js';
import { seeded } from './reference/random.js';
import { SOURCE_IDS, type SourceId } from './source.js';

/** The five with a WebSocket feed: Coinbase alone quotes dollars. */
const STREAMS: readonly SourceId[] = ['coinbase', 'binance', 'kucoin', 'okx', 'huobi'];
/** What runs without any API key. */
const KEYLESS: readonly SourceId[] = [...STREAMS, 'kraken', 'coingecko'];
const KINDS: readonly Fault['kind'][] = [
  'dead',
  'times ten',
  'a tenth',
  'garbage',
  'stuck',
  'ahead',
  'behind',
  'flood',
  'reordered',
];

/** Largest distance of any published price from the truth, from second `from` on. */
function worstOf(rules: MarketRules, from = 10): number {
  const book = new PriceBook();
  let worst = 0;
  for (const { batch, at, truth } of randomMarket(rules)) {
    for (const { symbol, price } of book.apply(batch)) {
      if (truth[symbol] !== undefined && at >= from) worst = Math.max(worst, Math.abs(price / truth[symbol] - 1));
    }
  }
  return worst;
}

describe('a venue that fails changes no price by more than 0.2 %', () => {
  it.each(KINDS)('a dollar venue: %s', (kind) => {
    const faults = [{ source: 'coinbase', at: 12, kind }] as const;
    expect(worstOf({ seed: 3, seconds: 45, sources: KEYLESS, faults })).toBeLessThanOrEqual(0.002);
  });

  it.each(KINDS)('a USDT venue: %s', (kind) => {
    const faults = [{ source: 'binance', at: 12, kind }] as const;
    expect(worstOf({ seed: 4, seconds: 45, sources: KEYLESS, faults })).toBeLessThanOrEqual(0.002);
  });

  // Its fault moves the price of every coin and every rate alike, as a de-peg would.
  it.each(KINDS)('the only dollar venue: %s', (kind) => {
    const faults = [{ source: 'coinbase', at: 12, kind }] as const;
    expect(worstOf({ seed: 5, seconds: 55, sources: STREAMS, faults })).toBeLessThanOrEqual(0.002);
  });
});

describe('USDT falls to 0.90', () => {
  it.each([
    ['the five streams, at once', STREAMS, 0.01],
    ['the five streams, one after the other', STREAMS, 3],
    ['seven sources, at once', KEYLESS, 0.3],
    ['seven sources, one after the other', KEYLESS, 3],
    ['every source there is', SOURCE_IDS, 1],
    ['one venue of each kind', ['coinbase', 'binance'], 1],
  ] as const)('%s: no price is off by more than 0.2 %% at any moment', (_, sources, within) => {
    for (const seed of [1, 2]) {
      const worst = worstOf({ seed, seconds: 30, sources, depeg: { at: 20, rate: 0.9, within } });
      expect(worst).toBeLessThanOrEqual(0.002);
    }
  });

  it('five seconds later its quotes count again, at 0.90', () => {
    const book = new PriceBook();
    const depeg = { at: 20, rate: 0.9, within: 2 };
    for (const { batch } of randomMarket({ seed: 9, seconds: 27, sources: STREAMS, depeg })) book.apply(batch);
    expect(book.rateOf('usdt').rate).toBeCloseTo(0.9, 3);
    for (const symbol of ['btc', 'sol', 'pepe']) {
      expect(book.get(symbol)).toMatchObject({
        status: 'normal',
        sources: ['coinbase', 'binance', 'kucoin', 'okx', 'huobi'],
      });
    }
  });
});

describe('the same log', () => {
  const rules: MarketRules = {
    seed: 21,
    seconds: 75,
    sources: KEYLESS,
    faults: [
      { source: 'okx', at: 12, kind: 'times ten' },
      { source: 'huobi', at: 15, kind: 'garbage' },
      { source: 'kraken', at: 20, kind: 'dead' },
    ],
    depeg: { at: 40, rate: 0.93, within: 2 },
  };
  const batches = Array.from(randomMarket(rules), ({ batch }) => batch);
  const play = (): { book: PriceBook; updates: PriceUpdate[] } => {
    const book = new PriceBook();
    return { book, updates: batches.flatMap((batch) => book.apply(batch)) };
  };

  it('gives the same updates, to the last bit, also when the book was saved and restored on the way', () => {
    const whole = play();
    const random = seeded(2);
    let book = new PriceBook();
    let restarts = 0;
    const updates = batches.flatMap((batch) => {
      if (random() < 0.005) {
        book = PriceBook.restore(JSON.parse(JSON.stringify(book.snapshot())) as PriceBookSnapshot);
        restarts++;
      }
      return book.apply(batch);
    });
    expect(restarts).toBeGreaterThan(20);
    expect(JSON.stringify(updates)).toBe(JSON.stringify(whole.updates));
    expect(JSON.stringify(book.snapshot())).toBe(JSON.stringify(whole.book.snapshot()));
    expect(book.explain('btc')).toEqual(whole.book.explain('btc'));
  });

  it('never lets a version go back, and never says that a price is fresher than what was heard', () => {
    const versions = new Map<string, number>();
    const wrong: PriceUpdate[] = [];
    const book = new PriceBook();
    for (const batch of batches) {
      for (const update of book.apply(batch)) {
        if (!(update.version > (versions.get(update.symbol) ?? 0)) || update.asOf > book.now) wrong.push(update);
        versions.set(update.symbol, update.version);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('a snapshot shares nothing with the book it was taken of', () => {
    const { book } = play();
    const saved = JSON.stringify(book.snapshot());
    const snapshot = book.snapshot();
    const at = book.now + 1_000;
    const tick = { symbol: 'btc', quote: 'usd', price: 1, size: 1, time: at, id: '1' };
    book.apply({ source: 'coinbase', receivedAt: at, ticks: [tick], tickers: [] });
    expect(JSON.stringify(snapshot)).toBe(saved);
  });
});
