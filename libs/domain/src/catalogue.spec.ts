import { describeRecorded, recordings } from '../../../test/recordings.js';
import { assetById, ASSETS, DEFAULT_SYMBOLS, findAsset } from './catalogue.js';

const repeated = (values: readonly unknown[]) => values.filter((value, index) => values.indexOf(value) !== index);

describe('the built-in catalogue', () => {
  it('says everything once', () => {
    expect(repeated(ASSETS.map(({ id }) => id))).toEqual([]);
    expect(repeated(ASSETS.flatMap(({ symbol, aliases }) => [symbol, ...(aliases ?? [])]))).toEqual([]);
    expect(repeated(ASSETS.map(({ coingeckoId }) => coingeckoId))).toEqual([]);
    expect(repeated(ASSETS.map(({ name }) => name))).toEqual([]);
  });

  it('is spelled as its consumers expect', () => {
    for (const { id, symbol, name, coingeckoId, aliases } of ASSETS) {
      expect(Number.isInteger(id) && id > 0 && id < 100_000).toBe(true);
      for (const spelling of [symbol, ...(aliases ?? [])]) expect(spelling).toMatch(/^[a-z0-9]{1,10}$/);
      expect(coingeckoId).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(name.trim()).toBe(name);
      expect(name).not.toBe('');
    }
  });

  it('holds at least 250 assets, ranked without a gap', () => {
    expect(ASSETS.length).toBeGreaterThanOrEqual(250);
    expect(ASSETS.map(({ rank }) => rank)).toEqual(ASSETS.map((_, index) => index + 1));
  });

  it.each([
    ['btc', 1, 'bitcoin'],
    ['eth', 1027, 'ethereum'],
    ['sol', 5426, 'solana'],
    ['usdt', 825, 'tether'],
    ['usdc', 3408, 'usd-coin'],
    ['luna', 20314, 'terra-luna-2'],
    ['lunc', 4172, 'terra-luna'],
  ])('knows %s as %i', (symbol, id, coingeckoId) => {
    expect(assetById(id)).toMatchObject({ symbol, coingeckoId });
    expect(findAsset(symbol.toUpperCase())).toBe(assetById(id));
    expect(findAsset(String(id))).toBe(assetById(id));
  });

  it.each([
    ['MATIC', 'pol'],
    ['ton', 'gram'],
    ['xbt', 'btc'],
    ['klay', 'kaia'],
    ['rndr', 'render'],
    ['eos', 'a'],
  ])('still finds %s, now %s', (former, symbol) => {
    expect(findAsset(former)?.symbol).toBe(symbol);
  });

  it('watches the hundred largest by default, the currencies prices are converted from among them', () => {
    expect(DEFAULT_SYMBOLS).toHaveLength(100);
    expect(DEFAULT_SYMBOLS[0]).toBe('btc');
    expect(DEFAULT_SYMBOLS).toEqual(expect.arrayContaining(['usdt', 'usdc', 'eth']));
  });
});

interface Listed {
  readonly id: number;
  readonly symbol: string;
  readonly name: string;
}

const listing = (file: string) => (recordings.json('rest', file) as { data: Listed[] }).data;

describeRecorded('the catalogue beside recorded listings', () => {
  it('agrees with the hundred largest of February 2026, but for the coin renamed since', () => {
    const recorded = listing('haunt-cache_cmc-listings_1_100_2026-02.json').map(({ id, symbol, name }, index) =>
      id === 11419
        ? { rank: index + 1, id, symbol: 'gram', name: 'Gram (prev. Toncoin)' }
        : { rank: index + 1, id, symbol: symbol.toLowerCase(), name },
    );
    expect(ASSETS.slice(0, 100).map(({ rank, id, symbol, name }) => ({ rank, id, symbol, name }))).toEqual(recorded);
  });

  it('gives no coin of 2020 another id, unless the symbol has a new owner', () => {
    // BitTorrent, Terra and Kyber issued new coins, which took the symbols of the old ones.
    const reissued = ['btt', 'luna', 'knc'];
    const moved = listing('coinmarketcap_listings-latest_100_2020-10-24.json').filter(({ id, symbol }) => {
      const asset = findAsset(symbol);
      return asset !== undefined && asset.id !== id && asset.symbol === symbol.toLowerCase();
    });
    expect(moved.map(({ symbol }) => symbol.toLowerCase()).sort()).toEqual([...reissued].sort());
  });
});
