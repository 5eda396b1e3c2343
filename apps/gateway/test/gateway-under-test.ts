import { Global, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventBus, MemoryBus } from '@haunt/bus';
import type { ChartView } from '@haunt/contracts';
import type { PriceUpdate, SourceStatus } from '@haunt/domain';
import { SOURCE_IDS } from '@haunt/domain';
import { Clock, CONFIG, type Config, Health, Log, Metrics, noTracing, silentLog, Tracing } from '@haunt/platform';
import { KeyValueStore } from '@haunt/storage';
import { configureGateway, gatewayAdapter } from '../src/configure.js';
import { GatewayModule } from '../src/gateway.module.js';
import { TestStore } from './test-store.js';

/** A clock that a test may move; by default it goes as the real one does. */
export class TestClock extends Clock {
  offset = 0;

  override now(): number {
    return Date.now() + this.offset;
  }
}

export interface GatewayUnderTest {
  readonly app: NestFastifyApplication;
  readonly bus: EventBus;
  readonly clock: TestClock;
  readonly store: TestStore;
  readonly url: string;
  readonly wsUrl: string;
  publish(...updates: readonly Partial<PriceUpdate>[]): Promise<void>;
  close(): Promise<void>;
}

const CONFIGURED: Config = {
  port: 0,
  host: '127.0.0.1',
  healthPort: 0,
  redisUrl: undefined,
  dataDir: '',
  logLevel: 'silent',
  symbols: undefined,
  sources: SOURCE_IDS,
  partitions: 1,
  replicaIndex: undefined,
  replicas: undefined,
  apiToken: undefined,
  corsOrigins: '*',
  simulated: false,
  addresses: {},
  fearGreedRestUrl: undefined,
  keys: {},
  connectionsPerAddress: 1_000,
  connectionsMax: 1_000,
  trustedProxies: [],
  assetsPerClient: 200,
  drainMs: 0,
  shutdownMs: 5_000,
};

/** A gateway on a free port over a bus in this process; the test plays the aggregator and the ingestors. */
export async function startGateway(
  config: Partial<Config> = {},
  arrange: (bus: EventBus) => void = (bus) => void bus.answer('prices.get', () => []),
  controllers: readonly Type[] = [],
  store = new TestStore(),
): Promise<GatewayUnderTest> {
  const clock = new TestClock();
  const bus = new MemoryBus({
    now: () => clock.now(),
    deadlines: { 'price.explain': 100, 'quotes.get': 100, 'symbol.counts': 100, 'chart.get': 100, 'seed.status': 100 },
  });
  arrange(bus);

  @Global()
  @Module({
    providers: [
      { provide: CONFIG, useValue: { ...CONFIGURED, ...config } },
      { provide: Clock, useValue: clock },
      { provide: Log, useValue: silentLog },
      { provide: Metrics, useValue: new Metrics() },
      { provide: Tracing, useValue: noTracing },
      { provide: Health, useValue: new Health(clock) },
      { provide: EventBus, useValue: bus },
      { provide: KeyValueStore, useValue: store },
    ],
    exports: [CONFIG, Clock, Log, Metrics, Tracing, Health, EventBus, KeyValueStore],
  })
  class TestPlatform {}

  @Module({ imports: [TestPlatform, GatewayModule], controllers: [...controllers] })
  class Root {}

  const app = await NestFactory.create<NestFastifyApplication>(Root, gatewayAdapter({ ...CONFIGURED, ...config }), {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  await configureGateway(app);
  await app.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
  return {
    app,
    bus,
    clock,
    store,
    url,
    wsUrl: `${url.replace('http', 'ws')}/ws`,
    publish: async (...updates) => {
      await bus.publish(
        'prices',
        updates.map((update) => priceUpdate({ asOf: clock.now(), ...update })),
      );
      // The bus hands over in a later turn, and the gateway writes at the end of that.
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
    close: async () => {
      await app.close();
      await bus.close();
    },
  };
}

let version = 1_000;

/** A price as the aggregator would publish it; every one has a higher version than those before. */
export function priceUpdate(update: Partial<PriceUpdate> = {}): PriceUpdate {
  const price = update.price ?? 50_000;
  return {
    symbol: 'btc',
    price,
    source: 'coinbase',
    sources: ['coinbase', 'binance', 'kraken'],
    status: 'normal',
    spread: { p25: price * 0.999, p75: price * 1.001 },
    asOf: Date.now(),
    version: ++version,
    ...update,
  };
}

/** A report of an ingestor. */
export function sourceStatus(status: Partial<SourceStatus> & Pick<SourceStatus, 'source'>): SourceStatus {
  return {
    instance: 'one',
    state: 'connected',
    since: Date.now(),
    at: Date.now(),
    ticks: 0,
    tickers: 0,
    badFrames: 0,
    duplicates: 0,
    symbols: 3,
    unlisted: [],
    silent: [],
    ...status,
  };
}

/** A chart as the aggregator tells it, of two buckets and an interpolated one between them. */
export function chartView(view: Partial<ChartView> = {}): ChartView {
  const bucket = { open: 1, high: 3, low: 0.5, close: 2 };
  return {
    symbol: 'btc',
    range: '1d',
    data: [
      { time: 600, ...bucket, volume: 12.5 },
      { time: 900, ...bucket, interpolated: true },
      { time: 1_200, ...bucket },
    ],
    seeding: true,
    seedingStatus: 'in_progress',
    seedingProgress: 40,
    dataCompleteness: 0.69,
    expectedPoints: 288,
    gaps: [{ from: 0, to: 600 }],
    ...view,
  };
}
