import { objectField } from '../fields.js';
import { readProducts } from '../products.js';
import type { Listing } from '../source.js';
import { splitDashed } from '../spelling.js';

/** A pair keeps its spelling when its coin is renamed: only the product list's currencies follow. */
const RENAMED = { bchsv: 'bsv', wax: 'waxp', loki: 'oxen', r: 'rev' };

/** https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-all-symbols */
export const kucoinListing: Listing = {
  request: { method: 'GET', path: '/api/v2/symbols' },
  parse: (body) =>
    readProducts(objectField(body, 'symbols')['data'], {
      pair: 'symbol',
      base: 'baseCurrency',
      quote: 'quoteCurrency',
      tradable: (product) => product['enableTrading'] === true,
    }),
  spelled: (pair) => splitDashed(pair, RENAMED),
};
