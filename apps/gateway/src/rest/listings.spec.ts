import type { AssetView, GlobalView, KeptRegistry, MarketNews, Meta, Problem, QuotesView } from '@haunt/contracts';
import {
  type AssetListing,
  BUILT_IN,
  LISTING_FILTERS,
  LISTING_SORTS,
  type ListingEntry,
  mergeListing,
} from '@haunt/domain';
import { KEYS } from '@haunt/storage';
import { connectIo, RawClient } from '../../test/clients.js';
import { type GatewayUnderTest, startGateway } from '../../test/gateway-under-test.js';
import { TestStore } from '../../test/test-store.js';

interface Answer<T> {
  readonly status: number;
  readonly body: { readonly data: T; readonly meta: Meta } & Problem;
}

const LISTED_AT = Date.now() - 4 * 60_000;

/** So many coins, of which some have less to tell; among them those whose prices the tests publish. */
function entries(count: number): ListingEntry[] {
  const first: ListingEntry[] = [
    line(1, 'BTC', 'Bitcoin', 1, { change24h: -1, circulatingSupply: 20e6, maxSupply: 21e6, marketCapDominance: 58 }),
    line(1027, 'ETH', 'Ethereum', 2, { change24h: 2, sparkline: Array.from({ length: 168 }, (_, i) => 2_000 + i) }),
    line(29_470, 'USDe', 'Ethena USDe', 3, { change24h: 0 }),
    line(28_321, 'POL', 'POL (ex-MATIC)', 4),
    line(90_001, 'BTC', 'Bitcoin of somebody else', 5, { change24h: 900 }),
  ];
  const others = Array.from({ length: count - first.length }, (_, i) =>
    line(80_000 + i, `C${i}`, `${'zyxw'.charAt(i % 4)}coin ${i}`, i + 6, {
      // Many ties.
      change1h: (i % 7) - 3,
      change24h: i % 5 === 0 ? undefined : (i % 9) - 4,
      change7d: i % 3,
      volume24h: i % 4 === 0 ? undefined : 1_000 * (i % 6) + 1,
    }),
  );
  return [...first, ...others];
}

function line(cmcId: number, symbol: string, name: string, rank: number, figures: object = {}): ListingEntry {
  const told = Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
  return {
    cmcId,
    symbol,
    name,
    rank,
    figures: {
      price: 1_000 / rank,
      marketCap: 1e12 / rank,
      volume24h: 1e9 / rank,
      updatedAt: LISTED_AT - 30_000,
      ...told,
    },
  };
}

function registryOf(listing: Partial<AssetListing> = {}): string {
  const registry = mergeListing(BUILT_IN, {
    source: 'coinmarketcap',
    at: LISTED_AT,
    entries: entries(120),
    complete: true,
    ...listing,
  });
  return JSON.stringify({ shape: 1, registry } satisfies KeptRegistry);
}

const GLOBAL = {
  value: {
    totalMarketCap: 3e12,
    totalVolume24h: 1e11,
    btcDominance: 58.1,
    ethDominance: 12.2,
    activeCryptocurrencies: 18_000,
    activeExchanges: 1_450,
    marketCapChange24h: -1.5,
    updatedAt: Date.UTC(2026, 10, 20, 8),
  },
  source: 'CoinGecko',
  at: LISTED_AT,
} as const;

