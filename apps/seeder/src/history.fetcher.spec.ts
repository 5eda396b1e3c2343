import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpClient, type HttpInput, Metrics, silentLog } from '@haunt/platform';
import { HISTORY_SOURCES, type QuotedCandle } from '@haunt/sources';
import { FakeTime } from '../test/fake-time.js';
import { MemoryStore } from '../test/memory-store.js';
import { HistoryFetcher } from './history.fetcher.js';
import type { Provider } from './provider.js';
import { ProviderPace } from './provider.pace.js';

const MINUTE = 60_000;
const FROM = Date.UTC(2026, 10, 20, 11);
const PAGE = { from: FROM, to: FROM + 3 * MINUTE };
const source = HISTORY_SOURCES.find(({ id }) => id === 'coinbase')!;
const resolution = source.resolutions.find(({ bucketMs }) => bucketMs === MINUTE)!;
/** [time in s, low, high, open, close, base volume], newest first */
const ROWS = [2, 1, 0].map((minute) => [FROM / 1000 + minute * 60, 99, 102, 100, 101, 3]);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const say =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);
const good = say(200, JSON.stringify(ROWS));

let server: Server;
let answers: Answer[];
let asked: number[];
let time: FakeTime;
let page: (signal?: AbortSignal) => Promise<QuotedCandle[]>;

beforeEach(async () => {
  time = new FakeTime();
  asked = [];
  // What is behind the last answer is more of the last.
  server = createServer((request, response) => {
    asked.push(time.now());
    (answers.length > 1 ? answers.shift()! : answers[0]!)(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const rest = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const budget = { count: 10, windowMs: 1_000 };
  const provider: Provider = { id: 'coinbase', name: 'Coinbase', source, rest, key: undefined, budget };
  const client = new HttpClient(time);
  // The real client, with less patience.
  const http = { request: (input: HttpInput) => client.request({ ...input, timeoutMs: 250 }) };
  const parts = { store: new MemoryStore(time), clock: time, random: () => 0.5, me: 'me' };
  // Waits are written down instead of waited for.
  const sleep = async (ms: number): Promise<void> => time.pass(ms);
  const pace = new ProviderPace({ ...parts, sleep });
  const fetcher = new HistoryFetcher({ http, clock: time, sleep, log: silentLog, metrics: new Metrics() }, pace);
  const asset = { symbol: 'eth', pair: 'ETH-USD', quote: 'usd' };
  page = (signal = new AbortController().signal) =>
    fetcher.page(provider, asset, resolution, PAGE, { level: 0 }, signal);
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

describe('a page of candles', () => {
  it('is read as the venue writes it', async () => {
    answers = [good];
    expect(await page()).toEqual(
      [0, 1, 2].map((minute) =>
        expect.objectContaining({ time: FROM + minute * MINUTE, open: 100, high: 102, low: 99, close: 101 }),
      ),
    );
  });

  it('may be empty: nobody traded', async () => {
    answers = [say(200, '[]')];
    expect(await page()).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  it('has no candle that is none', async () => {
    const rows = `[[${FROM / 1000},99,102,"NaN",101,3],[${FROM / 1000 + 60},0,0,0,0,0],[${FROM / 1000 + 120},99,102,100,101,3]]`;
    answers = [say(200, rows)];
    expect((await page()).map((candle) => candle.time)).toEqual([FROM + 2 * MINUTE]);
  });

  it.each([
    [
      'HTML with status 200',
      say(200, '<html>Just a moment...</html>', { 'content-type': 'text/html' }),
      'cannot be read',
    ],
    ['NaN, which is no JSON', say(200, '[[NaN]]'), 'cannot be read'],
    ['nothing at all', say(200, ''), 'not what was asked for'],
    ['an error with status 200', say(200, '{"message":"Internal"}'), 'not what was asked for'],
    ['500', say(500, 'oops'), 'answered 500'],
    [
      'a cut connection',
      (_request: IncomingMessage, response: ServerResponse) => void response.destroy(),
      'cannot be reached',
    ],
  ])('is asked for once more after %s', async (_, bad, words) => {
    answers = [bad, good];
    expect(await page()).toHaveLength(3);
    answers = [bad];
    await expect(page()).rejects.toMatchObject({
      name: 'ProviderError',
      message: expect.stringContaining(words) as string,
    });
    expect(asked).toHaveLength(4);
  });

  it('is not asked for again after a clear no, or a silence', async () => {
    answers = [say(404, '{"message":"NotFound"}')];
    await expect(page()).rejects.toThrow('Coinbase answered 404');
    answers = [() => undefined];
    await expect(page()).rejects.toThrow('Coinbase did not answer in time');
    expect(asked).toHaveLength(2);
  });

  it('waits as long as the venue wants, and longer each time that it does not say', async () => {
    answers = [say(429, '', { 'retry-after': '3' }), say(429, ''), good];
    expect(await page()).toHaveLength(3);
    expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(3_000);
    expect(asked[2]! - asked[1]!).toBeGreaterThanOrEqual(4_000);
  });

  it('goes to the next provider when that is too long, and nobody else asks meanwhile', async () => {
    answers = [say(429, '', { 'retry-after': '60' }), good];
    await expect(page()).rejects.toMatchObject({ trouble: 'failed', message: 'Coinbase answered 429' });
    await expect(page()).rejects.toMatchObject({ trouble: 'busy' });
    expect(asked).toHaveLength(1);
    await time.pass(60_000);
    expect(await page()).toHaveLength(3);
  });

  it('is given up at once when the job ends', async () => {
    const end = new AbortController();
    answers = [() => end.abort(new Error('the seeder ends'))];
    await expect(page(end.signal)).rejects.toThrow('the seeder ends');
  });
});
