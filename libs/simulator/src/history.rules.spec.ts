import { ASSETS, type SourceId } from '@haunt/domain';
import type { Fault } from './faults.js';
import { assetSince } from './since.js';
import { Stage } from './spec-client.js';
import { exchangeOf, HISTORY_CASES, walk } from './spec-history.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './tape.js';
import type { VenuePair } from './venue-pair.js';

let stage: Stage;
beforeEach(async () => void (stage = await Stage.open({ keys: { cryptocompare: 'key' } })));
afterEach(() => stage.close());

describe('What a provider says', () => {
  const ask = async (id: SourceId, path: string): Promise<{ status: number; body: unknown }> => {
    const answer = await stage.rest(id, path);
    return { status: answer.status, body: await answer.json() };
  };
  const rows = async (id: SourceId, path: string): Promise<unknown[][]> => {
    const { body } = await ask(id, path);
    return (Array.isArray(body) ? body : (body as { data: unknown }).data) as unknown[][];
  };

  it('to Binance: the oldest from a start, else the newest, the running one included, 1,000 at the most', async () => {
    stage.time += 25_000;
    const open = Math.floor(stage.time / MINUTE_MS) * MINUTE_MS;
    const klines = '/api/v3/klines?symbol=BTCUSDT&interval=1m';
    const start = open - 5000 * MINUTE_MS;
    const old = await rows('binance', `${klines}&startTime=${start}&limit=5000`);
    expect([old.length, old[0]![0], old.at(-1)![0]]).toEqual([1000, start, start + 999 * MINUTE_MS]);
    const newest = await rows('binance', `${klines}&limit=3`);
    expect(newest.map(([time, , , , , , close]) => [time, close])).toEqual(
      [2, 1, 0].map((ago) => [open - ago * MINUTE_MS, open - ago * MINUTE_MS + MINUTE_MS - 1]),
    );
    expect(await rows('binance', `${klines}&startTime=${open}&endTime=${open - 1}`)).toEqual([]);
    expect(await ask('binance', `${klines}&limit=x`)).toMatchObject({ status: 400, body: { code: -1100 } });
    expect(await ask('binance', '/api/v3/klines?symbol=BTCUSDT&interval=7m')).toMatchObject({ body: { code: -1120 } });
    expect(await ask('binance', '/api/v3/klines?symbol=NOPE&interval=1m')).toMatchObject({ body: { code: -1121 } });
    expect(await ask('binance', '/api/v3/klines?symbol=MATICUSDT&interval=1m')).toMatchObject({ status: 400 });
    expect(await ask('binance', '/api/v3/klines?interval=1m')).toMatchObject({ body: { code: -1102 } });
  });

  it('to Coinbase: 300 buckets, not one more', async () => {
    stage.time += 25_000;
    const open = Math.floor(stage.time / HOUR_MS) * HOUR_MS;
    const path = (count: number): string => {
      const [start, end] = [open - count * HOUR_MS, open - HOUR_MS].map((time) => new Date(time).toISOString());
      return `/products/BTC-USD/candles?granularity=3600&start=${start}&end=${end}`;
    };
    expect(await rows('coinbase', path(300))).toHaveLength(300);
    expect(await ask('coinbase', path(301))).toEqual({
      status: 400,
      body: { message: expect.stringContaining('exceeds 300') as string },
    });
    expect(await ask('coinbase', '/products/BTC-USD/candles?granularity=61')).toMatchObject({ status: 400 });
    expect(await ask('coinbase', '/products/NOPE-USD/candles')).toEqual({ status: 404, body: { message: 'NotFound' } });
    expect(await rows('coinbase', '/products/BTC-USD/candles')).toHaveLength(300);
  });

  it('to OKX: the newest between two exclusive ends, the running one in recent candles alone', async () => {
    stage.time += 25_000;
    const open = Math.floor(stage.time / MINUTE_MS) * MINUTE_MS;
    const path = (list: string, query: string): string => `/api/v5/market/${list}?instId=BTC-USDT&bar=1m${query}`;
    const times = async (list: string, query: string): Promise<unknown[]> =>
      (await rows('okx', path(list, query))).map((row) => [(open - Number(row[0])) / MINUTE_MS, row[8]]);
    expect(await times('candles', '&limit=2')).toEqual([
      [0, '0'],
      [1, '1'],
    ]);
    expect(await times('history-candles', '&limit=1')).toEqual([[1, '1']]);
    const [after, before] = [open - 10 * MINUTE_MS, open - 14 * MINUTE_MS];
    expect(await times('history-candles', `&after=${after}&before=${before}`)).toEqual([
      [11, '1'],
      [12, '1'],
      [13, '1'],
    ]);
    expect(await rows('okx', path('history-candles', '&limit=1000'))).toHaveLength(300);
    expect(await times('candles', `&after=${open - 1439 * MINUTE_MS}`)).toEqual([]);
    expect(await ask('okx', '/api/v5/market/candles?instId=NOPE-USDT')).toMatchObject({ body: { code: '51001' } });
    expect(await ask('okx', path('candles', '&bar=9m').replace('&bar=1m', ''))).toMatchObject({
      body: { code: '51000' },
    });
  });

  it('to KuCoin and Kraken: the newest, 1,500 and 720 of them', async () => {
    stage.time += 25_000;
    const startAt = Math.floor(stage.time / 1000) - 5000 * 60;
    const kucoin = await rows('kucoin', `/api/v1/market/candles?symbol=BTC-USDT&type=1min&startAt=${startAt}`);
    expect(kucoin).toHaveLength(1500);
    expect(Number(kucoin[0]![0])).toBe(Math.floor(stage.time / MINUTE_MS) * 60);
    const { body } = await ask('kraken', `/0/public/OHLC?pair=XBTUSD&interval=1&since=${startAt}`);
    const { result } = body as { result: { XXBTZUSD: [number][]; last: number } };
    expect(result.XXBTZUSD).toHaveLength(720);
    expect(result.XXBTZUSD.at(-2)![0]).toBe(result.last);
    expect(await ask('kraken', '/0/public/OHLC?pair=NOPE')).toMatchObject({
      body: { error: ['EQuery:Unknown asset pair'] },
    });
    expect(await ask('kraken', '/0/public/OHLC?pair=XBTUSD&interval=2')).toMatchObject({
      body: { error: ['EGeneral:Invalid arguments'] },
    });
    expect(await ask('kucoin', '/api/v1/market/candles?symbol=BTC-USDT&type=1')).toMatchObject({
      body: { code: '400100' },
    });
  });

  it('to Bybit: the newest between two inclusive ends, the oldest from a start alone, 1,000 at the most', async () => {
    stage.time += 25_000;
    const open = Math.floor(stage.time / MINUTE_MS) * MINUTE_MS;
    const kline = '/v5/market/kline?category=spot&symbol=BTCUSDT&interval=1';
    const ago = async (query: string): Promise<number[]> => {
      const { body } = await ask('bybit', kline + query);
      return (body as { result: { list: string[][] } }).result.list.map((row) => (open - Number(row[0])) / MINUTE_MS);
    };
    expect(await ago('&limit=2')).toEqual([0, 1]);
    expect(await ago(`&start=${open - 14 * MINUTE_MS}&end=${open - 12 * MINUTE_MS}`)).toEqual([12, 13, 14]);
    expect(await ago(`&start=${open - 14 * MINUTE_MS}&limit=2`)).toEqual([13, 14]);
    expect(await ago('&limit=5000')).toHaveLength(1000);
    for (const wrong of [
      kline.replace('BTC', 'NOPE'),
      kline.replace('BTC', 'MATIC'),
      `${kline}&limit=x`,
      `${kline}7`,
    ]) {
      expect(await ask('bybit', wrong)).toMatchObject({ status: 200, body: { retCode: 10001, result: {} } });
    }
  });

  it('to CoinGecko: points five minutes, an hour or a day apart, and one off the grid', async () => {
    const steps: readonly (readonly [number, number, number])[] = [
      [1, 288, 5 * MINUTE_MS],
      [2, 48, HOUR_MS],
      [90, 2160, HOUR_MS],
      [91, 91, DAY_MS],
    ];
    stage.time += 123_456;
    for (const [days, count, stepMs] of steps) {
      const { body } = await ask('coingecko', `/api/v3/coins/bitcoin/market_chart?vs_currency=usd&days=${days}`);
      const { prices, market_caps, total_volumes } = body as Record<string, [number, number][]>;
      expect([prices!.length, market_caps!.length, total_volumes!.length]).toEqual(Array(3).fill(prices!.length));
      expect(Math.abs(prices!.length - 1 - count)).toBeLessThanOrEqual(1);
      const gaps = prices!.slice(1, -1).map(([time], at) => time - prices![at]![0]);
      expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length / stepMs).toBeCloseTo(1, 1);
      expect(total_volumes!.every(([, volume]) => volume > 5e10 && volume < 8e10)).toBe(true);
    }
    const chart = '/market_chart?vs_currency=usd&days=';
    expect(await ask('coingecko', `/api/v3/coins/nope${chart}1`)).toEqual({
      status: 404,
      body: { error: 'coin not found' },
    });
    expect(await ask('coingecko', `/api/v3/coins/bitcoin${chart}366`)).toMatchObject({ status: 401 });
    expect(await ask('coingecko', '/api/v3/coins/bitcoin/market_chart?days=1')).toEqual({
      status: 422,
      body: { error: 'Missing parameter vs_currency' },
    });
  });

  it('to CryptoCompare: both versions the same rows, to holders of a key', async () => {
    const query = `fsym=ETH&tsym=USD&limit=4&toTs=${stage.time / 1000 - DAY_MS / 1000}`;
    const [second, first] = await Promise.all(
      ['/data/v2/', '/data/'].map(
        async (path) => (await ask('cryptocompare', `${path}histohour?${query}&api_key=key`)).body,
      ),
    );
    const { Data } = first as { Data: { time: number; open: number; close: number }[] };
    expect((second as { Data: { Data: unknown } }).Data.Data).toEqual(Data);
    expect(Data.map(({ time }) => stage.time / 1000 - time)).toEqual([28, 27, 26, 25, 24].map((hours) => hours * 3600));
    expect(Data.slice(1).map(({ open }) => open)).toEqual(Data.slice(0, -1).map(({ close }) => close));
    const refusals = [
      query,
      `${query}&api_key=bad`,
      'fsym=NOPE&tsym=USD&api_key=key',
      `${query.replace('4', '2001')}&api_key=key`,
    ];
    for (const refused of refusals) {
      expect(await ask('cryptocompare', `/data/v2/histoday?${refused}`)).toMatchObject({ body: { Response: 'Error' } });
    }
  });

  it('of a young asset: nothing from before it was there, and zeros where CryptoCompare has them', async () => {
    await stage.close();
    stage = await Stage.open({ symbols: ASSETS.slice(0, 200).map(({ symbol }) => symbol) });
    stage.simulator.round();
    const venue = exchangeOf(stage, 'binance');
    const age = (pair: VenuePair): number => (stage.time - venue.listedAt(pair)) / DAY_MS;
    const young = venue.onlinePairs.filter((pair) => pair.quote === 'usdt' && age(pair) < 420);
    expect(young.length).toBeGreaterThan(3);
    expect(young.length).toBeLessThan(venue.onlinePairs.length / 5);
    expect(Math.min(...young.map(age))).toBeGreaterThan(9);
    expect(venue.onlinePairs.filter(({ base }) => base === 'btc').every((pair) => age(pair) > 2000)).toBe(true);
    const symbols = young.map(({ base }) => base);
    const asset = ASSETS.find(
      ({ symbol }) => symbols.includes(symbol) && assetSince(1, symbol, stage.time) > stage.time - 420 * DAY_MS,
    )!;
    const since = assetSince(1, asset.symbol, stage.time);
    const pair = young.find(({ base }) => base === asset.symbol)!;
    const [first] = await rows('binance', `/api/v3/klines?symbol=${pair.id}&interval=1h&startTime=0`);
    expect(first![0]).toBe(venue.listedAt(pair));
    expect(venue.listedAt(pair)).toBeGreaterThanOrEqual(since);
    const { body } = await ask(
      'cryptocompare',
      `/data/histohour?fsym=${asset.symbol.toUpperCase()}&tsym=USD&limit=3&toTs=${since / 1000 + 3600}&api_key=key`,
    );
    const { Data } = body as { Data: { open: number }[] };
    expect(Data.map(({ open }) => open > 0)).toEqual([false, false, true, true]);
  });
});

