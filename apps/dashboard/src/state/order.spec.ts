import { type Choice, inOrder, type Sortable, USUAL } from './order.js';

function row(symbol: string, rank: number, more: Partial<Sortable<string>> = {}): Sortable<string> {
  return {
    id: rank === Infinity ? 999 : rank,
    rank,
    name: `${symbol} coin`,
    symbol,
    price: 1,
    marketCap: rank === Infinity ? undefined : 1_000 / rank,
    volume24h: undefined,
    change1h: undefined,
    change24h: undefined,
    change7d: undefined,
    status: 'normal',
    pricedAt: 0,
    direction: undefined,
    of: symbol,
    isFavourite: false,
    ...more,
  };
}

const rows = [
  row('XYZ', Infinity),
  row('ETH', 2, { change24h: -3 }),
  row('BTC', 1, { change24h: 5, isFavourite: true }),
  row('WBTC', 4, { change24h: 1 }),
  row('BT', 3, { change24h: -1 }),
];
const order = (choice: Partial<Choice>): string[] => inOrder(rows, { ...USUAL, ...choice });

it('begins with the largest, and ends with those without a rank in both directions', () => {
  expect(order({})).toEqual(['BTC', 'ETH', 'BT', 'WBTC', 'XYZ']);
  expect(order({ column: 'rank', direction: 'desc' })).toEqual(['WBTC', 'BT', 'ETH', 'BTC', 'XYZ']);
});

it('shows what passes a filter in the order that goes with it', () => {
  expect(order({ filter: 'gainers' })).toEqual(['BTC', 'WBTC']);
  expect(order({ filter: 'losers' })).toEqual(['ETH', 'BT']);
  expect(order({ filter: 'favourites' })).toEqual(['BTC']);
});

it('leaves what is not known to the end', () => {
  expect(order({ column: 'percent_change_24h', direction: 'asc' })).toEqual(['ETH', 'BT', 'WBTC', 'BTC', 'XYZ']);
});

it('finds the exact symbol first, then beginnings, then the rest', () => {
  expect(order({ query: ' bt ' })).toEqual(['BT', 'BTC', 'WBTC']);
  expect(order({ query: 'nothing' })).toEqual([]);
});
