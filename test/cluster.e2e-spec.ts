import { RedisBus } from '@haunt/bus';
import { type LiveMovers, partitionOf } from '@haunt/contracts';
import { DEFAULT_SYMBOLS } from '@haunt/domain';
import { Market, simulatedAsset } from '@haunt/simulator';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { builtApps } from './built.js';
import { Fleet } from './fleet.js';
import { PriceLog } from './price-log.js';
import { describeRedis, freePort, RedisServer } from './redis-server.js';
import { until } from './until.js';
import { IoWatcher, type Watcher, type WatcherOptions, WsWatcher } from './watcher.js';

const PARTITIONS = 4;
const SEED = 7;
/** Forty of like size, so that all are traded all the time; what is pegged hardly moves. */
const SYMBOLS = DEFAULT_SYMBOLS.filter((symbol) => symbol === 'btc' || simulatedAsset(symbol).rank >= 20)
  .filter((symbol) => simulatedAsset(symbol).volatility > 0)
  .slice(0, 40);
const INGESTORS = readdirSync(join(__dirname, '../apps')).filter((app) => app.startsWith('ingestor-'));
const BACK_WITHIN_MS = 30_000;
/** A dead owner's lease, a round until its end is seen, and what a busy machine takes to begin. */
const FAILOVER_MS = 4_000 + 1_000 + 3_000;
/** One that ends in order leaves no lease behind: a round, and the same. */
const HAND_OVER_MS = 1_000 + 2_500;

/** So many assets of every partition. */
const perPartition = (from: number, to: number): string[] =>
  Array.from({ length: PARTITIONS }, (_, partition) =>
    SYMBOLS.filter((symbol) => partitionOf(symbol, PARTITIONS) === partition),
  ).flatMap((symbols) => symbols.slice(from, to));
/** Asked for at the start, and while the seeder is told to end. */
const SEEDED = perPartition(1, 2);
const INTERRUPTED = perPartition(2, 3);

interface SeedLine {
  readonly symbol: string;
  readonly status: string;
  readonly progress: number;
}

