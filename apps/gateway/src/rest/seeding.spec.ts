import { partitionOf, type SeedRequest, type SeedState } from '@haunt/contracts';
import { ASSETS } from '@haunt/domain';
import { type GatewayUnderTest, startGateway } from '../../test/gateway-under-test.js';

type Json = Record<string, unknown>;
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json & { data: Json & Json[] };
}

let gateway: GatewayUnderTest;
let states: readonly SeedState[] | undefined;
let requested: SeedRequest[];
/** In the queue of what has time. */
let deferred: SeedRequest[];
let questions: (readonly string[] | undefined)[];
/** Ends the silence of an aggregator whose `states` are undefined. */
let speak = (): void => undefined;

async function start(config: Parameters<typeof startGateway>[0] = {}): Promise<void> {
  gateway = await startGateway({ symbols: ['btc', 'ownasset'], ...config }, (bus) => {
    bus.answer('prices.get', () => []);
    bus.answer('sparklines.get', () => []);
    const partitions = config.partitions ?? 1;
    for (let partition = 0; partition < partitions; partition++)
      bus.answer(
        'seed.status',
        async ({ symbols }) => {
          questions.push(symbols);
          if (states === undefined) return new Promise((resolve) => (speak = () => resolve([])));
          const own = states.filter(({ symbol }) => partitionOf(symbol, partitions) === partition);
          return own.filter(({ symbol }) => symbols?.includes(symbol) ?? true);
        },
        partition,
      );
    bus.consume('seed.requested', (entries) => void requested.push(...entries.map(({ event }) => event)), {
      batch: 256,
    });
    bus.consume('seed.deferred', (entries) => void deferred.push(...entries.map(({ event }) => event)), {
      batch: 256,
    });
  });
}

async function ask(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(`${gateway.url}/api/crypto/${path}`, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });

const tell = async (symbol: string, status: 'seeding' | 'seeded' | 'failed', progress: number): Promise<void> => {
  await gateway.bus.publish('seed.progress', { symbol, status, progress, message: `At ${progress}`, at: Date.now() });
  await gateway.publish();
};

beforeEach(() => {
  states = [];
  [requested, deferred] = [[], []];
  questions = [];
});

describe('seeding by hand', () => {
  beforeAll(() => start());
  afterAll(() => gateway.close());

  it.each(['sol', 'SOL', '5426', ' sol '])('is asked of a seeder: %j', async (symbol) => {
    const { status, body } = await post('seed', { symbol });
    expect([status, body.data['symbol'], body.data['status']]).toEqual([200, 'sol', 'seeding']);
    // Asked once; from then on it waits.
    await gateway.publish();
    if (symbol === 'sol')
      expect(requested).toEqual([{ symbol: 'sol', reason: 'manual', requestedAt: expect.any(Number) as number }]);
    else expect(requested).toEqual([]);
  });

  it('is not asked for where it is done or running, and again where it failed', async () => {
    states = [
      { symbol: 'ada', status: 'seeded', progress: 100, message: 'All there' },
      { symbol: 'xrp', status: 'seeding', progress: 33, message: 'Fetching' },
      { symbol: 'trx', status: 'failed', progress: 5, message: 'Nobody had it' },
      { symbol: 'xlm', status: 'not_seeded', progress: 0, message: '' },
    ];
    await tell('doge', 'seeding', 12);
    const answers = await Promise.all(['ada', 'xrp', 'trx', 'xlm', 'doge'].map((symbol) => post('seed', { symbol })));
    expect(answers.map(({ body: { data } }) => [data['symbol'], data['status']])).toEqual([
      ['ada', 'seeded'],
      ['xrp', 'seeding'],
      ['trx', 'seeding'],
      ['xlm', 'seeding'],
      ['doge', 'seeding'],
    ]);
    expect(answers[4]?.body.data['message']).toBe('At 12');
    await gateway.publish();
    expect(requested.map(({ symbol }) => symbol).sort()).toEqual(['trx', 'xlm']);
  });

  it('is asked for also while the aggregator is silent', async () => {
    states = undefined;
    const answer = await post('seed', { symbol: 'ltc' });
    speak();
    expect(answer.body.data).toMatchObject({ symbol: 'ltc', status: 'seeding' });
    await gateway.publish();
    expect(requested).toMatchObject([{ symbol: 'ltc' }]);
  });

  it.each([
    [{ symbol: 'nope' }, 404, 'unknown_asset', /"nope"/],
    [{ symbol: '999999' }, 404, 'unknown_asset', /999999/],
    [{ symbol: 'constructor' }, 404, 'unknown_asset', /constructor/],
    [{}, 422, 'invalid_body', /"symbol" must be.*missing/],
    [{ symbol: 1 }, 422, 'invalid_body', /"symbol".*it is 1/],
    [{ symbol: null }, 422, 'invalid_body', /"symbol".*null/],
    [{ symbol: ' ' }, 422, 'invalid_body', /"symbol"/],
    [{ symbol: 'x'.repeat(65) }, 422, 'invalid_body', /64 characters/],
    [['btc'], 422, 'invalid_body', /JSON object.*an array/],
    ['"btc"', 422, 'invalid_body', /the string "btc"/],
    ['null', 422, 'invalid_body', /missing/],
    ['{"symbol":', 400, 'bad_request', /./],
    [`{"symbol":"${'x'.repeat(70_000)}"}`, 413, 'body_too_large', /64 KiB/],
  ])('refuses %.40j with %d', async (body, status, code, sentence) => {
    const answer = await post('seed', body);
    expect([answer.status, answer.body]).toEqual([
      status,
      { error: expect.stringMatching(sentence) as string, status, code },
    ]);
    expect(requested).toEqual([]);
  });

  it.each(['application/xml', 'application/x-www-form-urlencoded', 'text/plain'])('takes no %s', async (type) => {
    const answer = await post('seed', 'symbol=btc', { 'content-type': type });
    expect([answer.status, answer.body['code']]).toEqual([415, 'unsupported_media_type']);
  });

  it('wants a body, and POST', async () => {
    expect((await ask('seed', { method: 'POST' })).status).toBe(422);
    const wrong = await ask('seed/batch');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
  });
});

