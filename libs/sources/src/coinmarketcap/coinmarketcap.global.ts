import { isoMs, objectField, positive } from '../fields.js';
import { changeOf, count, known, share } from '../listing-lines.js';
import type { GlobalSource } from '../listing-source.js';
import { dataOf, inDollars, withKey } from './coinmarketcap.answer.js';

/** CoinMarketCap's totals over the whole market; one credit each time. */
export const coinmarketcapGlobal: GlobalSource = {
  id: 'coinmarketcap',
  addresses: { rest: 'https://pro-api.coinmarketcap.com' },
  documentation: 'https://coinmarketcap.com/api/documentation/v1/#operation/getV1GlobalmetricsQuotesLatest',
  needsKey: true,
  pace: () => ({ everyMs: 30 * 60_000 }),

  request: (key) => ({
    method: 'GET',
    path: '/v1/global-metrics/quotes/latest?convert=USD',
    headers: withKey(key),
  }),

  parse(body, receivedAt) {
    const data = objectField(dataOf(body), 'data');
    const usd = inDollars(data, 'the market');
    const updated = usd['last_updated'] ?? data['last_updated'];
    return {
      totalMarketCap: positive(usd['total_market_cap'], 'total_market_cap'),
      totalVolume24h: positive(usd['total_volume_24h'], 'total_volume_24h'),
      btcDominance: share(data['btc_dominance'], 'btc_dominance'),
      ethDominance: share(data['eth_dominance'], 'eth_dominance'),
      ...known({
        activeCryptocurrencies: count(data['active_cryptocurrencies']),
        activeExchanges: count(data['active_exchanges']),
        marketCapChange24h: changeOf(usd['total_market_cap_yesterday_percentage_change']),
        volumeChange24h: changeOf(usd['total_volume_24h_yesterday_percentage_change']),
      }),
      updatedAt: typeof updated === 'string' ? isoMs(updated, 'last_updated') : receivedAt,
    };
  },
};
