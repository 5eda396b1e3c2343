import { indexAssets } from './asset.js';
import type { AssetListing, ListingEntry } from './listing.js';
import { OWN_IDS, type RegisteredAsset } from './registered-asset.js';
import { BUILT_IN, linkListing, mergeListing, type Registry, TRACKED_COUNT } from './registry.js';

const DAY = 24 * 3600 * 1000;
const AT = 1_790_000_000_000;

const line = (given: Partial<ListingEntry> & { rank?: number }, price = 1): ListingEntry => ({
  symbol: 'NEW',
  name: `coin ${given.cmcId ?? given.coingeckoId}`,
  figures: { price, marketCap: 1e9 / (given.rank ?? 1), updatedAt: AT },
  ...given,
});
const cmc = (entries: readonly ListingEntry[], given: Partial<AssetListing> = {}): AssetListing => ({
  source: 'coinmarketcap',
  at: AT,
  complete: true,
  entries,
  ...given,
});
const gecko = (entries: readonly ListingEntry[], given: Partial<AssetListing> = {}): AssetListing =>
  cmc(entries, { source: 'coingecko', ...given });
const find = ({ assets }: Registry, name: string): RegisteredAsset | undefined => indexAssets(assets).find(name);

describe('who is who', () => {
  it('is the catalogue until somebody lists something', () => {
    expect(BUILT_IN.assets.length).toBeGreaterThanOrEqual(250);
    expect(find(BUILT_IN, 'btc')).toMatchObject({ id: 1, spelling: 'BTC', name: 'Bitcoin', coingeckoId: 'bitcoin' });
    expect(BUILT_IN.tracked).toHaveLength(100);
  });

  it('goes by ids: figures and spelling of the listing, names and CoinGecko ids of the catalogue', () => {
    const registry = mergeListing(BUILT_IN, cmc([line({ cmcId: 1, symbol: 'BTC', name: 'Bitcoin', rank: 1 }, 50_000)]));
    expect(find(registry, '1')).toEqual({
      id: 1,
      symbol: 'btc',
      spelling: 'BTC',
      name: 'Bitcoin',
      rank: 1,
      image: 'https://s2.coinmarketcap.com/static/img/coins/64x64/1.png',
      coingeckoId: 'bitcoin',
      aliases: ['xbt'],
      figures: { price: 50_000, marketCap: 1e9, updatedAt: AT, source: 'coinmarketcap', at: AT },
      listedAt: AT,
    });
    // The others are still known, behind it and without a figure.
    expect(registry.assets).toHaveLength(BUILT_IN.assets.length);
    expect(find(registry, 'eth')).toMatchObject({ id: 1027, rank: 2 });
    expect(find(registry, 'eth')?.figures).toBeUndefined();
    expect(registry.tracked).toEqual(['btc']);
  });

  it('knows by CoinGecko ids too, and gives what CoinMarketCap has not told a number of ours, always the same', () => {
    const coins = [
      line({ coingeckoId: 'bitcoin', symbol: 'BTC', name: 'Bitcoin', rank: 1 }),
      line({
        coingeckoId: 'fresh-coin',
        symbol: 'FRESH',
        name: 'Fresh Coin',
        rank: 2,
        image: 'https://x.example/f.png',
      }),
    ];
    const registry = mergeListing(BUILT_IN, gecko(coins));
    expect(find(registry, 'btc')?.id).toBe(1);
    const fresh = find(registry, 'fresh')!;
    expect(fresh).toMatchObject({ coingeckoId: 'fresh-coin', image: 'https://x.example/f.png' });
    expect(fresh.id).toBeGreaterThanOrEqual(OWN_IDS);
    expect(find(mergeListing(registry, gecko(coins.toReversed())), 'fresh')?.id).toBe(fresh.id);
    // When CoinMarketCap lists it, its number is known, and the name it is kept under stays.
    const both = mergeListing(registry, cmc([line({ cmcId: 77_001, symbol: 'FRESH', name: 'Fresh coin', rank: 2 })]));
    expect(find(both, '77001')).toMatchObject({ symbol: 'fresh', coingeckoId: 'fresh-coin' });
    expect(both.assets.filter(({ spelling }) => spelling === 'FRESH')).toHaveLength(1);
  });

  it('takes the ids of a second API without its figures', () => {
    const registry = mergeListing(
      BUILT_IN,
      cmc([line({ cmcId: 77_001, symbol: 'FRESH', name: 'Fresh Coin', rank: 1 }, 5)]),
    );
    const linked = linkListing(
      registry,
      gecko([
        line({ coingeckoId: 'fresh-coin', symbol: 'fresh', name: 'Fresh coin' }, 9),
        line({ coingeckoId: 'other', symbol: 'fresh', name: 'Another' }, 9),
      ]),
    );
    expect(find(linked, '77001')).toMatchObject({ coingeckoId: 'fresh-coin', figures: { price: 5 } });
    expect(linked.assets).toHaveLength(registry.assets.length);
  });

  it('takes the line of the week from the one that has it, as long as it is of today', () => {
    const sparkline = [1, 2, 3];
    const cmcBtc = (at: number): AssetListing => cmc([line({ cmcId: 1, symbol: 'BTC', rank: 1 }, 5)], { at });
    const figures = { price: 9, updatedAt: AT, sparkline };
    const lines = gecko([line({ coingeckoId: 'bitcoin', symbol: 'BTC', figures })]);
    const linked = linkListing(mergeListing(BUILT_IN, cmcBtc(AT)), lines);
    expect(find(linked, 'btc')?.figures).toMatchObject({ price: 5, sparkline, sparklineAt: AT });
    const later = mergeListing(linked, cmcBtc(AT + 6 * 3600 * 1000));
    expect(find(later, 'btc')?.figures?.sparkline).toEqual(sparkline);
    expect(find(mergeListing(later, cmcBtc(AT + DAY)), 'btc')?.figures?.sparkline).toBeUndefined();
  });

  it('keeps a coin under its name when it is renamed, and finds it under both', () => {
    const old = mergeListing(BUILT_IN, cmc([line({ cmcId: 77_001, symbol: 'OLD', rank: 1 })]));
    const renamed = mergeListing(old, cmc([line({ cmcId: 77_001, symbol: 'NEW', rank: 1 })]));
    for (const name of ['old', 'NEW', '77001']) {
      expect(find(renamed, name)).toMatchObject({ id: 77_001, symbol: 'old', spelling: 'NEW', aliases: ['new'] });
    }
    const again = mergeListing(renamed, cmc([line({ cmcId: 77_001, symbol: 'NEWER', rank: 1 })]));
    expect(find(again, 'new')?.id).toBe(77_001);
    expect(again.tracked).toEqual(['old']);
    // As Toncoin, which listings called TON and the catalogue calls GRAM.
    const ton = mergeListing(BUILT_IN, cmc([line({ cmcId: 11_419, symbol: 'TON', rank: 1 })]));
    expect(find(ton, 'ton')).toMatchObject({ symbol: 'gram', spelling: 'TON' });
  });

  it('follows a coin that became another one under another id', () => {
    const both = [
      line({ cmcId: 3890, symbol: 'MATIC', rank: 1 }, 9),
      line({ cmcId: 28_321, symbol: 'POL', rank: 2 }, 5),
    ];
    for (const entries of [both, both.toReversed()]) {
      const registry = mergeListing(BUILT_IN, cmc(entries));
      expect(find(registry, 'matic')).toMatchObject({ id: 28_321, symbol: 'pol', figures: { price: 5 } });
      expect(registry.tracked).toEqual(['pol']);
    }
    const former = mergeListing(BUILT_IN, cmc([both[0]!]));
    expect(find(former, 'pol')).toMatchObject({ id: 28_321, symbol: 'pol', spelling: 'MATIC', figures: { price: 9 } });
  });

  it('gives a name to the highest ranked of those that share it; the others have their ids', () => {
    const same = [7, 8, 9].map((n) => line({ cmcId: 77_000 + n, symbol: 'SAME', rank: n * 10 }, n));
    for (const entries of [same, same.toReversed()]) {
      const registry = mergeListing(BUILT_IN, cmc(entries));
      expect(find(registry, 'same')).toMatchObject({ id: 77_007, figures: { price: 7 } });
      expect(find(registry, '77009')).toMatchObject({ symbol: 'same#77009', spelling: 'SAME', figures: { price: 9 } });
      expect(registry.tracked).toEqual(['same']);
      expect(new Set(registry.assets.map(({ symbol }) => symbol)).size).toBe(registry.assets.length);
    }
  });

  it('lets a name go only to a much larger coin', () => {
    const pair = (a: number, b: number): AssetListing =>
      cmc([line({ cmcId: 77_001, symbol: 'SAME', rank: a }), line({ cmcId: 77_002, symbol: 'SAME', rank: b })]);
    const first = mergeListing(BUILT_IN, pair(50, 60));
    const close = mergeListing(first, pair(60, 50));
    expect(find(close, 'same')?.id).toBe(77_001);
    const far = mergeListing(close, pair(120, 50));
    expect(find(far, 'same')?.id).toBe(77_002);
    expect(find(far, '77001')?.symbol).toBe('same#77001');
    // A namesake of bitcoin is not bitcoin, and one of an unlisted coin of the catalogue is that name's owner.
    const named = mergeListing(
      BUILT_IN,
      cmc([
        line({ cmcId: 1, symbol: 'BTC', rank: 1 }),
        line({ cmcId: 77_003, symbol: 'BTC', rank: 2 }),
        line({ cmcId: 77_004, symbol: 'MOVR', rank: 300 }),
      ]),
    );
    expect(find(named, 'btc')?.id).toBe(1);
    expect(find(named, 'movr')?.id).toBe(77_004);
    expect(find(named, '9285')?.symbol).toBe('movr#9285');
  });

  it('a listing that broke off takes nothing from what it does not reach', () => {
    const all = [1, 2, 3].map((n) => line({ cmcId: 77_000 + n, symbol: `C${n}`, rank: n }, n));
    const registry = mergeListing(BUILT_IN, cmc(all));
    const part = mergeListing(
      registry,
      cmc([line({ cmcId: 77_001, symbol: 'C1', rank: 1 }, 10)], { at: AT + 1, complete: false }),
    );
    expect([1, 2, 3].map((n) => find(part, `c${n}`)?.figures?.price)).toEqual([10, 2, 3]);
    expect([1, 2].map((n) => find(part, `c${n}`)?.figures?.at)).toEqual([AT + 1, AT]);
    const whole = mergeListing(part, cmc(all.slice(0, 1), { at: AT + 2 }));
    expect(find(whole, 'c2')).toMatchObject({ id: 77_002 });
    expect(find(whole, 'c2')?.figures).toBeUndefined();
    // After a week nobody remembers it; the catalogue's own stay for good.
    const later = mergeListing(whole, cmc(all.slice(0, 1), { at: AT + 8 * DAY }));
    expect(find(later, 'c2')).toBeUndefined();
    expect(find(later, 'eth')).toBeDefined();
  });

  it('follows the top of the list, and does not flutter at its edge', () => {
    const many = (swap: boolean): ListingEntry[] =>
      Array.from({ length: 600 }, (_, i) => {
        const place = swap && (i === 499 || i === 500) ? 999 - i : i;
        return line({ cmcId: 80_000 + place, symbol: `C${place}`, rank: i + 1 });
      });
    const first = mergeListing(BUILT_IN, cmc(many(false)));
    expect(first.tracked).toHaveLength(TRACKED_COUNT);
    expect(first.tracked.at(-1)).toBe('c499');
    const second = mergeListing(first, cmc(many(true)));
    expect(new Set(second.tracked)).toEqual(new Set(first.tracked));
  });

  it('survives lines that are there twice, or without a rank', () => {
    const registry = mergeListing(
      BUILT_IN,
      cmc([
        line({ cmcId: 77_001, symbol: 'A1', rank: 1 }, 1),
        line({ cmcId: 77_001, symbol: 'A1', rank: 1 }, 2),
        line({ cmcId: 77_002, symbol: 'A2' }, 3),
      ]),
    );
    expect(find(registry, 'a1')?.figures?.price).toBe(1);
    expect(registry.assets.map(({ rank }) => rank).every(Number.isFinite)).toBe(true);
    expect(registry.tracked).toEqual(['a1', 'a2']);
  });
});
