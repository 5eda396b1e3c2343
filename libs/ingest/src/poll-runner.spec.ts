import type { Ticker } from '@haunt/domain';
import { HttpClient, HttpFailure, SystemClock } from '@haunt/platform';
import { type PolledAsset, type PollSource, VenueFrameError } from '@haunt/sources';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listing, toyStore } from '../test/toy-venue.js';
import { PollRunner } from './poll-runner.js';
import { SourceHealth } from './source-health.js';

/** An API that is asked `/prices?of=btc,eth` and answers `{btc: 1}`. */
const toyApi = (changes: Partial<PollSource> = {}): PollSource => ({
  kind: 'poll',
  id: 'kraken',
  addresses: { rest: 'http://unused.invalid' },
  documentation: 'https://example.org',
  needsKey: false,
  assetsPerRequest: 100,
  plan: () => ({ everyMs: 10_000 }),
  request: (assets) => ({ method: 'GET', path: `/prices?of=${assets.map((a) => a.pair ?? a.symbol).join(',')}` }),
  parse(body, assets, receivedAt) {
    if (typeof body !== 'object' || body === null || 'error' in body)
      throw new VenueFrameError('the answer is an error');
    const prices = body as Record<string, number>;
    const found = assets.filter((asset: PolledAsset) => prices[asset.pair ?? asset.symbol] !== undefined);
    return {
      tickers: found.map(({ symbol, pair = symbol, quote = 'usd' }) => ({
        symbol,
        pair,
        quote,
        price: prices[pair]!,
        time: receivedAt,
      })),
      refused: assets.filter((asset) => !found.includes(asset)).map(({ symbol }) => ({ symbol, message: 'not there' })),
    };
  },
  ...changes,
});

type Prices = Record<string, number>;
const prices = (names: readonly string[]): Prices => Object.fromEntries(names.map((name) => [name, 5]));

interface Fixture {
  readonly runner: PollRunner;
  readonly health: SourceHealth;
  readonly tickers: Ticker[];
}

function build(source: PollSource, http: Pick<HttpClient, 'request'>, rest?: string): Fixture {
  const clock = new SystemClock();
  const log = { info: () => {}, warn: () => {} };
  const tickers: Ticker[] = [];
  const health = new SourceHealth({ source: 'kraken', instance: 'test', clock, log, onChange: () => {} });
  const runner = new PollRunner(source, {
    http,
    store: toyStore(),
    clock,
    log,
    random: () => 0.5,
    writer: { ticker: (ticker) => void tickers.push(ticker) },
    health,
    addresses: { rest },
    key: undefined,
    keyVariable: 'TOY_API_KEY',
    describe: () => ({}),
  });
  return { runner, health, tickers };
}