describe('seeding in batch', () => {
  beforeAll(() => start({ partitions: 3 }));
  afterAll(() => gateway.close());

  it('answers every entry for itself', async () => {
    states = [{ symbol: 'ada', status: 'seeded', progress: 100, message: 'All there' }];
    const symbols = ['BTC', 'nope', '', 'ada', 7, null, '1', 'ownasset'];
    const { status, body } = await post('seed/batch', { symbols });
    expect(status).toBe(200);
    expect(body.data.map(({ symbol, status: each }) => [symbol, each])).toEqual([
      ['btc', 'seeding'],
      ['nope', 'failed'],
      ['', 'failed'],
      ['ada', 'seeded'],
      ['7', 'failed'],
      ['null', 'failed'],
      ['btc', 'seeding'],
      ['ownasset', 'seeding'],
    ]);
    expect(body.data[1]?.['message']).toMatch(/"nope"/);
    expect(body.data[5]?.['message']).toMatch(/"symbols\[5\]".*null/);
    await gateway.publish();
    expect(deferred.filter(({ symbol }) => symbol === 'btc')).toEqual([
      { symbol: 'btc', reason: 'batch', requestedAt: expect.any(Number) as number },
    ]);
    expect(requested).toEqual([]);
    // Whoever then asks for one of them by hand does not wait behind the others; asking twice is asking once.
    for (const symbol of ['btc', 'btc']) expect((await post('seed', { symbol })).body.data['status']).toBe('seeding');
    await gateway.publish();
    expect(requested).toMatchObject([{ symbol: 'btc', reason: 'manual' }]);
  });

  it('takes a hundred', async () => {
    const symbols = ASSETS.slice(0, 100).map(({ symbol }) => symbol);
    const { status, body } = await post('seed/batch', { symbols });
    expect([status, body.data.map(({ symbol }) => symbol)]).toEqual([200, symbols]);
    expect(questions).toHaveLength(3);
    await gateway.publish();
  });

  it.each([
    [{ symbols: Array.from({ length: 101 }, () => 'btc') }, /1 to 100 entries; it has 101/],
    [{ symbols: [] }, /1 to 100 entries; it has 0/],
    [{ symbols: 'btc' }, /"symbols" must be an array.*the string "btc"/],
    [{ symbol: 'btc' }, /"symbols" must be an array.*missing/],
    [['btc'], /JSON object/],
  ])('refuses %.40j', async (body, sentence) => {
    const answer = await post('seed/batch', body);
    expect([answer.status, answer.body]).toEqual([
      422,
      { error: expect.stringMatching(sentence) as string, status: 422, code: 'invalid_body' },
    ]);
    expect(requested).toEqual([]);
  });
});

describe('many requests in a row', () => {
  beforeAll(() => start());
  afterAll(() => gateway.close());

  it('wait behind those of whoever wants one, and are refused when too many wait', async () => {
    const symbols = ASSETS.map(({ symbol }) => symbol);
    const first = await Promise.all(symbols.slice(0, 7).map((symbol) => post('seed', { symbol })));
    expect(first.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 200));
    await gateway.publish();
    expect(requested.map(({ symbol }) => symbol).sort()).toEqual(symbols.slice(0, 5).sort());
    expect(deferred.map(({ symbol }) => symbol).sort()).toEqual(symbols.slice(5, 7).sort());
    await Promise.all(symbols.slice(7, 105).map((symbol) => post('seed', { symbol })));
    const refused = await post('seed', { symbol: symbols[105]! });
    expect([refused.status, refused.headers.get('retry-after'), refused.body]).toEqual([
      429,
      '5',
      { status: 429, code: 'too_many_requests', error: expect.stringMatching(/^100 seeding requests/) as string },
    ]);
    // What waits already, and a batch, are answered as ever.
    expect((await post('seed', { symbol: symbols[50]! })).body.data['status']).toBe('seeding');
    expect((await post('seed/batch', { symbols: symbols.slice(105, 205) })).status).toBe(200);
    // As long as they wait they are on their way, and then nobody counts on them any more.
    gateway.clock.offset += 6_000;
    expect((await post('seed', { symbol: symbols[106]! })).status).toBe(200);
    await gateway.publish();
    expect(requested.at(-1)).toMatchObject({ symbol: symbols[106], reason: 'manual' });
    gateway.clock.offset += 25 * 60_000;
    const { body } = await ask('seed/status');
    expect(body.data.filter(({ message }) => message === 'Waiting for a seeder')).toHaveLength(205);
    gateway.clock.offset += 6 * 60_000;
    expect((await ask('seed/status')).body.data.filter(({ status }) => status === 'seeding')).toEqual([]);
  });
});

