import { farewells } from './dismissal.js';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('clients that are told to go', () => {
  it.each([100, 5_000, 10_000, 20_000])('%i of them come back a thousand a second at most', (count) => {
    const plan = farewells(numbers(count), 5_000, Math.random);
    expect(plan.map(({ client }) => client)).toEqual(numbers(count));
    const perSecond = new Map<number, number>();
    for (const { afterMs, retryAfterMs } of plan) {
      expect(afterMs).toBeLessThanOrEqual(5_000);
      expect(retryAfterMs).toBeGreaterThanOrEqual(0);
      const second = Math.floor((afterMs + retryAfterMs) / 1_000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(1_010);
    expect(perSecond.size).toBeGreaterThanOrEqual(count / 1_010);
  });

  it('go one after the other, also those who do not wait: ten thousand over all the time there is, ten at once', () => {
    const many = farewells(numbers(10_000), 5_000, () => 0.5).map(({ afterMs }) => afterMs);
    expect(many).toEqual(many.toSorted((a, b) => a - b));
    expect(many.filter((afterMs) => afterMs < 1_000)).toHaveLength(2_000);
    expect(many.at(-1)).toBeCloseTo(5_000, -1);
    const few = farewells(numbers(10), 5_000, () => 0.5);
    expect(Math.max(...few.map(({ afterMs }) => afterMs))).toBeLessThan(10);
    expect(few.map(({ retryAfterMs }) => retryAfterMs)).toEqual(
      few.map(({ afterMs }) => Math.round(afterMs * 100 - afterMs)),
    );
  });

  it('nobody', () => {
    expect(farewells([], 5_000, Math.random)).toEqual([]);
  });
});
