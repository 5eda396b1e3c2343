import { objectField } from '../fields.js';
import { readProducts } from '../products.js';
import type { Listing } from '../source.js';
import { longestFirst, splitBySuffix } from '../spelling.js';

/** What HTX quotes in, or has quoted in. Plain USD is not among them, so `husd` is never in doubt. */
const QUOTES = longestFirst('usdt usdc husd usdd tusd btc eth ht trx eur gbp try rub brl uah aud');

/** https://www.htx.com/en-us/opend/newApiPages/?id=7ec516fc-7773-11ed-9966-0242ac110003 */
export const huobiListing: Listing = {
  request: { method: 'GET', path: '/v1/common/symbols' },
  parse: (body) =>
    readProducts(objectField(body, 'symbols')['data'], {
      pair: 'symbol',
      base: 'base-currency',
      quote: 'quote-currency',
      tradable: (product) => product['state'] === 'online',
    }),
  spelled: (pair) => splitBySuffix(pair, QUOTES),
};
