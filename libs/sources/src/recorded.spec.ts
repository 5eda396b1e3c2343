import { describeRecorded, recordings, type RecordedFrame } from '../../../test/recordings.js';
import { binance } from './binance/binance.stream.js';
import { coinbase } from './coinbase/coinbase.stream.js';
import { huobi } from './huobi/huobi.stream.js';
import { kucoin } from './kucoin/kucoin.stream.js';
import { okx } from './okx/okx.stream.js';
import type { StreamSource, VenueMessage } from './source.js';

interface NaiveTrade {
  readonly pair: string;
  readonly price: string;
  readonly size: string;
  /** Nanoseconds since 1970. */
  readonly at: bigint;
  readonly id: string;
}

/** Reads a value straight from a frame's text: no parser, so no rounding and nothing in common with the dialects. */
function raw(text: string, key: string): string {
  const found = new RegExp(`"${key}":("[^"]*"|[^,}\\]]*)`).exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${key} in ${text.slice(0, 200)}`);
  return found.replaceAll('"', '');
}

const MS = 1_000_000n;

const naive: Record<string, (text: string) => NaiveTrade[]> = {
  coinbase(text) {
    if (!/"type":"(last_)?match"/.test(text)) return [];
    const time = raw(text, 'time');
    const at = BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * MS + BigInt(time.slice(20, 26)) * 1000n;
    return [
      {
        pair: raw(text, 'product_id'),
        price: raw(text, 'price'),
        size: raw(text, 'size'),
        at,
        id: raw(text, 'trade_id'),
      },
    ];
  },
  binance(text) {
    const id = text.includes('"e":"trade"') ? 't' : text.includes('"e":"aggTrade"') ? 'a' : undefined;
    if (id === undefined) return [];
    const payload = text.slice(text.indexOf('"data":'));
    const at = BigInt(raw(payload, 'T')) * MS;
    return [{ pair: raw(payload, 's'), price: raw(payload, 'p'), size: raw(payload, 'q'), at, id: raw(payload, id) }];
  },
  kucoin(text) {
    if (!text.includes('"trade.l3match"')) return [];
    return [
      {
        pair: raw(text, 'symbol'),
        price: raw(text, 'price'),
        size: raw(text, 'size'),
        at: BigInt(raw(text, 'time')),
        id: raw(text, 'tradeId'),
      },
    ];
  },
  okx(text) {
    if (!text.startsWith('{"arg":{"channel":"trades"')) return [];
    const rows = text.slice(text.indexOf('"data":[') + 8).match(/\{[^}]*\}/g) ?? [];
    return rows.map((row) => ({
      pair: raw(row, 'instId'),
      price: raw(row, 'px'),
      size: raw(row, 'sz'),
      at: BigInt(raw(row, 'ts')) * MS,
      id: raw(row, 'tradeId'),
    }));
  },
  huobi(text) {
    if (!/^\{"ch":"market\.\w+\.trade\.detail"/.test(text)) return [];
    const rows = text.slice(text.indexOf('"data":[') + 8).match(/\{[^}]*\}/g) ?? [];
    return rows
      .map((row) => ({
        pair: raw(text, 'ch').split('.')[1]!,
        price: raw(row, 'price'),
        size: raw(row, 'amount'),
        at: BigInt(raw(row, 'ts')) * MS,
        id: raw(row, 'tradeId'),
      }))
      .reverse();
  },
};

/** Messages that are not trades, counted by hand from what each file is known to hold. */
const FILES: readonly [string, StreamSource, { trades: number; tickers: number; replies?: number; alive?: number }][] =
  [
    ['coinbase-2021-04-17-a.ws.jsonl', coinbase, { trades: 62, tickers: 62 }],
    ['binance-2021-04-17.ws.jsonl', binance, { trades: 24, tickers: 0 }],
    ['binance-2021-10-12.ws.jsonl', binance, { trades: 2, tickers: 0 }],
    ['binance-us-2021-04-17.ws.jsonl', binance, { trades: 18, tickers: 0 }],
    ['binance-spot-btcusdt-2024-08-08.ws.jsonl.gz', binance, { trades: 19_904, tickers: 0 }],
    ['kucoin-2021-04-23.ws.jsonl', kucoin, { trades: 12, tickers: 788, alive: 1 }],
    ['okx-2022-05-13.ws.jsonl', okx, { trades: 74, tickers: 28 }],
    ['okcoin-2023-05-27.ws.jsonl', okx, { trades: 4, tickers: 8 }],
    ['huobi-2021-04-17-a.ws.jsonl', huobi, { trades: 62, tickers: 0, replies: 6 }],
  ];

const decode = (source: StreamSource, frame: RecordedFrame): string =>
  source.decode === undefined ? frame.raw.toString('utf8') : source.decode(frame.raw);

describeRecorded('Recorded venue traffic', () => {
  describe.each(FILES)('%s', (name, source, counts) => {
    const texts = recordings
      .frames(name)
      .filter(({ direction }) => direction === 'in')
      .map((frame) => decode(source, frame));
    const messages: VenueMessage[] = texts.flatMap((text) => source.parse(text));
    const of = <T extends VenueMessage['type']>(type: T) =>
      messages.filter((message): message is Extract<VenueMessage, { type: T }> => message.type === type);

    it('gives every trade once, with its price, size, time and id, oldest first within a frame', () => {
      const expected = texts.flatMap((text) => naive[source.id]!(text));
      expect(expected).toHaveLength(counts.trades);
      expect(of('trade')).toEqual(
        expected.map(({ pair, price, size, at, id }) => ({
          type: 'trade',
          pair,
          price: Number(price),
          size: Number(size),
          // Exact to a quarter of a microsecond: that is what a double holds of a time in ms.
          time: expect.closeTo(Number(at / MS) + Number(at % MS) / 1e6, 3) as number,
          id,
        })),
      );
    });

    it('makes nothing of the other channels', () => {
      expect({
        trades: of('trade').length,
        tickers: of('ticker').length,
        replies: of('reply').length,
        alive: of('alive').length,
        all: messages.length,
      }).toEqual({
        replies: 0,
        alive: 0,
        ...counts,
        all: counts.trades + counts.tickers + (counts.replies ?? 0) + (counts.alive ?? 0),
      });
    });

    it('holds no number that is not finite', () => {
      const numbers = messages
        .flatMap((message) => Object.values(message))
        .filter((value) => typeof value === 'number');
      expect(numbers.filter((value) => !Number.isFinite(value) || value < 0)).toEqual([]);
    });
  });

  it('reads the price, the 24 h figures and the time of a ticker', () => {
    const first = (name: string, source: StreamSource, pair: string) =>
      recordings
        .frames(name)
        .filter(({ direction }) => direction === 'in')
        .flatMap((frame) => source.parse(decode(source, frame)))
        .find((message) => message.type === 'ticker' && message.pair === pair);
    expect(first('coinbase-2021-04-17-a.ws.jsonl', coinbase, 'BAND-GBP')).toEqual({
      type: 'ticker',
      pair: 'BAND-GBP',
      price: 14.7775,
      time: 1618677810244.075,
      open24h: 14.6647,
      volume24h: 94381.28 * 14.7775,
    });
    expect(first('kucoin-2021-04-23.ws.jsonl', kucoin, 'WEST-USDT')).toEqual({
      type: 'ticker',
      pair: 'WEST-USDT',
      price: 0.35209,
      time: 1619136125930,
    });
    expect(first('okcoin-2023-05-27.ws.jsonl', okx, 'USDC-USDT')).toEqual({
      type: 'ticker',
      pair: 'USDC-USDT',
      price: 0.9981,
      time: 1685221623229,
      open24h: 0.998,
      volume24h: 14262.415333079,
    });
    // A future: its volume is counted in coins, not in its quote currency.
    expect(first('okx-2022-05-13.ws.jsonl', okx, 'BTC-USD-220527')).toEqual({
      type: 'ticker',
      pair: 'BTC-USD-220527',
      price: 30218.8,
      time: 1652459223003,
      open24h: 29571.4,
    });
  });

  it('answers every recorded ping as the recorded client did', () => {
    const frames = recordings.frames('huobi-2021-04-17-a.ws.jsonl');
    const replies = frames
      .filter(({ direction }) => direction === 'in')
      .flatMap((frame) => huobi.parse(decode(huobi, frame)))
      .flatMap((message) => (message.type === 'reply' ? [JSON.parse(message.frame) as unknown] : []));
    const pongs = frames
      .filter(({ direction }) => direction === 'out')
      .map(({ raw: bytes }) => JSON.parse(bytes.toString('utf8')) as { pong?: number })
      .filter(({ pong }) => pong !== undefined);
    expect(replies).toEqual(pongs);
  });

  it("reads the examples of the venues' documentations", () => {
    const read = recordings
      .text('doc-samples.jsonl')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { exchange: string; name: string; ack: string[]; message: unknown[] })
      .flatMap(({ exchange, name: sample, ack, message }) => {
        const source = [binance, kucoin, okx, huobi].find(({ id }) => id === exchange);
        if (source === undefined || sample.startsWith('bullet')) return [];
        // The answers carry a placeholder where the request's id comes back.
        const answers = ack.flatMap((text) => source.parse(text.replaceAll('|1|', '1')));
        const data = message.flatMap((frame) => source.parse(JSON.stringify(frame)));
        return [...answers, ...data].map(({ type }) => `${exchange} ${sample} ${type}`);
      });
    expect(read.sort()).toEqual([
      'binance AggregatedTrades trade',
      'binance Ticker ticker',
      'binance Trades trade',
      'huobi Symbols ticker',
      'huobi Ticker ticker',
      'huobi Trades trade',
      'kucoin Snapshot ticker',
      'kucoin Ticker ticker',
      'kucoin Tickers ticker',
      'kucoin Trades trade',
      'okx Ticker ticker',
      'okx Trades trade',
    ]);
  });

  it('resolves every pair that traded in the recordings, whether or not it may be subscribed', () => {
    const unresolved = FILES.flatMap(([name, source]) =>
      recordings
        .frames(name)
        .filter(({ direction }) => direction === 'in')
        .flatMap((frame) => source.parse(decode(source, frame)))
        .flatMap((message) =>
          message.type === 'trade' && !source.listing.spelled(message.pair) ? [message.pair] : [],
        ),
    );
    expect([...new Set(unresolved)].sort()).toEqual(['BTC-USD-220527', 'UNI-USD-SWAP']);
  });
});
