import { amountIfAny, isObject, type JsonObject, objectField, positive, shown } from '../fields.js';
import { entryOf, openBefore, readEach, requestsPerRound, secondsIfAny, summary } from '../polling.js';
import { type PolledTicker, type PollSource, VenueFrameError } from '../source.js';

/** What `COINGECKO_API_KEY` starts with when its key is one of a paid plan. */
const PRO_PREFIX = 'pro:';

export const PRO_REST = 'https://pro-api.coingecko.com';
const IDS_PER_REQUEST = 250;

/**
 * How often one request may be made. Without a key about five a minute pass, shared by all behind one address: one.
 * Demo: 10,000 a month, one per 268 s of a long month. Paid plans: one per 20 s is 134,000 a month; the smallest of them
 * (100,000) lasts three weeks with it, every other the whole month.
 */
const EVERY_MS = { keyless: 60_000, demo: 270_000, pro: 20_000 } as const;

interface Access {
  readonly plan: keyof typeof EVERY_MS;
  readonly key?: string;
}

/**
 * Demo and paid keys look alike (`CG-…`) but want different hosts and headers, and a key on the wrong one is answered
 * with 400 (error_code 10010, 10011). So the user says which it is: `pro:CG-…` is a paid key, anything else a demo key.
 */
export function access(key: string | undefined): Access {
  const given = key?.trim() ?? '';
  if (given === '') return { plan: 'keyless' };
  return given.startsWith(PRO_PREFIX)
    ? { plan: 'pro', key: given.slice(PRO_PREFIX.length).trim() }
    : { plan: 'demo', key: given };
}

/**
 * The answer, unless it is a report of an error.
 * @throws VenueFrameError for `{"status":{"error_code":429,…}}` and `{"error":…}`. A coin has the id `status`: it is the
 * error code that makes a report of it.
 */
export function answerOf(body: unknown): JsonObject {
  const answer = objectField(body, 'the answer');
  const { status, error } = answer;
  for (const report of [status, error, isObject(error) ? error['status'] : undefined]) {
    if (isObject(report) && report['error_code'] !== undefined) {
      throw new VenueFrameError(`CoinGecko answered ${shown(report['error_code'])} ${shown(report['error_message'])}`);
    }
  }
  if (typeof error === 'string') throw new VenueFrameError(`CoinGecko answered ${shown(error)}`);
  return answer;
}

/** CoinGecko's average prices in USD. */
export const coingecko: PollSource = {
  kind: 'poll',
  id: 'coingecko',
  addresses: { rest: 'https://api.coingecko.com' },
  documentation: 'https://docs.coingecko.com/reference/simple-price',
  needsKey: false,
  assetsPerRequest: IDS_PER_REQUEST,

  plan(key, assets = IDS_PER_REQUEST) {
    const { plan } = access(key);
    const everyMs = EVERY_MS[plan] * requestsPerRound(assets, IDS_PER_REQUEST);
    return plan === 'pro' ? { everyMs, rest: PRO_REST } : { everyMs };
  },

  request(assets, key) {
    const ids = assets.flatMap(({ coingeckoId }) => (coingeckoId === undefined ? [] : encodeURIComponent(coingeckoId)));
    if (ids.length === 0) throw new RangeError('None of the assets has a CoinGecko id');
    const given = access(key);
    return {
      method: 'GET',
      // No space after a comma: what follows one is dropped without a word. Without `precision=full` prices come rounded,
      // bitcoin's to whole dollars.
      path:
        `/api/v3/simple/price?ids=${ids.join(',')}&vs_currencies=usd&include_24hr_vol=true&include_24hr_change=true` +
        '&include_last_updated_at=true&precision=full',
      ...(given.key !== undefined && { headers: { [`x-cg-${given.plan}-api-key`]: given.key } }),
    };
  },

  parse(body, assets, receivedAt) {
    const prices = answerOf(body);
    return readEach(assets, ({ symbol, coingeckoId: pair }): PolledTicker => {
      if (pair === undefined) throw new VenueFrameError(`no CoinGecko id is known for ${symbol}`);
      const entry = entryOf(prices, pair);
      const price = positive(entry['usd'], `${pair} usd`);
      const time = secondsIfAny(entry['last_updated_at'], `${pair} last_updated_at`) ?? receivedAt;
      const open24h = openBefore(price, entry['usd_24h_change']);
      const volume24h = amountIfAny(entry['usd_24h_vol'], `${pair} usd_24h_vol`);
      return { symbol, pair, quote: 'usd', price, time, ...summary(open24h, volume24h) };
    });
  },
};
