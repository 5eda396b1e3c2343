import { objectField } from '../fields.js';
import { readProducts } from '../products.js';
import type { Listing } from '../source.js';
import { splitDashed } from '../spelling.js';

/** https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments */
export const okxListing: Listing = {
  request: { method: 'GET', path: '/api/v5/public/instruments?instType=SPOT' },
  parse: (body) =>
    readProducts(objectField(body, 'instruments')['data'], {
      pair: 'instId',
      base: 'baseCcy',
      quote: 'quoteCcy',
      tradable: (product) => product['state'] === 'live' && product['instType'] === 'SPOT',
    }),
  // Swaps and futures share the feed and the namespace: `UNI-USD-SWAP`, `BTC-USD-220527`.
  spelled: (pair) => splitDashed(pair),
};