describe('the status of seeding', () => {
  beforeAll(() => start());
  afterAll(() => gateway.close());

  it('is told of every known asset, and of running jobs as live clients are told', async () => {
    states = [
      { symbol: 'newcoin', status: 'failed', progress: 3, message: 'Nobody had it' },
      { symbol: 'btc', status: 'not_seeded', progress: 0, message: 'Old news' },
      { symbol: 'eth', status: 'seeded', progress: 100, message: 'All there' },
    ];
    await tell('btc', 'seeding', 41);
    const { status, body } = await ask('seed/status');
    expect(status).toBe(200);
    expect(body.data.slice(0, 3)).toEqual([
      { symbol: 'btc', status: 'seeding', progress: 41, message: 'At 41' },
      { symbol: 'eth', status: 'seeded', progress: 100, message: 'All there' },
      { symbol: 'usdt', status: 'not_seeded', progress: 0, message: expect.any(String) as string },
    ]);
    expect(body.data.slice(-2).map(({ symbol, status: each }) => [symbol, each])).toEqual([
      ['newcoin', 'failed'],
      ['ownasset', 'not_seeded'],
    ]);
    expect(body.data).toHaveLength(ASSETS.length + 2);
    await tell('btc', 'seeded', 100);
    expect((await ask('seed/status')).body.data[0]).toMatchObject({ status: 'not_seeded' });
    states = undefined;
    const silent = await ask('seed/status');
    speak();
    expect(silent).toMatchObject({ status: 504, body: { code: 'no_answer' } });
  });
});

describe('the token', () => {
  const TOKEN = 'a-token-of-some-length';
  beforeAll(() => start({ apiToken: TOKEN }));
  afterAll(() => gateway.close());

  it.each([
    [{}, /none was given/, 'Bearer realm="haunt"'],
    [{ authorization: `Bearer ${TOKEN}x` }, /wrong/, 'Bearer realm="haunt", error="invalid_token"'],
    [{ authorization: `Basic ${TOKEN}` }, /none was given/, 'Bearer realm="haunt"'],
    [{ 'x-api-token': TOKEN.slice(1) }, /wrong/, 'Bearer realm="haunt", error="invalid_token"'],
    [{ 'x-api-token': '' }, /wrong/, 'Bearer realm="haunt", error="invalid_token"'],
  ])('is wanted: %j', async (headers, sentence, challenge) => {
    for (const path of ['seed', 'seed/batch']) {
      const answer = await post(path, { symbol: 'btc', symbols: ['btc'] }, headers);
      expect([answer.status, answer.body, answer.headers.get('www-authenticate')]).toEqual([
        401,
        { error: expect.stringMatching(sentence) as string, status: 401, code: 'unauthorized' },
        challenge,
      ]);
    }
    expect([requested, questions]).toEqual([[], []]);
  });

  it('opens, in either header, and is not wanted for reading', async () => {
    const ways: Record<string, string>[] = [
      { authorization: `Bearer ${TOKEN}` },
      { authorization: `bearer  ${TOKEN}` },
      { 'x-api-token': TOKEN },
    ];
    for (const headers of ways) expect((await post('seed', { symbol: 'btc' }, headers)).status).toBe(200);
    expect((await post('seed', { symbol: 'nope' }, { 'x-api-token': TOKEN })).status).toBe(404);
    expect((await ask('seed/status')).status).toBe(200);
  });

  it('is documented, as all of this is', async () => {
    const document = (await (await fetch(`${gateway.url}/docs-json`)).json()) as {
      paths: Record<string, Record<string, { responses: Json; requestBody?: object; security?: object[] }>>;
    };
    for (const path of ['/api/crypto/seed', '/api/crypto/seed/batch']) {
      const { responses, requestBody, security } = document.paths[path]?.['post'] ?? { responses: {} };
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '401', '413', '415', '422']));
      expect([requestBody, security]).toEqual([expect.any(Object), [{ bearer: [] }]]);
    }
    expect(document.paths['/api/crypto/{id}/chart']?.['get']?.responses).toMatchObject({ 200: {}, 400: {}, 504: {} });
  });
});