describe('Faults of history', () => {
  it.each(HISTORY_CASES.filter(({ bucketMs }) => bucketMs === HOUR_MS))(
    '$id: holes take that share, the same ones every time',
    async ({ id, resolution }) => {
      const from = stage.time - 200 * HOUR_MS;
      const whole = await walk(stage, id, resolution, from, from + 150 * HOUR_MS);
      stage.simulator.fault(id, { kind: 'holes', share: 0.3 });
      const [some, again] = [
        await walk(stage, id, resolution, from, from + 150 * HOUR_MS),
        await walk(stage, id, resolution, from, from + 150 * HOUR_MS),
      ];
      expect(whole).toHaveLength(150);
      expect(some.length).toBeGreaterThan(75);
      expect(some.length).toBeLessThan(135);
      expect(again).toEqual(some);
      const times = new Set(some.map(({ time }) => time));
      expect(whole.filter(({ time }) => times.has(time))).toEqual(some);
    },
  );

  it.each(HISTORY_CASES.filter(({ bucketMs }) => bucketMs === HOUR_MS))(
    '$id: is empty, damaged or no answer at all',
    async ({ id, resolution }) => {
      const from = stage.time - 200 * HOUR_MS;
      const read = (): Promise<number> =>
        walk(stage, id, resolution, from, from + 100 * HOUR_MS).then((candles) => candles.length);
      const suffering = async (fault: Fault): Promise<number | string> => {
        stage.simulator.heal(id);
        stage.simulator.fault(id, fault);
        return read().catch((error: unknown) => (error as Error).constructor.name);
      };
      // Kraken's result without its pair is no answer to the question.
      expect(await suffering({ kind: 'empty' })).toBe(id === 'kraken' ? 'VenueFrameError' : 0);
      expect(await suffering({ kind: 'nulls', share: 0.05 })).not.toBe(100);
      expect(await suffering({ kind: 'html' })).toBe('SyntaxError');
      expect(await suffering({ kind: 'server-error' })).toBe('VenueFrameError');
      expect(await suffering({ kind: 'rate-limit', retryAfterS: 7 })).toBe('VenueFrameError');
      stage.simulator.heal(id);
      expect(await read()).toBe(100);
    },
  );

  it('holes are told through the control endpoint', async () => {
    const order = (share: number): Promise<Response> =>
      fetch(`http://127.0.0.1:${stage.simulator.port}/control`, {
        method: 'POST',
        body: JSON.stringify({ venue: 'okx', fault: 'holes', share }),
      });
    expect((await order(0.5)).status).toBe(200);
    expect(stage.simulator.venues.okx.faults.kinds).toEqual(['holes']);
    expect((await order(2)).status).toBe(400);
  });
});

