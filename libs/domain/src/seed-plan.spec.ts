import { CHART_RANGES, SERIES } from './chart/ranges.js';
import { SEED_PHASES, SEED_PROVIDERS, seedProgress, seedWindowAt } from './seed-plan.js';
import { SOURCE_IDS } from './source.js';

const longest = (bucketMs: number, phases: typeof SEED_PHASES): number =>
  Math.max(0, ...phases.flatMap(({ windows }) => windows.filter((w) => w.bucketMs === bucketMs).map((w) => w.buckets)));

describe('the seeding plan', () => {
  it('shows every chart after its first phase', () => {
    for (const { bucketMs, points } of Object.values(CHART_RANGES)) {
      expect(longest(bucketMs, SEED_PHASES.slice(0, 1))).toBeGreaterThanOrEqual(points);
    }
  });

  it('has filled every series when it is done, and asks for nothing beyond', () => {
    for (const { bucketMs, buckets } of SERIES) expect(longest(bucketMs, SEED_PHASES)).toBe(buckets);
  });

  it('runs from 0 to 100 without a hole between the phases', () => {
    expect(SEED_PHASES.map(({ progress }) => progress)).toEqual([
      [0, 50],
      [50, 90],
      [90, 100],
    ]);
    expect([seedProgress(0, 0), seedProgress(0, 0.5), seedProgress(1, 0.5), seedProgress(2, 1)]).toEqual([
      0, 25, 70, 100,
    ]);
    expect(seedProgress(1, 7)).toBe(90);
    expect(() => seedProgress(3, 0)).toThrow(/phase is 3/);
  });

  it('leaves the bucket out that is still open', () => {
    const [day] = SEED_PHASES[0]!.windows;
    const now = Date.UTC(2026, 10, 20, 12, 3, 59);
    expect(seedWindowAt(day!, now)).toEqual({
      from: Date.UTC(2026, 10, 19, 12, 0),
      to: Date.UTC(2026, 10, 20, 12, 0),
    });
  });

  it('asks nobody twice, and only sources there are', () => {
    expect(new Set(SEED_PROVIDERS).size).toBe(SEED_PROVIDERS.length);
    expect(SOURCE_IDS).toEqual(expect.arrayContaining([...SEED_PROVIDERS]));
  });
});
