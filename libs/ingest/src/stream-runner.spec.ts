import type { Tick, Ticker } from '@haunt/domain';
import type { HttpInput } from '@haunt/platform';
import type { StreamSource } from '@haunt/sources';
import { KEYS } from '@haunt/storage';
import {
  fakeTime,
  listing,
  pass,
  settle,
  toyHttp,
  toySource,
  toyStore,
  ToyVenue,
  trade,
  until,
} from '../test/toy-venue.js';
import { SourceHealth } from './source-health.js';
import { StreamRunner } from './stream-runner.js';

describe('stream runner', () => {
  let venue: ToyVenue;
  let runner: StreamRunner | undefined;
  let health: SourceHealth;
  let ticks: Tick[];
  let tickers: Ticker[];
  let warnings: string[];
  let states: string[];
  let store: ReturnType<typeof toyStore>;
  let rest: (input: HttpInput) => unknown;

  const ids = (): string[] => ticks.map(({ id }) => id);

  const start = (symbols: string[], changes: Partial<StreamSource> = {}): StreamRunner => {
    const clock = { now: () => Date.now() };
    const log = { info: () => {}, warn: (_: object, message: string) => void warnings.push(message) };
    health = new SourceHealth({
      source: 'coinbase',
      instance: 'test',
      clock,
      log,
      onChange: (changed) => void states.push(changed.report().state),
    });
    runner = new StreamRunner(toySource(changes), {
      http: toyHttp((input) => rest(input)),
      store,
      clock,
      log,
      random: () => 0.5,
      writer: { tick: (tick) => void ticks.push(tick), ticker: (ticker) => void tickers.push(ticker) },
      health,
      addresses: { ws: venue.url },
    });
    runner.start(symbols);
    return runner;
  };

  /** Started, and its first connection subscribed. */
  const started = async (symbols: string[], changes: Partial<StreamSource> = {}): Promise<StreamRunner> => {
    const made = start(symbols, changes);
    await settle();
    await pass(400);
    await until(() => venue.connections.length > 0 && venue.last.subscribed.size > 0);
    return made;
  };

  beforeEach(async () => {
    fakeTime();
    ticks = [];
    tickers = [];
    warnings = [];
    states = [];
    store = toyStore();
    rest = () => listing('btc-usd', 'eth-usd', 'sol-usd', 'ada-usd', 'dot-usd');
    venue = new ToyVenue();
    await venue.open();
  });

  afterEach(async () => {
    runner?.stop();
    runner = undefined;
    await venue.kill();
    jest.useRealTimers();
  });

  it('subscribes what the venue lists, and reports what it does not', async () => {
    await started(['btc', 'foo', 'eth']);
    expect([...venue.last.subscribed]).toEqual(['BTC-USD', 'ETH-USD']);
    expect(venue.last.url).toBe('/feed');
    expect(health.report()).toMatchObject({ state: 'connecting', symbols: 2, unlisted: ['foo'] });
    venue.last.say(trade(1), { type: 'ticker', pair: 'ETH-USD', price: 5, time: 7, open24h: 4 });
    await until(() => tickers.length === 1);
    expect(ticks).toEqual([{ symbol: 'btc', quote: 'usd', price: 100, size: 1, time: 1_001, id: '1' }]);
    expect(tickers).toEqual([{ symbol: 'eth', quote: 'usd', price: 5, time: 7, open24h: 4 }]);
    expect(health.report()).toMatchObject({ state: 'connected', ticks: 1, tickers: 1 });
  });

  it('comes back after the venue was killed, subscribes everything again, and counts repeated trades once', async () => {
    await started(['btc', 'eth']);
    venue.last.say(trade(1), trade(2));
    await until(() => ticks.length === 2);
    await venue.kill();
    await until(() => health.report().state !== 'connected');
    expect(health.report()).toMatchObject({
      state: 'connecting',
      lastError: { message: 'the connection was cut (1006)' },
    });
    await pass(5_000);
    expect(health.report().state).toBe('failing');
    expect(health.report().nextAttemptAt).toBeGreaterThan(Date.now());
    expect(health.report().lastError?.message).toMatch(/ECONNREFUSED/);
    await venue.open();
    const killedAt = Date.now();
    while (venue.connections.length < 2) await pass(250);
    expect(Date.now() - killedAt).toBeLessThan(10_000);
    await until(() => venue.last.subscribed.size === 2);
    venue.last.say(trade(2), trade(3));
    await until(() => ticks.length === 3);
    expect(ids()).toEqual(['1', '2', '3']);
    expect(health.report()).toMatchObject({ state: 'connected', duplicates: 1 });
    expect(health.report().nextAttemptAt).toBeUndefined();
  });

  it('never gives up', async () => {
    await started(['btc']);
    await venue.kill();
    await pass(6 * 60 * 60_000, 20_000);
    await venue.open();
    await pass(31_000);
    await until(() => venue.last.subscribed.size === 1 && !venue.last.closed);
  });

  it('changes subscriptions at run time without touching those that stay', async () => {
    const running = await started(['btc', 'eth']);
    running.setSymbols(['eth', 'sol', 'nope']);
    await until(() => venue.last.frames.length === 3);
    expect(venue.last.frames.map((frame) => JSON.parse(frame) as unknown)).toEqual([
      { op: 'subscribe', pairs: ['BTC-USD', 'ETH-USD'] },
      { op: 'unsubscribe', pairs: ['BTC-USD'] },
      { op: 'subscribe', pairs: ['SOL-USD'] },
    ]);
    expect(health.report().unlisted).toEqual(['nope']);
    venue.last.socket.terminate();
    await pass(1_000);
    await until(() => venue.connections.length === 2 && venue.last.subscribed.size === 2);
    expect([...venue.last.subscribed]).toEqual(['ETH-USD', 'SOL-USD']);
  });

  it('spreads pairs over sockets and opens and closes them as symbols come and go', async () => {
    const limits = { ...toySource().limits, pairsPerSocket: 2 };
    const running = await started(['btc', 'eth', 'sol'], { limits });
    await until(() => venue.connections.length === 2 && venue.last.subscribed.size === 1);
    running.setSymbols(['btc', 'eth']);
    await until(() => venue.alive.length === 1);
    expect([...venue.alive[0]!.subscribed]).toEqual(['BTC-USD', 'ETH-USD']);
    expect(venue.connections[0]!.frames).toHaveLength(1);
  });

  it('keeps the rest when the venue refuses a pair by name, and asks for it again with the next product list', async () => {
    let refuse = true;
    // As venues do that reject the whole frame: nothing of it is subscribed.
    venue.onSubscribe = (connection, pairs) => {
      if (!refuse || !pairs.includes('ETH-USD')) return;
      for (const pair of pairs) connection.subscribed.delete(pair);
      connection.say({ type: 'refused', message: 'ETH-USD is not a valid product', pairs: ['ETH-USD'] });
    };
    start(['btc', 'eth', 'sol']);
    await settle();
    await pass(1_000);
    await until(() => (health.report().refused?.length ?? 0) === 1);
    expect(health.report()).toMatchObject({
      refused: [{ symbol: 'eth', message: 'ETH-USD is not a valid product' }],
      unlisted: [],
      symbols: 2,
      lastError: { message: 'ETH-USD refused: ETH-USD is not a valid product' },
    });
    await pass(4_000);
    await until(() => venue.last.subscribed.size === 2);
    expect([...venue.last.subscribed]).toEqual(['BTC-USD', 'SOL-USD']);
    refuse = false;
    await pass(66 * 60_000, 5_000);
    await until(() => venue.last.subscribed.has('ETH-USD'));
    expect(health.report().refused).toBeUndefined();
  });

  it('finds the refused pairs when the venue does not name them', async () => {
    const bad = ['ETH-USD', 'DOT-USD'];
    venue.onSubscribe = (connection, pairs) => {
      if (!pairs.some((pair) => bad.includes(pair))) return;
      for (const pair of pairs) connection.subscribed.delete(pair);
      connection.say({ type: 'refused', message: 'invalid symbol' });
    };
    start(['btc', 'eth', 'sol', 'ada', 'dot']);
    await settle();
    await pass(60_000, 500);
    expect(
      health
        .report()
        .refused?.map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(['dot', 'eth']);
    expect([...venue.last.subscribed].sort()).toEqual(['ADA-USD', 'BTC-USD', 'SOL-USD']);
    expect(venue.connections).toHaveLength(1);
  });

  it('survives garbage: counted, sampled at most every 10 s, never fatal', async () => {
    await started(['btc']);
    for (let i = 0; i < 50; i++) venue.last.socket.send(`<garbage ${i}>`);
    venue.last.socket.send(Buffer.from([0x1f, 0x8b, 0, 1, 2]));
    venue.last.say({ type: 'trade', pair: 'BTC-USD', price: Number.NaN, size: 1, time: 1, id: 'x' });
    venue.last.say({ type: 'trade', pair: 'BTC-USD', price: 5, size: 0, time: 1, id: 'y' });
    venue.last.say(trade(1));
    await until(() => ticks.length === 1);
    expect(ids()).toEqual(['1']);
    expect(health.report()).toMatchObject({ badFrames: 53, state: 'connected' });
    expect(warnings.filter((line) => line.includes('cannot be read'))).toHaveLength(1);
    expect(venue.connections).toHaveLength(1);
  });

  it('takes trades of pairs it did not subscribe to where the pair is beyond doubt', async () => {
    await started(['btc']);
    venue.last.say(trade(1, 'SOL-USD'), trade(2, 'NEW-EUR'), trade(3, 'what is this'));
    await until(() => ticks.length === 2);
    expect(ticks.map(({ symbol, quote }) => `${symbol}/${quote}`)).toEqual(['sol/usd', 'new/eur']);
    expect(warnings).toEqual(['coinbase sent a pair that it does not list']);
  });

  it('rotates before the age limit with overlap: nothing lost, nothing twice', async () => {
    const day = 24 * 60 * 60_000;
    await started(['btc', 'eth'], { limits: { ...toySource().limits, maxAgeMs: day } });
    const openedAt = Date.now();
    const [old] = venue.connections;
    let next = 1;
    const everybody = (): void => {
      for (const connection of venue.alive) {
        if (connection.subscribed.size === 2) connection.say(trade(next), trade(next, 'ETH-USD'));
      }
      next++;
    };
    while (venue.connections.length === 1) {
      everybody();
      await pass(10_000, 10_000);
    }
    expect(Date.now() - openedAt).toBeGreaterThan(21.5 * 60 * 60_000);
    expect(Date.now() - openedAt).toBeLessThan(23.1 * 60 * 60_000);
    await until(() => venue.last.subscribed.size === 2);
    expect(old!.closed).toBe(false);
    await pass(10_000);
    // The new one is subscribed and has said nothing: the old one must stay.
    expect(old!.closed).toBe(false);
    for (let i = 0; i < 40; i++) {
      everybody();
      await pass(250);
    }
    await until(() => old!.closed);
    everybody();
    await settle();
    const expected = Array.from({ length: next - 1 }, (_, i) => String(i + 1));
    expect(ticks.filter(({ symbol }) => symbol === 'btc').map(({ id }) => id)).toEqual(expected);
    expect(ticks.filter(({ symbol }) => symbol === 'eth').map(({ id }) => id)).toEqual(expected);
    expect(venue.connections).toHaveLength(2);
    expect(health.report().lastError).toBeUndefined();
    expect(states).toEqual(expect.not.arrayContaining(['failing']));
  }, 20_000);

  it('moves to a new connection at once when the venue asks for it, and not in a storm', async () => {
    venue.onSubscribe = (connection) => connection.say({ type: 'reconnect', reason: 'maintenance' }, trade(1));
    await started(['btc']);
    await settle();
    await pass(10);
    await until(() => venue.connections.length === 2);
    const first = venue.connections[0]!;
    expect(first.closed).toBe(false);
    await pass(120_000);
    expect(first.closed).toBe(true);
    expect(venue.alive.length).toBeGreaterThanOrEqual(1);
    expect(venue.connections.length).toBeLessThan(30);
    expect(ids()).toEqual(['1']);
  });

  it('takes a new ticket for every connection, and its ping interval', async () => {
    let tickets = 0;
    rest = ({ url }) => (url.endsWith('/ticket') ? { token: `t${++tickets}` } : listing('btc-usd'));
    const connectIds = new Set<string>();
    await started(['btc'], {
      keepAlive: { by: 'client-frame', everyMs: 50_000, frame: () => 'ping', silenceMs: 100_000 },
      ticket: {
        request: { method: 'POST', path: '/ticket' },
        address: (body, connectId, override) => {
          connectIds.add(connectId);
          return { url: `${override}/feed?token=${(body as { token: string }).token}`, pingEveryMs: 2_000 };
        },
      },
    });
    await pass(7_000);
    expect(venue.last.frames.filter((frame) => frame === 'ping')).toHaveLength(3);
    for (let i = 1; i <= 3; i++) {
      expect(venue.last.url).toBe(`/feed?token=t${i}`);
      venue.last.socket.terminate();
      await pass(61_000, 1_000);
      await until(() => venue.connections.length === i + 1);
    }
    expect(connectIds.size).toBe(4);
  });

  it('says nothing before the welcome', async () => {
    start(['btc'], { waitForWelcome: true });
    await settle();
    await pass(500);
    await until(() => venue.connections.length === 1);
    await pass(2_000);
    expect(venue.last.frames).toEqual([]);
    venue.last.say({ type: 'alive', welcome: true });
    await until(() => venue.last.subscribed.size === 1);
    runner?.stop();
    await pass(1_000);
    start(['btc'], { waitForWelcome: true });
    await settle();
    await pass(12_000);
    expect(health.report().lastError?.message).toBe('no welcome within 10000 ms');
  });

  it('starts with the product list of an earlier run when there is none to be had', async () => {
    store.values.set(KEYS.products('coinbase').name, JSON.stringify(listing('btc-usd')));
    rest = () => Promise.reject(new Error('the venue is closed'));
    await started(['btc', 'eth']);
    expect([...venue.last.subscribed]).toEqual(['BTC-USD']);
    rest = () => listing('btc-usd', 'eth-usd');
    await pass(2_000);
    await until(() => venue.last.subscribed.size === 2);
    expect(store.values.get(KEYS.products('coinbase').name)).toContain('ETH-USD');
  });

  it('without any product list it is failing, says why and when next, and keeps trying', async () => {
    let asked = 0;
    rest = () => {
      asked++;
      return asked % 2 ? Promise.reject(new Error('the venue is closed')) : { products: 'none' };
    };
    start(['btc']);
    await settle();
    expect(health.report()).toMatchObject({
      state: 'failing',
      lastError: { message: 'no product list: the venue is closed' },
      nextAttemptAt: expect.any(Number) as number,
    });
    await pass(300_000, 1_000);
    expect(asked).toBeGreaterThan(10);
    rest = () => [];
    await pass(31_000, 1_000);
    expect(health.report().lastError?.message).toBe('no product list: the list is empty');
    rest = () => listing('btc-usd');
    await pass(31_000, 1_000);
    await until(() => venue.connections.length === 1);
  });

  it('a venue that lists nothing of what is wanted is disabled, until it is', async () => {
    const running = start(['foo']);
    await settle();
    await pass(5_000);
    expect(health.report()).toMatchObject({ state: 'disabled', reason: 'it lists none of the assets asked for' });
    expect(venue.connections).toHaveLength(0);
    running.setSymbols(['btc']);
    await pass(500);
    await until(() => venue.connections.length === 1);
    expect(health.report().state).toBe('connecting');
  });

  it('tells a silent pair and a silent venue apart', async () => {
    await started(['btc', 'eth']);
    for (let minute = 0; minute < 6; minute++) {
      venue.last.say(trade(minute));
      await pass(59_000, 10_000);
    }
    health.check();
    expect(health.report()).toMatchObject({ silent: ['eth'], state: 'stale' });
    venue.last.say(trade(99));
    await until(() => ticks.length === 7);
    expect(health.report().state).toBe('connected');
  });

  it('replaces a connection that lives and delivers nothing, less often each time', async () => {
    venue.onConnect = ({ socket }) => {
      const beat = setInterval(() => socket.send('[]'), 1_000);
      socket.on('close', () => clearInterval(beat));
    };
    await started(['btc']);
    await pass(61_000, 500);
    await until(() => venue.connections.length === 2);
    await pass(30 * 60_000, 5_000);
    expect(venue.connections.length).toBeLessThan(8);
    expect(venue.alive.length).toBeGreaterThan(0);
  });

  it('notices a simulation by its header', async () => {
    await venue.kill();
    await venue.open(['x-haunt-simulated: 1']);
    await started(['btc']);
    expect(health.report().simulated).toBe(true);
  });

  it('stops for good', async () => {
    const running = await started(['btc']);
    running.stop();
    await until(() => venue.last.closed);
    await pass(120_000, 1_000);
    expect(venue.connections).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
