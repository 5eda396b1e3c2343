import { amountIfAny, isObject, type JsonObject, objectField, positive, shown } from '../fields.js';
import { entryOf, readEach, requestsPerRound, summary } from '../polling.js';
import { type ListedPair, type PolledTicker, type PollSource, VenueFrameError } from '../source.js';
import { type Aliases, symbolOf } from '../spelling.js';

/**
 * Kraken's codes where ours differ. `LUNA` there is still the coin of the first Terra chain and `LUNA2` that of the
 * second: without these lines a fallen coin's price would be averaged into another's. As in ccxt's `commonCurrencies`.
 */
const ALIASES: Aliases = {
  xbt: 'btc',
  xdg: 'doge',
  luna: 'lunc',
  luna2: 'luna',
  ust: 'ustc',
  rep: 'repv1',
  repv2: 'rep',
};

/** A name has about ten characters: 200 keep the URL near 2 kB. */
const PAIRS_PER_REQUEST = 200;

/** One address may make about one public call a second; half of that leaves room for the list of pairs and retries. */
const MS_PER_REQUEST = 2000;

const WSNAME = /^([^/\s]+)\/([^/\s]+)$/;

/** Reads `XBT/USD`, under whatever name; undefined for anything else. */
function spelled(pair: string, wsname: unknown): ListedPair | undefined {
  const parts = typeof wsname === 'string' ? WSNAME.exec(wsname) : null;
  return parts === null
    ? undefined
    : { pair, symbol: symbolOf(parts[1]!, ALIASES), quote: symbolOf(parts[2]!, ALIASES) };
}

/** Dark pools (`XXBTZUSD.d`) have no wsname, and tokenized stocks share their tickers with coins: neither is listed. */
function listed(name: string, entry: unknown): ListedPair | undefined {
  if (!isObject(entry)) return undefined;
  const { wsname, status = 'online', aclass_base: kind = 'currency' } = entry;
  return status === 'online' && kind === 'currency' ? spelled(name, wsname) : undefined;
}

/**
 * The `result` of an answer. Faults come with status 200, as texts in `error`: `E…` is an error, `W…` a warning.
 * @throws VenueFrameError for an error, or without a result.
 */
export function resultOf(body: unknown): JsonObject {
  const { error, result } = objectField(body, 'the answer');
  const reports: readonly unknown[] = Array.isArray(error) ? error : [];
  const errors = reports.filter((report) => typeof report !== 'string' || !report.startsWith('W'));
  if (errors.length > 0) throw new VenueFrameError(`Kraken answered ${errors.map(shown).join(', ')}`);
  return objectField(result, 'result');
}

const item = (list: unknown, index: number): unknown => (Array.isArray(list) ? list[index] : undefined);

/**
 * 24 h volume in the quote currency: the base volume times the average price weighted by it, which is what was paid.
 * @throws VenueFrameError
 */
function volumeOf(entry: JsonObject): number | undefined {
  const base = amountIfAny(item(entry['v'], 1), 'v[1]');
  return base === undefined || base === 0 ? base : base * positive(item(entry['p'], 1), 'p[1]');
}

/**
 * Kraken's REST tickers. A pair is spelled as its key in AssetPairs (`XXBTZUSD`), because an answer is keyed by that
 * whatever was asked (`XBTUSD`). One unknown pair fails a whole request, so only listed ones may be asked for.
 */
export const kraken: PollSource = {
  kind: 'poll',
  id: 'kraken',
  addresses: { rest: 'https://api.kraken.com' },
  documentation: 'https://docs.kraken.com/api-reference/market-data/get-ticker-information',
  needsKey: false,
  assetsPerRequest: PAIRS_PER_REQUEST,

  listing: {
    request: { method: 'GET', path: '/0/public/AssetPairs' },

    parse(body) {
      const pairs = Object.entries(resultOf(body)).flatMap(([name, entry]) => listed(name, entry) ?? []);
      if (pairs.length === 0) throw new VenueFrameError('the list of pairs has none that is tradable');
      return pairs;
    },

    spelled: (pair) => spelled(pair, pair),
  },

  plan: (_key, assets = PAIRS_PER_REQUEST) => ({
    everyMs: MS_PER_REQUEST * requestsPerRound(assets, PAIRS_PER_REQUEST),
  }),

  request(assets) {
    const pairs = assets.flatMap(({ pair }) => (pair === undefined ? [] : encodeURIComponent(pair)));
    // Kraken would take an empty list for all it has.
    if (pairs.length === 0) throw new RangeError('None of the assets has a Kraken pair: ask for listed ones');
    return { method: 'GET', path: `/0/public/Ticker?pair=${pairs.join(',')}` };
  },

  parse(body, assets, receivedAt) {
    const result = resultOf(body);
    return readEach(assets, ({ symbol, pair, quote }): PolledTicker => {
      if (pair === undefined || quote === undefined) throw new VenueFrameError(`Kraken does not list ${symbol}`);
      const entry = entryOf(result, pair);
      const price = positive(item(entry['c'], 0), `${pair} c[0]`);
      // `o` is the price at midnight UTC, not that of 24 h ago: there is no open24h.
      return { symbol, pair, quote, price, time: receivedAt, ...summary(undefined, volumeOf(entry)) };
    });
  },
};
