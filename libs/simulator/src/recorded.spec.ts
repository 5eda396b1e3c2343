import { gunzipSync } from 'node:zlib';
import type { SourceId } from '@haunt/domain';
import { describeRecorded, recordings } from '../../../test/recordings.js';
import { Stage } from './spec-client.js';

/** Keys and JSON types of a message, at any depth: `{"type":"match","price":"1"}` is `price:string type:string`. */
function shape(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((entry) => shape(entry, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [`${path}:${value === null ? 'null' : typeof value}`];
  return Object.entries(value).flatMap(([key, inner]) => shape(inner, path === '' ? key : `${path}.${key}`));
}

/** What kind of message this is, in the venue's own words. */
const KIND: Readonly<Record<string, (message: Record<string, unknown>) => string>> = {
  coinbase: ({ type }) => String(type),
  binance: ({ data }) => String((data as { e?: string } | undefined)?.e),
  kucoin: ({ type, subject }) => String(subject ?? type),
  okx: ({ event = 'data', arg }) => `${event as string} ${String((arg as { channel?: string } | undefined)?.channel)}`,
  huobi: (message) =>
    'ping' in message ? 'ping' : 'subbed' in message ? 'subbed' : String(message['ch']).replace(/^market\.[^.]+\./, ''),
};

function byKind(venue: string, texts: readonly string[]): Map<string, Set<string>> {
  const kinds = new Map<string, Set<string>>();
  for (const text of texts) {
    const message = JSON.parse(text) as Record<string, unknown>;
    const kind = KIND[venue]?.(message) ?? '';
    const keys = kinds.get(kind) ?? new Set();
    for (const key of shape(message)) keys.add(key);
    kinds.set(kind, keys);
  }
  return kinds;
}

function recorded(file: string): string[] {
  return recordings
    .frames(file)
    .filter(({ direction }) => direction === 'in')
    .slice(0, 5000)
    .map(({ raw }) => (raw[0] === 0x1f ? gunzipSync(raw) : raw).toString('utf8'));
}

describeRecorded('frames of the fake venues have every field that recorded ones have', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.open({ symbols: ['btc', 'doge'], tradesPerSecond: 500 })));
  afterAll(() => stage.close());

  it.each([
    ['coinbase', 'coinbase-2021-04-17-a.ws.jsonl', ['last_match', 'match', 'subscriptions', 'ticker']],
    ['binance', 'binance-2021-04-17.ws.jsonl', ['aggTrade']],
    ['binance', 'binance-spot-btcusdt-2024-08-08.ws.jsonl.gz', ['trade']],
    ['kucoin', 'kucoin-2021-04-23.ws.jsonl', ['ack', 'trade.l3match', 'trade.ticker', 'welcome']],
    ['okx', 'okx-2022-05-13.ws.jsonl', ['data tickers', 'data trades', 'subscribe tickers', 'subscribe trades']],
    ['huobi', 'huobi-2021-04-17-a.ws.jsonl', ['ping', 'subbed', 'trade.detail']],
  ] as const)('%s: %s', async (id, file, kinds) => {
    const pair = stage.venue(id).onlinePairs.find(({ base }) => base === 'btc')!;
    const client = await stage.client(id);
    const listed = [{ pair: pair.id, symbol: 'btc', quote: pair.quote }];
    // As those sent who recorded; the dialect's own orders are tried elsewhere.
    const orders: Readonly<Record<string, object[]>> = {
      binance: [{ method: 'SUBSCRIBE', params: ['btcusdt@aggTrade', 'btcusdt@trade'], id: 1 }],
      kucoin: ['ticker', 'match'].map((name) => ({
        id: 1,
        type: 'subscribe',
        topic: `/market/${name}:${pair.id}`,
        privateChannel: false,
        response: true,
      })),
      huobi: [{ sub: `market.${pair.id}.trade.detail`, id: 1 }],
    };
    if (orders[id] === undefined) await client.subscribe(listed);
    else await client.send(...orders[id]);
    await stage.pass(6000, 1000);
    const simulated = byKind(id, client.texts);
    const real = byKind(id, recorded(file));
    for (const kind of kinds) {
      expect(real.get(kind)?.size).toBeGreaterThan(0);
      expect([kind, [...(real.get(kind) ?? [])].filter((key) => !simulated.get(kind)?.has(key))]).toEqual([kind, []]);
    }
  });
});

/** As `shape`, but every cell of a row counts, and numbers written as texts are told from other texts. */
function table(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    const rows = value.some((entry) => typeof entry === 'object') ? value.slice(0, 1) : value;
    return rows.flatMap((entry, at) => table(entry, `${path}[${rows === value ? at : ''}]`));
  }
  if (typeof value !== 'object' || value === null) {
    return [
      `${path}:${typeof value === 'string' && value !== '' && !Number.isNaN(Number(value)) ? 'digits' : typeof value}`,
    ];
  }
  return Object.entries(value).flatMap(([key, inner]) => table(inner, `${path}.${key}`));
}

describeRecorded('past candles of the fake venues are written as recorded ones are', () => {
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.open({ symbols: ['btc'] })));
  afterAll(() => stage.close());

  it.each<[SourceId, string, string]>([
    ['binance', '/api/v3/klines?symbol=BTCUSDT&interval=5m&limit=24', 'binance_klines_BTCUSDT-5m-24_gct.json'],
    ['coinbase', '/products/BTC-USD/candles?granularity=60', 'coinbase_products_candles-60_2018-02-01.json'],
    [
      'coingecko',
      '/api/v3/coins/bitcoin/market_chart?days=1&vs_currency=usd',
      'coingecko_market-chart_bitcoin-usd-1d_2021-05-15.json',
    ],
    [
      'cryptocompare',
      '/data/histoday?fsym=BTC&tsym=USD&limit=10&api_key=k',
      'cryptocompare_histoday_BTC-USD_2026-01-02.json',
    ],
    ['cryptocompare', '/data/histohour?fsym=BTC&tsym=USD&api_key=k', 'cryptocompare_histohour_BTC-USD_2017-08-11.json'],
  ])('%s%s', async (id, path, file) => {
    const real = recordings.json('rest', file);
    const simulated: unknown = await (await stage.rest(id, path)).json();
    const missing = table(real).filter((column) => !table(simulated).includes(column));
    expect(table(real).length).toBeGreaterThan(5);
    expect(missing).toEqual([]);
  });
});
