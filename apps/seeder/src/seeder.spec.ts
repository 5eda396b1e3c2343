import { BUILT_IN, mergeListing, SERIES } from '@haunt/domain';
import { KEYS } from '@haunt/storage';
import { type Asked, candleAt, everyCandle, refusal } from '../test/fake-history.js';
import { House, venue } from '../test/house.js';

const MINUTE = 60_000;
const FIVE = 5 * MINUTE;
const HOUR = 60 * MINUTE;

let house: House;
afterEach(() => house.close());

/** No provider is asked twice for a bucket. */
function expectNothingTwice(asked: readonly Asked[]): void {
  const seen = new Set<string>();
  for (const { provider, symbol, bucketMs, from, to } of asked) {
    for (let time = from; time < to; time += bucketMs) {
      const name = `${provider}/${symbol}/${bucketMs}/${time}`;
      if (seen.has(name)) throw new Error(`asked twice: ${name}`);
      seen.add(name);
    }
  }
}

function expectMonotone(symbol: string): void {
  const progress = house.news.filter((news) => news.symbol === symbol).map((news) => news.progress);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
}

describe('who is meant', () => {
  const figures = { price: 1, marketCap: 1e9, updatedAt: 0 };
  const listing = (at: number) => ({
    source: 'coinmarketcap' as const,
    at,
    complete: false,
    entries: [
      { cmcId: 90_001, coingeckoId: 'nova-network', symbol: 'NOVA', name: 'Nova', rank: 210, figures },
      { cmcId: 90_002, coingeckoId: 'nova-cat', symbol: 'NOVA', name: 'Nova Cat', rank: 300, figures },
      { cmcId: 4030, symbol: 'ALGX', name: 'Algorand', rank: 60, figures },
    ],
  });

  it('is known of coins outside the catalogue: CoinGecko is asked by its id', async () => {
    house = new House([{ id: 'coingecko', grade: 'hourly' }]);
    house.registry = mergeListing(BUILT_IN, listing(house.time.now()));
    house.seeder();
    await house.seeded('nova');
    expect(new Set(house.history.asked.map(({ coingeckoId }) => coingeckoId))).toEqual(new Set(['nova-network']));
  });

  it('goes by ids: a coin that shares a symbol gets nothing of the one that has it', async () => {
    house = new House([venue('coinbase', ['nova']), { id: 'coingecko', grade: 'hourly' }]);
    house.registry = mergeListing(BUILT_IN, listing(house.time.now()));
    house.seeder();
    await house.request('90002');
    await house.heard(({ status }) => status !== 'seeding');
    expect(house.history.asked.map(({ provider, coingeckoId }) => [provider, coingeckoId])).toEqual(
      house.history.asked.map(() => ['coingecko', 'nova-cat']),
    );
    expect(house.history.asked.length).toBeGreaterThan(0);
    expect(house.series('nova#90002', FIVE).size).toBeGreaterThan(0);
    expect(house.series('nova', FIVE).size).toBe(0);
  });

  it('stays under one name when a coin takes another symbol, and is found under both', async () => {
    house = new House([venue('coinbase', ['algx'])]);
    house.registry = mergeListing(BUILT_IN, listing(house.time.now()));
    house.seeder();
    await house.request('ALGX');
    const end = await house.heard(({ status }) => status !== 'seeding');
    expect(end).toMatchObject({ symbol: 'algo', status: 'seeded' });
    expect(house.completeness('algo', FIVE)).toBe(1);
  });
});

