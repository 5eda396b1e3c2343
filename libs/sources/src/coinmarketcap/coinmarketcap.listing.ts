import type { ListingEntry } from '@haunt/domain';
import { arrayField, isoMs, objectField, positive, textField } from '../fields.js';
import { above, changeOf, count, known, readLines } from '../listing-lines.js';
import type { ListingSource } from '../listing-source.js';
import { VenueFrameError } from '../source.js';
import { dataOf, inDollars, withKey } from './coinmarketcap.answer.js';

const MINUTE_MS = 60_000;

/**
 * A credit buys 200 lines. The Basic plan has 15,000 a month, of which the first 200 every five minutes take 8,928, the
 * other 300 every hour 1,488, the prices 2,976 and the state of the market, while nobody else tells it, 1,488.
 * https://coinmarketcap.com/academy/article/how-to-understand-api-credits-rate-limits-and-pagination
 */
const PACE = { everyMs: 5 * MINUTE_MS, top: 200, fullEveryMs: 60 * MINUTE_MS } as const;

/** CoinMarketCap's list of assets. */
export const coinmarketcapListing: ListingSource = {
  id: 'coinmarketcap',
  addresses: { rest: 'https://pro-api.coinmarketcap.com' },
  documentation: 'https://coinmarketcap.com/api/documentation/v1/#operation/getV1CryptocurrencyListingsLatest',
  needsKey: true,
  pageSize: 5_000,
  pace: () => PACE,

  request: (start, limit, key) => ({
    method: 'GET',
    path: `/v1/cryptocurrency/listings/latest?start=${start}&limit=${limit}&convert=USD`,
    headers: withKey(key),
  }),

  parse(body, receivedAt) {
    return readLines(arrayField(dataOf(body), 'data'), (line) => lineOf(line, receivedAt));
  },
};

function lineOf(line: unknown, receivedAt: number): ListingEntry {
  const asset = objectField(line, 'a line');
  const cmcId = count(asset['id']);
  if (cmcId === undefined) throw new VenueFrameError('a line has no id');
  const usd = inDollars(asset, String(cmcId));
  const updated = usd['last_updated'] ?? asset['last_updated'];
  const rank = count(asset['cmc_rank']);
  return {
    cmcId,
    symbol: textField(asset['symbol'], `${cmcId} symbol`),
    name: textField(asset['name'], `${cmcId} name`),
    ...(rank !== undefined && { rank }),
    figures: {
      price: positive(usd['price'], `${cmcId} price`),
      updatedAt: typeof updated === 'string' ? isoMs(updated, `${cmcId} last_updated`) : receivedAt,
      ...known({
        marketCap: above(usd['market_cap']),
        marketCapDominance: above(usd['market_cap_dominance']),
        fullyDilutedMarketCap: above(usd['fully_diluted_market_cap']),
        volume24h: above(usd['volume_24h']),
        volumeChange24h: changeOf(usd['volume_change_24h']),
        change1h: changeOf(usd['percent_change_1h']),
        change24h: changeOf(usd['percent_change_24h']),
        change7d: changeOf(usd['percent_change_7d']),
        change30d: changeOf(usd['percent_change_30d']),
        circulatingSupply: above(asset['circulating_supply']),
        totalSupply: above(asset['total_supply']),
        maxSupply: above(asset['max_supply']),
      }),
    },
  };
}
