import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterName, streamName } from '@haunt/contracts';
import { Redis } from 'ioredis';
import { describeRedis, RedisServer } from '../../../../test/redis-server.js';
import { TcpProxy } from '../../../../test/tcp-proxy.js';
import { busContract, type BusHarness, heartbeat, seedOf, type TestedBus, times, until } from '../bus.contract.js';
import type { BusOptions } from '../bus-options.js';
import type { Gap } from '../event-bus.js';
import { transportContract } from '../nest/transport.contract.js';
import { RedisBus, type RedisBusOptions } from './redis-bus.js';
import { BusUnavailableError } from './stream-writer.js';

describeRedis('RedisBus', () => {
  let server: RedisServer;
  let admin: Redis;
  const open = new Map<TestedBus, TcpProxy>();
  let proxies: TcpProxy[] = [];

  /** Each bus has a wire of its own, made ahead because a bus is made synchronously. */
  const wires = async (): Promise<void> => {
    proxies = await Promise.all(Array.from({ length: 4 }, () => TcpProxy.start(server.port)));
  };

  const create = (options: Partial<RedisBusOptions> = {}): RedisBus => {
    const proxy = proxies.pop() as TcpProxy;
    const url = `redis://127.0.0.1:${proxy.port}`;
    const bus = new RedisBus({ claimAfterMs: 200, backoff: { firstMs: 1, maxMs: 4 }, ...options, url });
    open.set(bus, proxy);
    return bus;
  };

  const wireOf = (bus: TestedBus): TcpProxy => open.get(bus) as TcpProxy;

  const reset = async (): Promise<void> => {
    await Promise.all([...open.keys()].map((bus) => bus.close()));
    await Promise.all([...open.values(), ...proxies].map((proxy) => proxy.stop()));
    open.clear();
    await admin.flushall();
  };

  beforeAll(async () => {
    server = await RedisServer.start();
    admin = new Redis(server.url, { retryStrategy: () => 50 });
    admin.on('error', () => undefined);
  });
  beforeEach(wires);
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  const harness: BusHarness = {
    create: (options?: BusOptions) => create(options),
    reset,
    crash: (bus) => wireOf(bus).refuse(),
  };
  describe('keeps the contract', () => {
    busContract(harness);
  });
  describe('carries the Nest transport', () => {
    transportContract(harness);
  });

  describe('beyond the contract', () => {
    afterEach(reset);

    const consumeTicks = (bus: RedisBus): { seen: number[]; gaps: Gap[] } => {
      const seen: number[] = [];
      const gaps: Gap[] = [];
      bus.consume('ticks', (entries) => void seen.push(...times(entries)), {
        from: { at: 'start' },
        onGap: (gap) => void gaps.push(gap),
      });
      return { seen, gaps };
    };

    it('reads on after its socket was cut in the middle of a blocking read, missing and repeating nothing', async () => {
      const [reader, writer] = [create(), create()];
      const { seen, gaps } = consumeTicks(reader);
      await writer.publish('ticks', heartbeat(1));
      await until('the first', () => seen.length === 1);
      wireOf(reader).cut();
      await writer.publish('ticks', heartbeat(2));
      await until('the second', () => seen.length === 2);
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await writer.publish('ticks', heartbeat(3));
      await until('the third', () => seen.length === 3);
      expect(seen).toEqual([1, 2, 3]);
      expect(gaps).toEqual([]);
    });

    it('replaces a connection that is open and silent', async () => {
      const [reader, writer] = [create(), create()];
      const { seen } = consumeTicks(reader);
      await writer.publish('ticks', heartbeat(1));
      await until('the first', () => seen.length === 1);
      wireOf(reader).silence();
      await writer.publish('ticks', heartbeat(2));
      await until('the watchdog', () => reader.incidents.counts['connection-lost'] > 0);
      wireOf(reader).silence(false);
      await until('the second', () => seen.length === 2);
    });

    it('publishes once when the answer to XADD is lost', async () => {
      const bus = create();
      const { seen } = consumeTicks(bus);
      await bus.publish('ticks', heartbeat(1));
      wireOf(bus).holdAnswers();
      const lost = [2, 3].map((i) => bus.publish('ticks', heartbeat(i)));
      await untilAsync('they are in the stream', async () => (await admin.xlen(streamName('ticks'))) === 3);
      wireOf(bus).holdAnswers(false);
      wireOf(bus).cut();
      const ids = await Promise.all(lost);
      await bus.publish('ticks', heartbeat(4));
      await until('all', () => seen.includes(4));
      expect(seen).toEqual([1, 2, 3, 4]);
      const entries = await admin.xrange(streamName('ticks'), '-', '+');
      expect(entries.slice(1, 3).map(([id]) => id)).toEqual(ids);
    });

    it('keeps what is published while Redis is away, within bounds, and says so beyond them', async () => {
      const bus = create({ queueMs: 300, queueBytes: 100 });
      await bus.publish('ticks', heartbeat(1));
      wireOf(bus).refuse();
      await until('it is noticed', () => !bus.healthy());
      const kept = bus.publish('ticks', heartbeat(2));
      const tooMuch = bus.publish('seed.requested', seedOf('x'.repeat(100)));
      await expect(tooMuch).rejects.toThrow(BusUnavailableError);
      await expect(tooMuch).rejects.toThrow(/bytes already wait/);
      await expect(kept).rejects.toThrow(/could not be sent: Redis is away/);
      const later = bus.publish('ticks', heartbeat(3));
      wireOf(bus).refuse(false);
      await later;
      const { seen } = consumeTicks(bus);
      await until('the last', () => seen.length === 2);
      expect(seen).toEqual([1, 3]);
    });

    it('lives through a Redis that stands still', async () => {
      const bus = create();
      const { seen } = consumeTicks(bus);
      const done: string[] = [];
      bus.consume('seed.requested', (entries) => void done.push(...entries.map(({ event }) => event.symbol)));
      await bus.publish('ticks', heartbeat(1));
      await until('the first', () => seen.length === 1);
      server.pause();
      const published = [bus.publish('ticks', heartbeat(2)), bus.publish('seed.requested', seedOf('btc'))];
      await sleep(4_000);
      server.resume();
      const resumed = performance.now();
      await Promise.all(published);
      await until('both', () => seen.length === 2 && done.length === 1);
      expect(performance.now() - resumed).toBeLessThan(10_000);
      expect(seen).toEqual([1, 2]);
      expect(done).toEqual(['btc']);
    });

    it('goes on with a Redis that was killed and came back empty, and reports the gap', async () => {
      const bus = create();
      const { seen, gaps } = consumeTicks(bus);
      const done: string[] = [];
      bus.consume('seed.requested', (entries) => void done.push(...entries.map(({ event }) => event.symbol)));
      bus.answer('price.explain', () => null);
      await bus.publish('seed.requested', seedOf('before'));
      const id = await bus.publish('ticks', heartbeat(1));
      await until('both', () => seen.length === 1 && done.length === 1);
      await server.kill();
      const published = [bus.publish('ticks', heartbeat(2)), bus.publish('seed.requested', seedOf('after'))];
      await sleep(200);
      await server.restart();
      const restarted = performance.now();
      await Promise.all(published);
      await until('both', () => seen.length === 2 && done.length === 2);
      expect(await bus.ask('price.explain', { symbol: 'btc' })).toBeNull();
      expect(performance.now() - restarted).toBeLessThan(10_000);
      expect(done).toEqual(['before', 'after']);
      expect(gaps.map(({ after }) => after)).toEqual([id]);
    });

    it('makes its groups again in a Redis that was emptied under it', async () => {
      const bus = create();
      const done: string[] = [];
      bus.consume('seed.requested', (entries) => void done.push(...entries.map(({ event }) => event.symbol)));
      bus.answer('price.explain', () => null);
      await bus.publish('seed.requested', seedOf('before'));
      await until('the first', () => done.length === 1);
      expect(await bus.ask('price.explain', { symbol: 'btc' })).toBeNull();
      await admin.flushall();
      await bus.publish('seed.requested', seedOf('after'));
      await until('the second', () => done.length === 2);
      expect(await bus.ask('price.explain', { symbol: 'btc' })).toBeNull();
    });

    it('finds the work that was handed to it on a connection that died before it arrived', async () => {
      const [worker, writer] = [create({ claimAfterMs: 60_000 }), create()];
      const done: string[] = [];
      worker.consume('seed.requested', (entries) => void done.push(...entries.map(({ event }) => event.symbol)));
      await writer.publish('seed.requested', seedOf('first'));
      await until('the first', () => done.length === 1);
      // Not before it reads again: an acknowledgement held back would keep it from reading at all.
      await untilAsync('the next blocking read', async () => /blocked_clients:1/.test(await admin.info('clients')));
      wireOf(worker).holdAnswers();
      await writer.publish('seed.requested', seedOf('second'));
      await untilAsync('Redis has handed it out', async () => {
        const [pending] = (await admin.xpending(streamName('seed.requested'), 'haunt')) as [number];
        return pending === 1;
      });
      wireOf(worker).holdAnswers(false);
      wireOf(worker).cut();
      await until('the second', () => done.length === 2);
      expect(done).toEqual(['first', 'second']);
      expect(worker.incidents.counts.reclaimed).toBe(0);
    });

    it('gives the work under way back when it is closed, instead of being waited for as if it had died', async () => {
      const [leaving, staying] = [create({ claimAfterMs: 60_000 }), create({ claimAfterMs: 60_000 })];
      const stop = new AbortController();
      let began = 0;
      leaving.consume('seed.requested', async () => {
        began++;
        await new Promise((_, reject) =>
          stop.signal.addEventListener('abort', () => reject(new Error('the process ends'))),
        );
      });
      await leaving.publish('seed.requested', seedOf('btc'));
      await until('it has begun', () => began === 1);
      const done: string[] = [];
      staying.consume('seed.requested', (entries) => void done.push(...entries.map(({ event }) => event.symbol)));
      const closed = leaving.close();
      stop.abort();
      await closed;
      await until('another has done it', () => done.length === 1);
      expect([began, ...done]).toEqual([1, 'btc']);
      expect(staying.incidents.counts.reclaimed).toBe(0);
      await untilAsync('nothing is pending', async () => {
        const [pending] = (await admin.xpending(streamName('seed.requested'), 'haunt')) as [number];
        return pending === 0;
      });
    });

    it('sends what it cannot read to the dead letters at once, and goes on', async () => {
      const bus = create();
      const { seen } = consumeTicks(bus);
      const garbage = await admin.xadd(streamName('ticks'), '*', 'e', '["okx",1,[["btc"]],[]]');
      await admin.xadd(streamName('ticks'), '*', 'other', 'field');
      await bus.publish('ticks', heartbeat(1));
      await until('the good one', () => seen.length === 1);
      const letters = await bus.deadLetters('ticks');
      expect(letters.map(({ id }) => id)[0]).toBe(garbage);
      expect(letters.map(({ message }) => message)).toEqual([
        expect.stringContaining('tick 0 is not a row of 6'),
        expect.stringContaining('no field'),
      ]);
      expect(await admin.exists(deadLetterName('ticks'))).toBe(1);
    });

    it('waits at a stream that nobody has written to yet instead of asking again and again', async () => {
      const commands = async (): Promise<number> =>
        Number(/total_commands_processed:(\d+)/.exec(await admin.info('stats'))?.[1]);
      const seen: string[] = [];
      const bus = create();
      const note = (entries: readonly { id: string }[]): void => void seen.push(...entries.map(({ id }) => id));
      bus.consume('movers', note);
      bus.consume('metrics', note, { from: { at: 'start' } });
      bus.consume('history', note, { from: { at: 'since', time: Date.now() - 1_000 } });
      await sleep(100);
      const before = await commands();
      await sleep(500);
      expect((await commands()) - before).toBeLessThan(20);
      await bus.publish('history', { symbol: 'btc', provider: 'x', grade: 'klines', bucketMs: 60_000, candles: [] }, 0);
      await until('the first entry', () => seen.length === 1);
    });

    it('forgets consumers that are gone', async () => {
      const [gone, alive] = [create({ claimAfterMs: 20 }), create({ claimAfterMs: 20 })];
      gone.consume('seed.requested', () => undefined);
      alive.consume('seed.requested', () => undefined);
      const consumers = async (): Promise<number> => {
        const stream = streamName('seed.requested');
        const rows = (await admin.call('XINFO', 'CONSUMERS', stream, 'haunt').catch(() => [])) as unknown[];
        return rows.length;
      };
      await untilAsync('both', async () => (await consumers()) === 2);
      wireOf(gone).refuse();
      await untilAsync('one is left', async () => (await consumers()) === 1);
    });
  });

  describe('with a Redis that writes everything down', () => {
    afterEach(reset);

    it('loses nothing acknowledged over kill -9', async () => {
      const durable = await RedisServer.start({ appendOnly: true });
      try {
        const bus = new RedisBus({ url: durable.url, claimAfterMs: 200 });
        const seen: number[] = [];
        const gaps: Gap[] = [];
        bus.consume('ticks', (entries) => void seen.push(...times(entries)), { onGap: (gap) => void gaps.push(gap) });
        const acknowledged: number[] = [];
        const stop = new AbortController();
        const publishing = (async () => {
          for (let i = 0; !stop.signal.aborted; i++) {
            await bus.publish('ticks', heartbeat(i));
            acknowledged.push(i);
          }
        })();
        await until('a hundred', () => seen.length > 100);
        await durable.kill();
        await durable.restart();
        const before = seen.length;
        await until('a hundred more', () => seen.length > before + 100);
        stop.abort();
        await publishing;
        await until('the last', () => seen.length >= acknowledged.length);
        expect(seen).toEqual(acknowledged);
        expect(gaps).toEqual([]);
        await bus.close();
      } finally {
        await durable.stop();
      }
    });
  });
});

async function untilAsync(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 8_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within 8 s: ${what}`);
    await sleep(5);
  }
}
