import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GatewayUnderTest, chartView, startGateway } from '../../../apps/gateway/test/gateway-under-test.js';
import { addressOf } from './address.js';
import { HauntClient } from './haunt-client.js';
import { HauntError } from './haunt-error.js';
import type { HauntRest } from './rest.js';

/** A call of every method. One that is missing does not compile. */
const CALLS: { readonly [M in keyof HauntRest]: (rest: HauntRest) => Promise<unknown> } = {
  health: (rest) => rest.health(),
  alive: (rest) => rest.alive(),
  ready: (rest) => rest.ready(),
  listings: (rest) => rest.listings({ start: 2, sort: 'name', direction: 'asc', filter: 'all', minChange: -5.5 }),
  search: (rest) => rest.search('bit', { limit: 3 }),
  asset: (rest) => rest.asset(1),
  quotes: (rest) => rest.quotes('BTC'),
  explain: (rest) => rest.explain('btc'),
  chart: (rest) => rest.chart('btc', '1h'),
  seed: (rest) => rest.seed('btc'),
  seedBatch: (rest) => rest.seedBatch(['btc', 'eth']),
  seedStatus: (rest) => rest.seedStatus(),
  global: (rest) => rest.global(),
  fearGreed: (rest) => rest.fearGreed(),
  exchanges: (rest) => rest.exchanges(),
  stats: (rest) => rest.stats(),
  sourceStats: (rest) => rest.sourceStats('btc'),
  confidence: (rest) => rest.confidence('btc'),
  movers: (rest) => rest.movers({ timeframe: '24h', limit: 5 }),
  volumeLeaders: (rest) => rest.volumeLeaders({ limit: 5 }),
  volatility: (rest) => rest.volatility({ window: '15m' }),
  agreement: (rest) => rest.agreement(),
  activity: (rest) => rest.activity(),
};

