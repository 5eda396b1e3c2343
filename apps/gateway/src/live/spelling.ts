import type { AssetNames, AssetSymbol } from '@haunt/domain';
import type { Spelling } from './requests.js';

const NUMERIC = /^\d+$/;

/** What a client calls an asset, in lower case; for a numeric CoinMarketCap id the symbol of that asset. */
export function spellingBy(names: AssetNames): Spelling {
  return (text): AssetSymbol => (NUMERIC.test(text) ? names.find(text)?.symbol : undefined) ?? text.toLowerCase();
}