describe('seeding an asset', () => {
  it('fills all that is kept, what charts show first, with progress from 0 to 100', async () => {
    house = new House([venue('coinbase', ['eth'])]);
    house.seeder();
    const end = await house.seeded('eth');
    expect(end).toMatchObject({ status: 'seeded', progress: 100, message: 'Seeded from Coinbase' });
    for (const { bucketMs } of SERIES) expect(house.completeness('eth', bucketMs)).toBe(1);
    expect(house.series('eth', FIVE).get(Date.UTC(2026, 10, 20, 12))).toBeUndefined();
    const newest = Date.UTC(2026, 10, 20, 11, 55);
    expect(house.series('eth', FIVE).get(newest)).toEqual({
      ...candleAt(newest, FIVE),
      provider: 'coinbase',
      grade: 'klines',
    });

    expectMonotone('eth');
    expectNothingTwice(house.history.asked);
    expect(house.repeats).toBe(0);
    expect(house.news[0]).toMatchObject({ status: 'seeding', progress: 0 });
    expect(house.history.asked[0]).toMatchObject({ bucketMs: FIVE, from: newest - 287 * FIVE, to: newest + FIVE });
    const at = (message: string): number => house.news.find((news) => news.message === message)!.progress;
    expect(at('Fetching 5-minute candles of the last day from Coinbase')).toBe(0);
    expect(at('Fetching 1-minute candles of the last 7 days from Coinbase')).toBe(50);
    expect(at('Fetching hourly candles of the last year from Coinbase')).toBe(90);
    for (const [low, high] of [
      [0, 50],
      [50, 90],
      [90, 100],
    ] as const) {
      expect(house.news.some(({ progress }) => progress > low && progress < high)).toBe(true);
    }
    // The day's chart does not wait for the year.
    const took = (end.at - house.news[0]!.at) / 1000;
    expect(took).toBeLessThan(15);
  });

  it('asks for nothing when nothing is missing, and only for the hole when there is one', async () => {
    house = new House([venue('coinbase', ['eth'])]);
    house.seeder();
    await house.seeded('eth');
    const before = house.history.asked.length;
    await house.time.pass(1_000);
    expect(await house.seeded('eth')).toMatchObject({ status: 'seeded', message: 'Nothing was missing' });
    expect(house.history.asked).toHaveLength(before);

    const hole = Date.UTC(2026, 10, 19);
    for (let i = 0; i < 10; i++) house.series('eth', MINUTE).delete(hole + i * MINUTE);
    await house.time.pass(1_000);
    await house.seeded('eth', 'gap');
    expect(house.history.asked.slice(before)).toMatchObject([{ bucketMs: MINUTE, from: hole, to: hole + 10 * MINUTE }]);
    expect(house.completeness('eth', MINUTE)).toBe(1);
  });

  it('asks for everything when nobody says what is missing', async () => {
    house = new House([venue('coinbase', ['eth'])], { aggregator: false });
    house.seeder();
    expect(await house.seeded('eth')).toMatchObject({ status: 'seeded', progress: 100 });
    expect(house.completeness('eth', HOUR)).toBe(1);
  });

  it('stops going back where the history of a young coin begins', async () => {
    const born = Date.UTC(2026, 10, 1);
    const behave = (asked: Asked) => everyCandle(asked).filter(({ time }) => time >= born);
    house = new House([{ ...venue('coinbase', ['new']), behave }]);
    house.seeder();
    const end = await house.seeded('new');
    expect(end.progress).toBe(100);
    expect(end.message).toMatch(/^Seeded from Coinbase; incomplete: .*hourly candles of the last year \(5 % there\)/);
    // Three pages have candles; of the 28 older ones those that were on their way are asked for.
    expect(house.history.asked.filter(({ bucketMs }) => bucketMs === HOUR).length).toBeLessThan(11);
  });
});

