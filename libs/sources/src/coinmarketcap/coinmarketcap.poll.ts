import { amountIfAny, isObject, isoMs, type JsonObject, objectField, positive, shown } from '../fields.js';
import { entryOf, openBefore, readEach, requestsPerRound, summary } from '../polling.js';
import { type PolledTicker, type PollSource, VenueFrameError } from '../source.js';

/**
 * A call costs one credit per 100 assets, or per 200 by the newer rule: 100 to a request cost one under both.
 * https://coinmarketcap.com/academy/article/how-to-understand-api-credits-rate-limits-and-pagination
 */
const IDS_PER_REQUEST = 100;

/** The Basic plan has 15,000 credits a month: one per 178.6 s of a long one. */
const MS_PER_CREDIT = 180_000;

/**
 * The entries of an answer, by CoinMarketCap id.
 * @throws VenueFrameError when `status.error_code` is not 0, whatever the HTTP status was, or there is no data.
 */
function entriesOf(body: unknown): JsonObject {
  const { status, data } = objectField(body, 'the answer');
  if (isObject(status)) {
    const { error_code: code = 0, error_message: message } = status;
    if (code !== 0 && code !== '0') {
      throw new VenueFrameError(`CoinMarketCap answered ${shown(code)} ${shown(message)}`);
    }
  }
  return objectField(data, 'data');
}

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
      headers: { 'X-CMC_PRO_API_KEY': key?.trim() ?? '' },
    };
  },

  parse(body, assets, receivedAt) {
    const entries = entriesOf(body);
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
