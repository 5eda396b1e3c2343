import { SOURCE_IDS } from '@haunt/domain';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtApp } from './built.js';
import { Child } from './child.js';
import { describeRedis, freePort, RedisServer } from './redis-server.js';
import { until } from './until.js';
import { WsWatcher } from './watcher.js';

const APPS = [
  'ingestor-coinbase',
  'ingestor-binance',
  'ingestor-kucoin',
  'ingestor-okx',
  'ingestor-huobi',
  'ingestor-bybit',
  'ingestor-rest',
  'aggregator',
  'gateway',
] as const;
const SYMBOLS = ['btc', 'eth', 'sol', 'doge'];
const BACK_WITHIN_MS = 10_000;

const nothing = (): Promise<void> => Promise.resolve();

interface Quotes {
  readonly price: number;
  readonly version: number;
  readonly status: string;
  readonly sources: readonly string[];
}

describeRedis('every app as its own process', () => {
  const files = new Map<string, string>();
  const running = new Map<string, Child>();
  let redis: RedisServer;
  let port = 0;
  let simulatorPort = 0;
  let env: Record<string, string> = {};

  async function start(app: string): Promise<void> {
    running.set(app, new Child(files.get(app) ?? '', env));
    return nothing();
  }

  async function kill(app: string): Promise<void> {
    const child = running.get(app);
    child?.kill('SIGKILL');
    await child?.exit;
    running.delete(app);
  }

  const get = async (path: string): Promise<unknown> => {
    const { data } = (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as { data: unknown };
    return data;
  };
  const quotes = (symbol: string): Promise<Quotes | undefined> =>
    get(`/api/crypto/${symbol}/quotes`).then(
      (data) => data as Quotes | undefined,
      () => undefined,
    );

  /** Live again: a fresh price, newer than `since`, made of at least `sources`. */
  async function live(since: number, sources: number): Promise<true | string> {
    const now = await quotes('btc');
    const isLive = now !== undefined && now.status !== 'stale' && now.version > since && now.sources.length >= sources;
    return isLive || `btc is ${JSON.stringify(now)}`;
  }

  async function fault(body: object): Promise<void> {
    const url = `http://127.0.0.1:${simulatorPort}/control`;
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  const refuse = async (venue: string): Promise<void> => {
    await fault({ venue, fault: 'refuse' });
    await fault({ venue, fault: 'drop' });
  };
  const admit = (venue: string): Promise<void> => fault({ venue, heal: true });

  async function lastUpdate(source: string): Promise<number> {
    const exchanges = (await get('/api/market/exchanges')) as { source: string; lastUpdate?: number }[];
    return exchanges.find((exchange) => exchange.source === source)?.lastUpdate ?? 0;
  }

  beforeAll(async () => {
    for (const app of [...APPS, 'simulator']) files.set(app, builtApp(app));
    redis = await RedisServer.start();
    port = await freePort();
    simulatorPort = await freePort();
    const simulator = new Child(files.get('simulator') ?? '', {
      PORT: String(simulatorPort),
      SIM_SYMBOLS: SYMBOLS.join(','),
      SIM_TRADES_PER_SECOND: '200',
    });
    running.set('simulator', simulator);
    await simulator.line(/^FEARGREED_REST_URL=/);
    env = {
      REDIS_URL: redis.url,
      PORT: String(port),
      SYMBOLS: SYMBOLS.join(','),
      LOG_LEVEL: 'warn',
      COINMARKETCAP_API_KEY: 'key',
      CRYPTOCOMPARE_API_KEY: 'key',
    };
    for (const line of simulator.stdout) env[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
    for (const app of APPS) await start(app);
    await until('prices of seven sources', () => live(0, 7), 60_000);
  }, 120_000);

  afterAll(async () => {
    for (const app of Array.from(running.keys())) await kill(app);
    await redis.stop();
  }, 20_000);

  it('shows every source, explains the price and says that it is simulated', async () => {
    const states = async (): Promise<string> => {
      const exchanges = (await get('/api/market/exchanges')) as { source: string; status: string }[];
      return exchanges.map(({ status }) => status).join(' ');
    };
    await until(
      'every source connected',
      async () => (await states()) === Array(SOURCE_IDS.length).fill('connected').join(' '),
      10_000,
    );
    const explained = (await get('/api/crypto/BTC/explain')) as {
      price: number;
      sources: { weight: number; priceUsd: number; counted: boolean }[];
    };
    const counted = explained.sources.filter((source) => source.counted);
    const weight = counted.reduce((sum, source) => sum + source.weight, 0);
    const price = counted.reduce((sum, source) => sum + source.weight * source.priceUsd, 0) / weight;
    expect(price / explained.price).toBeCloseTo(1, 9);
    expect((await fetch(`http://127.0.0.1:${port}/api/health`)).headers.get('x-haunt-simulated')).toBe('1');
  });

  it.each<[string, () => Promise<void>, () => Promise<void>]>([
    ['the aggregator', () => kill('aggregator'), () => start('aggregator')],
    ['Redis, which comes back empty', () => redis.kill(), () => sleep(2_000).then(() => redis.restart())],
    ['Redis, stopped for six seconds', async () => redis.pause(), () => sleep(6_000).then(() => redis.resume())],
    ['an ingestor', () => kill('ingestor-coinbase'), () => start('ingestor-coinbase')],
    ['every socket of a venue', () => fault({ venue: 'coinbase', fault: 'drop' }), nothing],
    [
      'a venue, which refuses for three seconds',
      () => refuse('coinbase'),
      () => sleep(3_000).then(() => admit('coinbase')),
    ],
  ])(
    'loses %s and has its prices back by itself, never older than before',
    async (_, breaks, mends) => {
      const watcher = new WsWatcher({ urls: [`http://127.0.0.1:${port}`], symbols: SYMBOLS });
      await until('updates', () => watcher.updates > 20, 10_000);
      await breaks();
      await mends();
      const since = (await quotes('btc'))?.version ?? 0;
      const mended = Date.now();
      await until('prices of seven sources again', () => live(since, 7), BACK_WITHIN_MS);
      await until('new prices of Coinbase', async () => (await lastUpdate('coinbase')) > mended, BACK_WITHIN_MS);
      await until('updates at the client', () => watcher.lastAt > mended, BACK_WITHIN_MS);
      watcher.close();
      expect(watcher.faults).toEqual([]);
    },
    40_000,
  );
});