describeRedis('two aggregators with four partitions, two gateways, a seeder and all ingestors', () => {
  const fleet = new Fleet();
  const market = new Market(SEED);
  const watchers: Watcher[] = [];
  const gateways: string[] = [];
  let redis: RedisServer;
  let bus: RedisBus;
  let published: PriceLog;
  let startedAt = 0;
  let furthest = { off: 0, what: '' };

  const get = async (gateway: number, path: string): Promise<unknown> =>
    ((await (await fetch(`${gateways[gateway]}${path}`)).json()) as { data: unknown }).data;

  async function post(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${gateways[1]}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  function watch(
    Kind: typeof WsWatcher | typeof IoWatcher,
    gateway: number,
    options: Partial<WatcherOptions>,
  ): Watcher {
    const urls = [gateways[gateway] ?? '', gateways[1 - gateway] ?? ''];
    const onPrice: WatcherOptions['onPrice'] = ({ symbol, price, timestamp }) => {
      const off = Math.abs(price / market.truth(symbol, timestamp) - 1);
      if (off > furthest.off) furthest = { off, what: `${symbol} cost ${price} at ${timestamp}` };
    };
    const name = `${Kind.name} of gateway ${gateway}`;
    const watcher = new Kind({ name, symbols: SYMBOLS, urls, returns: true, onPrice, ...options });
    watchers.push(watcher);
    return watcher;
  }

  /** Everybody has something fresh of every asset that came after `since`. */
  function everythingFresh(since: number): true | string {
    const lacking = watchers.map((watcher) => ({ watcher, lacks: watcher.lacks(since) }));
    const poor = lacking.find(({ lacks }) => lacks.length > 0);
    return poor === undefined || `${poor.watcher.name} has nothing new of ${poor.lacks.join()}`;
  }

  const fresh = (what: string, since = Date.now()): Promise<number> =>
    until(`every asset at every client ${what}`, () => everythingFresh(since), BACK_WITHIN_MS);

  /** Who holds what now, as `0011`: per partition the number of its aggregator. */
  function owners(): string {
    const now = fleet.holdings().filter(({ to }) => to === Infinity);
    return Array.from(
      { length: PARTITIONS },
      (_, partition) =>
        now
          .filter((holding) => holding.partition === partition)
          .map(({ holder }) => holder.at(-1))
          .join('+') || '-',
    ).join('');
  }

  const owned = (by: string, ms: number): Promise<number> =>
    until(`partitions held by ${by}`, () => owners() === by || `they are by ${owners()}`, ms);

  const isReady = async (gateway: number): Promise<boolean> =>
    fetch(`${gateways[gateway]}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );

  async function seeds(gateway: number): Promise<Map<string, SeedLine>> {
    const lines = (await get(gateway, '/api/crypto/seed/status')) as SeedLine[];
    return new Map(lines.map((line) => [line.symbol, line]));
  }

  beforeAll(async () => {
    const apps = [...INGESTORS, 'aggregator', 'gateway', 'seeder', 'simulator'] as const;
    const files = builtApps(apps);
    redis = await RedisServer.start();
    const simulator = fleet.start('simulator', {
      file: files['simulator'] ?? '',
      env: { PORT: '0', SIM_SYMBOLS: SYMBOLS.join(','), SIM_SEED: String(SEED), SIM_TRADES_PER_SECOND: '200' },
    });
    await simulator.line(/^FEARGREED_REST_URL=/);
    const env: Record<string, string> = {
      REDIS_URL: redis.url,
      SYMBOLS: SYMBOLS.join(','),
      PARTITIONS: String(PARTITIONS),
      COINMARKETCAP_API_KEY: 'key',
      CRYPTOCOMPARE_API_KEY: 'key',
      DRAIN_MS: '1500',
    };
    for (const line of simulator.stdout) env[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
    bus = new RedisBus({ url: redis.url });
    published = new PriceLog(bus, PARTITIONS);
    const launch = (name: string, app: string, more: Record<string, string> = {}): unknown =>
      fleet.start(name, { file: files[app] ?? '', env: { ...env, ...more } }).line(/listens on/);
    // Not all at once: two processors start a dozen processes.
    await Promise.all(
      [0, 1].map((i) => launch(`aggregator-${i}`, 'aggregator', { REPLICA_INDEX: String(i), REPLICAS: '2' })),
    );
    for (const i of [0, 1]) {
      const port = await freePort();
      gateways.push(`http://127.0.0.1:${port}`);
      await launch(`gateway-${i}`, 'gateway', { PORT: String(port) });
    }
    for (const app of INGESTORS) await launch(app, app);
    await launch('seeder', 'seeder');
    startedAt = Date.now();
    for (const gateway of [0, 1]) {
      watch(WsWatcher, gateway, {});
      watch(IoWatcher, gateway, { batch: gateway === 1 });
    }
    await fresh('at the start', startedAt);
    await post('/api/crypto/seed/batch', { symbols: SEEDED });
  }, 300_000);

  afterAll(async () => {
    for (const watcher of watchers) watcher.close();
    await fleet.stop();
    await bus.close();
    await redis.stop();
  }, 20_000);

  afterEach(() => {
    expect(watchers.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('begins with every partition at home, and nobody silent', async () => {
    await owned('0101', BACK_WITHIN_MS);
    await Promise.all([0, 1].map((gateway) => until('ready', () => isReady(gateway), BACK_WITHIN_MS)));
  }, 90_000);

  it.each(INGESTORS)(
    '%s is killed and comes back; meanwhile every asset goes on',
    async (app) => {
      const source = app === 'ingestor-rest' ? 'kraken' : app.replace('ingestor-', '');
      const killedAt = Date.now();
      await fleet.kill(app);
      const back = fleet.start(app).line(/listens on/);
      await fresh(`while ${app} is away`, killedAt);
      await back;
      const restartedAt = Date.now();
      const isBack = async (gateway: number): Promise<true | string> => {
        const exchanges = (await get(gateway, '/api/market/exchanges')) as {
          source: string;
          status: string;
          lastUpdate: number;
        }[];
        const exchange = exchanges.find((one) => one.source === source);
        return (exchange?.status === 'connected' && exchange.lastUpdate > restartedAt) || JSON.stringify(exchange);
      };
      for (const gateway of [0, 1]) await until(`${source} is back`, () => isBack(gateway), BACK_WITHIN_MS);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        expect(published.longestSilence(partition, killedAt)).toBeLessThan(HAND_OVER_MS);
      }
    },
    90_000,
  );

  it('the seeder ends in order in the middle of its jobs, and they go on when it is back', async () => {
    await post('/api/crypto/seed/batch', { symbols: INTERRUPTED });
    let open: string[] = [];
    const begun = async (): Promise<boolean> => {
      const lines = await seeds(1);
      open = [...SEEDED, ...INTERRUPTED].filter((symbol) => lines.get(symbol)?.status === 'seeding');
      return open.some((symbol) => (lines.get(symbol)?.progress ?? 0) > 0);
    };
    await until('jobs are under way', begun, BACK_WITHIN_MS);
    await expect(fleet.kill('seeder', 'SIGTERM')).resolves.toEqual({ code: 0, signal: null });
    const before = await seeds(0);
    fleet.start('seeder');
    const goesOn = async (): Promise<true | string> => {
      const now = await seeds(0);
      const further = open.filter((symbol) => (now.get(symbol)?.progress ?? 0) > (before.get(symbol)?.progress ?? 100));
      return further.length > 0 || `${open.join()} stand still`;
    };
    // Sooner than the work of a dead one is handed to another, which is after 30 s.
    await until('the jobs go on', goesOn, 25_000);
  }, 120_000);

  it('an aggregator is killed: its neighbour stands in, and gives back what is not its own', async () => {
    const killedAt = Date.now();
    await fleet.kill('aggregator-1');
    await owned('0000', FAILOVER_MS);
    await fresh('with the neighbour');
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const most = partition % 2 === 0 ? HAND_OVER_MS : FAILOVER_MS;
      expect(published.longestSilence(partition, killedAt)).toBeLessThan(most);
    }
    const returnsAt = Date.now();
    fleet.start('aggregator-1');
    await owned('0101', BACK_WITHIN_MS);
    await fresh('after the return');
    for (let partition = 0; partition < PARTITIONS; partition++) {
      expect(published.longestSilence(partition, returnsAt)).toBeLessThan(HAND_OVER_MS);
    }
  }, 120_000);

  it('an aggregator ends in order: its neighbour goes on at once', async () => {
    const toldAt = Date.now();
    await expect(fleet.kill('aggregator-0', 'SIGTERM')).resolves.toEqual({ code: 0, signal: null });
    await owned('1111', HAND_OVER_MS);
    await fresh('with the neighbour');
    for (let partition = 0; partition < PARTITIONS; partition++) {
      expect(published.longestSilence(partition, toldAt)).toBeLessThan(HAND_OVER_MS);
    }
    fleet.start('aggregator-0');
    await owned('0101', BACK_WITHIN_MS);
    await fresh('after the return');
  }, 120_000);

  it('a gateway is killed: its clients are back, at it or at the other', async () => {
    const before = watchers.map(({ connections }) => connections);
    await fleet.kill('gateway-0');
    await until('the one on /ws is at the other gateway', () => watchers[0]!.connections > before[0]!, BACK_WITHIN_MS);
    fleet.start('gateway-0');
    await until('the other one has come back', () => watchers[1]!.connections > before[1]!, BACK_WITHIN_MS);
    await fresh('after the return');
    expect(watchers.map(({ connections }, i) => connections - before[i]!)).toEqual([1, 1, 0, 0]);
    await until('ready', () => isReady(0), BACK_WITHIN_MS);
  }, 120_000);

  it('a gateway ends in order: it serves until it is known, gives everybody their last prices, and says when to come back', async () => {
    const lost: string[] = [];
    const held = watch(WsWatcher, 1, {
      name: 'one that wants little',
      throttleMs: 5_000,
      onEnd: (watcher, at) => {
        for (const symbol of SYMBOLS) {
          const newest = watcher.newest.get(symbol)?.version ?? 0;
          if (newest < published.versionAt(symbol, at - 1_000)) lost.push(symbol);
        }
      },
    });
    await fresh('at one more');
    await until('changes that wait', () => held.updates > SYMBOLS.length, BACK_WITHIN_MS);
    const before = watchers.map(({ connections, notices }) => ({ connections, notices: notices.length }));
    const ended = fleet.kill('gateway-1', 'SIGTERM');
    await until('not ready', async () => !(await isReady(1)), 1_400);
    expect(watchers.map(({ connections }) => connections)).toEqual(before.map(({ connections }) => connections));
    expect(await get(1, '/api/crypto/btc/quotes')).toMatchObject({ status: 'normal' });
    await expect(ended).resolves.toEqual({ code: 0, signal: null });
    fleet.start('gateway-1');
    const told = watchers.map(({ notices }, i) => notices.length - before[i]!.notices);
    expect(told.slice(2)).toEqual([1, 1, 1]);
    expect(held.ends).toEqual(['1012 service restart']);
    expect(lost).toEqual([]);
    await until(
      'everybody is back',
      () => [2, 3, 4].every((i) => watchers[i]!.connections > before[i]!.connections),
      BACK_WITHIN_MS,
    );
    held.close();
    watchers.splice(watchers.indexOf(held), 1);
    await fresh('after the return');
  }, 120_000);

  it('the seeder is killed: the next one takes what is asked for', async () => {
    await fleet.kill('seeder');
    const before = await seeds(0);
    fleet.start('seeder');
    // What the dead one had begun is waited for until it is taken for dead; what nobody had begun is not.
    await post('/api/crypto/seed/batch', { symbols: perPartition(3, 5) });
    const goesOn = async (): Promise<boolean> =>
      [...(await seeds(0)).values()].some(
        ({ symbol, progress, status }) => status === 'seeding' && progress > (before.get(symbol)?.progress ?? 0),
      );
    await until('a job goes on', goesOn, BACK_WITHIN_MS);
  }, 90_000);

  it('ends where it would have been: prices as the venues have them, charts without a hole, one owner at a time', async () => {
    expect(furthest.off < 0.005 || furthest).toBe(true);
    const minute = 60;
    const first = Math.ceil(startedAt / 1000 / minute) * minute;
    for (const gateway of [0, 1]) {
      for (const symbol of SYMBOLS) {
        const chart = (await get(gateway, `/api/crypto/${symbol}/chart?range=1h`)) as {
          data: { time: number; interpolated?: boolean }[];
          gaps: { from: number; to: number }[];
        };
        const seen = chart.data.filter(({ time, interpolated }) => time >= first && interpolated !== true);
        expect(seen.map(({ time }) => time)).toEqual(seen.map((_, i) => first + i * minute));
        expect(seen.at(-1)?.time ?? first).toBeGreaterThanOrEqual(
          Math.floor(Date.now() / 1000 / minute) * minute - minute,
        );
        expect(chart.gaps.filter(({ to }) => to > first)).toEqual([]);
      }
      const listed = async (): Promise<true | string> => {
        const movers = (await get(gateway, '/api/market/movers?timeframe=1h&limit=50')) as LiveMovers;
        const symbols = [...movers.gainers, ...movers.losers].map(({ symbol }) => symbol);
        const partitions = new Set(symbols.map((symbol) => partitionOf(symbol, PARTITIONS)));
        return partitions.size === PARTITIONS || `there are ${symbols.join()}`;
      };
      await until('movers of every partition', listed, BACK_WITHIN_MS);
    }
    const holdings = fleet.holdings();
    for (const [i, later] of holdings.entries()) {
      const before = holdings.slice(0, i).filter(({ partition }) => partition === later.partition);
      // Whoever gets no processor for as long as a lease lasts loses it: what it still says is older, and dropped.
      const clash = before.find(({ to, lost }) => to > later.from + (lost ? FAILOVER_MS : 0));
      expect(clash && `${clash.holder} and ${later.holder} both had ${later.partition}`).toBeUndefined();
    }
    expect(fleet.complaints()).toEqual([]);
  }, 90_000);
});
