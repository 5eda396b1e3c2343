import type { AssetSymbol } from './tick.js';

/** A coin as we know it. */
export interface Asset {
  /** The CoinMarketCap id: it stays when a coin takes another symbol. */
  readonly id: number;
  /** Lower case. */
  readonly symbol: AssetSymbol;
  readonly name: string;
  /** 1 is the largest by market capitalisation. */
  readonly rank: number;
  readonly coingeckoId: string;
  /** Symbols it had, or has on some venue, one unit of which is one unit of this; lower case. */
  readonly aliases?: readonly AssetSymbol[];
}

/** What an index needs to know of an asset. */
export type NamedAsset = Pick<Asset, 'id' | 'symbol' | 'rank' | 'aliases'>;

/** Finds assets by what a user may call them. */
export interface AssetIndex<A extends NamedAsset = Asset> {
  byId(id: number): A | undefined;
  /**
   * @param idOrSymbol a CoinMarketCap id (`1027`), a symbol or an alias, in any case; spaces around it do not matter.
   *   A symbol beats an alias, and of two assets with the same one the higher ranked is meant.
   */
  find(idOrSymbol: string): A | undefined;
}

/** As much of an index as is needed to know who is meant. */
export type AssetNames = Pick<AssetIndex<NamedAsset>, 'find'>;

const NUMERIC = /^[1-9]\d*$/;

/** Indexes a list of assets; the order of the list does not matter. */
export function indexAssets<A extends NamedAsset>(assets: readonly A[]): AssetIndex<A> {
  const ids = new Map<number, A>();
  const symbols = new Map<AssetSymbol, A>();
  const ranked = [...assets].sort((a, b) => a.rank - b.rank);
  const claim = <Key>(names: Map<Key, A>, name: Key, asset: A): void => {
    if (!names.has(name)) names.set(name, asset);
  };
  for (const asset of ranked) {
    claim(ids, asset.id, asset);
    claim(symbols, asset.symbol, asset);
  }
  // Only now: an alias must not take the name of a coin further down.
  for (const asset of ranked) for (const alias of asset.aliases ?? []) claim(symbols, alias, asset);

  return {
    byId: (id) => ids.get(id),
    find(idOrSymbol) {
      const name = idOrSymbol.trim().toLowerCase();
      return (NUMERIC.test(name) ? ids.get(Number(name)) : undefined) ?? symbols.get(name);
    },
  };
}
