import { seeded } from './reference/random.js';
import { tenDigits } from './significant.js';

const { floor } = Math;

describe('ten significant digits', () => {
  it.each([
    [97_123.456_789_01, 97_123.456_79],
    [0.000_012_345_678_905_12, 0.000_012_345_678_91],
    [9_999_999_999.7, 10_000_000_000],
    [0.1, 0.1],
    [1, 1],
    [1e-9, 1e-9],
    [123_456_789_012_345, 123_456_789_000_000],
    [1e-30 / 3, 3.333_333_333e-31],
    [0, 0],
  ])('%p is %p', (value, expected) => expect(tenDigits(value)).toBe(expected));

  it('rounds as exact decimal arithmetic does, to the last bit, also next to ties and powers of ten', () => {
    const random = seeded(11);
    const wrong: number[] = [];
    for (let i = 0; i < 30_000; i++) {
      const power = 10 ** floor(random() * 30 - 15);
      const tie = ((floor(random() * 1e10) + 0.5) * power) / 1e10;
      for (const value of [random() * power, tie, power * (1 + (random() - 0.5) * 4e-16)]) {
        if (tenDigits(value) !== +value.toPrecision(10)) wrong.push(value);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('leaves what it has rounded', () => {
    const random = seeded(12);
    const values = Array.from({ length: 10_000 }, () => tenDigits(random() * 10 ** floor(random() * 24 - 12)));
    expect(values.map(tenDigits)).toEqual(values);
  });
});
