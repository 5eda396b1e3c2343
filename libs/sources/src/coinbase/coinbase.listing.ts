import { readProducts } from '../products.js';
import type { Listing } from '../source.js';
import { splitDashed } from '../spelling.js';

/** Coinbase still lists Celo under the name it was announced with. */
const ALIASES = { cgld: 'celo' };

/** https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-all-known-trading-pairs */
export const coinbaseListing: Listing = {
  request: { method: 'GET', path: '/products' },
  parse: (body) =>
    readProducts(body, {
      pair: 'id',
      base: 'base_currency',
      quote: 'quote_currency',
      tradable: (product) => product['status'] === 'online' && product['trading_disabled'] !== true,
      aliases: ALIASES,
    }),
  spelled: (pair) => splitDashed(pair, ALIASES),
};
