import { aggregate, type SourceQuote } from './consensus.js';
import { GOLDEN, type GoldenStep } from './golden/consensus.golden.js';
import { compareWithReference } from './reference/compare.js';
import { randomCase } from './reference/random-case.js';
import { seeded } from './reference/random.js';
import { SOURCES, SOURCE_IDS, type SourceId } from './source.js';

const NOW = 1_800_000_000_000;
/** A price has ten significant digits. */
const ROUNDING = 5e-10;

function quotesOf({ quotes, ages, weights }: GoldenStep): SourceQuote[] {
  return (Object.keys(quotes) as SourceId[]).map((source) => ({
    source,
    price: quotes[source]!,
    time: NOW - (ages?.[source] ?? 0),
    weight: typeof weights === 'number' ? weights : weights?.[source],
  }));
}

describe('golden vectors of the price rule', () => {
  it('are at least forty', () => expect(GOLDEN.length).toBeGreaterThanOrEqual(40));

  it.each(GOLDEN)('$name', ({ steps }) => {
    let excluded: readonly SourceId[] = [];
    for (const step of steps) {
      const got = aggregate(quotesOf(step), NOW, excluded, step.others);
      const { price, spread, ...rest } = step.expect;
      expect(got).toMatchObject({ disagreement: false, ...rest });
      expect(got.spread && [got.spread.p25, got.spread.p75]).toEqual(spread);
      expect(got.price).toBe(price === undefined ? undefined : Number(price.toPrecision(10)));
      excluded = got.excluded;
    }
  });
});

describe('the price rule and its independent reference', () => {
  it('agree on 100,000 random cases to the last bit', () => {
    expect(compareWithReference(100_000, 20_261_120)).toBeUndefined();
  });
});

describe('properties of the price rule', () => {
  const random = seeded(7);
  const cases = Array.from({ length: 10_000 }, () => randomCase(random));

  it('the order of the quotes has no influence, to the last bit', () => {
    const different = cases.filter(({ quotes, now, excluded, others }) => {
      const forwards = aggregate(quotes, now, excluded, others);
      const backwards = aggregate(quotes.toReversed(), now, excluded.toReversed(), others);
      return JSON.stringify(forwards) !== JSON.stringify(backwards);
    });
    expect(different).toEqual([]);
  });

  it('the price lies within the counted quotes, the quartiles are among them, and without any it is stale', () => {
    const wrong = cases.filter(({ quotes, now, excluded, others }) => {
      const { price, spread, counted, status } = aggregate(quotes, now, excluded, others);
      const prices = quotes.filter(({ source }) => counted.includes(source)).map((quote) => quote.price);
      if (prices.length === 0) return status !== 'stale' || price !== undefined;
      const quartiles = prices.includes(spread!.p25) && prices.includes(spread!.p75);
      const within = price! >= Math.min(...prices) * (1 - ROUNDING) && price! <= Math.max(...prices) * (1 + ROUNDING);
      return status === 'stale' || !within || !quartiles;
    });
    expect(wrong).toEqual([]);
  });

  it('nothing fresh is stale, whatever it says', () => {
    const old = cases.map(({ quotes }) => quotes.map((quote) => ({ ...quote, time: NOW - 30_001 })));
    expect(new Set(old.map((quotes) => aggregate(quotes, NOW).status))).toEqual(new Set(['stale']));
  });

  it('of three or more fresh quotes at least two count, whatever was excluded before', () => {
    const wrong = cases.filter(({ quotes, excluded }) => {
      const fresh = quotes
        .filter(({ price }) => price > 0 && price < Infinity)
        .map(({ source, price }) => ({ source, price, time: NOW }));
      return fresh.length >= 3 && aggregate(fresh, NOW, excluded).counted.length < 2;
    });
    expect(wrong).toEqual([]);
  });

  it('one source times ten to the ±6 leaves the price within the range of the three or more others', () => {
    const wrong: unknown[] = [];
    for (let i = 0; i < 5_000; i++) {
      const sources = SOURCE_IDS.filter(() => random() < 0.7);
      if (sources.length < 4) continue;
      const bad = sources[Math.floor(random() * sources.length)]!;
      const good = sources.filter((source) => source !== bad);
      const quotes = good.map((source) => ({ source, price: 100 + (random() - 0.5) * 0.2, time: NOW }));
      const prices = quotes.map((quote) => quote.price);
      for (const factor of [1e6, 1e-6, 10, 0.1]) {
        const all = [...quotes, { source: bad, price: 100 * factor, time: NOW }];
        const { price } = aggregate(all, NOW, random() < 0.3 ? [bad] : []);
        if (!(price! >= Math.min(...prices) && price! <= Math.max(...prices))) wrong.push(all);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('one bad source moves the price by at most 0.2 % while three good ones live, whoever they are', () => {
    let worst = 0;
    for (let i = 0; i < 20_000; i++) {
      const shuffled = SOURCE_IDS.map((source) => ({ source, key: random() })).sort((a, b) => a.key - b.key);
      const sources = shuffled.slice(0, 4 + Math.floor(random() * 6)).map(({ source }) => source);
      const bad = sources[0]!;
      const truth = 10 ** (random() * 10 - 5);
      // Good sources within 0.01 %, the bad one anywhere: far off, on the edge of what is allowed, creeping.
      const factors = [10, 0.1, 1e6, 1e-6, 0.9, 1.11, 1.005, 0.995, 1.0049, 0.9951, 1 + (random() - 0.5) * 0.02];
      const factor = factors[Math.floor(random() * factors.length)]!;
      const quotes = sources.map((source) => ({
        source,
        price: truth * (source === bad ? factor : 1 + (random() - 0.5) * 0.0002),
        time: NOW - random() * 10_000,
      }));
      const without = aggregate(quotes.slice(1), NOW).price!;
      for (const excluded of [[], [bad]]) {
        worst = Math.max(worst, Math.abs(aggregate(quotes, NOW, excluded).price! / without - 1));
      }
    }
    // A bad weight of 1.0 at the edge of 0.5 % against 1.5 good: 0.5 % * 1 / 2.5.
    expect(worst).toBeGreaterThan(0.0015);
    expect(worst).toBeLessThanOrEqual(0.002 + 0.0001);
  });

  it('two bad sources change nothing while the good ones weigh more than they do', () => {
    const wrong: unknown[] = [];
    for (let i = 0; i < 20_000; i++) {
      const shuffled = SOURCE_IDS.map((source) => ({ source, key: random() })).sort((a, b) => a.key - b.key);
      const sources = shuffled.slice(0, 5 + Math.floor(random() * 5)).map(({ source }) => source);
      const weigh = (some: readonly SourceId[]): number =>
        some.reduce((sum, source) => sum + SOURCES[source].weight, 0);
      if (weigh(sources.slice(2)) <= weigh(sources.slice(0, 2)) + 0.05) continue;
      const quotes = sources.map((source, place) => ({
        source,
        price: place === 0 ? 1_000 : place === 1 ? (random() < 0.5 ? 1_000 : 10 ** (random() * 4)) : 100,
        time: NOW,
      }));
      if (Math.abs(quotes[1]!.price - 100) < 0.6) continue;
      if (aggregate(quotes, NOW).price !== 100) wrong.push(quotes);
    }
    expect(wrong).toEqual([]);
  });

  it('refuses two quotes of one source', () => {
    const twice = [1, 2].map((price) => ({ source: 'okx' as const, price, time: NOW }));
    expect(() => aggregate(twice, NOW)).toThrow('two quotes of okx');
  });
});
