import type { SeedRequest } from '@haunt/contracts';
import { DEFAULT_SYMBOLS, type ListingEntry, mergeListing, SERIES } from '@haunt/domain';
import { House } from '../test/house.js';
import { SeedSchedule } from './seed.schedule.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let house: House;
let requests: SeedRequest[];
let running: number;
let most: number;

/** Assets of which nothing is missing. */
const whole = new Set<string>();
/** Assets of which there is what charts show. */
const shown = new Set<string>();
/** Buckets of a width that charts show. */
const SHOWN: Readonly<Record<number, number>> = { [MINUTE]: 60, [5 * MINUTE]: 288, [HOUR]: 720 };
/** Assets whose jobs are never heard of again. */
const lost = new Set<string>();
/** Assets that no venue lists. */
const unlisted = new Set<string>();

/** Instead of jobs: whoever is asked for is whole a second later. */
async function play(request: SeedRequest): Promise<void> {
  const { bus, time } = house;
  const { symbol } = request;
  requests.push(request);
  if (lost.has(symbol)) return;
  most = Math.max(most, ++running);
  await time.sleep(1_000);
  running--;
  (request.upTo === 'charts' ? shown : whole).add(symbol);
  await bus.publish('seed.progress', { symbol, status: 'seeded', progress: 100, message: '', at: time.now() });
}

function build(symbols: readonly string[] | undefined): void {
  [requests, running, most] = [[], 0, 0];
  whole.clear();
  shown.clear();
  lost.clear();
  unlisted.clear();
  house = new House([], { symbols, aggregator: false });
  house.bus.answer('history.missing', ({ symbol }) =>
    SERIES.map(({ bucketMs, buckets }) => {
      const to = Math.floor(house.time.now() / bucketMs) * bucketMs;
      const from = to - buckets * bucketMs;
      const end = shown.has(symbol) ? to - SHOWN[bucketMs]! * bucketMs : to;
      return { bucketMs, from, to, missing: whole.has(symbol) ? [] : [[from, end] as const], weak: [] };
    }),
  );
  for (let lane = 0; lane < 8; lane++) house.bus.consume('seed.deferred', ([entry]) => play(entry!.event));
}

/** Two are under way at once, so neighbours may change places. */
const asked = (from = 0): string[] =>
  requests
    .slice(from)
    .map(({ symbol }) => symbol)
    .sort();

/** @returns what ends it */
function start(me: string): () => Promise<void> {
  const stop = new AbortController();
  const directory = {
    isOnVenue: (symbol: string) => Promise.resolve(!unlisted.has(symbol)),
    // A request every twelve minutes, as CoinGecko's free key allows.
    indexIntervalMs: 12 * MINUTE,
  };
  const schedule = new SeedSchedule(house.parts(me), directory, stop.signal);
  schedule.start();
  const end = (): Promise<void> => {
    stop.abort();
    return schedule.close();
  };
  ends.push(end);
  return end;
}

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  await house.time.until(Promise.all(ends.splice(0).map((end) => end())));
  await house.close();
});

/** A listing of so many coins that exist nowhere, largest first, after `before` has been left out. */
function list(count: number, before = 0): void {
  const entries = Array.from({ length: count }, (_, i): ListingEntry => {
    const n = before + i + 1;
    const symbol = `NEW${n}`;
    return {
      coingeckoId: `new-coin-${n}`,
      symbol,
      name: `New ${n}`,
      rank: i + 1,
      figures: { price: 1, marketCap: 1e9 / n, updatedAt: 0 },
    };
  });
  const listing = { source: 'coingecko', at: house.time.now(), complete: true, entries } as const;
  house.registry = mergeListing(house.registry, listing);
}