describe('Budgets of history', () => {
  it('OKX: 20 in 2 s of old candles, whatever else is asked', async () => {
    const path = '/api/v5/market/history-candles?instId=BTC-USDT&limit=1';
    for (let at = 0; at < 20; at++) expect((await stage.rest('okx', path)).status).toBe(200);
    const refused = await stage.rest('okx', path);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    expect((await stage.rest('okx', '/api/v5/public/time')).status).toBe(200);
    stage.time += 2000;
    expect((await stage.rest('okx', path)).status).toBe(200);
  });

  it('Binance: 3,000 klines a minute, then 429, and 418 to who goes on', async () => {
    const path = '/api/v3/klines';
    const ask = (): number => {
      const query = new URLSearchParams('symbol=BTCUSDT&interval=1m&limit=1');
      const request = { method: 'GET', path, query, headers: {}, host: '', remote: '127.0.0.1' };
      return stage.simulator.venues.binance.answer(request)!.status;
    };
    const statuses = Array.from({ length: 3012 }, ask);
    expect([statuses.indexOf(429), statuses.indexOf(418)]).toEqual([3000, 3011]);
    stage.time += MINUTE_MS;
    expect(ask()).toBe(418);
    stage.time += MINUTE_MS;
    expect(ask()).toBe(200);
  });
});
