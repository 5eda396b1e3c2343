import { confidence } from './confidence.js';

const BEST = { countedSources: 9, updatesLastMinute: 5_000, secondsSinceUpdate: 0, priceSpreadPercent: 0.01 };

describe('confidence', () => {
  it('is 100 when everything is at its best', () => {
    expect(confidence(BEST)).toEqual({
      score: 100,
      factors: { sourceDiversity: 30, updateFrequency: 25, dataRecency: 25, priceConsistency: 20 },
    });
  });

  it('a dead feed keeps nothing, however much it once delivered', () => {
    const dead = { countedSources: 0, updatesLastMinute: 0, secondsSinceUpdate: 7_200, priceSpreadPercent: null };
    expect(confidence(dead).score).toBe(0);
    expect(confidence({ ...dead, secondsSinceUpdate: null }).score).toBe(0);
  });

  it('each factor falls with what it measures', () => {
    const factors = (change: Partial<typeof BEST>) => confidence({ ...BEST, ...change }).factors;
    expect([1, 2, 3, 4].map((countedSources) => factors({ countedSources }).sourceDiversity)).toEqual([10, 18, 24, 30]);
    expect([1, 10, 100].map((updatesLastMinute) => factors({ updatesLastMinute }).updateFrequency)).toEqual([
      5, 15, 25,
    ]);
    expect([4, 5, 30, 60, 300, 600].map((secondsSinceUpdate) => factors({ secondsSinceUpdate }).dataRecency)).toEqual([
      25, 20, 15, 10, 5, 0,
    ]);
    expect([0.2, 0.7, 1.5, 3, 6].map((priceSpreadPercent) => factors({ priceSpreadPercent }).priceConsistency)).toEqual(
      [16, 12, 8, 4, 0],
    );
  });

  it('one source alone proves little about consistency', () => {
    expect(confidence({ ...BEST, countedSources: 1, priceSpreadPercent: null }).factors.priceConsistency).toBe(5);
  });
});
