import { VenueFrameError } from './source.js';
import { bucket, HISTORY_CASES, market, NOW, type Row, WRITTEN } from './spec-histories.js';

describe.each(HISTORY_CASES)('Damaged history of $id in buckets of $bucketMs ms', ({ source, resolution }) => {
  const { bucketMs } = resolution;
  const from = Math.floor(NOW / bucketMs - 20) * bucketMs;
  const to = from + 4 * bucketMs;
  const parse = (body: unknown) => source.parse(body, resolution, from, to, NOW);
  // Kraken never gives the newest of its rows away: here is one for it to keep.
  const guard = bucket(to);
  const good = market(bucketMs, from, to - 1);
  const read = (rows: readonly Row[]) => parse(WRITTEN[source.id]!([...rows, guard], bucketMs));
  const times = (rows: readonly { time: number }[]) => rows.map(({ time }) => time);

  it.each([
    ['HTML', '<html><body>502 Bad Gateway</body></html>'],
    ['null', null],
    ['nothing', undefined],
    ['a number', 429],
    ['an object', {}],
    ['an object of lists', { data: [[]], result: [], Data: [[1]], prices: [['x']], code: '0' }],
    ['a list of other things', [{ price: 1 }, 'x', null, []]],
    ['an error of Binance or OKX', { code: '50011', msg: 'Too Many Requests', data: [] }],
    ['an error of Coinbase', { message: 'NotFound' }],
    ['an error of Kraken', { error: ['EQuery:Unknown asset pair'] }],
    ['an error of CoinGecko', { status: { error_code: 429, error_message: 'slow down' } }],
    ['an error of CryptoCompare', { Response: 'Error', Message: 'rate limit', Data: {} }],
  ])('fails for %s', (_name, body) => {
    expect(() => parse(body)).toThrow(VenueFrameError);
  });

  it('is empty when there is nothing', () => {
    expect(parse(WRITTEN[source.id]!([], bucketMs))).toEqual([]);
  });

  it('sorts rows and drops duplicates', () => {
    const shuffled = [good[2]!, good[0]!, good[3]!, good[0]!, good[1]!, good[2]!];
    expect(times(read(shuffled))).toEqual(times(good));
  });

  it('drops rows that were not asked for', () => {
    expect(times(read([bucket(from - bucketMs), ...good, bucket(to), bucket(to + bucketMs)]))).toEqual(times(good));
  });

  it('drops rows that cannot be, and keeps the others', () => {
    const [a, b, c, d] = good as [Row, Row, Row, Row];
    for (const price of [0, -5, Number.NaN, Infinity]) {
      const bad = { ...b, open: price, high: price, low: price, close: price };
      expect(times(read([a, bad, c, d]))).toEqual(times([a, c, d]));
    }
    // Points have no high and low that could be confused.
    if (source.id === 'coingecko') return;
    expect(times(read([a, { ...b, high: b.low, low: b.high }, c, d]))).toEqual(times([a, c, d]));
    expect(times(read([a, { ...b, close: b.high + 1 }, c, d]))).toEqual(times([a, c, d]));
    expect(times(read([a, { ...b, time: b.time + 1000 }, c, d]))).toEqual(times([a, c, d]));
  });

  it('keeps a candle whose volume is none', () => {
    for (const volume of [Number.NaN, -1]) {
      const candle = read([{ ...good[0]!, volume }])[0];
      expect(candle).toMatchObject({ time: from, close: good[0]!.close });
      expect(candle).not.toHaveProperty('volume');
    }
  });
});