describe('poll runner', () => {
  let asked: { readonly at: number; readonly names: string[] }[];
  let answer: (names: string[], url: string) => unknown;
  let open: number;
  let mostOpen: number;
  let runner: PollRunner;
  let health: SourceHealth;
  let tickers: Ticker[];

  const start = (symbols: string[], source = toyApi()): void => {
    const request: HttpClient['request'] = async ({ url }) => {
      const names = new URL(url).searchParams.get('of')?.split(',') ?? [];
      if (names.length > 0) asked.push({ at: Date.now(), names });
      mostOpen = Math.max(mostOpen, ++open);
      try {
        const body = await answer(names, url);
        const headers = new Headers({ 'x-haunt-simulated': '1' });
        return { status: 200, headers, body, receivedAt: Date.now() };
      } finally {
        open--;
      }
    };
    ({ runner, health, tickers } = build(source, { request }));
    runner.start(symbols);
  };
  const gaps = (): number[] => asked.slice(1).map(({ at }, i) => at - asked[i]!.at);
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
  const status = (code: number, retryAfterMs?: number): HttpFailure => {
    return new HttpFailure('status', `answered ${code}`, code, retryAfterMs);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    asked = [];
    open = mostOpen = 0;
    answer = (names) => prices(names);
  });
  afterEach(() => {
    runner.stop();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('asks within a second of its start, then at its pace', async () => {
    start(['btc', 'eth']);
    await pass(1_000);
    expect(tickers.map(({ symbol, price }) => [symbol, price])).toEqual([
      ['btc', 5],
      ['eth', 5],
    ]);
    expect(tickers[0]).not.toHaveProperty('pair');
    expect(health.report()).toMatchObject({ state: 'connected', tickers: 2, symbols: 2, simulated: true });
    await pass(60_000);
    for (const gap of gaps()) expect(gap).toBeGreaterThanOrEqual(10_000);
    for (const gap of gaps()) expect(gap).toBeLessThan(11_000);
  });

  it('without the key it needs it is disabled, says which, and asks nothing', async () => {
    start(['btc'], toyApi({ needsKey: true }));
    await pass(60_000);
    expect(asked).toEqual([]);
    expect(health.report()).toMatchObject({ state: 'disabled', reason: 'no API key: set TOY_API_KEY' });
  });

  it.each<[string, () => unknown, string]>([
    ['a fault of the server', () => Promise.reject(status(500)), 'answered 500'],
    [
      'a time-out',
      () => Promise.reject(new HttpFailure('timeout', 'no answer within 10000 ms')),
      'no answer within 10000 ms',
    ],
    ['an error with status 200', () => ({ error: ['EService:Busy'] }), 'the answer is an error'],
    ['an empty list', () => ({}), 'the answer has no price of any asset asked for: btc: not there'],
    ['nothing', () => undefined, 'the answer is an error'],
  ])('survives %s, and never gives up', async (_, fail, message) => {
    const good = answer;
    answer = fail;
    start(['btc']);
    await pass(24 * 60 * 60_000);
    expect(asked.length).toBeGreaterThan(24 * 60 * 2);
    expect(Math.max(...gaps())).toBeLessThanOrEqual(30_000);
    expect(gaps().at(-1)).toBeGreaterThanOrEqual(10_000);
    expect(health.report()).toMatchObject({ state: 'failing', lastError: { message }, tickers: 0 });
    expect(health.report().nextAttemptAt).toBeGreaterThan(Date.now() - 1);
    answer = good;
    await pass(30_000);
    expect(health.report().state).toBe('connected');
  });

  it('leaves the API alone as long as it asks for, and all of it', async () => {
    answer = () => Promise.reject(status(429, 120_000));
    start(['btc', 'eth', 'sol'], toyApi({ assetsPerRequest: 1 }));
    await pass(119_000);
    expect(asked).toHaveLength(1);
    expect(health.report().nextAttemptAt! - asked[0]!.at).toBe(120_000);
    await pass(2_000);
    expect(asked).toHaveLength(2);
  });

  it('never asks twice at once', async () => {
    answer = (names) => new Promise((resolve) => setTimeout(() => resolve(prices(names)), 35_000));
    start(['btc', 'eth'], toyApi({ assetsPerRequest: 1 }));
    await pass(10 * 60_000);
    expect(asked.length).toBeGreaterThan(10);
    expect(mostOpen).toBe(1);
    answer = prices;
    await pass(35_000);
  });

  it('isolates the assets for which the API fails the whole call, and tries them again an hour later', async () => {
    let bad = ['dot', 'ada'];
    answer = (names) => (names.some((name) => bad.includes(name)) ? Promise.reject(status(400)) : prices(names));
    start(['btc', 'eth', 'sol', 'ada', 'xrp', 'dot', 'ltc']);
    await pass(120_000);
    expect([...new Set(tickers.map(({ symbol }) => symbol))].sort()).toEqual(['btc', 'eth', 'ltc', 'sol', 'xrp']);
    expect(
      health
        .report()
        .refused?.map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(['ada', 'dot']);
    expect(health.report()).toMatchObject({ state: 'connected', symbols: 5 });
    const searched = asked.length;
    await pass(60_000);
    for (const { names } of asked.slice(searched)) expect(names).toEqual(['btc', 'eth', 'sol', 'xrp', 'ltc']);
    bad = [];
    await pass(62 * 60_000);
    expect(asked.at(-1)!.names).toHaveLength(7);
    expect(health.report().refused).toBeUndefined();
  });

  it('blames nobody when nothing is answered, and does not search again and again', async () => {
    answer = () => Promise.reject(status(400));
    start(['btc', 'eth', 'sol', 'ada', 'xrp', 'dot', 'ltc', 'bnb']);
    await pass(9 * 60_000);
    expect(health.report().state).toBe('failing');
    expect(health.report().refused).toBeUndefined();
    // One search of at most 17 requests, then one request per round.
    expect(asked.length).toBeGreaterThan(25);
    for (const { names } of asked.slice(17)) expect(names).toHaveLength(8);
  });

  it('a chunk that fails does not stop the others', async () => {
    answer = (names) => (names.includes('eth') ? Promise.reject(status(503)) : prices(names));
    start(['btc', 'eth', 'sol'], toyApi({ assetsPerRequest: 1 }));
    await pass(4_000);
    expect(tickers.map(({ symbol }) => symbol)).toEqual(['btc', 'sol']);
    expect(health.report()).toMatchObject({
      state: 'connected',
      lastError: { message: 'some assets are without an answer: answered 503' },
    });
  });

  it('asks for the pairs that the source lists, in dollars first, and reports the others', async () => {
    answer = (names, url) => (url.endsWith('/list') ? listing('btc-usdt', 'btc-usd', 'usdt-usd') : prices(names));
    const list: PollSource['listing'] = {
      request: { method: 'GET', path: '/list' },
      parse: (body) => body as ReturnType<typeof listing>,
      spelled: () => undefined,
    };
    start(['btc', 'foo'], toyApi({ listing: list }));
    await pass(2_000);
    expect(asked[0]!.names).toEqual(['BTC-USD', 'USDT-USD']);
    expect(health.report()).toMatchObject({ unlisted: ['foo'], symbols: 1 });
  });
});

describe('poll runner over real HTTP', () => {
  let server: Server;
  let fixture: Fixture;

  const serve = async (listener: RequestListener): Promise<void> => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    fixture = build(toyApi(), new HttpClient(new SystemClock()), `http://127.0.0.1:${port}/`);
    fixture.runner.start(['btc']);
  };

  const reported = async (): Promise<ReturnType<SourceHealth['report']>> => {
    for (let i = 0; i < 400 && fixture.health.report().state === 'connecting'; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return fixture.health.report();
  };

  afterEach(async () => {
    fixture.runner.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('gets a price', async () => {
    await serve((_, response) => response.end('{"btc":7}'));
    expect(await reported()).toMatchObject({ state: 'connected', tickers: 1 });
    expect(fixture.tickers).toMatchObject([{ symbol: 'btc', quote: 'usd', price: 7 }]);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['HTML', (_, response) => response.end('<html>Just a moment...</html>'), /not JSON: Just a moment/],
    ['a refusal', (_, response) => response.writeHead(429, { 'retry-after': '60' }).end(), /429.*asks to wait 60 s/],
    ['a cut connection', (request) => request.socket.destroy(), /closed before the answer|reset/],
  ])('says what was wrong with %s', async (_, listener, message) => {
    await serve(listener);
    const report = await reported();
    expect(report.state).toBe('failing');
    expect(report.lastError?.message).toMatch(message);
  });
});
