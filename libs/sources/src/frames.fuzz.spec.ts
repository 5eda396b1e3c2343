import { STREAM_IDS, type StreamId } from '@haunt/domain';
import { describeRecorded, recordings } from '../../../test/recordings.js';
import { SOURCES_BY_ID } from './registry.js';
import { type StreamSource, VenueFrameError } from './source.js';

/** One frame of each kind that a dialect reads to the last field. */
const FRAMES: Readonly<Record<StreamId, readonly string[]>> = {
  coinbase: [
    '{"type":"match","trade_id":1,"side":"sell","size":"450","price":"0.791","product_id":"SKL-USD","time":"2021-04-17T16:43:37.121358Z"}',
    '{"type":"ticker","product_id":"SKL-USD","price":"0.79","open_24h":"0.7","volume_24h":"94381.2","time":"2021-04-17T16:43:30.244075Z"}',
    '{"type":"error","message":"Failed to subscribe","reason":"FOO-BAR is not a valid product"}',
  ],
  binance: [
    '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":3735683259,"p":"61837.63","q":"0.02","T":1723161255342}}',
    '{"e":"24hrTicker","E":1672515782136,"s":"BNBBTC","c":"0.0025","o":"0.0010","q":"18"}',
    '{"error":{"code":2,"msg":"Invalid request"},"id":1}',
  ],
  kucoin: [
    '{"topic":"/market/match:A-B","type":"message","data":{"symbol":"A-B","price":"0.35","size":"50","time":"1619136128154095928","tradeId":"6082"}}',
    '{"topic":"/market/snapshot:A-B","type":"message","data":{"data":{"symbol":"A-B","lastTradedPrice":0.35,"open":1,"volValue":2,"datetime":1619136128154}}}',
    '{"type":"error","code":404,"data":"topic /market/match:FOO-BAR is not found"}',
  ],
  okx: [
    '{"arg":{"channel":"trades","instId":"A-B"},"data":[{"instId":"A-B","tradeId":"1","px":"42219.9","sz":"0.12","ts":"1630048897897"}]}',
    '{"arg":{"channel":"tickers","instId":"A-B"},"data":[{"instType":"SPOT","instId":"A-B","last":"9","open24h":"9","volCcy24h":"2","ts":"1597026383085"}]}',
    '{"event":"error","code":"60018","msg":"instId:FOO-BAR does not exist"}',
  ],
  huobi: [
    '{"ch":"market.ab.trade.detail","ts":1630994963175,"tick":{"data":[{"id":137005445109359286410323766,"ts":1630994963173,"tradeId":1,"amount":6.7E-3,"price":52.6}]}}',
    '{"ch":"market.ab.detail","ts":1630998026649,"tick":{"open":51823.62,"close":52379.99,"vol":7.2E8}}',
    '{"ping":1618678073643}',
  ],
  bybit: [
    '{"topic":"publicTrade.AB","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"AB","S":"Buy","v":"0.001","p":"16578.5","i":"2290000000984259176","BT":false}]}',
    '{"topic":"tickers.AB","ts":1673853746003,"type":"snapshot","data":{"symbol":"AB","lastPrice":"21109.77","prevPrice24h":"20704.93","turnover24h":"141946527.2"}}',
    '{"success":false,"ret_msg":"Invalid symbol :[publicTrade.FOOUSDT]","conn_id":"a","op":"subscribe"}',
  ],
};

const GARBAGE = [
  '',
  ' ',
  '\0',
  'pong',
  'ping',
  'null',
  'true',
  '0',
  '"x"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"type":null}',
  '{"data":1}',
  '{"type":"message"}',
  '{"type":"match"}',
  '{"e":"trade"}',
  '{"stream":"a@trade"}',
  '{"stream":1,"data":[]}',
  '{"ping":null}',
  '{"arg":{"channel":"trades"}}',
  '{"arg":{"channel":"trades',
  '{"ch":"market.ab.trade.detail"',
  '{"ch":"market.ab.detail","tick":[]}',
  '{"event":{}}',
  '{"event":"error"}',
  '{"status":"error","id":{}}',
  '{"error":null,"code":[]}',
  '\ufeff{}',
  '{"__proto__":{"e":"trade"}}',
  '['.repeat(200_000),
  '{"a":'.repeat(100_000),
  `{"type":"match","price":"${'9'.repeat(100_000)}"}`,
  '"'.repeat(99_999),
];

