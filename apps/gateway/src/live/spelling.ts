import { type AssetSymbol, findAsset } from '@haunt/domain';

const NUMERIC = /^\d+$/;

/** What a client calls an asset, in lower case; for a numeric CoinMarketCap id the symbol of that asset. */
export function spelling(text: string): AssetSymbol {
  return (NUMERIC.test(text) ? findAsset(text)?.symbol : undefined) ?? text.toLowerCase();
}