describe('the next provider', () => {
  it('serves when one wants to be left alone, lists nothing or has no key, and people are told why', async () => {
    house = new House([
      {
        ...venue('coinbase', ['eth']),
        behave: () => {
          throw refusal(429, 60_000);
        },
      },
      venue('kraken', ['btc']),
      { id: 'cryptocompare', needsKey: true, grade: 'hourly' },
      { id: 'coingecko', grade: 'hourly' },
    ]);
    house.seeder();
    const end = await house.seeded('eth');
    expect(end).toMatchObject({ status: 'seeded', progress: 100, message: 'Seeded from CoinGecko' });
    const said = house.news.map(({ message }) => message);
    expect(said).toContain('Coinbase answered 429; next: Kraken');
    expect(said).toContain('Kraken does not list ETH; next: CoinGecko');
    expect(house.series('eth', HOUR).values().next().value).toMatchObject({ provider: 'coingecko', grade: 'hourly' });
    // Asked once, by at most one lane each, and by nobody else before its time is over.
    expect(house.history.asked.filter(({ provider }) => provider === 'coinbase').length).toBeLessThanOrEqual(4);
  });

  it('says what nobody could give', async () => {
    house = new House([
      venue('kraken', ['btc']),
      {
        ...venue('binance', ['eth']),
        behave: () => {
          throw refusal(500);
        },
      },
      { id: 'cryptocompare', needsKey: true, grade: 'hourly' },
    ]);
    house.seeder();
    const end = await house.seeded('eth', 'chart');
    expect(end.status).toBe('failed');
    expect(end.progress).toBe(0);
    expect(end.message).toBe(
      'No history of ETH: Kraken does not list ETH; Binance answered 500; CryptoCompare needs a key (CRYPTOCOMPARE_API_KEY)',
    );
    const asked = house.history.asked.length;

    // A chart that is looked at again and again does not make it try again; a person does.
    await house.time.pass(60_000);
    expect(await house.seeded('eth', 'chart')).toMatchObject({ status: 'failed', message: end.message });
    expect(house.history.asked).toHaveLength(asked);
    await house.seeded('eth', 'manual');
    expect(house.history.asked.length).toBeGreaterThan(asked);
    const again = house.history.asked.length;
    await house.time.pass(301_000);
    await house.seeded('eth', 'chart');
    expect(house.history.asked.length).toBeGreaterThan(again);
  });

  it('is not waited for where nobody lists the asset', async () => {
    const scarce = { count: 4, windowMs: MINUTE };
    house = new House([
      venue('coinbase', ['btc']),
      { id: 'coingecko', coins: ['btc', 'eth'], grade: 'hourly', budget: scarce },
      { id: 'cryptocompare', coins: ['btc'], grade: 'hourly', budget: { count: 40, windowMs: MINUTE } },
    ]);
    house.seeder();
    await house.seeded('unheard');
    const from = house.time.now();
    const nobody = Array.from({ length: 80 }, (_, i) => `nobody${i}`);
    for (const symbol of nobody) await house.request(symbol, 'batch');
    for (const symbol of nobody) await house.heard((news) => news.symbol === symbol && news.status === 'failed');
    expect(house.time.now() - from).toBeLessThan(1_000);
    expect(house.news.at(-1)?.message).toMatch(/CoinGecko does not list NOBODY\d+; CryptoCompare does not list/);
    expect(house.history.asked).toEqual([]);
    expect(house.history.lists.sort()).toEqual(['coinbase', 'coingecko', 'cryptocompare']);
    // Who is listed is still asked for, and a list that is an hour old may lack what is new.
    expect(await house.seeded('eth')).toMatchObject({
      status: 'seeded',
      message: expect.stringMatching(/^Seeded from CoinGecko/) as string,
    });
    await house.time.pass(HOUR + MINUTE);
    await house.seeded('nobody1');
    expect(house.history.lists.filter((id) => id === 'coinbase')).toHaveLength(2);
  });

  it('is asked all the same when it is an index whose list cannot be had', async () => {
    const behave = (asked: Asked) => everyCandle(asked);
    house = new House([{ id: 'coingecko', coins: ['eth'], grade: 'hourly', behave }]);
    const { request } = house.history.http;
    house.history.http.request = (input) =>
      new URL(input.url).pathname === '/coins' ? Promise.reject(refusal(403)) : request(input);
    house.seeder();
    expect(await house.seeded('eth')).toMatchObject({ status: 'seeded', message: 'Seeded from CoinGecko' });
  });

  it('is asked for the holes alone, and does not replace what the first one had', async () => {
    const from = Date.UTC(2026, 10, 18);
    const to = from + 2 * HOUR;
    const later = from + 4 * HOUR;
    const outside = ({ time }: { time: number }) => time < from || (time >= to && time < later) || time >= later + HOUR;
    house = new House([
      { ...venue('coinbase', ['eth']), behave: (asked) => everyCandle(asked).filter(outside) },
      { ...venue('kraken', ['eth']), behave: (asked) => everyCandle(asked, 2) },
    ]);
    house.seeder();
    expect(await house.seeded('eth')).toMatchObject({ message: 'Seeded from Coinbase, Kraken' });
    const second = house.history.asked.filter(({ provider }) => provider === 'kraken');
    expect(second.filter(({ bucketMs }) => bucketMs !== HOUR)).toMatchObject([
      { bucketMs: MINUTE, from, to: later + HOUR },
      { bucketMs: FIVE, from, to: later + HOUR },
    ]);
    // So few hours are not worth a request.
    expect(second.filter(({ bucketMs }) => bucketMs === HOUR)).toEqual([]);
    expect(house.repeats).toBe(0);
    expect(house.series('eth', MINUTE).get(from)).toMatchObject({
      provider: 'kraken',
      open: candleAt(from, MINUTE, 2).open,
    });
    expect(house.series('eth', MINUTE).get(to)).toMatchObject({ provider: 'coinbase' });
  });
});

