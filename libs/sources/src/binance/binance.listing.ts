import { objectField } from '../fields.js';
import { readProducts } from '../products.js';
import type { Listing } from '../source.js';
import { longestFirst, splitBySuffix } from '../spelling.js';

/** What Binance and Binance.US quote in, or have quoted in. */
const QUOTES = longestFirst(
  'usdt usdc busd tusd fdusd usdp usds usd pax dai ust vai aeur euri eur gbp try rub aud brl uah zar ngn ars pln ron ' +
    'czk mxn cop jpy idrt bidr bkrw bvnd btc eth bnb xrp trx doge dot sol',
);

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/general-endpoints#exchange-information */
export const binanceListing: Listing = {
  // Permission sets are nine tenths of this answer, and nothing here reads them.
  request: { method: 'GET', path: '/api/v3/exchangeInfo?permissions=SPOT&showPermissionSets=false' },
  parse: (body) =>
    readProducts(objectField(body, 'exchangeInfo')['symbols'], {
      pair: 'symbol',
      base: 'baseAsset',
      quote: 'quoteAsset',
      tradable: (product) => product['status'] === 'TRADING' && product['isSpotTradingAllowed'] !== false,
    }),
  spelled: (pair) => splitBySuffix(pair, QUOTES),
};
