import { isObject, type JsonObject, objectField, shown } from '../fields.js';
import { VenueFrameError } from '../source.js';

/**
 * What an answer of CoinMarketCap holds.
 * @throws VenueFrameError when `status.error_code` is not 0, whatever the HTTP status was.
 */
export function dataOf(body: unknown): unknown {
  const { status, data } = objectField(body, 'the answer');
  if (isObject(status)) {
    const { error_code: code = 0, error_message: message } = status;
    if (code !== 0 && code !== '0') {
      throw new VenueFrameError(`CoinMarketCap answered ${shown(code)} ${shown(message)}`);
    }
  }
  return data;
}

/** The header that carries the key. */
export function withKey(key: string | undefined): Readonly<Record<string, string>> {
  return { 'X-CMC_PRO_API_KEY': key?.trim() ?? '' };
}

/** The part of `quote` in US dollars. @throws VenueFrameError */
export function inDollars(line: JsonObject, field: string): JsonObject {
  return objectField(objectField(line['quote'], `${field} quote`)['USD'], `${field} in USD`);
}