describe('lists of assets', () => {
  let gateway: GatewayUnderTest;
  const get = async <T = AssetView[]>(path: string): Promise<Answer<T>> => {
    const response = await fetch(`${gateway.url}/api/${path}`);
    return { status: response.status, body: (await response.json()) as Answer<T>['body'] };
  };
  const symbols = async (query: string): Promise<string[]> =>
    (await get(`crypto/listings?${query}`)).body.data.map(({ symbol }) => symbol);

  beforeAll(async () => {
    const store = new TestStore();
    await store.set(KEYS.registry().name, registryOf());
    gateway = await startGateway({}, undefined, [], store);
    await gateway.publish(
      { price: 2_000, change24h: 3, volume24h: 5e8, direction: 'up' },
      { symbol: 'nobodys', price: 1 },
    );
  });
  afterAll(() => gateway.close());

  it('show the live price and what follows from it, beside what the listing says', async () => {
    const { body } = await get('crypto/listings?limit=2');
    expect(body.meta).toEqual({ cached: true, asOf: LISTED_AT, total: 120, start: 1, limit: 2 });
    expect(body.data[0]).toEqual({
      id: 1,
      rank: 1,
      name: 'Bitcoin',
      symbol: 'BTC',
      image: 'https://s2.coinmarketcap.com/static/img/coins/64x64/1.png',
      price: 2_000,
      change1h: 0,
      change24h: 3,
      change7d: 0,
      // Twice the price of the listing is twice its capitalisation.
      marketCap: 2e12,
      volume24h: 5e8,
      circulatingSupply: 20e6,
      maxSupply: 21e6,
      sparkline: [],
      tradeDirection: 'up',
      assetType: 'crypto',
      status: 'normal',
      lastUpdated: expect.any(Number) as number,
      unknown: ['change1h', 'change7d'],
    });
    // Without a live price it is the listing's, and that is not fresh.
    expect(body.data[1]).toMatchObject({ id: 1027, price: 500, status: 'stale', lastUpdated: LISTED_AT - 30_000 });
    expect(body.data[1]?.sparkline).toHaveLength(168);
    expect(body.data[1]).not.toHaveProperty('tradeDirection');
  });

  it('have every asset exactly once over all pages, for every sort, filter and direction', async () => {
    const sorts = [...LISTING_SORTS, 'volume24h', 'percentChange7d', ''];
    for (const [index, sort] of sorts.entries()) {
      for (const filter of LISTING_FILTERS) {
        for (const direction of ['asc', 'desc']) {
          const size = [7, 13, 100][index % 3] as number;
          const ids: number[] = [];
          let total = 0;
          for (let start = 1; start === 1 || start <= total; start += size) {
            const query = `sort=${sort}&filter=${filter}&sort_dir=${direction}&start=${start}&limit=${size}`;
            const { body } = await get(`crypto/listings?${query}`);
            total = body.meta.total ?? -1;
            ids.push(...body.data.map(({ id }) => id));
          }
          expect([sort, filter, direction, ids.length, new Set(ids).size]).toEqual([
            sort,
            filter,
            direction,
            total,
            total,
          ]);
          if (filter === 'all') expect(total).toBe(120);
        }
      }
    }
  });

  it('keep their order while a client turns pages, and begin anew with the first', async () => {
    const page = async (start: number): Promise<AssetView[]> =>
      (await get(`crypto/listings?sort=price&limit=1&start=${start}`)).body.data;
    expect((await page(1))[0]).toMatchObject({ id: 1, price: 2_000 });
    await gateway.publish({ price: 600, change24h: 3 }, { symbol: 'eth', price: 700 });
    expect((await page(2))[0]).toMatchObject({ id: 1027, price: 500 });
    gateway.clock.offset = 250;
    expect((await page(1))[0]).toMatchObject({ id: 1027, price: 700 });
    expect((await page(2))[0]).toMatchObject({ id: 1, price: 600 });
    gateway.clock.offset = 6_000;
    await gateway.publish({ price: 2_000, change24h: 3, volume24h: 5e8, direction: 'up' });
    expect((await page(2))[0]).toMatchObject({ id: 1027, price: 700 });
    gateway.clock.offset = 0;
  });

  it('begin where they are asked to, and end where there is nothing more', async () => {
    const all = await symbols('limit=10');
    expect(await symbols('start=0&limit=3')).toEqual(all.slice(0, 3));
    expect(await symbols('start=4&limit=3')).toEqual(all.slice(3, 6));
    expect((await get('crypto/listings?start=119')).body.data).toHaveLength(2);
    expect((await get('crypto/listings?start=1000000')).body).toMatchObject({ data: [], meta: { total: 120 } });
    expect((await get('crypto/listings')).body.data).toHaveLength(20);
  });

  it('are sorted by name as one reads', async () => {
    const forward = (await get('crypto/listings?sort=name&sort_dir=asc&limit=100')).body.data.map(({ name }) => name);
    expect(forward.slice(0, 3)).toEqual(['Bitcoin', 'Bitcoin of somebody else', 'Ethena USDe']);
    expect(forward).toEqual(forward.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
    const backward = (await get('crypto/listings?sort=name&limit=1')).body.data;
    expect(backward[0]?.name).toMatch(/^zcoin/);
  });

  it('are filtered as a whole, bounds included', async () => {
    const changes = async (query: string): Promise<number[]> =>
      (await get(`crypto/listings?limit=100&${query}`)).body.data.map(({ change24h }) => change24h);
    expect(Math.min(...(await changes('filter=gainers')))).toBeGreaterThan(0);
    expect(Math.max(...(await changes('filter=losers')))).toBeLessThan(0);
    expect(new Set(await changes('min_change=2&max_change=3'))).toEqual(new Set([2, 3]));
    expect((await changes('filter=most_volatile'))[0]).toBe(900);
    expect((await get('crypto/listings?filter=top_volume')).body.meta.total).toBeLessThan(40);
    expect(await symbols('asset_type=stock')).toEqual([]);
    expect(await symbols('asset_type=Crypto&limit=1')).toEqual(['BTC']);
  });

  it.each([
    ['crypto/listings?limit=0', 'invalid_limit', /limit must be a whole number, 1 to 100.*"0"/],
    ['crypto/listings?limit=101', 'invalid_limit', /1 to 100/],
    ['crypto/listings?limit=ten', 'invalid_limit', /"ten"/],
    ['crypto/listings?limit=1&limit=2', 'invalid_limit', /once/],
    ['crypto/listings?start=-1', 'invalid_start', /0 or more/],
    ['crypto/listings?sort=beauty', 'invalid_sort', /market_cap, price.*"beauty"/],
    ['crypto/listings?sort_dir=up', 'invalid_sort_dir', /desc, asc/],
    ['crypto/listings?filter=best', 'invalid_filter', /top_volume/],
    ['crypto/listings?min_change=lots', 'invalid_min_change', /a number/],
    ['crypto/search', 'invalid_q', /q must be/],
    ['crypto/search?q=%20', 'invalid_q', /q must be/],
    ['crypto/search?q=b&limit=51', 'invalid_limit', /1 to 50/],
  ])('%s is refused by name', async (path, code, sentence) => {
    const { status, body } = await get<unknown>(path);
    expect([status, body.code, body.status]).toEqual([400, code, 400]);
    expect(body.error).toMatch(sentence);
  });

  it('find what is meant: the symbol itself, what begins so, what has it somewhere, the larger first', async () => {
    const found = async (query: string): Promise<string[]> =>
      (await get(`crypto/search?${query}`)).body.data.map(({ name }) => name);
    // Both are called BTC; "bitcoin" begins several names.
    expect((await found('q=BTC')).slice(0, 2)).toEqual(['Bitcoin', 'Bitcoin of somebody else']);
    expect((await found('q=bitco')).slice(0, 3)).toEqual(['Bitcoin', 'Bitcoin of somebody else', 'Bitcoin Cash']);
    expect((await found('q=usde'))[0]).toBe('Ethena USDe');
    expect((await found('q=matic'))[0]).toBe('POL (ex-MATIC)');
    expect(await found('q=no such thing')).toEqual([]);
    const { body } = await get('crypto/search?q=coin&limit=50');
    expect(body.data).toHaveLength(50);
    expect(body.meta).toMatchObject({ total: expect.any(Number) as number, limit: 50, query: 'coin' });
    expect(body.meta.total).toBeGreaterThan(100);
    // Of an asset that is not listed and has no price nobody knows a number.
    const [unpriced] = (await get('crypto/search?q=MOVR')).body.data;
    expect(unpriced).toMatchObject({ symbol: 'MOVR', id: 9285, price: 0, rank: 0, lastUpdated: 0 });
    expect(unpriced?.unknown).toEqual(expect.arrayContaining(['price', 'rank', 'marketCap']));
  });

  it('agree with the page of the asset, and with its quotes', async () => {
    // A list may be a quarter of a second old.
    gateway.clock.offset += 250;
    const [listed] = (await get('crypto/listings?limit=1')).body.data;
    const asset = await get<AssetView>('crypto/1');
    expect(asset.body.data).toEqual(listed);
    expect(asset.body.meta).toEqual({ cached: true, asOf: LISTED_AT });
    expect((await get<QuotesView>('crypto/btc/quotes')).body.data).toMatchObject({
      symbol: 'btc',
      price: 2_000,
      marketCap: 2e12,
      marketCapDominance: 58,
      circulatingSupply: 20e6,
      maxSupply: 21e6,
      volume24h: 5e8,
      change24h: 3,
      source: 'coinbase',
    });
    // The namesake is another coin: it has its own number and its own price.
    expect((await get<AssetView>('crypto/90001')).body.data).toMatchObject({ symbol: 'BTC', price: 200, rank: 5 });
    expect((await get<QuotesView>('crypto/90001/quotes')).body.data).toMatchObject({
      symbol: 'btc',
      price: 200,
      status: 'stale',
      source: 'coinmarketcap',
      sources: [],
      version: 0,
    });
    expect((await get<AssetView>('crypto/usde')).body.data.symbol).toBe('USDe');
    expect((await get<AssetView>('crypto/nobodys')).body).toMatchObject({ data: { id: 0 }, meta: { cached: false } });
  });

  it('have the shares in the market that the market is said to have', async () => {
    const shares = async (): Promise<(number | undefined)[]> =>
      Promise.all(
        ['btc', 'eth', 'usde'].map(
          async (id) => (await get<QuotesView>(`crypto/${id}/quotes`)).body.data.marketCapDominance,
        ),
      );
    expect(await shares()).toEqual([58, undefined, undefined]);
    await gateway.bus.publish('market', { global: GLOBAL, troubles: {} });
    await gateway.publish();
    const market = (await get<GlobalView>('market/global')).body.data;
    const [listed] = (await get('crypto/listings?start=3&limit=1')).body.data;
    const share = ((listed?.marketCap as number) / market.totalMarketCap) * 100;
    expect(share).toBeGreaterThan(0);
    expect(await shares()).toEqual([market.btcDominance, market.ethDominance, share]);
  });

  it('follow the next listing at once, the quotes too', async () => {
    const before = (await get<QuotesView>('crypto/btc/quotes')).body.data;
    await gateway.store.set(
      KEYS.registry().name,
      registryOf({
        at: LISTED_AT + 1,
        entries: entries(50).map((each) => ({ ...each, figures: { ...each.figures, totalSupply: 7 } })),
      }),
    );
    await gateway.bus.publish('assets', { at: LISTED_AT + 1, assets: 50 });
    await gateway.publish();
    expect(before.totalSupply).toBeUndefined();
    expect((await get<QuotesView>('crypto/btc/quotes')).body).toMatchObject({
      data: { totalSupply: 7 },
      meta: { asOf: LISTED_AT + 1 },
    });
    expect((await get('crypto/listings')).body.meta.total).toBe(50);
  });
});

describe('without any listing', () => {
  it.each(['an empty store', 'a store that is away', 'something else in the store'])(
    'the built-in list answers, with %s',
    async (what) => {
      const store = new TestStore();
      store.isAway = what.includes('away');
      if (what.startsWith('something')) store.values.set(KEYS.registry().name, Buffer.from('{"shape":99}'));
      const gateway = await startGateway({}, undefined, [], store);
      await gateway.publish({ price: 50_000 });
      const listings = (await (await fetch(`${gateway.url}/api/crypto/listings?limit=100`)).json()) as Answer<
        AssetView[]
      >['body'];
      expect(listings.meta).toEqual({ cached: false, total: BUILT_IN.assets.length, start: 1, limit: 100 });
      expect(listings.data[0]).toMatchObject({ id: 1, rank: 1, price: 50_000 });
      expect(listings.data[1]).toMatchObject({ id: 1027, price: 0, status: 'stale' });
      for (const asset of listings.data) {
        for (const [name, value] of Object.entries(asset))
          if (value === 0 && name !== 'lastUpdated') expect(asset.unknown).toContain(name);
      }
      const search = await fetch(`${gateway.url}/api/crypto/search?q=eth`);
      expect(((await search.json()) as Answer<AssetView[]>['body']).data[0]?.id).toBe(1027);
      for (const path of ['global', 'fear-greed']) {
        const response = await fetch(`${gateway.url}/api/market/${path}`);
        const body = (await response.json()) as Problem;
        expect([response.status, body.code]).toEqual([502, 'upstream_failed']);
        expect(body.error).toMatch(/not known, and never was: no answer/);
      }
      await gateway.close();
    },
  );
});

describe('the whole market', () => {
  let gateway: GatewayUnderTest;
  const get = async <T>(path: string): Promise<Answer<T>> => {
    const response = await fetch(`${gateway.url}/api/market/${path}`);
    return { status: response.status, body: (await response.json()) as Answer<T>['body'] };
  };
  const tell = async (news: Partial<MarketNews>): Promise<void> => {
    await gateway.bus.publish('market', { troubles: {}, ...news });
    await gateway.publish();
  };

  beforeAll(async () => (gateway = await startGateway()));
  afterAll(() => gateway.close());

  it('is a 502 with the reason when nobody ever told it', async () => {
    await tell({ troubles: { global: { message: 'CoinGecko: answered 500; CoinMarketCap: answered 401', at: 1 } } });
    const { status, body } = await get('global');
    expect([status, body.code]).toEqual([502, 'upstream_failed']);
    expect(body.error).toMatch(/CoinGecko: answered 500; CoinMarketCap: answered 401/);
  });

  it('is what was told last, with its age, whatever happened since', async () => {
    const fearGreed = {
      value: { value: 30, classification: 'Fear', time: 1_790_000_000_000, previous: 33 },
      source: 'x',
      at: 5,
    } as const;
    await tell({ global: GLOBAL, fearGreed });
    await tell({ global: GLOBAL, fearGreed, troubles: { global: { message: 'down', at: 9 } } });
    expect((await get<GlobalView>('global')).body).toEqual({
      data: {
        totalMarketCap: 3e12,
        totalVolume24h: 1e11,
        btcDominance: 58.1,
        ethDominance: 12.2,
        activeCryptocurrencies: 18_000,
        activeExchanges: 1_450,
        marketCapChange24h: -1.5,
        volumeChange24h: 0,
        lastUpdated: '2026-11-20T08:00:00.000Z',
        source: 'CoinGecko',
        unknown: ['volumeChange24h'],
      },
      meta: { cached: true, asOf: LISTED_AT },
    });
    expect((await get('fear-greed')).body).toEqual({
      data: { value: 30, classification: 'Fear', timestamp: '1790000000', previousClose: 33, change: -3 },
      meta: { cached: true, asOf: 5 },
    });
  });

  it('is pushed to everybody when it changes; on /ws to nobody who has not spoken', async () => {
    const [silent, speaking] = [await RawClient.connect(gateway.wsUrl), await RawClient.connect(gateway.wsUrl)];
    const { socket, events } = await connectIo(gateway.url);
    await speaking.ask({ type: 'ping' });
    await tell({ global: GLOBAL });
    const value = { ...GLOBAL.value, totalMarketCap: 3.1e12, updatedAt: 7 };
    await tell({ global: { ...GLOBAL, value } });
    await tell({ global: { ...GLOBAL, value: { ...value, updatedAt: 8 } } });
    await speaking.until(() => speaking.received.some(({ type }) => type === 'market_update'));
    const update = { totalMarketCap: 3.1e12, totalVolume24h: 1e11, btcDominance: 58.1, timestamp: 7 };
    expect(speaking.received.slice(1)).toEqual([{ type: 'market_update', data: update }]);
    await silent.ask({ type: 'ping' });
    expect(silent.received).toMatchObject([{ type: 'pong' }]);
    expect(events.filter(([name]) => name === 'market_update')).toEqual([['market_update', update]]);
    // Who comes later is told once, behind what it asked for; who knows is not.
    silent.say({ type: 'subscribe', assets: ['btc'] });
    await silent.until(() => silent.received.length === 3);
    expect(silent.received.slice(1)).toEqual([
      { type: 'subscribed', assets: ['btc'] },
      { type: 'market_update', data: update },
    ]);
    for (const client of [silent, speaking]) {
      await client.ask({ type: 'subscribe', assets: ['btc', 'eth'] });
      await client.ask({ type: 'subscribe_movers' });
      await client.ask({ type: 'ping' });
      expect(client.received.filter(({ type }) => type === 'market_update')).toHaveLength(1);
    }
    silent.close();
    speaking.close();
    socket.disconnect();
  });

  it('is known to a gateway that comes later', async () => {
    const store = new TestStore();
    await store.set(KEYS.market().name, JSON.stringify({ global: GLOBAL, troubles: {} } satisfies MarketNews));
    const later = await startGateway({}, undefined, [], store);
    expect((await fetch(`${later.url}/api/market/global`)).status).toBe(200);
    await later.close();
  });
});
