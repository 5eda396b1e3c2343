import { readProducts } from '../products.js';
import type { Listing } from '../source.js';
import { longestFirst, splitBySuffix } from '../spelling.js';
import { bybitResult } from './bybit.answer.js';

/** What Bybit's spot market quotes in, or has quoted in. Plain USD is not among them: `BTCUSD` is a future. */
const QUOTES = longestFirst('usdt usdc usde dai eur brz brl try pln btc eth sol mnt');

/** The whole spot market in one answer, without pages. https://bybit-exchange.github.io/docs/v5/market/instrument */
export const bybitListing: Listing = {
  request: { method: 'GET', path: '/v5/market/instruments-info?category=spot' },
  parse: (body) =>
    readProducts(bybitResult(body).result['list'], {
      pair: 'symbol',
      base: 'baseCoin',
      quote: 'quoteCoin',
      tradable: (product) => product['status'] === 'Trading',
    }),
  spelled: (pair) => splitBySuffix(pair, QUOTES),
};
