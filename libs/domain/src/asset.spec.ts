import { type Asset, indexAssets } from './asset.js';

const asset = (id: number, symbol: string, rank: number, aliases?: string[]): Asset => ({
  id,
  symbol,
  name: symbol.toUpperCase(),
  rank,
  coingeckoId: `${symbol}-${id}`,
  ...(aliases && { aliases }),
});

describe('indexAssets', () => {
  it('finds by id, symbol and alias, in any case', () => {
    const index = indexAssets([asset(28321, 'pol', 1, ['matic'])]);
    for (const name of ['28321', 'pol', 'POL', ' Pol ', 'MATIC']) expect(index.find(name)?.id).toBe(28321);
    expect(index.byId(28321)?.symbol).toBe('pol');
  });

  it('finds nothing for what is no name', () => {
    const index = indexAssets([asset(1, 'btc', 1)]);
    for (const name of ['', ' ', '0', '01', '1.0', '-1', '1e0', 'btc2', 'constructor', '__proto__', '9'.repeat(400)]) {
      expect(index.find(name)).toBeUndefined();
    }
    expect(index.byId(0)).toBeUndefined();
  });

  it('means the higher ranked of two with one symbol, in whatever order they come', () => {
    const [large, small] = [asset(10, 'id', 5), asset(11, 'id', 900)];
    for (const list of [
      [large, small],
      [small, large],
    ]) {
      expect(indexAssets(list).find('id')).toBe(large);
      expect(indexAssets(list).byId(11)).toBe(small);
    }
  });

  it('lets no alias take the symbol of a coin further down', () => {
    const index = indexAssets([asset(10, 'new', 1, ['old']), asset(11, 'old', 900), asset(12, 'two', 901, ['new'])]);
    expect(index.find('old')?.id).toBe(11);
    expect(index.find('new')?.id).toBe(10);
  });

  it('takes digits that are no id for a symbol', () => {
    expect(indexAssets([asset(5, '42', 1)]).find('42')?.id).toBe(5);
  });
});
