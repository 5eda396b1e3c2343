import {
  amountIfAny,
  arrayField,
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

const TOPIC_FIRST = '{"topic":"';
const TRADES = 'publicTrade.';
const TICKERS = 'tickers.';

/**
 * What a frame of `/v5/public/spot` says. A topic's own page says what its data are:
 * https://bybit-exchange.github.io/docs/v5/websocket/public/trade and
 * https://bybit-exchange.github.io/docs/v5/websocket/public/ticker
 */
export function parseBybit(text: string): VenueMessage[] {
  if (text.startsWith(TOPIC_FIRST) && !isOurs(text, TOPIC_FIRST.length)) return [];
  const frame = parseObject(text);
  if (frame === undefined) return [];
  const { topic } = frame;
  if (topic === undefined) return answer(frame);
  if (typeof topic !== 'string' || !isOurs(topic, 0)) return [];
  return topic.startsWith(TRADES) ? trades(frame) : ticker(frame);
}

function isOurs(text: string, at: number): boolean {
  return text.startsWith(TRADES, at) || text.startsWith(TICKERS, at);
}

/** The venue puts them in order: the oldest first. */
function trades(frame: JsonObject): VenueMessage[] {
  const messages: VenueMessage[] = [];
  for (const [index, item] of arrayField(frame['data'], 'data').entries()) {
    const row = objectField(item, `data[${index}]`);
    // Two parties agreed on the price of a block trade away from the market: it would move ours.
    if (row['BT'] === true) continue;
    messages.push({
      type: 'trade',
      pair: textField(row['s'], 's'),
      price: positive(row['p'], 'p'),
      size: positive(row['v'], 'v'),
      // T is when it traded, ts of the frame when that was told.
      time: epochMs(row['T'], 'T'),
      id: idField(row['i'], 'i'),
    });
  }
  return messages;
}

/** On spot every ticker is whole; of a delta, as derivatives have them, the price may be missing. */
function ticker(frame: JsonObject): VenueMessage[] {
  const data = objectField(frame['data'], 'data');
  const price = positiveIfAny(data['lastPrice'], 'lastPrice');
  if (price === undefined) return [];
  return [
    {
      type: 'ticker',
      pair: textField(data['symbol'], 'symbol'),
      price,
      time: epochMs(frame['ts'], 'ts'),
      open24h: positiveIfAny(data['prevPrice24h'], 'prevPrice24h'),
      volume24h: amountIfAny(data['turnover24h'], 'turnover24h'),
    },
  ];
}

/** `Invalid symbol :[publicTrade.FOOUSDT]`, elsewhere `error:handler not found,topic:publicTrade.FOOUSDT`. */
const REFUSED_TOPIC = /(?:publicTrade|tickers)\.([^\s,\]]+)/g;

/**
 * The answer to what we sent. No page says how a refusal is worded: these words are what clients were told
 * (https://github.com/nautechsystems/nautilus_trader/pull/1793, https://github.com/yufuquant/rust-bybit/issues/24). A
 * topic that we had already is none.
 */
function answer(frame: JsonObject): VenueMessage[] {
  const { op, success, ret_msg: said } = frame;
  if (op === 'pong' || (op === 'ping' && success !== false)) return [{ type: 'alive' }];
  if (success !== false) return [];
  const message = typeof said === 'string' && said !== '' ? said : 'no reason given';
  if (message.includes('already subscribed')) return [];
  const pairs = new Set(Array.from(message.matchAll(REFUSED_TOPIC), (match) => match[1]!));
  return [{ type: 'refused', message, ...(pairs.size > 0 && { pairs: [...pairs] }) }];
}
