import { coingeckoGlobal } from './coingecko/coingecko.global.js';
import { coingeckoListing } from './coingecko/coingecko.listing.js';
import { coinmarketcapGlobal } from './coinmarketcap/coinmarketcap.global.js';
import { coinmarketcapListing } from './coinmarketcap/coinmarketcap.listing.js';
import type { GlobalSource, ListingSource } from './listing-source.js';

/** Who lists assets, the preferred one first: CoinMarketCap's ids are those that assets go by. */
export const LISTING_SOURCES: readonly ListingSource[] = [coinmarketcapListing, coingeckoListing];

/** Who tells the state of the market, the preferred one first: what costs nothing can be asked more often. */
export const GLOBAL_SOURCES: readonly GlobalSource[] = [coingeckoGlobal, coinmarketcapGlobal];
