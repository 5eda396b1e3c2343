import type { Fault } from './faults.js';
import { type Client, Stage, settled } from './spec-client.js';

describe('faults', () => {
  let stage: Stage;
  let client: Client;
  beforeEach(async () => {
    stage = await Stage.open({ tradesPerSecond: 500 });
    client = await stage.client('okx');
    await client.subscribe([
      { pair: 'BTC-USDT', symbol: 'btc', quote: 'usdt' },
      { pair: 'DOGE-USDT', symbol: 'doge', quote: 'usdt' },
    ]);
    await stage.pass(1000, 100);
    client.texts.length = 0;
  });
  afterEach(() => stage.close());

  const suffer = async (fault: Fault, ms = 1000): Promise<string[]> => {
    client.texts.length = 0;
    stage.simulator.fault('okx', fault);
    await stage.pass(ms, 100);
    return [...client.texts];
  };

  it('drop closes every socket at once, and new ones are welcome', async () => {
    await suffer({ kind: 'drop' });
    expect(client.closedWith).toBe(1006);
    expect((await stage.client('okx')).status).toBeUndefined();
  });

  it('silence keeps the protocol alive, or not even that, and may concern one asset', async () => {
    expect(await suffer({ kind: 'silence' })).toEqual([]);
    await client.send('ping');
    expect(client.texts).toEqual(['pong']);
    await suffer({ kind: 'silence', pings: false });
    await client.send('ping');
    expect(client.texts).toEqual([]);
    expect(client.closedWith).toBeUndefined();
    await suffer({ kind: 'silence', symbols: ['btc'] });
    expect(new Set(client.trades.map(({ pair }) => pair))).toEqual(new Set(['DOGE-USDT']));
    stage.simulator.heal('okx');
    expect(await suffer({ kind: 'flood', times: 1 })).not.toEqual([]);
  });

  it('half-open says nothing and reads nothing until it is healed, then the socket is gone', async () => {
    expect(await suffer({ kind: 'half-open' })).toEqual([]);
    await client.send('ping');
    await stage.pass(60_000, 20_000);
    expect(client.texts).toEqual([]);
    expect(client.closedWith).toBeUndefined();
    stage.simulator.heal('okx');
    await settled();
    expect(client.closedWith).toBe(1006);
  });

  it('garbage comes between good frames and costs none of them', async () => {
    const texts = await suffer({ kind: 'garbage', share: 0.5 });
    const bad = texts.filter((text) => {
      try {
        return client.source.parse(text).length === 0;
      } catch {
        return true;
      }
    });
    expect(bad.length).toBeGreaterThan(5);
    expect(texts.length - bad.length).toBeGreaterThan(bad.length);
  });

  it('flood multiplies trades with ids of their own', async () => {
    const before = (await suffer({ kind: 'flood', times: 1 })).length;
    await suffer({ kind: 'flood', times: 10 });
    const ids = client.trades.map(({ pair, id }) => pair + id);
    expect(ids.length).toBeGreaterThan(before * 5);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('slow delays frames and answers', async () => {
    expect(await suffer({ kind: 'slow', delayMs: 3000 }, 2000)).toEqual([]);
    await stage.pass(2000, 100);
    const { time } = client.trades[0]!;
    expect(stage.time - time).toBeGreaterThan(2900);
  });

  it('refuse turns new connections and requests away', async () => {
    stage.simulator.fault('okx', { kind: 'refuse' });
    expect((await stage.client('okx')).status).toBe(503);
    expect((await stage.rest('okx', '/api/v5/public/time')).status).toBe(503);
    stage.simulator.fault('okx', { kind: 'refuse', how: 'reset' });
    await expect(stage.rest('okx', '/api/v5/public/time')).rejects.toThrow('fetch failed');
    expect(client.closedWith).toBeUndefined();
  });

  it('clock moves every timestamp', async () => {
    await suffer({ kind: 'clock', skewMs: -10_000 });
    for (const { time } of client.trades) expect(Math.round((stage.time - time) / 1000)).toBeGreaterThanOrEqual(10);
    const [{ ts }] = ((await (await stage.rest('okx', '/api/v5/public/time')).json()) as { data: [{ ts: string }] })
      .data;
    expect(Number(ts)).toBe(stage.time - 10_000);
  });

  it('duplicates repeat trades, reordering swaps neighbours and loses none', async () => {
    await suffer({ kind: 'duplicates', share: 0.5 });
    const twice = client.trades.map(({ pair, id }) => pair + id);
    expect(new Set(twice).size).toBeLessThan(twice.length);
    stage.simulator.heal('okx');
    await suffer({ kind: 'reorder', share: 0.3 }, 3000);
    const ids = client.trades.filter(({ pair }) => pair === 'BTC-USDT').map(({ id }) => Number(id));
    const sorted = ids.toSorted((a, b) => a - b);
    expect(ids).not.toEqual(sorted);
    // Nothing is lost but perhaps the one that still waits for its successor.
    expect(sorted.at(-1)! - sorted[0]! + 1 - sorted.length).toBeLessThanOrEqual(1);
  });

  it('price multiplies, for the asset that is named', async () => {
    await suffer({ kind: 'price', factor: 10, symbols: ['btc'] });
    for (const { pair, price } of client.trades) {
      const base = pair === 'BTC-USDT' ? 'btc' : 'doge';
      const times = price / stage.simulator.market.truth(base, stage.time);
      expect(Math.round(times)).toBe(base === 'btc' ? 10 : 1);
    }
  });

  it('stuck trades on at one price', async () => {
    await suffer({ kind: 'stuck' }, 3000);
    expect(client.trades.length).toBeGreaterThan(20);
    expect(new Set(client.trades.map(({ pair, price }) => `${pair} ${price}`)).size).toBe(2);
  });

  it('nulls leave JSON whole and take numbers out of it', async () => {
    const texts = await suffer({ kind: 'nulls', share: 0.5 });
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.every((text) => typeof JSON.parse(text) === 'object')).toBe(true);
    expect(texts.join('')).toMatch(/"px":(null|""|"NaN")/);
  });

  it('announces its end and goes', async () => {
    const binance = await stage.client('binance');
    stage.simulator.fault('all', { kind: 'shutdown', afterMs: 20 });
    await settled();
    expect(client.messages.map(({ type }) => type)).toContain('reconnect');
    expect(binance.messages.map(({ type }) => type)).toEqual(['reconnect']);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect([client.closedWith, binance.closedWith]).toEqual([1006, 1006]);
  });

  it.each([
    [{ kind: 'rate-limit', retryAfterS: 7 }, 429, /429|exceeded/],
    [{ kind: 'server-error' }, 500, /Internal server error/],
    [{ kind: 'html' }, 200, /^<!DOCTYPE html>/],
    [{ kind: 'empty' }, 200, /^{}$/],
    [{ kind: 'nulls', share: 1 }, 200, /"usd":(null|""|"NaN")/],
  ] as const)('a request meets %j', async (fault, status, body) => {
    stage.simulator.fault('coingecko', fault);
    const answer = await stage.rest('coingecko', '/api/v3/simple/price?ids=bitcoin&vs_currencies=usd');
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(body);
    expect(answer.headers.get('x-haunt-simulated')).toBe('1');
    if (fault.kind === 'rate-limit') expect(answer.headers.get('retry-after')).toBe('7');
  });

  it('hang never answers, and ends by itself when its time is over', async () => {
    stage.simulator.fault('kraken', { kind: 'hang' }, { forMs: 5000 });
    const asked = stage.rest('kraken', '/0/public/Time', { signal: AbortSignal.timeout(50) });
    await expect(asked).rejects.toThrow(/aborted/);
    await stage.pass(5000);
    expect((await stage.rest('kraken', '/0/public/Time')).status).toBe(200);
  });

  it('a de-peg moves USDT prices of everything', async () => {
    const before = client.source.id;
    stage.simulator.depeg('usdt', 0.5);
    client.texts.length = 0;
    await stage.pass(2000, 100);
    expect(before).toBe('okx');
    const { price } = client.trades.find(({ pair }) => pair === 'BTC-USDT')!;
    expect(price / stage.simulator.market.truth('btc', stage.time)).toBeCloseTo(2, 1);
  });

  it('takes orders over HTTP and says what is wrong with bad ones', async () => {
    const order = async (body: unknown): Promise<[number, string]> => {
      const url = `http://127.0.0.1:${stage.simulator.port}/control`;
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      return [answer.status, await answer.text()];
    };
    expect(await order({ venue: 'okx', fault: 'price', factor: 3, symbols: ['btc'] })).toEqual([200, '{"ok":true}']);
    expect(stage.simulator.venues.okx.faults.kinds).toEqual(['price']);
    const seen = (await (await fetch(`http://127.0.0.1:${stage.simulator.port}/control`)).json()) as {
      faults: Record<string, string[]>;
    };
    expect(seen.faults['okx']).toEqual(['price']);
    expect(await order({ venue: 'okx', heal: true })).toEqual([200, '{"ok":true}']);
    expect(stage.simulator.venues.okx.faults.kinds).toEqual([]);
    expect(await order({ depeg: { symbol: 'usdc', rate: 0.9 } })).toEqual([200, '{"ok":true}']);
    expect(await order({ venue: 'mtgox', fault: 'drop' })).toEqual([
      400,
      expect.stringContaining('allowed: all, coinbase'),
    ]);
    expect(await order({ venue: 'okx', fault: 'flood' })).toEqual([400, '{"error":"fault flood needs times"}']);
    expect(await order({ venue: 'okx', fault: 'explode' })).toEqual([400, expect.stringContaining('half-open')]);
    expect(await order({ venue: 'okx', fault: 'slow', delayMs: -1 })).toEqual([
      400,
      expect.stringContaining('from 0 to 600000'),
    ]);
  });
});
