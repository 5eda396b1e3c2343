import type { Entry } from '@haunt/bus';
import type { PriceUpdate, TickBatch } from '@haunt/domain';
import { ToldPrices } from './told.prices.js';

const entry = (id: string, seq: number): Entry<TickBatch> => ({
  id,
  event: { source: 'okx', origin: { writer: '0123456789ab', seq }, receivedAt: 7, ticks: [], tickers: [] },
});
const update = (symbol: string, version: number): PriceUpdate => ({ symbol, version }) as PriceUpdate;

test('of each asset the last update of a reading, in the order of the first, with the batch it follows from', () => {
  const told = new ToldPrices();
  told.note(entry('1-0', 1), [update('btc', 1), update('eth', 2)]);
  told.note(entry('2-0', 2), []);
  told.note(entry('3-0', 3), [update('btc', 3)]);
  expect(told.take().map(({ symbol, version }) => `${symbol} ${version}`)).toEqual(['btc 3', 'eth 2']);
  expect(told.isChanged).toBe(false);
  const cause = { entry: '3-0', batch: 'okx.01234567.3', source: 'okx', receivedAt: 7 };
  expect(told.causeOf('btc')).toEqual(cause);
  told.published('9-0');
  expect(told.causeOf('btc')).toEqual({ ...cause, published: '9-0' });

  told.note(entry('4-0', 4), [update('btc', 4)]);
  expect(told.take().map(({ symbol, version }) => `${symbol} ${version}`)).toEqual(['btc 4']);
  expect(told.causeOf('btc')).toMatchObject({ entry: '4-0', batch: 'okx.01234567.4' });
  expect(told.causeOf('btc')).not.toHaveProperty('published');
  expect(told.causeOf('eth')).toMatchObject({ entry: '1-0', published: '9-0' });
  expect(told.causeOf('sol')).toBeUndefined();
});
