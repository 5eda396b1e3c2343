import type { ListingEntry } from '@haunt/domain';
import { decimal } from '../decimal.js';
import { isObject, isoMs, objectField, positive, textField } from '../fields.js';
import { above, changeOf, count, known, readLines } from '../listing-lines.js';
import type { ListingSource } from '../listing-source.js';
import type { HttpRequest } from '../source.js';
import { access, answerOf, PRO_REST } from './coingecko.poll.js';

const EVERY_MS = 5 * 60_000;
const PER_PAGE = 250;
/** Enough to tell one price from the next in a line of a few pixels. */
const SPARKLINE_DIGITS = 6;
/** Seven days of hours; a few more come when the API counts both ends. */
const SPARKLINE_HOURS = 168;

/**
 * A demo key's month (10,000 calls) is spent on prices, so the rest is asked without it, as anybody may: two pages and the
 * state of the market every five minutes are under one call a minute. A paid plan's key goes along.
 */
export function marketRequest(path: string, key: string | undefined): HttpRequest {
  const given = access(key);
  return {
    method: 'GET',
    path,
    ...(given.plan === 'pro' && given.key !== undefined && { headers: { 'x-cg-pro-api-key': given.key } }),
  };
}

/** Where it is asked, and how often. */
export function marketPace(key: string | undefined): { readonly everyMs: number; readonly rest?: string } {
  return { everyMs: EVERY_MS, ...(access(key).plan === 'pro' && { rest: PRO_REST }) };
}

/** CoinGecko's list of coins, with pictures and the line of the last seven days. */
export const coingeckoListing: ListingSource = {
  id: 'coingecko',
  addresses: { rest: 'https://api.coingecko.com' },
  documentation: 'https://docs.coingecko.com/reference/coins-markets',
  needsKey: false,
  pageSize: PER_PAGE,
  pace: (key) => ({ ...marketPace(key), top: Infinity, fullEveryMs: EVERY_MS }),

  request: (start, _count, key) =>
    marketRequest(
      `/api/v3/coins/markets?vs_currency=usd&order=market_cap_desc&per_page=${PER_PAGE}` +
        `&page=${Math.floor((start - 1) / PER_PAGE) + 1}&sparkline=true&price_change_percentage=1h,24h,7d,30d&precision=full`,
      key,
    ),

  parse(body, receivedAt) {
    // An error comes as an object.
    const lines: readonly unknown[] = Array.isArray(body) ? body : [answerOf(body)];
    return readLines(lines, (line) => lineOf(line, receivedAt));
  },
};

function lineOf(line: unknown, receivedAt: number): ListingEntry {
  const coin = objectField(line, 'a line');
  const coingeckoId = textField(coin['id'], 'the id of a line');
  const rank = count(coin['market_cap_rank']);
  const image = coin['image'];
  const updated = coin['last_updated'];
  return {
    coingeckoId,
    symbol: textField(coin['symbol'], `${coingeckoId} symbol`).toUpperCase(),
    name: textField(coin['name'], `${coingeckoId} name`),
    ...(rank !== undefined && { rank }),
    ...(typeof image === 'string' && /^https?:/.test(image) && { image }),
    figures: {
      price: positive(coin['current_price'], `${coingeckoId} current_price`),
      updatedAt: typeof updated === 'string' ? isoMs(updated, `${coingeckoId} last_updated`) : receivedAt,
      ...known({
        marketCap: above(coin['market_cap']),
        fullyDilutedMarketCap: above(coin['fully_diluted_valuation']),
        volume24h: above(coin['total_volume']),
        change1h: changeOf(coin['price_change_percentage_1h_in_currency']),
        change24h: changeOf(coin['price_change_percentage_24h_in_currency'] ?? coin['price_change_percentage_24h']),
        change7d: changeOf(coin['price_change_percentage_7d_in_currency']),
        change30d: changeOf(coin['price_change_percentage_30d_in_currency']),
        circulatingSupply: above(coin['circulating_supply']),
        totalSupply: above(coin['total_supply']),
        maxSupply: above(coin['max_supply']),
        sparkline: sparklineOf(coin['sparkline_in_7d']),
      }),
    },
  };
}

/** Hourly prices, oldest first; undefined when there are none. Nothing is put in for an hour that is missing. */
function sparklineOf(value: unknown): number[] | undefined {
  const prices = isObject(value) ? value['price'] : undefined;
  if (!Array.isArray(prices)) return undefined;
  const closes = prices
    .map((price) => decimal(price))
    .filter((price): price is number => price !== undefined && price > 0)
    .map((price) => Number(price.toPrecision(SPARKLINE_DIGITS)));
  return closes.length === 0 ? undefined : closes.slice(-SPARKLINE_HOURS);
}
