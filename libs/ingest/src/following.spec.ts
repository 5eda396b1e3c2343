import { MemoryBus } from '@haunt/bus';
import type { SourceStatus } from '@haunt/domain';
import { AssetDirectory, HttpClient, Metrics, readConfig, silentLog, SystemClock } from '@haunt/platform';
import { Simulator } from '@haunt/simulator';
import { KEYS, KeyValueStore } from '@haunt/storage';
import { leasingStore } from '../test/toy-venue.js';
import { Ingestor } from './ingestor.js';
import { MarketPoller } from './market-poller.js';

describe('from a listing to the subscriptions', () => {
  const store = leasingStore(() => Date.now());
  const bus = new MemoryBus();
  const clock = new SystemClock();
  let simulator: Simulator;
  let parts: { readonly poller: MarketPoller; readonly directory: AssetDirectory; readonly ingestor: Ingestor };

  const until = async (condition: () => boolean): Promise<void> => {
    for (const end = Date.now() + 5_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 20))) {
      if (Date.now() > end) throw new Error(`waited in vain: ${condition.toString()}`);
    }
  };
  const status = (): SourceStatus => parts.ingestor.statuses()[0]!;

  beforeAll(async () => {
    // A listing that knows only a few assets.
    simulator = await Simulator.start({ symbols: ['btc', 'eth', 'sol', 'xrp', 'matic'] });
    const config = readConfig({
      ...simulator.env,
      SOURCES: 'kraken,coingecko',
      FEARGREED_REST_URL: 'http://127.0.0.1:9',
    });
    const common = { config, clock, log: silentLog, http: new HttpClient(clock), bus, store };
    const directory = new AssetDirectory(bus, store as unknown as KeyValueStore, silentLog);
    const ingestor = new Ingestor(['kraken'], { ...common, metrics: new Metrics(), directory });
    parts = { poller: new MarketPoller(common), directory, ingestor };
    await directory.onModuleInit();
    ingestor.start();
  });

  afterAll(async () => {
    await parts.poller.stop();
    await parts.ingestor.stop();
    await parts.directory.onModuleDestroy();
    await bus.close();
    await simulator.stop();
  });

  it('begins with the built-in hundred, and goes over to what is listed without a restart', async () => {
    await until(() => status().symbols > 0);
    expect(status().symbols + status().unlisted.length).toBe(100);
    parts.poller.start();
    await until(() => parts.directory.revision > 0);
    const { tracked } = parts.directory.registry;
    expect(tracked).toEqual(expect.arrayContaining(['btc', 'eth', 'usdt', 'usdc']));
    expect(tracked.length).toBeLessThan(10);
    expect(parts.directory.isSimulated).toBe(true);
    expect(parts.directory.find('eth')?.figures?.marketCap).toBeGreaterThan(0);
    await until(() => status().symbols + status().unlisted.length <= tracked.length);
  });

  it('another process that starts later has it at once', async () => {
    const later = new AssetDirectory(bus, store as unknown as KeyValueStore, silentLog);
    expect(later.find('btc')?.figures).toBeUndefined();
    await later.onModuleInit();
    expect(later.find('btc')?.figures?.price).toBeGreaterThan(0);
    await later.onModuleDestroy();
  });

  it('keeps what it has when the store cannot be read, and reads again when it can', async () => {
    const flaky = { ...store, get: async (key: string) => (fail ? Promise.reject(new Error('away')) : store.get(key)) };
    let fail = false;
    const directory = new AssetDirectory(bus, flaky as unknown as KeyValueStore, silentLog);
    await directory.onModuleInit();
    fail = true;
    const { revision } = directory;
    await bus.publish('assets', { at: 1, assets: 1 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(directory.revision).toBe(revision);
    expect(directory.find('btc')?.figures).toBeDefined();
    fail = false;
    await until(() => directory.revision > revision);
    expect(store.values.has(KEYS.registry().name)).toBe(true);
    await directory.onModuleDestroy();
  });
});
