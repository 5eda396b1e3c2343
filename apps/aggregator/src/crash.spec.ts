import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisBus } from '@haunt/bus';
import type { PriceUpdate } from '@haunt/domain';
import { Metrics, silentLog } from '@haunt/platform';
import { KEYS, RedisStore } from '@haunt/storage';
import { builtApp } from '../../../test/built.js';
import { describeRedis, RedisServer } from '../../../test/redis-server.js';
import { dump, historyLog, seeded, tickLog } from '../test/log.js';
import { Life, MortalBus, MortalStore } from '../test/mortal.js';
import { PartitionState } from './partition.state.js';
import { PartitionWorker } from './partition.worker.js';

const LEASE = KEYS.lease(0).name;

describeRedis('an aggregator that is killed in the middle of its log', () => {
  let server: RedisServer;
  let bus: RedisBus;
  let store: RedisStore;
  /** What a state that never died says behind everything, and every update on the way there. */
  let expected: unknown;
  let end: PartitionState;
  const updates = new Map<string, string>();
  const published: PriceUpdate[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
    bus = new RedisBus({ url: server.url });
    store = new RedisStore({ url: server.url });
    const start = Date.now() - 7_200_000;
    const ticks = tickLog(5_000, start);
    const history = historyLog(50, start);
    end = new PartitionState(0, 1);
    const ids = await Promise.all(ticks.map((batch) => bus.publish('ticks', batch)));
    const historyIds = await Promise.all(history.map((batch) => bus.publish('history', batch)));
    for (const [i, event] of ticks.entries()) {
      for (const update of end.apply({ id: ids[i]!, event })) updates.set(keyOf(update), JSON.stringify(update));
    }
    for (const [i, event] of history.entries()) end.applyHistory({ id: historyIds[i]!, event });
    expected = dump(end);
    bus.consume('prices', (entries) => entries.forEach(({ event }) => published.push(...event)), {
      from: { at: 'start' },
    });
  });
  afterAll(async () => {
    await bus.close();
    await store.close();
    await server.stop();
  });
  beforeEach(async () => {
    published.length = 0;
    await store.delete(KEYS.checkpoint(0).name);
    await store.delete(LEASE);
  });

  const workerOf = (parts: {
    bus: MortalBus | RedisBus;
    store: MortalStore | RedisStore;
    owner: string;
  }): PartitionWorker =>
    new PartitionWorker(0, 1, {
      ...parts,
      // A first life without a checkpoint reads the last minute: the whole log is in it, however slow the machine.
      clock: { now: () => Date.now() - 300_000 },
      log: silentLog,
      metrics: new Metrics(),
      symbols: [],
      checkpointEveryMs: 3,
    });

  /** Reads what is left in peace, and gives the state at the end. */
  async function finish(): Promise<PartitionState> {
    await store.delete(LEASE);
    await store.acquire(LEASE, 'last', 60_000);
    const worker = workerOf({ bus, store, owner: 'last' });
    const { state } = worker as unknown as { state: PartitionState };
    await worker.start();
    for (
      let waited = 0;
      state.position !== end.position || state.historyPosition !== end.historyPosition;
      waited += 10
    ) {
      if (waited > 10_000) throw new Error(`stuck at ${state.position} and ${state.historyPosition}`);
      await sleep(10);
    }
    await worker.stop();
    return state;
  }

  /** Nobody has seen a price that a run without deaths would not have published. */
  async function expectNothingElse(): Promise<void> {
    const last = [...updates.values()].at(-1)!;
    for (let waited = 0; !published.some((update) => JSON.stringify(update) === last) && waited < 2_000; waited += 10) {
      await sleep(10);
    }
    expect(published.length).toBeGreaterThan(100);
    const foreign = published.filter((update) => updates.get(keyOf(update)) !== JSON.stringify(update));
    expect(foreign).toEqual([]);
  }

  it('fifty times, is where it would have been had it never died: candles, prices and versions, to the last bit', async () => {
    const random = seeded(50);
    let checkpoints = 0;
    for (let n = 0; n < 50; n++) {
      const owner = `life ${n}`;
      await store.delete(LEASE);
      await store.acquire(LEASE, owner, 60_000);
      const life = new Life();
      const own = new RedisBus({ url: server.url });
      const worker = workerOf({
        bus: new MortalBus(own, life, random, 2 + Math.floor(random() * 8)),
        store: new MortalStore(store, life),
        owner,
      });
      await worker.start();
      // At the end of the log nothing is left to die of.
      await Promise.race([life.death, sleep(300)]);
      life.end();
      await own.close();
      // Its timers; it cannot write any more.
      await worker.stop();
      if ((await store.get(KEYS.checkpoint(0).name)) !== undefined) checkpoints++;
    }
    expect(checkpoints).toBeGreaterThan(30);
    expect(dump(await finish())).toEqual(expected);
    await expectNothingElse();
  });

  it('by SIGKILL, as a process, too', async () => {
    const dist = join(dirname(builtApp('aggregator')), '../../..');
    const random = seeded(6);
    const positions = new Set<string | undefined>();
    const saved = async (): Promise<string | undefined> => {
      const value = await store.get(KEYS.checkpoint(0).name);
      return value && (JSON.parse(value.toString()) as { position?: string }).position;
    };
    for (let n = 0; n < 4; n++) {
      await store.delete(LEASE);
      const before = await saved();
      const child = aggregator(dist, server.url);
      const early = once(child, 'exit').then(() => Promise.reject(new Error('it ended before it was killed')));
      early.catch(() => undefined);
      await Promise.race([once(child.stdout!, 'data'), early]);
      // It got further than the one before, and then some.
      for (let waited = 0; (await saved()) === before && waited < 5_000; waited += 5) await sleep(5);
      await sleep(random() * 100);
      child.kill('SIGKILL');
      await once(child, 'exit');
      positions.add(await saved());
    }
    positions.delete(end.position);
    // Otherwise nobody died in the middle.
    expect(positions.size).toBeGreaterThan(1);
    expect(dump(await finish())).toEqual(expected);
    await expectNothingElse();
  }, 60_000);
});

function keyOf({ symbol, version }: PriceUpdate): string {
  return `${symbol} ${version}`;
}

/** A process that reads the log bit by bit and saves as often as it can; says a word when it has begun. */
function aggregator(dist: string, url: string): ChildProcess {
  const script = `
    const { RedisBus } = require(${JSON.stringify(join(dist, 'libs/bus/src'))});
    const { RedisStore } = require(${JSON.stringify(join(dist, 'libs/storage/src'))});
    const { Metrics, silentLog } = require(${JSON.stringify(join(dist, 'libs/platform/src'))});
    const { PartitionWorker } = require(${JSON.stringify(join(dist, 'apps/aggregator/src/partition.worker.js'))});
    const url = ${JSON.stringify(url)};
    const owner = String(process.pid);
    const bus = new RedisBus({ url });
    const store = new RedisStore({ url });
    const clock = { now: () => Date.now() - 300_000 };
    const consume = bus.consume.bind(bus);
    bus.consume = (topic, handler, options) => {
      const slowly = async (entries) => {
        await handler(entries);
        await new Promise((resolve) => setTimeout(resolve, 2));
      };
      return consume(topic, slowly, { ...options, batch: 20 });
    };
    store.acquire(${JSON.stringify(LEASE)}, owner, 60_000).then(async () => {
      const parts = { bus, store, clock, log: silentLog, metrics: new Metrics(), symbols: [], owner, checkpointEveryMs: 3 };
      await new PartitionWorker(0, 1, parts).start();
      process.stdout.write('reading');
    });`;
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}
