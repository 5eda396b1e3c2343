import {
  amountIfAny,
  epochMs,
  idField,
  isObject,
  type JsonObject,
  objectField,
  parseObject,
  positive,
  positiveIfAny,
  textField,
} from '../fields.js';
import type { VenueMessage } from '../source.js';

const OUR_STREAMS = new Set(['trade', 'aggTrade', 'ticker']);
const STREAM_FIRST = '{"stream":"';

/** What a frame says, in the combined envelope `{"stream":…,"data":…}` or as the bare payload of `/ws`. */
export function parseBinance(text: string): VenueMessage[] {
  if (isOtherStream(text)) return [];
  const frame = parseObject(text);
  if (frame === undefined) return [];
  const event = frame['stream'] === undefined ? frame : objectField(frame['data'], 'data');
  switch (event['e']) {
    case 'trade':
      return [trade(event, 't')];
    case 'aggTrade':
      return [trade(event, 'a')];
    case '24hrTicker':
      return ticker(event);
    case 'serverShutdown':
      return [{ type: 'reconnect', reason: 'serverShutdown' }];
    default:
      return refusal(event);
  }
}

/** `btcusdt@bookTicker`, `btcusdt@depth@100ms`: nearly all of the traffic, if somebody subscribed to it. */
function isOtherStream(text: string): boolean {
  if (!text.startsWith(STREAM_FIRST)) return text.startsWith('{"e":"depthUpdate"');
  const at = text.indexOf('@', STREAM_FIRST.length);
  const end = text.indexOf('"', STREAM_FIRST.length);
  return at !== -1 && at < end && !OUR_STREAMS.has(text.slice(at + 1, end));
}

function trade(event: JsonObject, id: 't' | 'a'): VenueMessage {
  return {
    type: 'trade',
    pair: textField(event['s'], 's'),
    price: positive(event['p'], 'p'),
    size: positive(event['q'], 'q'),
    // T is when it traded, E when it was sent.
    time: epochMs(event['T'], 'T'),
    id: idField(event[id], id),
  };
}

function ticker(event: JsonObject): VenueMessage[] {
  const price = positiveIfAny(event['c'], 'c');
  if (price === undefined) return [];
  return [
    {
      type: 'ticker',
      pair: textField(event['s'], 's'),
      price,
      time: epochMs(event['E'], 'E'),
      open24h: positiveIfAny(event['o'], 'o'),
      volume24h: amountIfAny(event['q'], 'q'),
    },
  ];
}

/** `{"error":{"code":2,"msg":…},"id":1}`, or in its older shape `{"code":2,"msg":…}`. Which stream it was is not said. */
function refusal(event: JsonObject): VenueMessage[] {
  const error = isObject(event['error']) ? event['error'] : event;
  const { code, msg } = error;
  if (typeof code !== 'number' || typeof msg !== 'string') return [];
  return [{ type: 'refused', message: `${msg} (code ${code})` }];
}
