import {
  amountIfAny,
  codeText,
  epochMs,
  idField,
  type JsonObject,
  objectField,
  parseObject,
  positive,
  positiveIfAny,
  textField,
} from '../fields.js';
import type { VenueMessage } from '../source.js';

export const MATCH = '/market/match:';
export const SNAPSHOT = '/market/snapshot:';
/** Not subscribed (it has no 24 h figures), understood where it comes. */
const TICKER = '/market/ticker:';

const TOPIC = '"topic":"';
const OUR_TOPICS = [MATCH, SNAPSHOT, TICKER];

/** What a frame says. */
export function parseKucoin(text: string): VenueMessage[] {
  const topicAt = text.indexOf(TOPIC);
  if (topicAt !== -1 && !OUR_TOPICS.some((topic) => text.startsWith(topic, topicAt + TOPIC.length))) return [];
  const frame = parseObject(text);
  switch (frame?.['type']) {
    case 'message':
      return message(frame);
    case 'welcome':
      return [{ type: 'alive', welcome: true }];
    case 'pong':
      return [{ type: 'alive' }];
    case 'error':
      return [failure(frame)];
    default:
      return [];
  }
}

function message(frame: JsonObject): VenueMessage[] {
  const topic = textField(frame['topic'], 'topic');
  if (topic.startsWith(MATCH)) return [trade(objectField(frame['data'], 'data'))];
  if (topic.startsWith(SNAPSHOT)) return snapshot(objectField(objectField(frame['data'], 'data')['data'], 'data.data'));
  if (topic.startsWith(TICKER)) return ticker(objectField(frame['data'], 'data'), topic, frame['subject']);
  return [];
}

function trade(match: JsonObject): VenueMessage {
  return {
    type: 'trade',
    pair: textField(match['symbol'], 'symbol'),
    price: positive(match['price'], 'price'),
    size: positive(match['size'], 'size'),
    time: epochMs(match['time'], 'time'),
    id: idField(match['tradeId'], 'tradeId'),
  };
}

/** https://www.kucoin.com/docs-new/3470065w0: pushed every 2 s. `vol` is in base, `volValue` in quote currency. */
function snapshot(stats: JsonObject): VenueMessage[] {
  const price = positiveIfAny(stats['lastTradedPrice'], 'lastTradedPrice');
  if (price === undefined) return [];
  return [
    {
      type: 'ticker',
      pair: textField(stats['symbol'], 'symbol'),
      price,
      time: epochMs(stats['datetime'], 'datetime'),
      open24h: positiveIfAny(stats['open'], 'open'),
      volume24h: amountIfAny(stats['volValue'], 'volValue'),
    },
  ];
}

/** The pair stands in the topic, or in the subject for `/market/ticker:all`. */
function ticker(data: JsonObject, topic: string, subject: unknown): VenueMessage[] {
  const price = positiveIfAny(data['price'], 'price');
  if (price === undefined) return [];
  const named = topic.slice(TICKER.length);
  const pair = textField(named === 'all' ? subject : named, 'pair');
  // The documentation writes `Time`, the wire `time`.
  return [{ type: 'ticker', pair, price, time: epochMs(data['time'] ?? data['Time'], 'time') }];
}

/** A refused topic is spelled out in `data`: `topic /market/match:FOO-BAR is not found`. */
const REFUSED_TOPIC = /\/market\/\w+:([^\s]+)/;

function failure(frame: JsonObject): VenueMessage {
  const code = codeText(frame['code']);
  const text = typeof frame['data'] === 'string' ? frame['data'] : 'no reason given';
  const reason = code === '' ? text : `${text} (code ${code})`;
  // A token serves one connection for a day; nothing on this one will be answered any more.
  if (code === '401' || /\btoken (is )?(invalid|expired)/i.test(text)) return { type: 'reconnect', reason };
  const pairs = REFUSED_TOPIC.exec(text)?.[1]?.split(',');
  return { type: 'refused', message: reason, ...(pairs && { pairs }) };
}
