import { STREAM_IDS } from '@haunt/domain';
import { SOURCES_BY_ID, type PollSource, type PolledAsset, type StreamSource } from '@haunt/sources';
import { simulatedAsset } from './assets.js';
import { Stage } from './spec-client.js';
import type { Trade } from './tape.js';
import { Exchange } from './exchange.js';
import { bybitTradeId } from './venues/bybit.rest.js';
import { tickId } from './venues/huobi.trade.js';
import { tradeId } from './venues/kucoin.trade.js';

/** The dialects and the fake venues were written apart, each from the venues' documents: here they check each other. */
const ids: Readonly<Record<string, (trade: Trade) => string>> = {
  kucoin: tradeId,
  huobi: (trade) => String(tickId(trade)),
  bybit: bybitTradeId,
};
/** Where a subscription to trades begins with the next one, not with the last known. */
const WITHOUT_LAST: readonly string[] = ['binance', 'kucoin', 'bybit'];

const COINS = ['btc', 'eth', 'sol', 'doge', 'shib', 'pepe', 'bonk', 'xaut', 'dai', 'zzz'];

describe.each(STREAM_IDS)('%s and its dialect', (id) => {
  const source: StreamSource = SOURCES_BY_ID[id];
  let stage: Stage;
  beforeAll(async () => void (stage = await Stage.open({ symbols: COINS, tradesPerSecond: 800 })));
  afterAll(() => stage.close());

  it('reads every trade of every pair exactly once, as it was made', async () => {
    const venue = stage.venue(id);
    const answer = await stage.rest(id, source.listing.request.path);
    expect(answer.headers.get('x-haunt-simulated')).toBe('1');
    const listed = source.listing.parse(await answer.json());
    expect(listed.map(({ pair }) => pair).sort()).toEqual(venue.onlinePairs.map((pair) => pair.id).sort());
    expect(
      listed.filter(
        ({ pair, symbol, quote }) => venue.pair(pair)?.base !== symbol || venue.pair(pair)?.quote !== quote,
      ),
    ).toEqual([]);

    const client = await stage.client(id);
    expect(client.headers['x-haunt-simulated']).toBe('1');
    await client.subscribe(listed);
    const from = stage.time;
    await stage.pass(3000, 100);

    const expected = listed.flatMap(({ pair }) => {
      const listedPair = venue.pair(pair)!;
      const trades = venue.recent(listedPair, Math.ceil(listedPair.perSecond * 4) + 10);
      const pushed = trades.filter(({ time }) => time > from);
      const before = trades.filter(({ time }) => time <= from).slice(-1);
      return WITHOUT_LAST.includes(id) ? pushed : [...before, ...pushed];
    });
    const spelled = (trade: Trade): string => {
      const name = ids[id]?.(trade) ?? String(trade.id);
      return `${trade.pair.id} ${name} ${trade.price} ${trade.size} ${Math.floor(trade.time)}`;
    };
    const read = client.trades.map(
      ({ pair, id: name, price, size, time }) => `${pair} ${name} ${price} ${size} ${Math.floor(time)}`,
    );
    expect(expected.length).toBeGreaterThan(100);
    expect(read.toSorted()).toEqual(expected.map(spelled).toSorted());
    expect(stage.broken).toEqual([]);
  });

  it('gives one who joins later every trade once, too', async () => {
    const pair = stage.venue(id).onlinePairs.find(({ base }) => base === 'btc')!;
    const listed = [{ pair: pair.id, symbol: 'btc', quote: pair.quote }];
    const [first, second] = [await stage.client(id), await stage.client(id)];
    await first.subscribe(listed);
    await stage.pass(1000, 100);
    // Trades of this second are due, and no round has told them yet.
    stage.time += 1000;
    await second.subscribe(listed);
    await stage.pass(1000, 100);
    const [all, since] = [first, second].map(({ trades }) => trades.map((trade) => trade.id));
    expect(since!.length).toBeGreaterThan(10);
    expect(since).toEqual(all!.slice(-since!.length));
  });

  it('reads tickers that agree with the trades and the day before', async () => {
    const venue = stage.venue(id);
    const client = await stage.client(id);
    const pair = venue.onlinePairs.find(({ base }) => base === 'eth')!;
    await client.subscribe([{ pair: pair.id, symbol: pair.base, quote: pair.quote }]);
    await stage.pass(5000, 1000);
    const ticker = client.messages.filter(({ type }) => type === 'ticker').at(-1);
    const day = venue.day(pair);
    expect(ticker).toMatchObject({ pair: pair.id });
    if (ticker?.type !== 'ticker') throw new Error('no ticker');
    expect(Math.abs(ticker.price / venue.last(pair).price - 1)).toBeLessThan(0.002);
    expect(ticker.open24h! / day.open).toBeCloseTo(1, 3);
    expect(ticker.volume24h! / day.quoteVolume).toBeCloseTo(1, 1);
    expect(stage.time - ticker.time).toBeLessThan(3000);
  });

  it('is within what the venue allows', () => {
    const { limits } = source;
    const { connects, maxAgeMs } = stage.venue(id).rules;
    expect(limits.connects.count / limits.connects.windowMs).toBeLessThanOrEqual(connects.count / connects.windowMs);
    expect(limits.maxAgeMs).toBe(maxAgeMs);
  });
});