describe('prices in tether', () => {
  it('are converted with what tether was worth at that very moment; where nobody knows, the bucket is left out', async () => {
    const unknown = Date.UTC(2026, 10, 20, 11, 30);
    const rates = (asked: Asked) =>
      everyCandle(asked).flatMap(({ time }) => {
        if (asked.bucketMs === MINUTE && time === unknown) return [];
        const open = time === Date.UTC(2026, 10, 20, 11) ? 0.9 : 0.99;
        return [{ time, open, high: 2, low: 0.5, close: open + 0.01 }];
      });
    house = new House([
      { ...venue('coinbase', ['usdt']), behave: rates },
      { ...venue('binance', ['eth'], 'usdt'), perRequest: 1_000 },
    ]);
    house.seeder();
    const end = await house.seeded('eth');
    expect(end).toMatchObject({ status: 'seeded', message: 'Seeded from Binance' });
    const depegged = Date.UTC(2026, 10, 20, 11);
    const plain = candleAt(depegged, MINUTE);
    const kept = house.series('eth', MINUTE).get(depegged)!;
    // Each price at its own moment: what closes at the same time at another width is the same.
    expect(kept).toMatchObject({ open: plain.open * 0.9, close: plain.close * 0.91, volume: 9.05 });
    expect(kept.low).toBeLessThanOrEqual(kept.open);
    expect(kept.high).toBeGreaterThanOrEqual(kept.close);
    expect(house.series('eth', MINUTE).has(unknown)).toBe(false);
    expect(house.series('eth', MINUTE).size).toBe(7 * 24 * 60 - 1);
    // Every asset needs the same rates: they are asked for once.
    const before = house.history.asked.filter(({ symbol }) => symbol === 'usdt').length;
    house.kept.clear();
    await house.time.pass(1);
    await house.seeded('eth');
    const after = house.history.asked.filter(({ symbol }) => symbol === 'usdt').length;
    expect(after - before).toBeLessThan(before / 10);
  });

  it('are not believed to be dollars when nobody knows', async () => {
    house = new House([venue('binance', ['eth'], 'usdt')]);
    house.seeder();
    const end = await house.seeded('eth');
    expect(end.status).toBe('failed');
    expect(end.message).toMatch(/Nobody knows what USDT was worth/);
    expect(house.kept.size === 0 || [...house.kept.values()].every((series) => series.size === 0)).toBe(true);
  });
});

