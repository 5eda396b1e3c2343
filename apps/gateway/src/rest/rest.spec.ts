import { Controller, Post } from '@nestjs/common';
import type { Problem } from '@haunt/contracts';
import type { ExplainedQuote, Explanation } from '@haunt/domain';
import { request } from 'node:http';
import { chartView, type GatewayUnderTest, sourceStatus, startGateway } from '../../test/gateway-under-test.js';

type Json = Record<string, unknown>;
interface Answer {
  status: number;
  headers: Headers;
  body: { data: Json; meta: Json } & Problem & Json;
}

/** Takes bodies, as routes of this server will; the guards around them are the server's own. */
@Controller('test')
class BodyController {
  @Post('body')
  take(): { taken: true } {
    return { taken: true };
  }

  @Post('fault')
  fault(): never {
    throw new Error('the secret reason');
  }
}

const EXPLANATION: Explanation = {
  symbol: 'btc',
  price: 50_000,
  status: 'normal',
  asOf: 1.25,
  version: 2,
  spread: { p25: 1, p75: 2 },
  sources: [
    {
      source: 'okx',
      pair: 'btc/usdt',
      quote: 'usdt',
      quotePrice: 50_050,
      conversionRate: 0.999,
      priceUsd: 49_999.95,
      ageMs: 4.990966796875,
      weight: 0.8,
      counted: false,
      reason: 'too old',
    },
  ],
};

const CLOSES = Array.from({ length: 168 }, (_, hour) => 49_000 + hour);

const TOO_LONG = `/api/crypto/${'x'.repeat(300)}`;

