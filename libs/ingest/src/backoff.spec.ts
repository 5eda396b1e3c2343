import { Backoff } from './backoff.js';

describe('backoff', () => {
  it('begins at 250 to 500 ms, grows, is capped, and never ends', () => {
    for (const random of [0, 0.999]) {
      const backoff = new Backoff(() => random);
      const waits = Array.from({ length: 10_000 }, () => backoff.next());
      expect(waits[0]).toBeGreaterThanOrEqual(250);
      expect(waits[0]).toBeLessThan(500);
      expect(waits.every((wait, i) => i === 0 || wait >= waits[i - 1]!)).toBe(true);
      expect(waits.at(-1)).toBe(15_000 + random * 15_000);
    }
  });

  it('tries at least every 10 s during the first 20 s of an outage', () => {
    const backoff = new Backoff(() => 0.999);
    for (let passed = 0; passed < 20_000;) {
      const wait = backoff.next();
      expect(wait).toBeLessThan(10_000);
      passed += wait;
    }
  });

  it('starts again after a reset', () => {
    const backoff = new Backoff(() => 0);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });
});
