import type { TickBatch } from '@haunt/domain';
import { decodeTickBatch, encodeTickBatch, TickBatchError } from './tick-codec.js';

const tick = { symbol: 'btc', quote: 'usdt', price: 97_123.45, size: 0.001, time: 1_732_000_000_123.5, id: '1' };
const batch: TickBatch = {
  source: 'huobi',
  receivedAt: 1_732_000_000_200,
  ticks: [
    // An id above 2^53, a price without a short decimal, the smallest and the largest double.
    { ...tick, id: '102523573486365358588' },
    { ...tick, symbol: 'pepe', price: 0.1 + 0.2, size: 5e-324 },
    { ...tick, price: 1.7976931348623157e308, id: '' },
  ],
  tickers: [
    { symbol: 'btc', quote: 'usd', price: 1e-9, time: 1, open24h: 2 / 3, volume24h: 0 },
    { symbol: 'eth', quote: 'usd', price: 3_000, time: 2 },
  ],
};

it('brings a batch back bit by bit', () => {
  expect(decodeTickBatch(encodeTickBatch(batch))).toStrictEqual(batch);
});

it('brings a heartbeat back', () => {
  const heartbeat: TickBatch = { source: 'okx', receivedAt: 5, ticks: [], tickers: [] };
  expect(decodeTickBatch(encodeTickBatch(heartbeat))).toStrictEqual(heartbeat);
});

it.each([
  ['no JSON', '{"source"', 'not JSON'],
  ['another shape', '{}', 'not [source'],
  ['an unknown source', '["mtgox",1,[],[]]', 'unknown source "mtgox"'],
  ['no time', '["okx",null,[],[]]', 'receivedAt'],
  ['a price in words', '["okx",1,[["btc","usd","1",1,1,"1"]],[]]', 'tick 0: price'],
  ['a null price, which is what JSON makes of NaN', '["okx",1,[["btc","usd",null,1,1,"1"]],[]]', 'tick 0: price'],
  ['a number as id', '["okx",1,[["btc","usd",1,1,1,9007199254740993]],[]]', 'tick 0: symbol, quote and id'],
  ['a price out of range', '["okx",1,[["btc","usd",1e999,1,1,"1"]],[]]', 'tick 0: price'],
  ['a short row', '["okx",1,[],[["btc","usd",1]]]', 'ticker 0 is not a row of 6'],
])('rejects %s', (_what, text, message) => {
  expect(() => decodeTickBatch(text)).toThrow(TickBatchError);
  expect(() => decodeTickBatch(text)).toThrow(message);
});
