import { SeedTurns } from './seed-turns.js';

const T0 = Date.UTC(2026, 0, 1);

describe('turns', () => {
  it('are five in a row and then one every five seconds, for each who asks', () => {
    const turns = new SeedTurns();
    const taken = (asker: string, now: number): number =>
      Array.from({ length: 10 }, () => turns.take(asker, now)).filter(Boolean).length;
    expect([taken('one', T0), taken('two', T0)]).toEqual([5, 5]);
    expect([taken('one', T0 + 4_999), taken('one', T0 + 5_000), taken('one', T0 + 5_001)]).toEqual([0, 1, 0]);
    expect(taken('one', T0 + 16_000)).toBe(2);
    expect(taken('one', T0 + 3_600_000)).toBe(5);
  });

  it('are kept for so many askers', () => {
    const turns = new SeedTurns();
    for (let i = 0; i < 5; i++) turns.take('first', T0);
    for (let i = 0; i < 1_000; i++) turns.take(`asker ${i}`, T0);
    expect(turns.take('first', T0)).toBe(true);
  });
});
