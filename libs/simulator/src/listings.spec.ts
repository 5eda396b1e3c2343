import { findAsset } from '@haunt/domain';
import { fearGreed, GLOBAL_SOURCES, type HttpRequest, LISTING_SOURCES, VenueFrameError } from '@haunt/sources';
import { Simulator } from './simulator.js';

const KEY = 'a-key';

describe('listings and the market of the fake venues', () => {
  let simulator: Simulator;
  const symbols = Array.from({ length: 310 }, (_, i) => (i === 0 ? 'btc' : i === 1 ? 'eth' : `sim${i}`));

  const ask = async (where: string, { path, headers }: HttpRequest): Promise<unknown> => {
    const response = await fetch(where + path, { ...(headers && { headers }) });
    return response.json();
  };
  const restOf = (id: keyof Simulator['addresses']): string => simulator.addresses[id].rest;

  beforeAll(async () => (simulator = await Simulator.start({ symbols, keys: { coinmarketcap: KEY } })));
  afterAll(() => simulator.stop());
  afterEach(() => simulator.heal());

  it.each(LISTING_SOURCES)('$id lists every asset once, over all pages', async (source) => {
    const names: string[] = [];
    for (let start = 1; start <= 500; start += source.pageSize) {
      const page = source.parse(await ask(restOf(source.id), source.request(start, 500, KEY)), Date.now());
      expect(page.entries.length).toBe(page.lines);
      names.push(...page.entries.map(({ symbol }) => symbol));
      for (const { figures } of page.entries) {
        expect(figures.marketCap).toBeGreaterThan(0);
        expect(Math.abs(figures.change7d ?? NaN)).toBeLessThan(100);
      }
    }
    expect(names).toHaveLength(312);
    expect(new Set(names).size).toBe(312);
  });

  it('the keyless one has the line of the week, which ends at the price', async () => {
    const source = LISTING_SOURCES[1]!;
    const page = source.parse(await ask(restOf(source.id), source.request(1, 250, undefined)), Date.now());
    const btc = page.entries.find(({ symbol }) => symbol === 'BTC')!;
    expect(btc.coingeckoId).toBe(findAsset('btc')?.coingeckoId);
    const line = btc.figures.sparkline ?? [];
    expect(line).toHaveLength(168);
    expect((line.at(-1) ?? 0) / btc.figures.price).toBeCloseTo(1, 4);
  });

  it.each(GLOBAL_SOURCES)('$id tells the market', async (source) => {
    const figures = source.parse(await ask(restOf(source.id), source.request(KEY)), Date.now());
    expect(figures.totalMarketCap).toBeGreaterThan(1e12);
    expect(figures.btcDominance + figures.ethDominance).toBeLessThan(100);
    expect(figures.activeCryptocurrencies).toBe(312);
  });

  it('and its mood, the same all day', async () => {
    const where = simulator.env['FEARGREED_REST_URL']!;
    const today = fearGreed.parse(await ask(where, fearGreed.request));
    expect(today.previous).toBeGreaterThanOrEqual(0);
    expect(fearGreed.parse(await ask(where, fearGreed.request))).toEqual(today);
  });

  it.each(['zeros', 'empty'] as const)('of an answer with %s nothing is believed', async (kind) => {
    simulator.fault('all', { kind });
    for (const source of LISTING_SOURCES) {
      const body = await ask(restOf(source.id), source.request(1, 100, KEY));
      const entries = (): number => source.parse(body, Date.now()).entries.length;
      if (kind === 'zeros') expect(entries).toThrow(VenueFrameError);
      else expect(entries()).toBe(0);
    }
    for (const source of GLOBAL_SOURCES) {
      const body = await ask(restOf(source.id), source.request(KEY));
      expect(() => source.parse(body, Date.now())).toThrow(VenueFrameError);
    }
  });
});
