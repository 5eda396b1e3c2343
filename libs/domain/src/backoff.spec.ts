import { backoff } from './backoff.js';

describe('backoff', () => {
  it('doubles up to the cap and never gives up', () => {
    const delays = [0, 1, 2, 5, 6, 7, 2_000, Infinity].map((attempt) => backoff(attempt, 1));
    expect(delays).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it('spreads over the upper half of the delay', () => {
    expect([0, 0.5, 1].map((jitter) => backoff(2, jitter, { baseMs: 100, capMs: 1_000 }))).toEqual([200, 300, 400]);
  });

  it('refuses what is no attempt and no jitter', () => {
    expect(() => backoff(-1, 0)).toThrow('attempt is -1');
    expect(() => backoff(Number.NaN, 0)).toThrow(RangeError);
    expect(() => backoff(0, 1.5)).toThrow('jitter is 1.5');
  });
});