describe.each(['kraken', 'coingecko', 'coinmarketcap', 'cryptocompare'] as const)('%s and its dialect', (id) => {
  const source: PollSource = SOURCES_BY_ID[id];
  let stage: Stage;
  beforeEach(async () => void (stage = await Stage.open({ keys: { coinmarketcap: 'right', cryptocompare: 'right' } })));
  afterEach(() => stage.close());

  const ask = async (assets: readonly PolledAsset[], key: string | undefined): Promise<unknown> => {
    const { path, headers } = source.request(assets, key);
    return (await stage.rest(id, path, { headers: { ...headers } })).json();
  };

  it('reads the prices the venue has', async () => {
    const listed = source.listing?.parse(await (await stage.rest(id, source.listing.request.path)).json());
    const assets = ['btc', 'doge', 'shib', 'usdt'].map((symbol): PolledAsset => {
      const { coingeckoId, cmcId } = simulatedAsset(symbol);
      const found = listed?.find((entry) => entry.symbol === symbol && entry.quote === 'usd');
      return { symbol, coingeckoId, cmcId, ...(found !== undefined && { pair: found.pair, quote: found.quote }) };
    });
    const { tickers, refused } = source.parse(await ask(assets, 'right'), assets, stage.time);
    expect(refused).toEqual([]);
    expect(tickers.map(({ symbol }) => symbol)).toEqual(['btc', 'doge', 'shib', 'usdt']);
    const venue = stage.simulator.venues[id];
    for (const ticker of tickers) {
      const truth = stage.simulator.market.truth(ticker.symbol, stage.time);
      expect(Math.abs(ticker.price / truth - 1)).toBeLessThan(0.01);
      if (venue instanceof Exchange) expect(ticker.price).toBe(venue.last(venue.pair(ticker.pair)!).price);
      expect(stage.time - ticker.time).toBeLessThan(60_001);
      expect(ticker.volume24h).toBeGreaterThan(1e5);
    }
  });

  it('refuses a wrong key as the venue does', async () => {
    if (!source.needsKey) return;
    const assets = [{ symbol: 'btc', cmcId: 1 }];
    const { path, headers } = source.request(assets, 'wrong');
    const answer = await stage.rest(id, path, { headers: { ...headers } });
    expect(answer.status).toBe(id === 'coinmarketcap' ? 401 : 200);
    const body: unknown = await answer.json();
    expect(() => source.parse(body, assets, stage.time)).toThrow(/key/i);
  });
});