describe('the batch', () => {
  const ranked = Array.from({ length: 200 }, (_, i) => `new${i + 1}`);
  const named = (symbols: readonly string[]): string[] => [...symbols].sort();

  it('goes through the whole list on the first day, by rank: first what charts show, then all; and so from day to day', async () => {
    build(undefined);
    list(200);
    start('one');
    await house.time.pass(MINUTE);
    expect(requests.length).toBeGreaterThan(50);
    expect(asked()).toEqual(named(ranked.slice(0, requests.length)));
    await house.time.pass(10 * MINUTE);
    expect(asked()).toEqual(named([...ranked, ...ranked]));
    expect(requests.map(({ upTo }) => upTo)).toEqual(
      Array.from({ length: 400 }, (_, i) => (i < 200 ? 'charts' : undefined)),
    );
    expect(
      requests
        .slice(200, 210)
        .map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(named(ranked.slice(0, 10)));
    // What is whole costs nothing, and what has left the list is not asked for.
    whole.clear();
    list(30, 190);
    whole.add('new195');
    await house.time.pass(DAY - HOUR);
    expect(requests).toHaveLength(400);
    await house.time.pass(HOUR);
    const now = Array.from({ length: 30 }, (_, i) => `new${191 + i}`).filter((symbol) => symbol !== 'new195');
    const chartless = now.filter((symbol) => Number(symbol.slice(3)) > 200);
    expect(asked(400)).toEqual(named([...now, ...chartless]));
    expect(most).toBe(2);
  });

  it('asks for what no venue lists as slowly as the quota of an index wants it, and goes on the next day', async () => {
    build(undefined);
    list(200);
    // Beyond the largest, which every start asks for.
    for (const symbol of ranked.slice(100, 160)) unlisted.add(symbol);
    const end = start('one');
    const onIndices = (): string[] =>
      requests.map(({ symbol }) => symbol).filter((symbol) => Number(symbol.slice(3)) > 100 && unlisted.has(symbol));
    await house.time.pass(10 * MINUTE);
    expect(requests).toHaveLength(2 * 140 + 1);
    expect(onIndices()).toEqual(['new101']);
    await house.time.pass(DAY / 2);
    expect(onIndices()).toEqual(ranked.slice(100, 116));
    // The one who goes on does not begin anew.
    await house.time.until(end());
    start('two');
    await house.time.pass(DAY);
    expect(requests.length - onIndices().length).toBe(2 * 140);
    // Of 120 requests a day no more than half.
    expect(onIndices()).toEqual(ranked.slice(100, 100 + onIndices().length));
    expect(onIndices().length).toBeGreaterThanOrEqual(44);
    expect(onIndices().length).toBeLessThanOrEqual(47);
  });

  it('seeds the largest when it starts, a few at a time, only what is incomplete, one seeder for all', async () => {
    build(DEFAULT_SYMBOLS);
    const top = DEFAULT_SYMBOLS.slice(0, 25);
    whole.add(top[3]!);
    for (const me of ['one', 'two']) start(me);
    await house.time.pass(10 * MINUTE);
    const first = requests.slice(0, 2).map(({ symbol }) => symbol);
    expect(first.sort()).toEqual(top.slice(0, 2).sort());
    const rest = DEFAULT_SYMBOLS.filter((symbol) => symbol !== top[3]);
    expect(asked()).toEqual([...rest, ...rest].sort());
    expect(
      requests
        .slice(0, 24)
        .map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(rest.slice(0, 24).sort());
    expect(requests.every(({ reason }) => reason === 'batch')).toBe(true);
    expect(most).toBe(2);
  });

  it('looks at all of them once a day, in the seeder that is left', async () => {
    build(['eth', 'sol']);
    const endFirst = start('one');
    start('two');
    const both = ['eth', 'eth', 'sol', 'sol'];
    await house.time.pass(5 * MINUTE);
    expect(asked()).toEqual(both);
    await house.time.until(endFirst());
    for (const set of [whole, shown]) set.clear();
    // The other one takes over, and looks at the largest for itself.
    await house.time.pass(5 * MINUTE);
    expect(asked(4)).toEqual(both);
    for (const set of [whole, shown]) set.clear();
    await house.time.pass(DAY - 30 * MINUTE);
    expect(requests).toHaveLength(8);
    await house.time.pass(60 * MINUTE);
    expect(asked(8)).toEqual(both);
  });

  it('goes on when jobs are never heard of again', async () => {
    build(['lost', 'gone', 'eth']);
    for (const symbol of ['lost', 'gone']) lost.add(symbol);
    start('one');
    await house.time.pass(9 * MINUTE);
    expect(asked()).toEqual(['gone', 'lost']);
    await house.time.pass(2 * MINUTE);
    expect([...new Set(asked())]).toEqual(['eth', 'gone', 'lost']);
  });
});
