import { MemoryBus } from '@haunt/bus';
import { SOURCE_IDS, SOURCES, type SourceId, type SourceStatus } from '@haunt/domain';
import { HttpClient, Metrics, readConfig, silentLog, SystemClock } from '@haunt/platform';
import { Simulator } from '@haunt/simulator';
import { toyStore } from '../test/toy-venue.js';
import { Ingestor } from './ingestor.js';

jest.setTimeout(60_000);

describe('every source against fake venues that enforce the real rules', () => {
  let simulator: Simulator;
  let ingestor: Ingestor;
  let bus: MemoryBus;
  const heardAt = new Map<SourceId, number>();

  const status = (id: SourceId): SourceStatus => ingestor.statuses().find(({ source }) => source === id)!;
  /** Ms until `condition` holds. @throws after `limitMs`. */
  const within = async (limitMs: number, condition: () => boolean): Promise<number> => {
    const startedAt = performance.now();
    while (!condition()) {
      if (performance.now() - startedAt > limitMs) {
        throw new Error(`not within ${limitMs} ms: ${JSON.stringify(ingestor.statuses())}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return performance.now() - startedAt;
  };

  beforeAll(async () => {
    simulator = await Simulator.start({ keys: { coinmarketcap: 'cmc-key', cryptocompare: 'cc-key' } });
    const clock = new SystemClock();
    bus = new MemoryBus();
    bus.consume('ticks', (entries) => {
      for (const { event } of entries) {
        if (event.ticks.length + event.tickers.length > 0) heardAt.set(event.source, performance.now());
      }
    });
    const config = readConfig({ ...simulator.env });
    const parts = { config, clock, log: silentLog, http: new HttpClient(clock), metrics: new Metrics(), bus };
    ingestor = new Ingestor(SOURCE_IDS, { ...parts, store: toyStore() });
    ingestor.start();
  });

  afterAll(async () => {
    await ingestor.stop();
    await bus.close();
    await simulator.stop();
  });

  it('all are connected within 10 s and say that they are simulated', async () => {
    await within(10_000, () => ingestor.statuses().every(({ state }) => state === 'connected'));
    for (const { source, simulated, badFrames, symbols } of ingestor.statuses()) {
      expect([source, simulated, badFrames]).toEqual([source, true, 0]);
      expect(symbols).toBeGreaterThan(50);
    }
  });

  it('all sockets are back within 10 s after every venue cut them and was away for a while', async () => {
    simulator.fault('all', { kind: 'refuse', how: 'reset' }, { forMs: 2_000 });
    simulator.fault('all', { kind: 'drop' });
    const streams = ingestor.statuses().filter(({ source }) => SOURCES[source].feed === 'stream');
    await within(3_000, () => streams.every(({ source }) => status(source).state !== 'connected'));
    const since = performance.now();
    await within(10_000, () => streams.every(({ source }) => (heardAt.get(source) ?? 0) > since));
    await within(1_000, () => ingestor.statuses().every(({ state }) => state === 'connected'));
  });

  it('no rule of any venue was broken', () => {
    expect(simulator.violations).toEqual([]);
  });
});
