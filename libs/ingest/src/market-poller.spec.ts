import { MemoryBus } from '@haunt/bus';
import type { KeptRegistry, MarketNews } from '@haunt/contracts';
import { indexAssets, type Registry, type SourceId } from '@haunt/domain';
import { type HttpClient, HttpFailure, type HttpInput, silentLog } from '@haunt/platform';
import { GLOBAL_SOURCES, LISTING_SOURCES } from '@haunt/sources';
import { KEYS } from '@haunt/storage';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { leasingStore } from '../test/toy-venue.js';
import { MarketPoller } from './market-poller.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Those that list: the first wants a key, the second has the pictures. */
const [KEYED, KEYLESS] = LISTING_SOURCES.map(({ id }) => id) as [SourceId, SourceId];
const KEYED_NAME = 'CoinMarketCap';
const KEYLESS_NAME = 'CoinGecko';

const iso = (): string => new Date().toISOString();
const keyedLine = (id: number, price: number, extra: object = {}) => ({
  id,
  symbol: id === 1 ? 'BTC' : `C${id}`,
  name: id === 1 ? 'Bitcoin' : `Coin ${id}`,
  cmc_rank: id,
  last_updated: iso(),
  quote: { USD: { price, market_cap: 1e12 / id, volume_24h: 1e9 / id, percent_change_24h: 1 } },
  ...extra,
});
const keylessLine = (id: number, price: number) => ({
  id: id === 1 ? 'bitcoin' : `coin-${id}`,
  symbol: id === 1 ? 'btc' : `c${id}`,
  name: id === 1 ? 'Bitcoin' : `Coin ${id}`,
  current_price: price,
  market_cap: 1e12 / id,
  market_cap_rank: id,
  total_volume: 1e9 / id,
  last_updated: iso(),
});
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

type Upstream = SourceId | 'mood';
type Reply = (url: URL) => unknown;

/** What each upstream says of 600 coins. */
const GOOD: Readonly<Partial<Record<Upstream, Reply>>> = {
  [KEYED]: (url: URL) => {
    if (url.pathname.includes('global-metrics')) {
      const totals = { total_market_cap: 3e12, total_volume_24h: 1e11, last_updated: iso() };
      return { status: { error_code: 0 }, data: { btc_dominance: 57, eth_dominance: 12, quote: { USD: totals } } };
    }
    const count = Math.min(600, Number(url.searchParams.get('limit')));
    return { status: { error_code: 0 }, data: range(1, count).map((id) => keyedLine(id, 100 * id)) };
  },
  [KEYLESS]: (url: URL) => {
    if (url.pathname.endsWith('/global')) {
      return {
        data: {
          total_market_cap: { usd: 2.9e12 },
          total_volume: { usd: 9e10 },
          market_cap_percentage: { btc: 58, eth: 11 },
          updated_at: Math.floor(Date.now() / 1000),
        },
      };
    }
    const page = Number(url.searchParams.get('page'));
    return range(250 * (page - 1) + 1, Math.min(600, 250 * page)).map((id) => keylessLine(id, 200 * id));
  },
  mood: () => ({ data: [{ value: '30', value_classification: 'Fear', timestamp: '1790000000' }], metadata: {} }),
};

const status = (code: number, retryAfterMs?: number) => (): never => {
  throw new HttpFailure('status', `answered ${code}`, code, retryAfterMs);
};
const zeros = (upstream: Upstream): Reply => {
  return (url) =>
    JSON.parse(JSON.stringify(GOOD[upstream]?.(url)).replace(/:"?\d[\d.e+]*"?(?=[,}])/g, ':0')) as unknown;
};