describe('REST', () => {
  let gateway: GatewayUnderTest;
  let silent: Promise<void> | undefined;

  const get = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(gateway.url + path, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
    };
  };

  beforeAll(async () => {
    const arrange: Parameters<typeof startGateway>[1] = (bus) => {
      bus.answer('prices.get', () => []);
      bus.answer('sparklines.get', () => [
        { symbol: 'btc', closes: CLOSES, change1h: 0.5, change7d: -3, change24h: 9 },
      ]);
      bus.answer('chart.get', ({ symbol, range }) => ({ revision: '1', chart: chartView({ symbol, range }) }));
      bus.answer('seed.status', () => [
        { symbol: 'btc', status: 'seeded' as const, progress: 100, message: 'All there' },
      ]);
      const mover = { symbol: 'btc', price: 50_000, changePercent: 2, volume24h: 1e9 };
      bus.answer('movers.get', () => [
        { timeframe: '1h' as const, partition: 0, gainers: [mover], losers: [mover], at: Date.now() },
      ]);
      bus.answer('market.ranking', () => [
        {
          symbol: 'btc',
          price: 50_000,
          value: 1,
          samples: 60,
          totalUpdates: 400,
          sources: [{ source: 'okx' as const, pair: 'btc/usdt', distancePercent: -0.1, counted: true }],
        },
      ]);
      const answer = async <T>(value: T): Promise<T> => {
        await silent;
        return value;
      };
      bus.answer('price.explain', ({ symbol }) => answer(symbol === 'btc' ? EXPLANATION : null));
      bus.answer('symbol.counts', ({ symbol }) =>
        answer({
          symbol,
          totalUpdates: symbol === 'btc' ? 400 : 0,
          updatesLastMinute: symbol === 'btc' ? 100 : 0,
          ...(symbol === 'btc' && { chartDataPoints: 271 }),
          sources:
            symbol === 'btc'
              ? [
                  { source: 'okx' as const, updateCount: 300, lastAt: 1 },
                  { source: 'kraken' as const, updateCount: 100, lastAt: 1 },
                ]
              : [],
        }),
      );
    };
    gateway = await startGateway({ symbols: ['btc', 'ownasset'] }, arrange, [BodyController]);
    await gateway.publish(
      { price: 50_000, change24h: 1.5, volume24h: 1e9, direction: 'up' },
      { symbol: 'zzz', price: 3 },
    );
    await gateway.bus.publish('source.status', sourceStatus({ source: 'okx' }));
    await gateway.publish();
  });
  afterAll(() => gateway.close());

  it.each(['1', 'btc', 'BTC', 'xbt'])('shows an asset by what people call it: %s', async (id) => {
    const { status, body } = await get(`/api/crypto/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      data: { id: 1, rank: 1, name: 'Bitcoin', symbol: 'BTC', price: 50_000, assetType: 'crypto', sparkline: CLOSES },
      meta: { cached: false },
    });
    const quotes = await get(`/api/crypto/${id}/quotes`);
    expect(quotes.body.data).toMatchObject({ symbol: 'btc', price: 50_000, lastUpdated: expect.any(Number) as number });
  });

  it('says which numbers of an asset nobody has told', async () => {
    const { body } = await get('/api/crypto/zzz');
    expect(body.data).toMatchObject({ id: 0, symbol: 'ZZZ', name: 'ZZZ', price: 3, volume24h: 0, change24h: 0 });
    expect(body.data['unknown']).toEqual(expect.arrayContaining(['id', 'rank', 'volume24h', 'change24h', 'marketCap']));
    const btc = await get('/api/crypto/btc');
    for (const [name, value] of Object.entries(btc.body.data))
      if (value === 0) expect(btc.body.data['unknown']).toContain(name);
  });

  it('shows the week of an asset, and no changes of a minute ago', async () => {
    const { body } = await get('/api/crypto/btc');
    expect(body.data).toMatchObject({ sparkline: CLOSES, change1h: 0.5, change24h: 1.5, change7d: -3 });
    expect(body.data['unknown']).not.toEqual(expect.arrayContaining(['change1h']));
    const quotes = await get('/api/crypto/btc/quotes');
    expect(quotes.body.data).toMatchObject({ percentChange1h: 0.5, change24h: 1.5, change7d: -3, percentChange7d: -3 });
    expect(quotes.body.data).not.toHaveProperty('percentChange30d');
    expect((await get('/api/crypto/zzz')).body.data).toMatchObject({ sparkline: [] });
    gateway.clock.offset = 61_000;
    const old = await get('/api/crypto/btc');
    gateway.clock.offset = 0;
    expect(old.body.data).toMatchObject({ sparkline: CLOSES, change1h: 0, change24h: 1.5, change7d: 0 });
    expect(old.body.data['unknown']).toEqual(expect.arrayContaining(['change1h', 'change7d']));
    await gateway.publish({ price: 50_000, change24h: 1.5, volume24h: 1e9, direction: 'up' });
  });

  it('explains a price', async () => {
    const [quote] = EXPLANATION.sources;
    expect((await get('/api/crypto/1/explain')).body.data).toEqual({
      ...EXPLANATION,
      asOf: 1,
      sources: [{ ...quote, ageMs: 5 }],
    });
    expect(await get('/api/crypto/eth/explain')).toMatchObject({ status: 503, body: { code: 'no_price_yet' } });
  });

  it('tells who speaks about an asset, also about one nobody knows', async () => {
    expect((await get('/api/market/source-stats/BTC')).body.data).toEqual({
      symbol: 'btc',
      sources: [
        { source: 'okx', updateCount: 300, updatePercent: 75, online: true },
        { source: 'kraken', updateCount: 100, updatePercent: 25, online: false },
      ],
      totalUpdates: 400,
      timestamp: expect.any(Number) as number,
    });
    expect(await get('/api/market/source-stats/nope')).toMatchObject({
      status: 200,
      body: { data: { symbol: 'nope', sources: [], totalUpdates: 0 } },
    });
  });

  it('says how far a price can be trusted', async () => {
    const { body } = await get('/api/market/confidence/btc');
    expect(body.data).toMatchObject({
      symbol: 'btc',
      confidence: {
        sourceCount: 2,
        onlineSources: 1,
        totalUpdates: 400,
        currentPrice: 50_000,
        factors: { updateFrequency: 25 },
      },
      chartDataPoints: 271,
    });
    const { priceSpreadPercent } = body.data['confidence'] as { priceSpreadPercent: number };
    expect(priceSpreadPercent).toBeCloseTo(0.2, 6);
    expect((await get('/api/market/confidence/nope')).body.data['confidence']).toMatchObject({
      score: 0,
      currentPrice: null,
      priceSpreadPercent: null,
      secondsSinceUpdate: null,
    });
  });

  it.each([
    ['GET', '/api/nowhere', 404, 'unknown_route', /GET \/api\/nowhere/],
    ['GET', '/api/crypto/nope', 404, 'unknown_asset', /"nope".*symbol/],
    ['GET', '/api/crypto/999999/quotes', 404, 'unknown_asset', /999999/],
    ['GET', '/api/crypto/nope/explain', 404, 'unknown_asset', /nope/],
    ['GET', '/api/crypto/constructor', 404, 'unknown_asset', /constructor/],
    ['GET', '/api/crypto/eth', 503, 'no_price_yet', /Ethereum/],
    ['GET', '/api/crypto/1027/quotes', 503, 'no_price_yet', /does not follow it, only what SYMBOLS names$/],
    ['GET', '/api/crypto/ftm', 503, 'no_price_yet', /Sonic \(s\)/],
    ['GET', '/api/crypto/ownasset', 503, 'no_price_yet', /ownasset yet: OKX has it.*try again/],
    ['GET', '/api/crypto/%E0%A4%A', 400, 'malformed_address', /encoding/],
    ['GET', TOO_LONG, 414, 'address_too_long', /too long/],
    ['DELETE', '/api/crypto/btc/quotes', 405, 'method_not_allowed', /DELETE.*GET/],
    ['POST', '/api/crypto/btc', 405, 'method_not_allowed', /POST/],
    ['GET', '/api/crypto/seed', 405, 'method_not_allowed', /GET; it takes POST, OPTIONS$/],
    ['HEAD', '/api/crypto/seed/?x', 405, undefined, undefined],
    ['DELETE', '/api/crypto/seed', 405, 'method_not_allowed', /DELETE; it takes POST, OPTIONS$/],
    ['GET', '/api/crypto/seed/batch', 405, 'method_not_allowed', /POST, OPTIONS$/],
    ['DELETE', '/api/crypto/search', 405, 'method_not_allowed', /GET, HEAD, OPTIONS$/],
    ['GET', '/ws', 426, 'upgrade_required', /WebSocket/],
    ['POST', '/test/fault', 500, 'internal_error', /log/],
  ])('%s %.40s: %d %s', async (method, path, status, code, sentence) => {
    const answer = await get(path, {
      method,
      ...(method === 'POST' && { body: '{}', headers: { 'content-type': 'application/json' } }),
    });
    expect(answer.status).toBe(status);
    if (sentence) expect(answer.body).toMatchObject({ error: expect.stringMatching(sentence) as string, status, code });
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|node_modules|\\n\s+at /);
    if (status === 405)
      expect(answer.headers.get('allow')).toBe(path.includes('/seed') ? 'POST, OPTIONS' : 'GET, HEAD, OPTIONS');
    // Nobody will ever tell a price of what is not followed.
    if (status === 503) expect(answer.headers.get('retry-after')).toBe(path.includes('ownasset') ? '5' : null);
  });

  it.each([
    ['{"a":', 'application/json', 400, 'bad_request'],
    ['', 'application/json', 400, 'bad_request'],
    ['{"__proto__":1}', 'application/json', 400, 'bad_request'],
    ['a=b', 'application/x-www-form-urlencoded', 201, undefined],
    ['<a/>', 'application/xml', 415, 'unsupported_media_type'],
    [JSON.stringify({ a: 'x'.repeat(70_000) }), 'application/json', 413, 'body_too_large'],
  ])('takes bodies within limits, %#', async (body, type, status, code) => {
    const answer = await get('/test/body', { method: 'POST', body, headers: { 'content-type': type } });
    expect(answer.status).toBe(status);
    if (code !== undefined)
      expect(answer.body).toEqual({
        error: expect.stringMatching(/^(the body|there is no body)/) as string,
        status,
        code,
      });
  });

  it('answers 504 when the aggregator does not', async () => {
    let speak = (): void => undefined;
    silent = new Promise((resolve) => (speak = resolve));
    const answers = await Promise.all(
      ['/api/crypto/btc/explain', '/api/market/source-stats/btc', '/api/market/confidence/btc'].map((path) =>
        get(path),
      ),
    );
    silent = undefined;
    speak();
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 504, body: { status: 504, code: 'no_answer' } });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
  });

  it('spares a client the quotes it has, and answers HEAD and OPTIONS', async () => {
    const first = await get('/api/crypto/btc/quotes');
    const etag = first.headers.get('etag') as string;
    const again = await get('/api/crypto/btc/quotes', { headers: { 'if-none-match': etag } });
    expect([again.status, again.headers.get('etag'), again.body]).toEqual([304, etag, {}]);
    await gateway.publish({ price: 50_001, change24h: 1, volume24h: 1e9 });
    expect((await get('/api/crypto/btc/quotes', { headers: { 'if-none-match': etag } })).body.data).toMatchObject({
      price: 50_001,
    });
    await gateway.publish({ price: 50_000, change24h: 1, volume24h: 1e9 });
    const head = await get('/api/crypto/btc/quotes', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, {}]);
    const preflight = await get('/api/crypto/btc', {
      method: 'OPTIONS',
      headers: { 'access-control-request-headers': 'content-type', 'access-control-request-method': 'GET' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('GET');
  });

  it('protects and opens every answer alike', async () => {
    for (const path of [
      '/api/crypto/btc/quotes',
      '/api/market/stats',
      '/health',
      '/api/nowhere',
      TOO_LONG,
      '/api/crypto/%E0%A4%A',
    ]) {
      const { headers } = await get(path);
      expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
      expect([path, headers.get('access-control-allow-origin')]).toEqual([path, '*']);
    }
    for (const encoding of ['gzip', 'identity'])
      expect(
        (await get('/api/market/exchanges', { headers: { 'accept-encoding': encoding } })).headers.get('vary'),
      ).toBe('accept-encoding');
    expect((await get('/health/live')).headers.get('vary')).toBeNull();
    expect((await get('/api/market/stats')).headers.get('content-security-policy')).not.toContain('upgrade-insecure');
    expect((await get('/api/market/exchanges')).headers.get('content-encoding')).not.toBeNull();
  });

  it('documents what it answers', async () => {
    await gateway.bus.publish('market', {
      global: {
        value: { totalMarketCap: 3e12, totalVolume24h: 1e11, btcDominance: 58, ethDominance: 12, updatedAt: 1e12 },
        source: 'CoinGecko',
        at: 1e12,
      },
      fearGreed: { value: { value: 40, classification: 'Fear', time: 1e12, previous: 41 }, source: 'x', at: 1e12 },
      troubles: {},
    });
    await gateway.publish();
    const document = (await get('/docs-json')).body as unknown as {
      paths: Record<string, { get: { responses: Json } }>;
    };
    type Schema = {
      type?: string;
      properties?: Record<string, Schema>;
      required?: string[];
      items?: Schema;
      nullable?: boolean;
    };
    const conform = (value: unknown, schema: Schema, where: string): void => {
      if (value === null) return expect([where, schema.nullable]).toEqual([where, true]);
      const type = Array.isArray(value) ? 'array' : typeof value;
      expect([where, type]).toEqual([where, schema.type === 'integer' ? 'number' : schema.type]);
      if (Array.isArray(value)) return value.forEach((item) => conform(item, schema.items as Schema, `${where}[]`));
      if (type !== 'object' || schema.properties === undefined) return;
      for (const name of schema.required ?? [])
        expect([where, Object.keys(value as Json)]).toEqual([where, expect.arrayContaining([name])]);
      for (const [name, field] of Object.entries(value as Json)) {
        expect([`${where}.${name}`, schema.properties[name] !== undefined]).toEqual([`${where}.${name}`, true]);
        conform(field, schema.properties[name] as Schema, `${where}.${name}`);
      }
    };
    const paths = Object.keys(document.paths).filter(
      (path) => path.startsWith('/api') && document.paths[path]?.get !== undefined,
    );
    expect(paths.length).toBeGreaterThanOrEqual(8);
    for (const path of paths) {
      const { responses } = (document.paths[path] as { get: { responses: Record<string, unknown> } }).get;
      const { content } = responses['200'] as { content: Record<string, { schema: Schema }> };
      const query = path.endsWith('/search') ? '?q=b' : '';
      const answer = await get(path.replace('{id}', 'btc').replace('{symbol}', 'btc') + query);
      conform(answer.body, content['application/json']?.schema as Schema, path);
      if (path.includes('{id}')) expect(responses['404']).toBeDefined();
    }
    const page = await fetch(`${gateway.url}/docs`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('swagger-ui')]);
  });

  it('is ready while prices are fresh', async () => {
    expect(await get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ok' } });
    gateway.clock.offset = 60_000;
    const stale = await get('/health/ready');
    const quotes = await get('/api/crypto/btc/quotes');
    gateway.clock.offset = 0;
    expect(stale).toMatchObject({
      status: 503,
      body: { code: 'not_ready', error: expect.stringMatching(/6\d s old/) as string },
    });
    expect(quotes.body.data).toMatchObject({ price: 50_000, status: 'stale' });
    await gateway.publish({ price: 50_000, change24h: 1, volume24h: 1e9 });
    expect((await get('/api/crypto/btc/quotes')).body.data).toMatchObject({ status: 'normal' });
    expect((await get('/health/live')).status).toBe(200);
    for (const path of ['/health', '/api/health'])
      expect((await get(path)).body).toMatchObject({
        status: 'ok',
        version: expect.any(String) as string,
        uptime: expect.any(Number) as number,
      });
  });

  it('says simulated everywhere when a source does', async () => {
    await gateway.bus.publish('source.status', sourceStatus({ source: 'okx', simulated: true }));
    await gateway.publish({ price: 50_000 });
    for (const path of [
      '/api/crypto/btc/quotes',
      '/api/crypto/btc',
      '/api/market/stats',
      '/health',
      '/health/live',
      '/health/ready',
      '/api/nowhere',
      TOO_LONG,
      '/api/crypto/%E0%A4%A',
    ]) {
      const { headers, body } = await get(path);
      expect([path, headers.get('x-haunt-simulated')]).toEqual([path, '1']);
      if (body.meta) expect(body.meta).toEqual({ cached: false, simulated: true });
      if (path.startsWith('/health')) expect(body['simulated']).toBe(true);
    }
    const polling = await fetch(`${gateway.url}/socket.io/?EIO=4&transport=polling`);
    expect(polling.headers.get('x-haunt-simulated')).toBe('1');
  });

  it('counts what it does', async () => {
    const page = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(page).toMatch(/haunt_http_quotes_total \d+/);
    expect(page).toMatch(/haunt_query_duration_seconds_count\{query="price.explain"\} \d/);
    expect(page).toMatch(
      /haunt_http_request_duration_seconds_count\{method="GET",route="\/api\/crypto\/:id",status="404"\} [1-9]/,
    );
    expect(page).toMatch(/haunt_gateway_prices\{status="normal"\} \d/);
  });

  it('does not mind a client that hangs up', async () => {
    await new Promise<void>((resolve) => {
      const aborted = request(`${gateway.url}/api/crypto/btc/explain`);
      aborted.on('error', () => resolve());
      aborted.end();
      setImmediate(() => aborted.destroy());
    });
    expect((await get('/health/live')).status).toBe(200);
  });
});

describe('an asset without a price', () => {
  const QUOTE: ExplainedQuote = {
    source: 'bybit',
    pair: 'eth/usdt',
    quote: 'usdt',
    quotePrice: 3_000,
    conversionRate: null,
    priceUsd: null,
    ageMs: 1,
    weight: 0.7,
    counted: false,
    reason: 'no trusted USD rate for USDT: nobody quotes it',
  };
  let gateway: GatewayUnderTest;
  let speak: (quotes: ExplainedQuote[]) => void;
  const quotes = new Promise<ExplainedQuote[]>((resolve) => (speak = resolve));
  const ask = async (path: string): Promise<{ sentence: string; retryAfter: string | null }> => {
    // What was heard a second ago is asked for again.
    gateway.clock.offset += 1_000;
    const response = await fetch(`${gateway.url}/api/crypto/${path}`);
    const body = (await response.json()) as Problem;
    expect([response.status, body.code]).toEqual([503, 'no_price_yet']);
    return { sentence: body.error, retryAfter: response.headers.get('retry-after') };
  };
  const say = async (status: Parameters<typeof sourceStatus>[0]): Promise<void> => {
    await gateway.bus.publish('source.status', sourceStatus(status));
    await gateway.publish();
  };

  beforeAll(async () => {
    gateway = await startGateway({ sources: ['kraken', 'bybit'] }, (bus) => {
      bus.answer('prices.get', () => []);
      bus.answer('price.explain', () => null);
      bus.answer('quotes.get', () => quotes);
    });
  });
  afterAll(() => {
    speak([]);
    return gateway.close();
  });

  it('has the reason said, and when to come back only where that helps', async () => {
    const unfollowed = 'there is no price of Vaulta (a): this server does not follow it, only the ';
    expect(await ask('eos')).toEqual({
      sentence: `${unfollowed}100 it begins with, until a listing has come; try again in a few seconds`,
      retryAfter: '5',
    });
    expect(await ask('matic')).toEqual({
      sentence:
        'there is no price of Polygon (prev. MATIC) (pol) yet: Kraken and Bybit have not said what there is; try again in a few seconds',
      retryAfter: '5',
    });
    await say({ source: 'kraken', symbols: 0, state: 'disabled', unlisted: ['pol', 'eth'] });
    await say({ source: 'bybit', unlisted: ['pol'] });
    const nobody = {
      sentence: 'there is no price of Polygon (prev. MATIC) (pol): none of the sources configured has it',
      retryAfter: null,
    };
    expect(await ask('matic/quotes')).toEqual(nobody);
    expect(await ask('28321')).toEqual(nobody);
    expect(await ask('pol/explain')).toEqual(nobody);
    const yet = 'there is no price of Ethereum (eth) yet: Bybit has it, and told none; try again in a few seconds';
    expect(await ask('eth')).toEqual({ sentence: yet, retryAfter: '5' });
    speak([QUOTE]);
    expect(await ask('eth/quotes')).toEqual({
      sentence:
        'there is no price of Ethereum (eth): none of its quotes counts; ' +
        'Bybit eth/usdt: no trusted USD rate for USDT: nobody quotes it; try again in a few seconds',
      retryAfter: '5',
    });
  });
});

it('lets only the configured pages in', async () => {
  const gateway = await startGateway({ corsOrigins: ['https://good.example'] });
  await gateway.publish();
  const allowed = async (origin: string, path: string): Promise<(string | null)[]> => {
    const { headers } = await fetch(gateway.url + path, { headers: { origin } });
    return [headers.get('access-control-allow-origin'), headers.get('vary')];
  };
  for (const path of ['/api/crypto/btc/quotes', '/api/market/stats', TOO_LONG]) {
    const [origin, vary] = await allowed('https://good.example', path);
    expect([origin, vary?.toLowerCase()]).toEqual(['https://good.example', expect.stringContaining('origin')]);
    expect((await allowed('https://evil.example', path))[0]).toBeNull();
  }
  await gateway.close();
});
