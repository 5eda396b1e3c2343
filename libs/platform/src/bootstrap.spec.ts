import { Controller, Get, Inject, Module } from '@nestjs/common';
import { EventBus, MemoryBus } from '@haunt/bus';
import { KeyValueStore } from '@haunt/storage';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startApp, type RunningApp } from './bootstrap.js';
import { CONFIG, type Config } from './config.js';
import { Health } from './health.js';
import { silentLog } from './log.js';
import { readConfig } from './read-config.js';
import { StartError } from './start-error.js';

class ClosingStore extends KeyValueStore {
  constructor(private readonly closed: () => void) {
    super();
  }
  override get = (): Promise<undefined> => Promise.resolve(undefined);
  override set = (): Promise<void> => Promise.resolve();
  override setAll = (): Promise<void> => Promise.resolve();
  override delete = (): Promise<void> => Promise.resolve();
  override acquire = (): Promise<boolean> => Promise.resolve(true);
  override release = (): Promise<void> => Promise.resolve();
  override close(): Promise<void> {
    this.closed();
    return Promise.resolve();
  }
}

class ClosingBus extends MemoryBus {
  closed: () => void = () => undefined;
  override async close(): Promise<void> {
    this.closed();
    await super.close();
  }
}

const steps: string[] = [];
let url = '';
let stopped: (() => Promise<unknown>) | undefined;

const ready = async (): Promise<number> => (await fetch(`${url}/health/ready`)).status;

@Controller()
class Feature {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly health: Health,
  ) {}

  @Get('sources')
  sources(): readonly string[] {
    return this.config.sources;
  }

  onModuleInit(): void {
    steps.push('restore');
    this.health.add('prices', () => true);
  }

  onApplicationBootstrap(): void {
    steps.push('consume');
  }

  async onModuleDestroy(): Promise<void> {
    steps.push(`stop, ready answers ${await ready()}`);
  }

  async beforeApplicationShutdown(): Promise<void> {
    steps.push(`flush, ready answers ${await ready()}`);
  }

  async onApplicationShutdown(): Promise<void> {
    const reachable = await ready().then(
      () => 'open',
      () => 'closed',
    );
    steps.push(`end, the port is ${reachable}`);
  }
}

@Module({ controllers: [Feature] })
class FeatureModule {}

async function start(env: NodeJS.ProcessEnv = {}, listen: 'gateway' | 'health' = 'health'): Promise<RunningApp> {
  const bus = new ClosingBus();
  bus.closed = () => void steps.push('bus closed');
  const store = new ClosingStore(() => void steps.push('store closed'));
  const running = await startApp(FeatureModule, readConfig({ HEALTH_PORT: '0', ...env }), {
    name: 'test',
    listen,
    overrides: { log: silentLog, bus, store },
  });
  url = running.url;
  stopped = () => running.close();
  return running;
}

afterEach(async () => {
  await stopped?.();
  stopped = undefined;
  steps.length = 0;
});

test('the way up and the way down', async () => {
  const running = await start();
  expect(steps).toEqual(['restore', 'consume']);
  expect(await ready()).toBe(200);

  running.onClose(() => void steps.push('asked to end'));
  await Promise.all([running.close(), running.close()]);
  expect(steps.slice(2)).toEqual([
    'asked to end',
    'stop, ready answers 503',
    'flush, ready answers 503',
    'end, the port is closed',
    'bus closed',
    'store closed',
  ]);
});

test('a gateway goes on serving for DRAIN_MS after it said that it is not ready', async () => {
  const running = await start({ PORT: '0', DRAIN_MS: '400' }, 'gateway');
  const begin = performance.now();
  const closed = running.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await fetch(`${url}/sources`)).status).toBe(200);
  expect(running.app.get(Health).readiness()).toMatchObject({ ready: false, checks: { process: 'shutting down' } });
  expect(steps).toEqual(['restore', 'consume']);
  await closed;
  expect(performance.now() - begin).toBeGreaterThan(390);
  // Nobody calls the others: they do not wait.
  const other = await start({ DRAIN_MS: '60000' });
  await other.close();
});

test('what every app serves beside its own work', async () => {
  const { app } = await start({ SOURCES: 'okx' });
  await expect((await fetch(`${url}/sources`)).json()).resolves.toEqual(['okx']);
  await expect((await fetch(`${url}/health`)).json()).resolves.toMatchObject({ status: 'ok', checks: { bus: true } });
  await expect((await fetch(`${url}/health/live`)).json()).resolves.toEqual({ status: 'ok' });
  const metrics = await fetch(`${url}/metrics`);
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  await expect(metrics.text()).resolves.toContain('nodejs_eventloop_lag_seconds');

  app.get(Health).add('prices', () => 'no fresh price yet');
  const notReady = await fetch(`${url}/health/ready`);
  expect(notReady.status).toBe(503);
  await expect(notReady.json()).resolves.toEqual({ ready: false, checks: { bus: true, prices: 'no fresh price yet' } });
  expect(app.get(EventBus)).toBeInstanceOf(ClosingBus);
});

test('an app that is told that all is simulated says so', async () => {
  await start({ SIMULATED: '1' });
  for (const path of ['health', 'health/live', 'health/ready'])
    await expect((await fetch(`${url}/${path}`)).json()).resolves.toMatchObject({ simulated: true });
});

test('a taken port is one line that names the variable, before anything was started', async () => {
  const other: Server = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  try {
    const failure: unknown = await start({ HEALTH_PORT: String(port) }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect((failure as StartError).message).toBe(
      `HEALTH_PORT: 127.0.0.1:${port} is taken by another process; end that one, or set HEALTH_PORT to a free port`,
    );
    expect(steps).toEqual([]);
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
});

test('an address that is not ours', async () => {
  await expect(start({ HOST: '192.0.2.1' })).rejects.toThrow(/^HOST: "192\.0\.2\.1" is not an address of this machine/);
});
