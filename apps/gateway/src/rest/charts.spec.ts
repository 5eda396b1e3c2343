import type { ChartAnswer, ChartPoint, ChartRequest } from '@haunt/contracts';
import { ASSETS } from '@haunt/domain';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { chartView, type GatewayUnderTest, sourceStatus, startGateway } from '../../test/gateway-under-test.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

/** As the wire has it: nothing is decompressed, and no header added. */
function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
      );
    });
    asked.on('error', reject).end();
  });
}

const json = ({ bytes }: Answer): Record<string, unknown> => JSON.parse(bytes.toString()) as Record<string, unknown>;

const DAY: readonly ChartPoint[] = Array.from({ length: 288 }, (_, i) => ({
  time: i * 300,
  open: 67_000.5 + i,
  high: 67_010.25 + i,
  low: 66_990.75 + i,
  close: 67_001 + i,
  volume: 123_456.75,
}));

/** Longer than an answer serves the next one. */
const LATER_MS = 120;

describe('charts', () => {
  let gateway: GatewayUnderTest;
  let asked: ChartRequest[];
  let answer: (request: ChartRequest) => ChartAnswer | Promise<ChartAnswer>;
  let tests = 0;
  /** Another one for every test: what the gateway keeps is not forgotten in between. */
  let asset: string;
  const path = (id = asset, query = ''): string => `${gateway.url}/api/crypto/${id}/chart${query}`;

  beforeAll(async () => {
    gateway = await startGateway({ symbols: ['btc', 'ownasset'] }, (bus) => {
      bus.answer('prices.get', () => []);
      bus.answer('chart.get', (question) => {
        asked.push(question);
        return answer(question);
      });
    });
  });
  beforeEach(() => {
    asked = [];
    asset = ASSETS[10 + tests++]?.symbol as string;
    answer = ({ symbol, range }) => ({ revision: 'one', chart: chartView({ symbol, range }) });
  });
  afterAll(() => gateway.close());

  it.each([
    ['btc', '', 'btc', '1d'],
    ['BTC', '?range=1h', 'btc', '1h'],
    ['sol', '?range=', 'sol', '1d'],
    ['1', '?range=4h', 'btc', '4h'],
    ['matic', '?range=1d', 'pol', '1d'],
    ['1027', '?range=1w', 'eth', '1w'],
    ['OwnAsset', '?range=1m&more=1', 'ownasset', '1m'],
  ])('are found as people write it: %s %s', async (id, query, symbol, range) => {
    const answered = await get(path(id, query));
    expect(answered.status).toBe(200);
    expect(json(answered)).toEqual({ data: chartView({ symbol, range: range as '1d' }), meta: { cached: false } });
    expect(asked).toEqual([{ symbol, range }]);
  });

  it('of an asset nobody has seen are empty, and say how seeding stands', async () => {
    const nothing = chartView({
      symbol: 'eth',
      data: [],
      seeding: false,
      seedingStatus: 'not_started',
      seedingProgress: 0,
      dataCompleteness: 0,
      gaps: [{ from: 0, to: 86_400 }],
    });
    answer = () => ({ revision: 'none', chart: nothing });
    const answered = await get(path('eth'), { 'accept-encoding': 'gzip, br' });
    expect([answered.status, json(answered)['data']]).toEqual([200, nothing]);
    expect(answered.headers['content-encoding']).toBeUndefined();
  });

  it.each([
    ['btc', '?range=2d', 400, 'invalid_range', /1h, 4h, 1d, 1w, 1m.*"2d"/],
    ['btc', '?range=1D', 400, 'invalid_range', /"1D"/],
    ['btc', '?range[]=1d', 400, 'invalid_range', /without brackets.*"1d"/],
    ['btc', '?range=constructor', 400, 'invalid_range', /"constructor"/],
    ['btc', '?range=1d&range=1h', 400, 'invalid_range', /\["1d","1h"\]/],
    ['nope', '?range=2d', 400, 'invalid_range', /"2d"/],
    ['nope', '?range=1d', 404, 'unknown_asset', /"nope"/],
    ['nope', '', 404, 'unknown_asset', /"nope"/],
    ['999999', '', 404, 'unknown_asset', /999999/],
  ])('refuse %s%s with %d %s and ask nobody', async (id, query, status, code, sentence) => {
    const answered = await get(path(id, query));
    expect(json(answered)).toEqual({ error: expect.stringMatching(sentence) as string, status, code });
    expect([answered.status, answered.headers['access-control-allow-origin']]).toEqual([status, '*']);
    expect(asked).toEqual([]);
  });

  it('say 504 when the aggregator is silent, 500 when it fails, and recover', async () => {
    let speak = (): void => undefined;
    answer = () => new Promise((resolve) => (speak = () => resolve({ revision: 'one', chart: chartView() })));
    const silent = await get(path());
    speak();
    expect([silent.status, silent.headers['retry-after'], json(silent)['code']]).toEqual([504, '1', 'no_answer']);
    answer = () => Promise.reject(new Error('the secret reason'));
    const failed = await get(path());
    expect([failed.status, json(failed)['code']]).toEqual([500, 'internal_error']);
    expect(failed.bytes.toString()).not.toContain('secret');
    answer = () => ({ revision: 'one', chart: chartView() });
    expect((await get(path())).status).toBe(200);
  });

  it('are asked for once, however many ask, and told again only when they have changed', async () => {
    answer = ({ known }) =>
      known === 'big' ? { revision: 'big' } : { revision: 'big', chart: chartView({ data: DAY }) };
    const all = await Promise.all(Array.from({ length: 40 }, () => get(path())));
    expect(new Set(all.map(({ bytes }) => bytes.toString())).size).toBe(1);
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(asked).toHaveLength(1);
    await Promise.all([get(path(asset, '?range=1h')), get(path('ltc'))]);
    expect(asked).toHaveLength(3);
    await pause(LATER_MS);
    const again = await get(path());
    expect(again.bytes).toEqual(all[0]?.bytes);
    expect(asked[3]).toEqual({ symbol: asset, range: '1d', known: 'big' });
    await pause(LATER_MS);
    answer = () => ({ revision: 'other', chart: chartView({ seedingProgress: 41 }) });
    expect(json(await get(path()))['data']).toMatchObject({ seedingProgress: 41 });
  });

  it('are not sent again to a client that has them', async () => {
    answer = () => ({ revision: 'one', chart: chartView() });
    const first = await get(path());
    const etag = first.headers['etag'] as string;
    for (const known of [etag, `"other", ${etag}`, '*', etag.replace('W/', '')]) {
      const again = await get(path(), { 'if-none-match': known });
      expect([known, again.status, again.headers['etag'], again.bytes.length]).toEqual([known, 304, etag, 0]);
    }
    expect((await get(path(), { 'if-none-match': 'W/"other"' })).status).toBe(200);
    await pause(LATER_MS);
    answer = () => ({ revision: 'same bytes', chart: chartView() });
    expect((await get(path(), { 'if-none-match': etag })).status).toBe(304);
    await pause(LATER_MS);
    answer = () => ({ revision: 'two', chart: chartView({ dataCompleteness: 1 }) });
    const changed = await get(path(), { 'if-none-match': etag });
    expect(json(changed)['data']).toMatchObject({ dataCompleteness: 1 });
    const head = await get(path(), {}, 'HEAD');
    expect([head.status, head.bytes.length, head.headers['content-length']]).toEqual([
      200,
      0,
      String(changed.bytes.length),
    ]);
  });

  it('are compressed as the client likes', async () => {
    answer = () => ({ revision: 'big', chart: chartView({ data: DAY }) });
    const plain = await get(path());
    const cases: readonly [string, string | undefined][] = [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip', 'gzip'],
      ['GZIP;q=0.5', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
      ['identity', undefined],
      ['zstd', undefined],
    ];
    for (const [accepted, encoding] of cases) {
      for (let time = 0; time < 2; time++) {
        const { headers, bytes, status } = await get(path(), { 'accept-encoding': accepted });
        expect([accepted, status, headers['content-encoding'], headers['content-length']]).toEqual([
          accepted,
          200,
          encoding,
          String(bytes.length),
        ]);
        expect(headers['vary']).toContain('accept-encoding');
        const text = encoding === 'br' ? brotliDecompressSync(bytes) : encoding === 'gzip' ? gunzipSync(bytes) : bytes;
        expect(text).toEqual(plain.bytes);
        if (encoding !== undefined) expect(bytes.length).toBeLessThan(plain.bytes.length / 3);
      }
    }
  });

  it('say simulated as soon as a source does', async () => {
    expect((await get(path())).headers['x-haunt-simulated']).toBeUndefined();
    await gateway.bus.publish('source.status', sourceStatus({ source: 'okx', simulated: true }));
    await gateway.publish();
    const { headers, bytes } = await get(path());
    expect(headers['x-haunt-simulated']).toBe('1');
    expect((JSON.parse(bytes.toString()) as { meta: object }).meta).toEqual({ cached: false, simulated: true });
    expect(asked.at(-1)?.known).toBeUndefined();
  });
});

it('are shown only to the configured pages', async () => {
  const gateway = await startGateway({ corsOrigins: ['https://good.example'] }, (bus) => {
    bus.answer('chart.get', () => ({ revision: '1', chart: chartView() }));
  });
  for (const [origin, allowed] of [
    ['https://good.example', 'https://good.example'],
    ['https://evil.example', undefined],
  ] as const) {
    const { headers } = await get(`${gateway.url}/api/crypto/btc/chart`, { origin });
    expect(headers['access-control-allow-origin']).toBe(allowed);
    expect(headers['vary']).toBe('Origin, accept-encoding');
  }
  await gateway.close();
});
