import { type JsonObject, objectField, shown } from '../fields.js';
import { VenueFrameError } from '../source.js';

/**
 * What is inside of the envelope of every REST answer: `{"retCode":0,"retMsg":"OK","result":{…},"time":…}`. Errors come
 * with status 200, most of them. https://bybit-exchange.github.io/docs/v5/guide
 * @throws VenueFrameError when the answer is an error, or none.
 */
export function bybitResult(body: unknown): { readonly result: JsonObject; readonly time: unknown } {
  const { retCode, retMsg, result, time } = objectField(body, 'the answer');
  if (retCode !== 0) throw new VenueFrameError(`Bybit answered ${shown(retCode)} ${shown(retMsg)}`);
  return { result: objectField(result, 'result'), time };
}
