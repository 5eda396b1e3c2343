import { amountIfAny, epochMs, idField, isoMs, parseJson, parseObject, positive, positiveIfAny } from './fields.js';
import { VenueFrameError } from './source.js';

const NOT_NUMBERS = [
  undefined,
  null,
  '',
  ' ',
  ' 1',
  '1 ',
  'NaN',
  'abc',
  'Infinity',
  '0x10',
  '1_000',
  '1,5',
  '-1',
  -1,
  NaN,
  Infinity,
  true,
  [],
  [1],
  {},
  '1e999',
];

describe('numbers', () => {
  it.each([
    ['0.00000001', 1e-8],
    ['9.2E-7', 9.2e-7],
    ['1e5', 100_000],
    ['61837.63000000', 61837.63],
    ['0.08200000000000000000', 0.082],
    [9.121e-7, 9.121e-7],
  ])('reads %p', (value, expected) => expect(positive(value, 'price')).toBe(expected));

  it.each([...NOT_NUMBERS, 0, '0', '0.000', '1e-999'])('refuses %p for a price, naming the field', (value) => {
    expect(() => positive(value, 'price')).toThrow(VenueFrameError);
    expect(() => positive(value, 'price')).toThrow(/^price is /);
  });

  it.each([undefined, null, '', '0', '0.00', 0])('takes %p for a field left empty', (value) => {
    expect(positiveIfAny(value, 'open')).toBeUndefined();
  });

  it('knows nothing traded from nothing said', () => {
    expect(amountIfAny('0', 'volume')).toBe(0);
    expect(amountIfAny('', 'volume')).toBeUndefined();
    expect(() => amountIfAny('-3', 'volume')).toThrow(VenueFrameError);
    expect(() => positiveIfAny('abc', 'open')).toThrow(VenueFrameError);
  });
});

describe('times', () => {
  it.each([
    [1618677373912, 1618677373912],
    ['1685186761533', 1685186761533],
    ['1618677373912345', 1618677373912.345],
    [1618677373912345, 1618677373912.345],
    ['1619136128154095928', Number('1619136128154.095928')],
  ])('reads %p since 1970', (value, expected) => expect(epochMs(value, 'T')).toBe(expected));

  it.each([...NOT_NUMBERS, 0, 1618677373, '1618677373', '0618677373912', '16186773739123456789', '1618677373.912'])(
    'refuses %p',
    (value) => expect(() => epochMs(value, 'T')).toThrow(/^T is /),
  );

  it('keeps two moments of one nanosecond-stamped millisecond in order', () => {
    expect(epochMs('1619136128154095928', 'T')).toBeGreaterThan(epochMs('1619136128154095000', 'T'));
  });

  it.each([
    ['2021-04-17T16:43:37.121358Z', 1618677817121.358],
    ['2021-04-17T16:43:37.1Z', 1618677817100],
    ['2021-04-17T16:43:37Z', 1618677817000],
    ['2024-02-29T00:00:00.000001Z', 1709164800000.001],
    ['2023-02-09T20:30:37.167359596Z', Number('1675974637167.359596')],
  ])('reads %s', (text, expected) => expect(isoMs(text, 'time')).toBe(expected));

  it.each([
    '',
    '2021-04-17',
    '2021-04-17T16:43:37',
    '2021-04-17T16:43:37.Z',
    '2021-04-17T16:43:37.1234567890Z',
    '2021-02-29T00:00:00Z',
    '2021-04-31T00:00:00Z',
    '2021-00-10T00:00:00Z',
    '2021-01-00T00:00:00Z',
    '2021-13-01T00:00:00Z',
    '2021-01-01T24:00:00Z',
    '2021-01-01T00:60:00Z',
    '2021-01-01T00:00:60Z',
    '2021-04-17 16:43:37Z',
    '2021-04-17T16:43:37+02:00',
    '2021-04-17T16:43:3xZ',
    '1970-01-01T00:00:00Z',
    1618677817121,
    null,
    undefined,
  ])('refuses %p', (value) => expect(() => isoMs(value, 'time')).toThrow(/^time is /));

  it('agrees with Date on every whole second it is given', () => {
    for (let ms = Date.UTC(2001, 8, 10); ms < Date.UTC(2100, 0, 1); ms += 86_399_000 * 3) {
      expect(isoMs(new Date(ms).toISOString(), 'time')).toBe(ms);
    }
  });
});

describe('ids and big integers', () => {
  it('keeps every digit of an integer beyond 2^53, wherever it stands', () => {
    expect(
      parseJson(
        '{"a":9007199254740993,"b":[100182534526255757567432481, -12345678901234567],"c":{"d":1.2345678901234567890}}',
      ),
    ).toEqual({
      a: '9007199254740993',
      b: ['100182534526255757567432481', '-12345678901234567'],
      c: { d: 1.2345678901234567 },
    });
  });

  it('leaves texts and floats alone that look like one', () => {
    const text =
      '{"s":"x:1234567890123456789,\\"y\\":1234567890123456789}","e":1.5e+1000000000000000000,"n":1234567890123456789}';
    expect(parseJson(text)).toEqual({
      s: 'x:1234567890123456789,"y":1234567890123456789}',
      e: Infinity,
      n: '1234567890123456789',
    });
  });

  it('takes ids as text or as a number that was not rounded', () => {
    expect(idField('60820e807857784acade95a7', 'id')).toBe('60820e807857784acade95a7');
    expect(idField(3735683259, 'id')).toBe('3735683259');
    for (const value of [undefined, null, '', 1.5, -1, 1.3700544510935929e26, {}]) {
      expect(() => idField(value, 'id')).toThrow(/^id is /);
    }
  });
});

describe('frames', () => {
  it('takes null for silence, and anything else that is no object for an error', () => {
    expect(parseObject('null')).toBeUndefined();
    for (const text of ['', ' ', '[]', '[{}]', '1', '"a"', 'true', '{', '{"a":', 'pong', '\0', 'x'.repeat(1_000_000)]) {
      expect(() => parseObject(text)).toThrow(VenueFrameError);
    }
  });

  it('says what it saw in a line, however long that was', () => {
    const messageOf = (text: string) => {
      try {
        parseObject(text);
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(messageOf('x'.repeat(1_000_000)).length).toBeLessThan(200);
    expect(messageOf(`"${'x'.repeat(1_000_000)}"`).length).toBeLessThan(200);
  });
});