describe('the REST client of a gateway', () => {
  let gateway: GatewayUnderTest;
  let rest: HauntRest;
  beforeAll(async () => {
    gateway = await startGateway({ apiToken: 'let me in' }, (bus) => {
      bus.answer('prices.get', () => []);
      bus.answer('chart.get', () => ({ revision: 'one', chart: chartView() }));
    });
    rest = new HauntClient({ url: gateway.url }).rest;
    await gateway.publish({ symbol: 'btc', price: 64_000.5 });
  });
  afterAll(() => gateway.close());

  it('has a method for every route, and asks each as the document of the server has it', async () => {
    const asked: { readonly method: string; readonly path: string; readonly names: string[] }[] = [];
    const client = new HauntClient({
      url: gateway.url,
      fetch: (url, { method = '' }) => {
        const { pathname, searchParams } = new URL(url);
        asked.push({ method: method.toLowerCase(), path: pathname, names: [...searchParams.keys()] });
        return Promise.resolve(new Response('{}'));
      },
    });
    for (const call of Object.values(CALLS)) await call(client.rest);
    const document = (await (await fetch(`${gateway.url}/docs-json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
    };
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [] }]) => {
        const matches = new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
        return { name: `${method} ${path}`, method, path, matches, parameters };
      }),
    );
    // The same under another path.
    const left = routes.filter(
      ({ path, method, matches }) =>
        path !== '/health' && !asked.some((one) => one.method === method && matches.test(one.path)),
    );
    expect(left.map(({ name }) => name)).toEqual([]);
    for (const { method, path, names } of asked) {
      const route =
        routes.find((one) => one.method === method && one.path === path) ??
        routes.find((one) => one.method === method && one.matches.test(path));
      const known = route?.parameters.flatMap((parameter) => (parameter.in === 'query' ? [parameter.name] : []));
      expect({ path, known }).toEqual({ path, known: expect.arrayContaining(names) as string[] });
    }
  });

  it('gives data with what lies beside it', async () => {
    const { data, meta } = await rest.quotes('BTC');
    expect([data.symbol, data.price, data.status, meta.cached]).toEqual(['btc', 64_000.5, 'normal', false]);
    expect((await rest.asset(1)).data.name).toBe('Bitcoin');
    const found = await rest.search('bitcoin', { limit: 1 });
    expect([found.data.length, found.meta.query]).toEqual([1, 'bitcoin']);
    const listed = await rest.listings({ limit: 2, start: 3 });
    expect(listed.data.length).toBe(2);
    expect(listed.meta).toMatchObject({ start: 3, limit: 2, total: expect.any(Number) as number });
    expect((await rest.chart('btc', '1d')).data.dataCompleteness).toBe(0.69);
    expect((await rest.alive()).status).toBe('ok');
  });

  it('throws what the server says, typed', async () => {
    const error = await rest.quotes('no such thing').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HauntError);
    expect(error).toMatchObject({ status: 404, code: 'unknown_asset', retryAfter: undefined });
    expect((error as HauntError).message).toMatch(/^no asset is called "no such thing"/);
    await expect(rest.movers({ limit: 51 })).rejects.toMatchObject({ status: 400, code: 'invalid_limit' });
    await expect(rest.explain('btc')).rejects.toMatchObject({ status: 504, code: 'no_answer', retryAfter: 1 });
    await expect(rest.global()).rejects.toMatchObject({ status: 502, code: 'upstream_failed', retryAfter: 5 });
  });

  it('shows its token to what wants one', async () => {
    await expect(rest.seed('btc')).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
    const trusted = new HauntClient({ url: gateway.url, token: 'let-me-in' }).rest;
    await expect(trusted.seed('btc')).rejects.toMatchObject({ status: 401 });
    const seen: (string | null)[] = [];
    const client = new HauntClient({
      url: gateway.url,
      token: 'abc',
      fetch: (_, { headers }) => {
        seen.push(new Headers(headers).get('authorization'));
        return Promise.resolve(new Response('{}'));
      },
    });
    await client.rest.seed('btc');
    await client.rest.quotes('btc');
    expect(seen).toEqual(['Bearer abc', null]);
  });
});

describe('the REST client of a server that does not do as it should', () => {
  const servers: Server[] = [];
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('waits no longer than its time, for the head or for the body', async () => {
    const url = await serve((request, response) => {
      if (request.url?.endsWith('/stats') === true) response.writeHead(200).write('{"data":');
    });
    const { rest } = new HauntClient({ url, timeoutMs: 50 });
    for (const asked of [rest.global(), rest.stats()]) {
      await expect(asked).rejects.toMatchObject({
        status: 0,
        code: 'timeout',
        message: expect.stringMatching(/did not answer within 50 ms$/) as string,
      });
    }
    await expect(rest.global({ timeoutMs: 10 })).rejects.toThrow(/did not answer within 10 ms$/);
  });

  it('ends when it is told to, with the reason given', async () => {
    const { rest } = new HauntClient({ url: await serve(() => undefined) });
    const abort = new AbortController();
    const asked = rest.stats({ signal: abort.signal });
    const reason = new Error('the page was left');
    abort.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(rest.stats({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('says that nobody is there, that it was HTML, and when to ask again', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/api/market/global')
        response.writeHead(429, { 'retry-after': '7' }).end('<h1>slow down</h1>');
      else response.writeHead(200).end('<h1>hello</h1>');
    });
    const { rest } = new HauntClient({ url });
    await expect(rest.global()).rejects.toMatchObject({ status: 429, code: 'invalid_answer', retryAfter: 7 });
    await expect(rest.stats()).rejects.toMatchObject({ status: 0, code: 'invalid_answer' });
    const nobody = new HauntClient({ url: 'http://127.0.0.1:9' }).rest;
    await expect(nobody.stats()).rejects.toMatchObject({
      status: 0,
      code: 'network',
      message: expect.stringMatching(/could not be reached: /) as string,
    });
  });
});

describe('the address of a server', () => {
  it('is the usual one outside pages, and may stand behind a path', () => {
    expect(addressOf(undefined)).toEqual({
      base: 'http://localhost:3001',
      origin: 'http://localhost:3001',
      socketPath: '/socket.io',
    });
    expect(addressOf('https://prices.example/haunt/')).toEqual({
      base: 'https://prices.example/haunt',
      origin: 'https://prices.example',
      socketPath: '/haunt/socket.io',
    });
  });

  it.each(['prices.example', 'ws://prices.example', 'file:///x'])('is not %s', (url) => {
    expect(() => new HauntClient({ url })).toThrow(/^url must /);
  });
});