describe('seeders that die', () => {
  it('leave a job to the next one, which asks for no page again and whose progress does not go back', async () => {
    house = new House([venue('coinbase', ['eth'])], { aggregator: false });
    const first = house.seeder('first');
    await house.request('eth');
    await house.heard(({ progress }) => progress > 60);
    await house.time.until(first.onModuleDestroy());
    const asked = [...house.history.asked];
    expect(asked.length).toBeGreaterThan(10);

    house.seeder('second');
    await house.heard(({ status }) => status === 'seeded');
    // At most those pages that were on their way, one per lane.
    const name = ({ bucketMs, from }: Asked): string => `${bucketMs}/${from}`;
    const before = new Set(asked.map(name));
    const again = house.history.asked.slice(asked.length).filter((page) => before.has(name(page)));
    expect(again.length).toBeLessThanOrEqual(4);
    expect(house.news.map(({ message }) => message)).toContain('Going on where it was interrupted');
    expectMonotone('eth');
    for (const { bucketMs } of SERIES) expect(house.completeness('eth', bucketMs)).toBe(1);
  });

  it('leave no page to be asked again either when the provider had holes', async () => {
    const behave = (asked: Asked) => everyCandle(asked).filter(({ time }) => (time / asked.bucketMs) % 4 > 0);
    house = new House([{ ...venue('coinbase', ['eth']), behave }]);
    const first = house.seeder('first');
    await house.request('eth');
    await house.heard(({ progress }) => progress > 60);
    await house.time.until(first.onModuleDestroy());
    const asked = house.history.asked.length;
    house.seeder('second');
    await house.heard(({ status }) => status === 'seeded');
    const minutes = house.history.asked.slice(asked).filter(({ bucketMs }) => bucketMs === MINUTE);
    expect(house.history.asked.slice(0, asked).filter(({ bucketMs }) => bucketMs === MINUTE).length).toBeGreaterThan(8);
    expect(minutes.length).toBeLessThan(34 - 8 + 4);
  });

  it('are found out when their lease runs out, though the request is gone', async () => {
    house = new House([venue('coinbase', ['eth'])]);
    const first = house.seeder('first');
    await house.request('eth');
    await house.heard(({ progress }) => progress > 60);
    await house.time.until(first.onModuleDestroy());
    // As a kill -9 leaves it: the lease is held by nobody that lives.
    await house.store.acquire(KEYS.seedLease('eth').name, 'dead', 10_000);
    const asked = house.history.asked.length;
    house.seeder('second');
    await house.time.pass(5_000);
    expect(house.history.asked).toHaveLength(asked);
    await house.heard(({ status }) => status === 'seeded');
    expectMonotone('eth');
  });

  it('go on when the store was away for a while', async () => {
    house = new House([venue('coinbase', ['eth'])]);
    house.seeder();
    await house.request('eth');
    await house.heard(({ progress }) => progress > 55);
    house.store.down = true;
    await house.time.pass(8_000);
    house.store.down = false;
    expect(await house.heard(({ status }) => status !== 'seeding')).toMatchObject({ status: 'seeded' });
    for (const { bucketMs } of SERIES) expect(house.completeness('eth', bucketMs)).toBe(1);
  });
});

