import { MemoryBus } from '@haunt/bus';
import type { SourceId, SourceStatus, Tick, Ticker } from '@haunt/domain';
import { HttpClient, Metrics, readConfig, silentLog, SystemClock } from '@haunt/platform';
import { SOURCES_BY_ID, type StreamSource } from '@haunt/sources';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { describeRecorded, recordings } from '../../../test/recordings.js';
import { toyStore } from '../test/toy-venue.js';
import { Ingestor } from './ingestor.js';

const LISTS: Partial<Record<SourceId, string>> = {
  coinbase: 'coinbase_products_2021-04-17.json',
  binance: 'binance_exchangeInfo_2021-04-17.json.gz',
  kucoin: 'kucoin_symbols_2021-04-23.json',
  okx: 'okx_instruments-SPOT_2022-05-13.json',
  huobi: 'huobi_common-symbols_2021-04-17.json',
};

/** The largest recording has 100,000 frames, of which a fifth says all that there is to say here. */
const FRAMES_MAX = 20_000;

/** Source, recording, and how many different trades of pairs of two currencies it holds. */
const SESSIONS: readonly (readonly [SourceId, string, { ticks: number; replies?: number }])[] = [
  ['coinbase', 'coinbase-2021-04-17-a.ws.jsonl', { ticks: 62 }],
  ['binance', 'binance-2021-04-17.ws.jsonl', { ticks: 24 }],
  ['binance', 'binance-us-2021-04-17.ws.jsonl', { ticks: 18 }],
  ['binance', 'binance-spot-btcusdt-2024-08-08.ws.jsonl.gz', { ticks: 3_590 }],
  ['kucoin', 'kucoin-2021-04-23.ws.jsonl', { ticks: 12 }],
  ['okx', 'okcoin-2023-05-27.ws.jsonl', { ticks: 4 }],
  ['okx', 'okx-2022-05-13.ws.jsonl', { ticks: 69 }],
  ['huobi', 'huobi-2021-04-17-a.ws.jsonl', { ticks: 62, replies: 6 }],
];

/** The venue of a recording: its product list and tickets over HTTP, its frames to whoever connects, as they were. */
class RecordedVenue {
  readonly heard: string[] = [];
  private readonly sockets = new WebSocketServer({ noServer: true });
  private readonly server: Server;

  constructor(source: SourceId, frames: readonly Buffer[]) {
    const list = recordings.text('rest', LISTS[source]!);
    this.server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.method === 'GET') response.end(list);
      else
        response.end('{"code":"200000","data":{"token":"t","instanceServers":[{"endpoint":"ws://unused.invalid"}]}}');
    });
    this.server.on('upgrade', (request, socket, head) => {
      this.sockets.handleUpgrade(request, socket, head, (client) => {
        client.on('message', (data) => this.heard.push((data as Buffer).toString()));
        const binary = source === 'huobi';
        for (const frame of frames) client.send(frame, { binary });
      });
    });
  }

  async open(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function replay(id: SourceId, file: string) {
  const frames = recordings.frames(file).slice(0, FRAMES_MAX);
  const inbound = frames.filter(({ direction }) => direction === 'in');
  const venue = new RecordedVenue(
    id,
    inbound.map(({ raw }) => raw),
  );
  const port = await venue.open();
  const config = readConfig({
    SOURCES: id,
    SYMBOLS: 'btc,eth,nonesuch',
    [`${id.toUpperCase()}_WS_URL`]: `ws://127.0.0.1:${port}`,
    [`${id.toUpperCase()}_REST_URL`]: `http://127.0.0.1:${port}`,
  });
  const clock = new SystemClock();
  const bus = new MemoryBus();
  const ticks: Tick[] = [];
  const tickers: Ticker[] = [];
  bus.consume('ticks', (entries) => {
    for (const { event } of entries) {
      expect(event.source).toBe(id);
      ticks.push(...event.ticks);
      tickers.push(...event.tickers);
    }
  });
  const parts = { config, clock, log: silentLog, http: new HttpClient(clock), metrics: new Metrics(), bus };
  const ingestor = new Ingestor([id], { ...parts, store: toyStore() });
  ingestor.start();
  // It is over when nothing came for a while; how much it must have been is checked by the test.
  for (let seen = -1, quiet = 0, i = 0; quiet < 15 && i < 500; i++) {
    const count = ticks.length + tickers.length;
    quiet = count > 0 && count === seen ? quiet + 1 : 0;
    seen = count;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [status] = ingestor.statuses() as [SourceStatus];
  await ingestor.stop();
  await bus.close();
  await venue.close();
  return { inbound, ticks, tickers, status, heard: venue.heard };
}

describeRecorded('recorded sessions through real sockets to the log', () => {
  it.each(SESSIONS)('%s, %s', async (id, file, expected) => {
    const { inbound, ticks, tickers, status, heard } = await replay(id, file);
    const source: StreamSource = SOURCES_BY_ID[id] as StreamSource;
    const listed = new Map(source.listing.parse(recordings.json('rest', LISTS[id]!)).map((pair) => [pair.pair, pair]));
    const place = (pair: string) => listed.get(pair) ?? source.listing.spelled(pair);
    const messages = inbound.flatMap(({ raw }) => source.parse(source.decode ? source.decode(raw) : raw.toString()));
    const seen = new Set<string>();
    const trades = messages.flatMap((message): Tick[] => {
      const pair = message.type === 'trade' ? place(message.pair) : undefined;
      if (message.type !== 'trade' || !pair || seen.has(`${message.pair} ${message.id}`)) return [];
      seen.add(`${message.pair} ${message.id}`);
      const { price, size, time } = message;
      return [{ symbol: pair.symbol, quote: pair.quote, price, size, time, id: message.id }];
    });

    expect(ticks).toHaveLength(expected.ticks);
    expect(ticks).toEqual(trades);
    expect(tickers).toHaveLength(messages.filter((m) => m.type === 'ticker' && place(m.pair)).length);
    for (const { price, time } of [...ticks, ...tickers]) {
      expect(price).toBeGreaterThan(0);
      expect(Number.isFinite(time)).toBe(true);
    }
    expect(heard.filter((text) => text.includes('"pong"'))).toHaveLength(expected.replies ?? 0);
    expect(status).toMatchObject({ state: 'connected', ticks: expected.ticks, badFrames: 0, unlisted: ['nonesuch'] });
  });
});