const SPLICES = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '-',
  '0',
  '9',
  'e',
  'E',
  '.',
  '1e999',
  'null',
  '""',
  '-1',
  '[]',
  '{}',
  'NaN',
  '\u0000',
  '9007199254740993',
];

/** https://en.wikipedia.org/wiki/Linear_congruential_generator with the constants of Numerical Recipes. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutate(text: string, random: (below: number) => number): string {
  const at = random(text.length + 1);
  const splice = SPLICES[random(SPLICES.length)]!;
  switch (random(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random(8));
    case 2:
      return text.slice(0, at) + splice + text.slice(at);
    case 3: {
      // In place of a whole value: what stays JSON gets furthest.
      let value = 0;
      const values = text.match(/:("[^"]*"|[\d.eE+-]+)/g)?.length ?? 0;
      const chosen = random(Math.max(values, 1));
      return text.replace(/:("[^"]*"|[\d.eE+-]+)/g, (token) => (value++ === chosen ? `:${splice}` : token));
    }
    default:
      return text.slice(0, at) + String.fromCharCode(random(0x3000)) + text.slice(at + 1);
  }
}

/** Null when the frame was refused as it should be, else what is wrong with what came out. */
function fault(source: StreamSource, text: string): string | null {
  try {
    for (const message of source.parse(text)) {
      for (const value of Object.values(message)) {
        if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0)) return JSON.stringify(message);
      }
      if (
        message.type === 'trade' &&
        !(message.price > 0 && message.size > 0 && message.time > 0 && message.id !== '')
      ) {
        return JSON.stringify(message);
      }
      if (message.type === 'ticker' && !(message.price > 0)) return JSON.stringify(message);
      if (message.type === 'reply') JSON.parse(message.frame);
    }
    return null;
  } catch (error) {
    return error instanceof VenueFrameError && error.message.length < 400 ? null : String(error);
  }
}

const faults = (source: StreamSource, texts: readonly string[]) =>
  texts
    .map((text) => ({ text: text.slice(0, 300), fault: fault(source, text) }))
    .filter((result) => result.fault !== null);

describe.each(STREAM_IDS)('%s', (id) => {
  const source: StreamSource = SOURCES_BY_ID[id];

  it('reads its samples', () => {
    for (const text of FRAMES[id]) expect(source.parse(text)).toHaveLength(1);
  });

  it('takes garbage for an error of the venue or for nothing', () => {
    expect(faults(source, GARBAGE)).toEqual([]);
    // Another venue's frames say nothing here, or are refused.
    expect(faults(source, Object.values(FRAMES).flat())).toEqual([]);
  });

  it('survives 30,000 damaged frames', () => {
    const random = seeded(20_261_120);
    const texts = Array.from({ length: 30_000 }, (_, index) => mutate(FRAMES[id][index % FRAMES[id].length]!, random));
    expect(faults(source, texts)).toEqual([]);
  });
});

describeRecorded('Damaged recorded traffic', () => {
  it.each([
    ['coinbase-2021-04-17-a.ws.jsonl'],
    ['binance-2021-04-17.ws.jsonl'],
    ['kucoin-2021-04-23.ws.jsonl'],
    ['okx-2022-05-13.ws.jsonl'],
    ['huobi-2021-04-17-a.ws.jsonl'],
  ])('%s', (name) => {
    const source: StreamSource = SOURCES_BY_ID[STREAM_IDS.find((id) => name.startsWith(id))!];
    const texts = recordings
      .frames(name)
      .filter(({ direction }) => direction === 'in')
      .map(({ raw }) => (source.decode === undefined ? raw.toString('utf8') : source.decode(raw)))
      // Level 2 snapshots of megabytes are skipped by their first bytes; mutating them costs time and finds nothing.
      .filter((text) => text.length < 4_000);
    const random = seeded(7);
    const damaged = Array.from({ length: 20_000 }, () => mutate(texts[random(texts.length)]!, random));
    expect(faults(source, damaged)).toEqual([]);
  });
});
