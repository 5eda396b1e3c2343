import { amountIfAny, isoMs, objectField, positive } from '../fields.js';
import { entryOf, openBefore, readEach, requestsPerRound, summary } from '../polling.js';
import { type PolledTicker, type PollSource, VenueFrameError } from '../source.js';
import { dataOf, withKey } from './coinmarketcap.answer.js';

/**
 * A call costs one credit per 100 assets, or per 200 by the newer rule: 100 to a request cost one under both.
 * https://coinmarketcap.com/academy/article/how-to-understand-api-credits-rate-limits-and-pagination
 */
const IDS_PER_REQUEST = 100;

/**
 * The Basic plan has 15,000 credits a month. Most of them go to the listings (`coinmarketcap.listing.ts` has the sum): what
 * this index says of a price is a minute old when it comes, and the venues are there for that. One credit per quarter of an
 * hour is 2,976 of a long month.
 */
const MS_PER_CREDIT = 15 * 60_000;

/** CoinMarketCap's average prices in USD, asked by id because symbols are not unique. */
export const coinmarketcap: PollSource = {
  kind: 'poll',
  id: 'coinmarketcap',
  addresses: { rest: 'https://pro-api.coinmarketcap.com' },
  documentation: 'https://coinmarketcap.com/api/documentation/v1/#operation/getV2CryptocurrencyQuotesLatest',
  needsKey: true,
  assetsPerRequest: IDS_PER_REQUEST,

  plan: (_key, assets = IDS_PER_REQUEST) => ({ everyMs: MS_PER_CREDIT * requestsPerRound(assets, IDS_PER_REQUEST) }),

  request(assets, key) {
    const ids = assets.flatMap(({ cmcId }) => cmcId ?? []);
    if (ids.length === 0) throw new RangeError('None of the assets has a CoinMarketCap id');
    return {
      method: 'GET',
      // Without skip_invalid one retired id fails all the others.
      path: `/v2/cryptocurrency/quotes/latest?id=${ids.join(',')}&convert=USD&skip_invalid=true`,
      headers: withKey(key),
    };
  },

  parse(body, assets, receivedAt) {
    const entries = objectField(dataOf(body), 'data');
    return readEach(assets, ({ symbol, cmcId }): PolledTicker => {
      if (cmcId === undefined) throw new VenueFrameError(`no CoinMarketCap id is known for ${symbol}`);
      const pair = String(cmcId);
      const entry = entryOf(entries, pair);
      const quote = entryOf(entry['quote'], 'USD', `${pair} in USD`);
      const price = positive(quote['price'], `${pair} price`);
      const updated = quote['last_updated'] ?? entry['last_updated'];
      const time = updated === undefined || updated === null ? receivedAt : isoMs(updated, `${pair} last_updated`);
      const open24h = openBefore(price, quote['percent_change_24h']);
      const volume24h = amountIfAny(quote['volume_24h'], `${pair} volume_24h`);
      return { symbol, pair, quote: 'usd', price, time, ...summary(open24h, volume24h) };
    });
  },
};
