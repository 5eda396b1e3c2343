import { arrange, LISTING_FILTERS, LISTING_SORTS, type ListingOrder, type ListingRow, pageOf } from './listing.js';
import { seeded } from './reference/random.js';

const row = (id: number, fields: Partial<ListingRow> = {}): ListingRow => ({
  id,
  rank: id,
  name: `coin ${id}`,
  price: undefined,
  marketCap: undefined,
  volume24h: undefined,
  change1h: undefined,
  change24h: undefined,
  change7d: undefined,
  ...fields,
});
const order = (given: Partial<ListingOrder> = {}): ListingOrder => ({ direction: 'desc', filter: 'all', ...given });
const ids = (rows: readonly ListingRow[]): number[] => rows.map(({ id }) => id);

const COINS = [
  row(1, { name: 'Bitcoin', marketCap: 900, price: 90, volume24h: 20, change24h: -1 }),
  row(2, { name: 'ether.fi', marketCap: 300, price: 3, volume24h: 50, change24h: 4 }),
  row(3, { name: 'Dai', marketCap: 200, price: 1, volume24h: 90, change24h: 0 }),
  row(4, { name: '1inch', marketCap: 200, price: 1, change24h: -8 }),
  row(5, { name: 'apex' }),
];

describe('a list of assets', () => {
  it.each<[string, Partial<ListingOrder>, number[]]>([
    ['largest first by default', {}, [1, 2, 3, 4, 5]],
    ['smallest first, equals by rank, unknown last', { direction: 'asc' }, [3, 4, 2, 1, 5]],
    ['by name from the end, case aside', { sort: 'name' }, [2, 3, 1, 5, 4]],
    ['by name', { sort: 'name', direction: 'asc' }, [4, 5, 1, 3, 2]],
    ['by price', { sort: 'price' }, [1, 2, 3, 4, 5]],
    ['by volume, unknown last in both directions', { sort: 'volume_24h', direction: 'asc' }, [1, 2, 3, 4, 5]],
    ['by change', { sort: 'percent_change_24h' }, [2, 3, 1, 4, 5]],
    ['what rose', { filter: 'gainers' }, [2]],
    ['what fell', { filter: 'losers', sort: 'percent_change_24h', direction: 'asc' }, [4, 1]],
    ['bounds include', { minChange: -1, maxChange: 4 }, [1, 2, 3]],
    ['unknown is outside of any bound', { minChange: -100 }, [1, 2, 3, 4]],
    ['impossible bounds', { minChange: 2, maxChange: 1 }, []],
    ['what moves most, most of it first', { filter: 'most_volatile' }, [4, 2, 1, 3]],
    ['what is traded most, as asked for', { filter: 'top_volume', sort: 'market_cap' }, [1, 2, 3]],
  ])('%s', (_, given, expected) => {
    expect(ids(arrange(COINS, order(given)))).toEqual(expected);
  });

  it('is cut to the top quarter where the top of something is asked for', () => {
    const many = Array.from({ length: 100 }, (_, i) =>
      row(i + 1, { change24h: i % 2 === 0 ? i : -i, volume24h: 100 - i }),
    );
    const volatile = arrange(many, order({ filter: 'most_volatile', sort: 'price' }));
    expect(new Set(ids(volatile))).toEqual(new Set(Array.from({ length: 25 }, (_, i) => 100 - i)));
    expect(ids(arrange(many, order({ filter: 'top_volume', direction: 'asc' })))[0]).toBe(25);
  });

  it('has every asset exactly once over all pages, for every sort, filter and direction, whatever the page size', () => {
    const random = seeded(7);
    const maybe = (value: number): number | undefined => (random() < 0.15 ? undefined : Math.round(value));
    for (let round = 0; round < 6; round++) {
      const rows = Array.from({ length: 40 + Math.floor(random() * 200) }, (_, i) =>
        row(i + 1, {
          // Few different values: most of the order is made of ties.
          rank: 1 + Math.floor(random() * 50),
          name: 'abcABC'.charAt(Math.floor(random() * 6)),
          price: maybe(random() * 5),
          marketCap: maybe(random() * 5),
          volume24h: maybe(random() * 5),
          change1h: maybe(random() * 6 - 3),
          change24h: maybe(random() * 6 - 3),
          change7d: maybe(random() * 6 - 3),
        }),
      );
      const shuffled = [...rows].sort(() => random() - 0.5);
      for (const sort of [undefined, ...LISTING_SORTS]) {
        for (const filter of LISTING_FILTERS) {
          for (const direction of ['asc', 'desc'] as const) {
            const given = order({ sort, filter, direction });
            const all = ids(arrange(rows, given));
            // The order they come in says nothing.
            expect(ids(arrange(shuffled, given))).toEqual(all);
            const size = 1 + Math.floor(random() * 37);
            const paged: number[] = [];
            for (let start = 1; start <= all.length; start += size) {
              paged.push(...ids(pageOf(arrange(rows, given), start, size)));
            }
            expect(paged).toEqual(all);
            expect(new Set(paged).size).toBe(paged.length);
            if (filter === 'all') expect(paged.length).toBe(rows.length);
          }
        }
      }
    }
  });

  it('begins a page where it is asked to', () => {
    expect(pageOf([1, 2, 3, 4, 5], 2, 2)).toEqual([2, 3]);
    expect(pageOf([1, 2, 3, 4, 5], 5, 10)).toEqual([5]);
    expect(pageOf([1, 2, 3, 4, 5], 6, 10)).toEqual([]);
  });
});
