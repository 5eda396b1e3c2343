import type { AssetSymbol } from './tick.js';

/** Assets whose quotes make the stablecoin rates: every partition needs them, whoever owns them. */
export const RATE_SYMBOLS: ReadonlySet<AssetSymbol> = new Set(['usdt', 'usdc', 'btc']);