describe('market poller', () => {
  let bus: MemoryBus;
  let store: ReturnType<typeof leasingStore>;
  let replies: Partial<Record<Upstream, Reply>>;
  let asked: { readonly upstream: Upstream; readonly at: number; readonly path: string; readonly input: HttpInput }[];
  let pollers: MarketPoller[];
  let told: MarketNews[];
  let announced: number;

  const poller = (
    keys: Partial<Record<SourceId, string>> = {},
    sources: SourceId[] = [KEYED, KEYLESS],
  ): MarketPoller => {
    const addresses = Object.fromEntries(sources.map((id) => [id, { rest: `http://${id}.test` }]));
    const http: Pick<HttpClient, 'request'> = {
      request: async (input) => {
        const url = new URL(input.url);
        const upstream = url.hostname.split('.')[0] as Upstream;
        asked.push({ upstream, at: Date.now(), path: url.pathname + url.search, input });
        const body = await replies[upstream]?.(url);
        return { status: 200, headers: new Headers(), body, receivedAt: Date.now() };
      },
    };
    const made = new MarketPoller({
      config: { sources, keys, addresses, fearGreedRestUrl: 'http://mood.test' },
      clock: { now: () => Date.now() },
      log: silentLog,
      http,
      bus,
      store,
      random: () => 0.5,
    });
    pollers.push(made);
    return made;
  };
  const pass = async (ms: number): Promise<void> => {
    await jest.advanceTimersByTimeAsync(ms);
    // The bus hands over in real turns.
    for (let turn = 0; turn < 3; turn++) await nextTurn();
  };
  const registry = (): Registry | undefined => {
    const kept = store.values.get(KEYS.registry().name);
    return kept === undefined ? undefined : (JSON.parse(kept) as KeptRegistry).registry;
  };
  const market = (): MarketNews => JSON.parse(store.values.get(KEYS.market().name) ?? '{}') as MarketNews;
  const btc = () => indexAssets(registry()!.assets).find('btc')!;
  const listingsOf = (upstream: Upstream) =>
    asked.filter((each) => each.upstream === upstream && /listings|markets/.test(each.path));

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_790_000_000_000 });
    bus = new MemoryBus({ now: () => Date.now() });
    store = leasingStore(() => Date.now());
    replies = { ...GOOD };
    [asked, pollers, told, announced] = [[], [], [], 0];
    bus.consume('market', (entries) => void told.push(...entries.map(({ event }) => event)));
    bus.consume('assets', (entries) => void (announced += entries.length));
  });
  afterEach(async () => {
    await Promise.all(pollers.map((each) => each.stop()));
    await bus.close();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('without a key: the top 500 in two pages, the market and its mood, kept and announced', async () => {
    poller().start();
    await pass(3_000);
    expect(listingsOf(KEYLESS)).toHaveLength(2);
    expect(listingsOf(KEYED)).toHaveLength(0);
    expect(registry()?.tracked).toHaveLength(500);
    expect(btc()).toMatchObject({ id: 1, figures: { price: 200, source: KEYLESS } });
    expect(market()).toMatchObject({
      global: { value: { btcDominance: 58 }, source: KEYLESS_NAME },
      fearGreed: { value: { value: 30, classification: 'Fear' } },
      troubles: {},
    });
    expect(told.at(-1)).toEqual(market());
    expect(announced).toBeGreaterThan(0);
    await pass(HOUR);
    // Twelve more rounds of two pages, and the market; well under five calls a minute.
    expect(listingsOf(KEYLESS).length).toBeGreaterThanOrEqual(24);
    expect(listingsOf(KEYLESS).length).toBeLessThanOrEqual(26);
  });

  it('with a key: the preferred one, its top every five minutes and all of it every hour, the ids of the other as often', async () => {
    poller({ [KEYED]: 'secret' }).start();
    await pass(3_000);
    expect(btc()).toMatchObject({ figures: { price: 100, source: KEYED } });
    expect(indexAssets(registry()!.assets).find('c500')).toMatchObject({
      coingeckoId: 'coin-500',
      figures: { price: 50_000 },
    });
    await pass(2 * HOUR - 3_000);
    const limits = listingsOf(KEYED).map(({ path }) => Number(/limit=(\d+)/.exec(path)?.[1]));
    expect(limits.slice(0, 3)).toEqual([500, 200, 200]);
    expect(limits.filter((limit) => limit === 500).length).toBeGreaterThanOrEqual(2);
    expect(limits.length).toBeGreaterThanOrEqual(22);
    expect(listingsOf(KEYED)[0]?.input.headers).toEqual({ 'X-CMC_PRO_API_KEY': 'secret' });
    expect(listingsOf(KEYLESS).length).toBeLessThanOrEqual(4);
    expect(registry()?.tracked).toHaveLength(500);
  });

  it.each<[string, Reply]>([
    ['401', status(401)],
    ['429', status(429, 10 * MINUTE)],
    ['500', status(500)],
    ['HTML', () => Promise.reject(new HttpFailure('body', 'text/html that is not JSON'))],
    ['zeros', zeros(KEYED)],
    ['an empty list', () => ({ status: { error_code: 0 }, data: [] })],
    ['an empty answer', () => undefined],
    ['an error with status 200', () => ({ status: { error_code: 1010, error_message: 'monthly limit' } })],
    [
      'nothing at all',
      () => new Promise((_, reject) => setTimeout(reject, 10_000, new HttpFailure('timeout', 'late'))),
    ],
  ])('takes the other one while the preferred answers with %s, and comes back to it', async (_, fault) => {
    replies[KEYED] = fault;
    poller({ [KEYED]: 'secret' }).start();
    await pass(15_000);
    expect(btc().figures).toMatchObject({ price: 200, source: KEYLESS });
    expect(market().troubles).toEqual({});
    replies[KEYED] = GOOD[KEYED]!;
    await pass(16 * MINUTE);
    expect(btc().figures).toMatchObject({ price: 100, source: KEYED });
  });

  it.each<[string, (upstream: Upstream) => Reply]>([
    ['500', () => status(500)],
    ['zeros', zeros],
    ['nothing', () => () => undefined],
  ])('keeps the last good answer with its time while everybody answers with %s', async (_, faultOf) => {
    poller({ [KEYED]: 'secret' }).start();
    await pass(3_000);
    const before = { registry: registry(), market: market() };
    for (const upstream of [KEYED, KEYLESS, 'mood'] as const) replies[upstream] = faultOf(upstream);
    await pass(3 * HOUR);
    expect(registry()).toEqual(before.registry);
    expect(market().global).toEqual(before.market.global);
    expect(market().fearGreed).toEqual(before.market.fearGreed);
    expect(market().troubles.listings?.message).toMatch(new RegExp(`${KEYED_NAME}: .*${KEYLESS_NAME}: `));
    expect(Object.keys(market().troubles).sort()).toEqual(['fearGreed', 'global', 'listings']);
    // It never gives up, and never asks like mad.
    expect(listingsOf(KEYLESS).length).toBeGreaterThan(30);
    expect(listingsOf(KEYLESS).length).toBeLessThan(60);
    replies = { ...GOOD };
    await pass(HOUR + 5 * MINUTE);
    expect(market().troubles).toEqual({});
    expect(registry()?.at).toBeGreaterThan(before.registry!.at!);
  });

  it('asks the other about the market when the usual one is silent, and no oftener than its budget allows', async () => {
    replies[KEYLESS] = status(503);
    poller({ [KEYED]: 'secret' }).start();
    await pass(3_000);
    expect(market().global).toMatchObject({ value: { btcDominance: 57 }, source: KEYED_NAME });
    await pass(3 * HOUR);
    const calls = asked.filter(({ path }) => path.includes('global-metrics')).length;
    const { everyMs } = GLOBAL_SOURCES.find(({ id }) => id === KEYED)!.pace('secret');
    expect(calls).toBeGreaterThan(4);
    expect(calls).toBeLessThanOrEqual(Math.ceil((3 * HOUR) / (everyMs * 0.9)) + 1);
  });

  it('leaves alone whoever asks for it', async () => {
    replies[KEYLESS] = status(429, 2 * HOUR);
    poller().start();
    await pass(2 * HOUR - MINUTE);
    expect(listingsOf(KEYLESS)).toHaveLength(1);
    expect(market().troubles.listings?.message).toMatch(/is not asked for another \d+ s/);
    replies = { ...GOOD };
    await pass(10 * MINUTE);
    expect(registry()?.tracked).toHaveLength(500);
  });

  it('uses the first page when the second fails, and takes nothing away from what it does not reach', async () => {
    replies[KEYLESS] = (url) => {
      if (url.searchParams.get('page') === '2') return status(500)();
      return GOOD[KEYLESS]?.(url);
    };
    poller().start();
    await pass(3_000);
    expect(registry()?.tracked).toHaveLength(250);
    replies = { ...GOOD };
    await pass(6 * MINUTE);
    expect(registry()?.tracked).toHaveLength(500);
    replies[KEYLESS] = (url) => {
      if (url.searchParams.get('page') === '2') return status(500)();
      return GOOD[KEYLESS]?.(url);
    };
    await pass(6 * MINUTE);
    expect(registry()?.tracked).toHaveLength(500);
  });

  it('is done by one of several, and by the next when that one ends', async () => {
    const [first, second] = [poller(), poller()];
    first.start();
    second.start();
    await pass(3_000);
    expect(listingsOf(KEYLESS)).toHaveLength(2);
    expect(asked.filter(({ upstream }) => upstream === 'mood')).toHaveLength(1);
    await first.stop();
    await pass(MINUTE);
    // It knows what is there, and when it is due.
    expect(listingsOf(KEYLESS)).toHaveLength(2);
    await pass(5 * MINUTE);
    expect(listingsOf(KEYLESS)).toHaveLength(4);
  });

  it('goes on without what was kept when that cannot be read', async () => {
    store.values.set(KEYS.registry().name, '{"shape":1,');
    store.values.set(KEYS.market().name, 'not JSON');
    poller().start();
    await pass(3_000);
    expect(registry()?.tracked).toHaveLength(500);
  });

  it('brings what it knows to a store that was away', async () => {
    poller().start();
    store.refuseSets = true;
    await pass(20_000);
    expect(registry()).toBeUndefined();
    store.refuseSets = false;
    await pass(6_000);
    expect(registry()?.tracked).toHaveLength(500);
    expect(market().global).toBeDefined();
  });

  it('asks nobody who is not among the sources', async () => {
    poller({ [KEYED]: 'secret' }, []).start();
    await pass(HOUR);
    expect(new Set(asked.map(({ upstream }) => upstream))).toEqual(new Set(['mood']));
    expect(market().troubles.listings?.message).toBe('there is nobody to ask');
  });
});
