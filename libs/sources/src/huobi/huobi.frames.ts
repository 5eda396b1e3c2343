import { gunzipSync } from 'node:zlib';
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
  shown,
} from '../fields.js';
import { type VenueMessage, VenueFrameError } from '../source.js';

/** A full book is some tens of kB. Without a bound, a few kB of crafted gzip would unpack into gigabytes. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** Every frame is gzip, pings too. @throws VenueFrameError */
export function decodeHuobi(raw: Buffer): string {
  try {
    return gunzipSync(raw, { maxOutputLength: MAX_FRAME_BYTES }).toString('utf8');
  } catch {
    throw new VenueFrameError(`${raw.length} bytes are not gzip of at most ${MAX_FRAME_BYTES} bytes`);
  }
}

const CHANNEL_FIRST = '{"ch":"';
const OUR_CHANNEL = /^market\.([^.]+)\.(trade\.detail|detail|ticker)$/;

/** What a frame says, once unpacked. */
export function parseHuobi(text: string): VenueMessage[] {
  if (text.startsWith(CHANNEL_FIRST)) {
    const channel = text.slice(CHANNEL_FIRST.length, text.indexOf('"', CHANNEL_FIRST.length));
    if (!OUR_CHANNEL.test(channel)) return [];
  }
  const frame = parseObject(text);
  if (frame === undefined) return [];
  if (frame['ping'] !== undefined) return [pong(frame['ping'])];
  if (frame['status'] === 'error') return [failure(frame)];
  const [, pair, channel] = typeof frame['ch'] === 'string' ? (OUR_CHANNEL.exec(frame['ch']) ?? []) : [];
  if (pair === undefined) return [];
  const tick = objectField(frame['tick'], 'tick');
  if (channel === 'trade.detail') return trades(pair, tick);
  return ticker(pair, tick, channel === 'ticker' ? 'lastPrice' : 'close', frame['ts']);
}

/** Two pings without the same number back and the venue hangs up. */
function pong(ping: unknown): VenueMessage {
  const number = idField(ping, 'ping');
  if (!/^\d+$/.test(number)) throw new VenueFrameError(`ping is ${shown(ping)}, expected a number`);
  return { type: 'reply', frame: `{"pong":${number}}` };
}

/** A frame holds its trades newest first. `id` counts beyond 2^53; `tradeId` replaced it and may be missing in old frames. */
function trades(pair: string, tick: JsonObject): VenueMessage[] {
  return arrayField(tick['data'], 'tick.data')
    .map((item, index) => {
      const row = objectField(item, `tick.data[${index}]`);
      return {
        type: 'trade',
        pair,
        price: positive(row['price'], 'price'),
        size: positive(row['amount'], 'amount'),
        time: epochMs(row['ts'], 'ts'),
        id: idField(row['tradeId'] ?? row['id'], 'tradeId'),
      } as const;
    })
    .reverse()
    .sort((a, b) => a.time - b.time);
}

/** `amount` is in base, `vol` in quote currency. The tick has no time of its own: the frame has. */
function ticker(pair: string, tick: JsonObject, last: 'close' | 'lastPrice', sentAt: unknown): VenueMessage[] {
  const price = positiveIfAny(tick[last], last);
  if (price === undefined) return [];
  return [
    {
      type: 'ticker',
      pair,
      price,
      time: epochMs(sentAt, 'ts'),
      open24h: positiveIfAny(tick['open'], 'open'),
      volume24h: amountIfAny(tick['vol'], 'vol'),
    },
  ];
}

/** Every request carries its topic as id, and an error brings the id back: only so does it say what was refused. */
function failure(frame: JsonObject): VenueMessage {
  const message = [frame['err-msg'], frame['err-code']].filter((part) => typeof part === 'string').join(', ');
  const id = typeof frame['id'] === 'string' ? OUR_CHANNEL.exec(frame['id']) : null;
  return { type: 'refused', message: message || 'no reason given', ...(id && { pairs: [id[1]!] }) };
}