describe('several seeders', () => {
  it('do one job per asset, and together keep the pace of a provider', async () => {
    const symbols = ['eth', 'sol', 'ada', 'xrp', 'ltc'];
    house = new House([{ ...venue('coinbase', symbols), budget: { count: 20, windowMs: 1_000 } }]);
    house.seeder('one');
    house.seeder('two');
    for (const symbol of [...symbols, ...symbols]) await house.request(symbol, 'chart');
    for (const symbol of symbols) {
      await house.heard((news) => news.symbol === symbol && news.status === 'seeded');
      expectMonotone(symbol);
    }
    expectNothingTwice(house.history.asked);
    expect(house.repeats).toBe(0);
    const times = house.history.asked.map(({ at }) => at);
    // The fifth asset is the second seeder's, and does not wait until the first has done its four.
    const fifth = house.history.asked.filter(({ symbol }) => symbol === 'ltc').map(({ at }) => at - times[0]!);
    expect(fifth[0]).toBeLessThan(1_000);
    expect(fifth.at(-1)).toBeLessThan(15_000);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(50);
    // And they use it: five assets, 99 pages each, 20 a second.
    expect((times.at(-1)! - times[0]!) / 1000).toBeLessThan((times.length / 20) * 1.5);
  });

  it('do not let whoever waits stand behind what has time', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `many${i}`);
    house = new House([{ ...venue('coinbase', [...many, 'eth', 'sol']), budget: { count: 8, windowMs: 1_000 } }]);
    house.seeder();
    for (const symbol of many) await house.request(symbol, 'batch');
    await house.heard(({ progress }) => progress > 20);
    const from = house.time.now();
    await house.request('eth', 'chart');
    const shown = await house.heard(({ symbol, progress }) => symbol === 'eth' && progress >= 50);
    expect(shown.at - from).toBeLessThan(3_000);
    expect((await house.seeded('sol', 'manual')).at - from).toBeLessThan(40_000);
  });

  it('show the charts of all who wait before they fetch the rest of any', async () => {
    const symbols = Array.from({ length: 12 }, (_, i) => `coin${i}`);
    house = new House([venue('coinbase', symbols)]);
    house.seeder();
    const from = house.time.now();
    for (const symbol of symbols) await house.request(symbol, 'chart');
    let shown = 0;
    for (const symbol of symbols) {
      const news = await house.heard((each) => each.symbol === symbol && each.progress >= 50);
      shown = Math.max(shown, news.at - from);
    }
    // Six pages each, ten a second; all of each would have been two minutes.
    expect(shown).toBeLessThan(20_000);
    const rest = 'What charts show is there; the rest follows when a seeder has time';
    expect(house.news.filter(({ message }) => message === rest).length).toBeGreaterThan(6);
    for (const symbol of symbols) {
      await house.heard((news) => news.symbol === symbol && news.status === 'seeded');
      expectMonotone(symbol);
      expect(house.completeness(symbol, MINUTE)).toBe(1);
    }
    expectNothingTwice(house.history.asked);
  });

  it('fetch what charts show alone when no more is wanted, and the rest when it is', async () => {
    house = new House([venue('coinbase', ['eth'])]);
    house.seeder();
    const first = await house.seeded('eth', 'batch', 'charts');
    expect(first).toMatchObject({
      status: 'seeded',
      progress: 100,
      message: 'Seeded with what charts show from Coinbase',
    });
    expect(house.history.asked.length).toBeLessThan(8);
    await house.time.pass(1_000);
    expect(await house.seeded('eth', 'batch')).toMatchObject({ message: 'Seeded from Coinbase' });
    expect(house.completeness('eth', MINUTE)).toBe(1);
    expectNothingTwice(house.history.asked);
  });

  it('serve a person before the batch', async () => {
    const symbols = ['eth', 'sol', 'ada', 'xrp'];
    house = new House([venue('coinbase', symbols)]);
    house.seeder();
    for (const symbol of symbols.slice(0, 3)) await house.request(symbol, 'batch');
    await house.heard(({ progress }) => progress > 10);
    const from = house.time.now();
    const end = await house.seeded('xrp', 'manual');
    // As fast as if it were alone: 99 pages at ten a second.
    expect(end.at - from).toBeLessThan(16_000);
    expect(house.news.some(({ symbol, status }) => symbol !== 'xrp' && status === 'seeded')).toBe(false);
  });
});
