import type { AssetView, LivePrice } from '@haunt/client';
import { figuresOf } from './figures.js';

const view: AssetView = {
  id: 1,
  rank: 1,
  name: 'Bitcoin',
  symbol: 'BTC',
  image: '',
  price: 100,
  change1h: 1,
  change24h: 2,
  change7d: 3,
  marketCap: 2_000,
  volume24h: 50,
  circulatingSupply: 20,
  sparkline: [],
  assetType: 'crypto',
  status: 'normal',
  lastUpdated: 1_000,
  unknown: [],
};
const live: LivePrice = {
  id: 'btc',
  symbol: 'btc',
  price: 110,
  source: 'okx',
  sources: ['okx'],
  timestamp: 2_000,
  assetType: 'crypto',
  version: 1,
  status: 'normal',
};

it('brings the capitalisation to the live price', () => {
  expect(figuresOf(view, live)).toMatchObject({ price: 110, marketCap: 2_200, pricedAt: 2_000, change24h: 2 });
});

it('does not take for zero what nobody has told', () => {
  const unknown = ['price', 'marketCap', 'change24h', 'volume24h', 'rank'];
  expect(figuresOf({ ...view, price: 0, marketCap: 0, rank: 0, unknown }, undefined)).toMatchObject({
    price: undefined,
    marketCap: undefined,
    change24h: undefined,
    volume24h: undefined,
    rank: Infinity,
  });
});

it('lets a stale live price give way to a younger one of the list, and to no older one', () => {
  const stale: LivePrice = { ...live, status: 'stale' };
  expect(figuresOf({ ...view, lastUpdated: 3_000 }, stale)).toMatchObject({ price: 100, pricedAt: 3_000 });
  expect(figuresOf(view, stale)).toMatchObject({ price: 110, status: 'stale', pricedAt: 2_000 });
});
