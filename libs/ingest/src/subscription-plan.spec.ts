import { listing } from '../test/toy-venue.js';
import { desiredPairs, inGroups, reshard } from './subscription-plan.js';

const names = (pairs: readonly { pair: string }[]): string[] => pairs.map(({ pair }) => pair);

describe('desired pairs', () => {
  it('takes one pair per asset, dollars before tether before circle', () => {
    const listed = listing('btc-usdc', 'btc-usdt', 'btc-usd', 'eth-usdc', 'eth-usdt', 'sol-usdc', 'sol-eur');
    expect(names(desiredPairs(['sol', 'eth', 'btc', 'btc'], listed).pairs)).toEqual([
      'SOL-USDC',
      'ETH-USDT',
      'BTC-USD',
    ]);
  });

  it('adds the stablecoin rates the venue lists, asked for or not, each once', () => {
    const listed = listing('btc-usd', 'usdt-usd', 'usdc-usd', 'usdc-usdt', 'dai-usd');
    expect(names(desiredPairs(['usdt', 'btc'], listed).pairs)).toEqual([
      'USDT-USD',
      'BTC-USD',
      'USDC-USD',
      'USDC-USDT',
    ]);
  });

  it('reports what is not listed in a dollar of any kind', () => {
    const desired = desiredPairs(['btc', 'foo', 'bar'], listing('btc-usd', 'bar-eur'));
    expect(desired.unlisted).toEqual(['foo', 'bar']);
    expect(names(desired.pairs)).toEqual(['BTC-USD']);
  });

  it('finds an asset under its alias, and keeps the symbol that was asked for', () => {
    const aliasesOf = (symbol: string): string[] => (symbol === 'pol' ? ['matic'] : []);
    const { pairs, unlisted } = desiredPairs(['pol'], listing('matic-usdt'), aliasesOf);
    expect(pairs).toEqual([{ pair: 'MATIC-USDT', symbol: 'pol', quote: 'usdt' }]);
    expect(unlisted).toEqual([]);
    const both = desiredPairs(['pol'], listing('matic-usd', 'pol-usdt'), aliasesOf);
    expect(names(both.pairs)).toEqual(['POL-USDT']);
  });
});

describe('shards', () => {
  const pairs = (...ids: number[]) => listing(...ids.map((id) => `a${id}`));

  it('fills sockets up to their limit', () => {
    expect(reshard([], pairs(1, 2, 3, 4, 5), 2).map(names)).toEqual([
      ['A1-USD', 'A2-USD'],
      ['A3-USD', 'A4-USD'],
      ['A5-USD'],
    ]);
  });

  it('leaves every pair on its socket when others come and go', () => {
    const before = reshard([], pairs(1, 2, 3, 4, 5), 2);
    const after = reshard(before, pairs(9, 5, 4, 8, 3, 2, 7), 2).map(names);
    expect(after).toEqual([['A2-USD', 'A9-USD'], ['A3-USD', 'A4-USD'], ['A5-USD', 'A8-USD'], ['A7-USD']]);
  });

  it('keeps the index of a shard that lost everything, and fills it again', () => {
    const emptied = reshard(reshard([], pairs(1, 2, 3), 2), pairs(3), 2);
    expect(emptied.map(names)).toEqual([[], ['A3-USD']]);
    expect(reshard(emptied, pairs(3, 4), 2).map(names)).toEqual([['A4-USD'], ['A3-USD']]);
  });

  it('cuts frames', () => {
    expect(inGroups([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inGroups([], 2)).toEqual([]);
  });
});
