import {
  amountIfAny,
  idField,
  isoMs,
  type JsonObject,
  parseObject,
  positive,
  positiveIfAny,
  textField,
} from '../fields.js';
import { type VenueMessage, VenueFrameError } from '../source.js';

const OURS = new Set(['match', 'last_match', 'ticker', 'heartbeat', 'error']);
const TYPE_FIRST = '{"type":"';

/** What a frame of the Exchange feed says. */
export function parseCoinbase(text: string): VenueMessage[] {
  // The order book is most of the traffic, its snapshot megabytes: do not parse what only says that it is not for us.
  if (text.startsWith(TYPE_FIRST) && !OURS.has(text.slice(TYPE_FIRST.length, text.indexOf('"', TYPE_FIRST.length)))) {
    return [];
  }
  const frame = parseObject(text);
  switch (frame?.['type']) {
    case 'match':
    case 'last_match':
      return [trade(frame)];
    case 'ticker':
      return ticker(frame);
    case 'heartbeat':
      return [{ type: 'alive' }];
    case 'error':
      return [failure(frame)];
    default:
      return [];
  }
}

/** `last_match` is the last trade from before we subscribed: as real as any, and its own time says how old. */
function trade(frame: JsonObject): VenueMessage {
  return {
    type: 'trade',
    pair: textField(frame['product_id'], 'product_id'),
    price: positive(frame['price'], 'price'),
    size: positive(frame['size'], 'size'),
    time: isoMs(frame['time'], 'time'),
    id: idField(frame['trade_id'], 'trade_id'),
  };
}

function ticker(frame: JsonObject): VenueMessage[] {
  const price = positiveIfAny(frame['price'], 'price');
  if (price === undefined) return [];
  const baseVolume = amountIfAny(frame['volume_24h'], 'volume_24h');
  const volume24h = baseVolume === undefined ? undefined : baseVolume * price;
  if (volume24h === Infinity) throw new VenueFrameError(`volume_24h ${baseVolume} at price ${price} is not a number`);
  return [
    {
      type: 'ticker',
      pair: textField(frame['product_id'], 'product_id'),
      price,
      time: isoMs(frame['time'], 'time'),
      open24h: positiveIfAny(frame['open_24h'], 'open_24h'),
      // The feed counts in units of the base currency.
      volume24h,
    },
  ];
}

const PRODUCT_ID = /\b[A-Z0-9]+-[A-Z0-9]+\b/g;

/** One bad product makes the feed ignore the whole subscribe frame, all the other products in it too. */
function failure(frame: JsonObject): VenueMessage {
  const reason = [frame['message'], frame['reason']].filter((part) => typeof part === 'string').join(': ');
  if (/slow ?consum/i.test(reason)) return { type: 'reconnect', reason };
  const pairs = reason.match(PRODUCT_ID);
  return { type: 'refused', message: reason || 'no reason given', ...(pairs && { pairs }) };
}
