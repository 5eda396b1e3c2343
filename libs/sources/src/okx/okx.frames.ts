import {
  amountIfAny,
  arrayField,
  codeText,
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

const CHANNEL_FIRST = '{"arg":{"channel":"';
const OURS = new Set(['trades', 'tickers']);
/** The connection will be closed for an upgrade. */
const CLOSING_SOON = '64008';

/** What a frame of `/ws/v5/public` says. The answer to our `ping` is the bare text `pong`, which is not JSON. */
export function parseOkx(text: string): VenueMessage[] {
  if (text === 'pong') return [{ type: 'alive' }];
  if (text.startsWith(CHANNEL_FIRST)) {
    const channel = text.slice(CHANNEL_FIRST.length, text.indexOf('"', CHANNEL_FIRST.length));
    if (!OURS.has(channel)) return [];
  }
  const frame = parseObject(text);
  if (frame === undefined) return [];
  if (frame['event'] !== undefined) return event(frame);
  const channel = isObject(frame['arg']) ? frame['arg']['channel'] : undefined;
  if (channel === 'trades') return inOrder(rows(frame).map(trade));
  if (channel === 'tickers') return rows(frame).flatMap(ticker);
  return [];
}

function rows(frame: JsonObject): readonly JsonObject[] {
  return arrayField(frame['data'], 'data').map((row, index) => objectField(row, `data[${index}]`));
}

function trade(row: JsonObject) {
  return {
    type: 'trade',
    pair: textField(row['instId'], 'instId'),
    price: positive(row['px'], 'px'),
    size: positive(row['sz'], 'sz'),
    time: epochMs(row['ts'], 'ts'),
    id: idField(row['tradeId'], 'tradeId'),
  } as const;
}

function inOrder<T extends { readonly time: number }>(trades: T[]): T[] {
  return trades.length < 2 ? trades : trades.sort((a, b) => a.time - b.time);
}

/** `volCcy24h` is in quote currency for spot alone; for swaps and futures it counts coins. */
function ticker(row: JsonObject): VenueMessage[] {
  const price = positiveIfAny(row['last'], 'last');
  if (price === undefined) return [];
  return [
    {
      type: 'ticker',
      pair: textField(row['instId'], 'instId'),
      price,
      time: epochMs(row['ts'], 'ts'),
      open24h: positiveIfAny(row['open24h'], 'open24h'),
      volume24h: row['instType'] === 'SPOT' ? amountIfAny(row['volCcy24h'], 'volCcy24h') : undefined,
    },
  ];
}

/** `…channel:trades,instId:FOO-BAR doesn't exist…` */
const REFUSED_INSTRUMENT = /instId:\s*([A-Z0-9-]+)/i;

function event(frame: JsonObject): VenueMessage[] {
  const code = codeText(frame['code']);
  const text = typeof frame['msg'] === 'string' ? frame['msg'] : 'no reason given';
  const reason = code === '' ? text : `${text} (code ${code})`;
  if (code === CLOSING_SOON) return [{ type: 'reconnect', reason }];
  if (frame['event'] !== 'error') return [];
  const instrument = REFUSED_INSTRUMENT.exec(text)?.[1];
  return [{ type: 'refused', message: reason, ...(instrument !== undefined && { pairs: [instrument] }) }];
}
