import { amountIfAny, isObject, type JsonObject, objectField, positive, positiveIfAny, shown } from '../fields.js';
import { entryOf, readEach, secondsIfAny, summary } from '../polling.js';
import { type PolledTicker, type PollSource, VenueFrameError } from '../source.js';

/** `fsyms` takes 300 characters: thirty symbols of nine fit, commas included. */
const SYMBOLS_PER_REQUEST = 30;

const EVERY_MS = 20_000;

/**
 * The answer, unless it is a report of an error.
 * @throws VenueFrameError for `{"Response":"Error","Message":…}` and `{"Err":{…}}`, which come with HTTP status 200.
 */
export function answerOf(body: unknown): JsonObject {
  const answer = objectField(body, 'the answer');
  const { Response: response, Message: message, Err: fault } = answer;
  if (response === 'Error') throw new VenueFrameError(`CryptoCompare answered ${shown(message)}`);
  if (isObject(fault) && fault['message'] !== undefined) {
    throw new VenueFrameError(`CryptoCompare answered ${shown(fault['message'])}`);
  }
  return answer;
}

/**
 * CryptoCompare's index (CCCAGG) in USD. Since May 2026 it wants the key of a subscription; how many calls that includes
 * differs, so the pace is that of the freshness we need: a quote counts for 30 s.
 */
export const cryptocompare: PollSource = {
  kind: 'poll',
  id: 'cryptocompare',
  addresses: { rest: 'https://min-api.cryptocompare.com' },
  documentation: 'https://min-api.cryptocompare.com/documentation?key=Price&cat=multipleSymbolsFullPriceEndpoint',
  needsKey: true,
  assetsPerRequest: SYMBOLS_PER_REQUEST,

  plan: () => ({ everyMs: EVERY_MS }),

  request(assets, key) {
    if (assets.length === 0) throw new RangeError('There is no asset to ask CryptoCompare for');
    const symbols = assets.map(({ symbol }) => encodeURIComponent(symbol.toUpperCase()));
    return {
      method: 'GET',
      path: `/data/pricemultifull?fsyms=${symbols.join(',')}&tsyms=USD`,
      headers: { authorization: `Apikey ${key?.trim() ?? ''}` },
    };
  },

  parse(body, assets, receivedAt) {
    const entries = objectField(answerOf(body)['RAW'], 'RAW');
    return readEach(assets, ({ symbol }): PolledTicker => {
      const name = symbol.toUpperCase();
      const entry = entryOf(entryOf(entries, name), 'USD', `${name} in USD`);
      const price = positive(entry['PRICE'], `${name} PRICE`);
      const time = secondsIfAny(entry['LASTUPDATE'], `${name} LASTUPDATE`) ?? receivedAt;
      const open24h = positiveIfAny(entry['OPEN24HOUR'], `${name} OPEN24HOUR`);
      const volume24h = amountIfAny(entry['VOLUME24HOURTO'], `${name} VOLUME24HOURTO`);
      return { symbol, pair: `${name}-USD`, quote: 'usd', price, time, ...summary(open24h, volume24h) };
    });
  },
};
