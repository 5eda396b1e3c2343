import { age, change, compact, directionOf, money, percent, price, priceInFull, UNKNOWN } from './format.js';

it.each([
  [97_123.456, '$97,123.46'],
  [10, '$10.00'],
  [9.99996, '$10.0000'],
  [2.18345, '$2.1835'],
  [0.99984, '$0.9998'],
  [0.012345, '$0.01235'],
  [0.00001234, '$0.00001234'],
  [0.000001234, '$0.0₅1234'],
  [1.234e-11, '$0.0₁₀1234'],
  [-0.5, '\u2212$0.5000'],
  [0, '$0.00'],
  [undefined, UNKNOWN],
  [Number.NaN, UNKNOWN],
])('writes the price %p as %s', (value, text) => {
  expect(price(value)).toBe(text);
});

it('never drops to nothing what is worth something', () => {
  for (let exponent = 0; exponent > -12; exponent--) {
    const value = 1.2345 * 10 ** exponent;
    const digits = priceInFull(value).replace(/[$.,]/g, '').replace(/^0+/, '');
    expect(digits.slice(0, 3)).toBe('123');
  }
});

it.each([
  [1.254, '+1.25%', 'up'],
  [-1.255, '\u22121.26%', 'down'],
  [0.004, '0.00%', 'flat'],
  [-0.004, '0.00%', 'flat'],
  [1234.5, '+1,234.50%', 'up'],
  [undefined, UNKNOWN, 'flat'],
])('writes the change %p as %s, going %s', (value, text, direction) => {
  expect(change(value)).toBe(text);
  expect(directionOf(value)).toBe(direction);
});

it('writes large amounts short', () => {
  expect(money(1_924_560_000_000)).toBe('$1.92T');
  expect(money(undefined)).toBe(UNKNOWN);
  expect(compact(999)).toBe('999');
  expect(compact(19_842_000)).toBe('19.84M');
  expect(percent(56.149)).toBe('56.1%');
});

it('tells ages in the unit that fits, and none below zero', () => {
  expect([-5_000, 59_999, 60_000, 7_200_000, 200_000_000].map(age)).toEqual(['0 s', '59 s', '1 min', '2 h', '2 d']);
});
