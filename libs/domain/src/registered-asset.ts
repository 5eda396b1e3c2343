import type { Asset } from './asset.js';
import type { ListedFigures } from './listing.js';
import type { SourceId } from './source.js';
import type { AssetSymbol } from './tick.js';

/** Ids from here on are ours. */
export const OWN_IDS = 1_000_000_000;

/** An asset as the built-in catalogue and the listings together know it. */
export interface RegisteredAsset extends Omit<Asset, 'coingeckoId'> {
  /**
   * CoinMarketCap's number; for an asset of which only CoinGecko has told, one of ours from `OWN_IDS` on, always the same
   * for the same coin.
   */
  readonly id: number;
  /**
   * The name everything is kept under: lower case, unique, and the same for good, whatever the coin is called later. A coin
   * that another, larger one has the name of is kept as `name#id`, which no venue trades.
   */
  readonly symbol: AssetSymbol;
  /** By the last listing; without one, by the catalogue. What is not listed comes after all that is. */
  readonly rank: number;
  readonly coingeckoId?: string;
  /** As the last listing spells the symbol: `BTC`, `USDe`. */
  readonly spelling: string;
  /** Address of a picture; empty when there is none. */
  readonly image: string;
  /** What the last listing says; absent for what is not listed. */
  readonly figures?: RegisteredFigures;
  /** When a listing had it last, epoch ms; absent: none did. */
  readonly listedAt?: number;
}

export interface RegisteredFigures extends ListedFigures {
  readonly source: SourceId;
  /** When the listing was answered, epoch ms. */
  readonly at: number;
  /** When the listing was answered that the sparkline is from; not every listing has them. */
  readonly sparklineAt?: number;
}

/** The ids by which APIs find an asset, as far as they are known. */
export function idsOf({ id, coingeckoId }: Pick<RegisteredAsset, 'id' | 'coingeckoId'>): {
  readonly cmcId?: number;
  readonly coingeckoId?: string;
} {
  return { ...(id < OWN_IDS && { cmcId: id }), ...(coingeckoId !== undefined && { coingeckoId }) };
}
