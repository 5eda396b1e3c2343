import { isObject, objectField, positive } from '../fields.js';
import { changeOf, count, known, share } from '../listing-lines.js';
import type { GlobalSource } from '../listing-source.js';
import { secondsIfAny } from '../polling.js';
import { marketPace, marketRequest } from './coingecko.listing.js';
import { answerOf } from './coingecko.poll.js';

/** CoinGecko's totals over the whole market. It does not tell how their volume has changed. */
export const coingeckoGlobal: GlobalSource = {
  id: 'coingecko',
  addresses: { rest: 'https://api.coingecko.com' },
  documentation: 'https://docs.coingecko.com/reference/crypto-global',
  needsKey: false,
  pace: marketPace,
  request: (key) => marketRequest('/api/v3/global', key),

  parse(body, receivedAt) {
    const data = objectField(answerOf(body)['data'], 'data');
    const shares = objectField(data['market_cap_percentage'], 'market_cap_percentage');
    return {
      totalMarketCap: positive(dollars(data['total_market_cap']), 'total_market_cap in USD'),
      totalVolume24h: positive(dollars(data['total_volume']), 'total_volume in USD'),
      btcDominance: share(shares['btc'], 'the share of btc'),
      ethDominance: share(shares['eth'], 'the share of eth'),
      ...known({
        activeCryptocurrencies: count(data['active_cryptocurrencies']),
        activeExchanges: count(data['markets']),
        marketCapChange24h: changeOf(data['market_cap_change_percentage_24h_usd']),
      }),
      updatedAt: secondsIfAny(data['updated_at'], 'updated_at') ?? receivedAt,
    };
  },
};

function dollars(value: unknown): unknown {
  return isObject(value) ? value['usd'] : undefined;
}
