import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBus, StreamsServer } from '@haunt/bus';
import { KeyValueStore } from '@haunt/storage';
import type { Config } from './config.js';
import { Health } from './health.js';
import { HealthController } from './health.controller.js';
import { Log } from './log.js';
import { NestLog } from './nest-log.js';
import { createLog } from './pino-log.js';
import { openTracing } from './open-tracing.js';
import { type PlatformOverrides, PlatformModule } from './platform.module.js';
import { readConfig } from './read-config.js';
import { ConfigError } from './settings.js';
import { listenError, StartError } from './start-error.js';

/** So long the embedded store may take to end what it is writing, when a process ends out of turn. */
const LEAVE_MS = 1_000;

type Feature = Type | DynamicModule;

export interface AppOptions {
  /** On every line of the log. */
  readonly name: string;
  /** `gateway`: its own routes on HOST:PORT. `health`: /health and /metrics on HOST:HEALTH_PORT. */
  readonly listen: 'gateway' | 'health';
  /** Adapters, plugins, documentation: before anything is initialised. */
  readonly configure?: (app: NestFastifyApplication, config: Config) => void | Promise<void>;
  /** The HTTP server; by default one with Fastify's defaults that closes its connections when it ends. */
  readonly adapter?: (config: Config) => FastifyAdapter;
  /** By default JSON lines on stdout. */
  readonly log?: (config: Config) => Log;
  readonly overrides?: PlatformOverrides;
}

export interface RunningApp {
  readonly app: NestFastifyApplication;
  readonly config: Config;
  readonly log: Log;
  /** `http://host:port`, as another program on this machine would call it. */
  readonly url: string;
  /** Called first when it ends, in the order registered; must not throw. */
  onClose(callback: () => void | Promise<void>): void;
  /** Ends everything in order; idempotent. */
  close(): Promise<void>;
}

@Module({})
class RootModule {}

@Module({ controllers: [HealthController] })
class HealthModule {}

/**
 * Composes and starts an app in this process, without touching the process itself.
 *
 * The way up, each step over all modules before the next:
 *   1. the port is tried: a second instance must fail before it touches the store of the first
 *   2. connect: bus and store (PlatformModule), then every provider is made
 *   3. restore: `onModuleInit`
 *   4. consume, then produce: `onApplicationBootstrap`, then the event handlers of controllers
 *   5. listen
 * The way down:
 *   1. readiness turns 503, so that no balancer sends anybody new; a gateway goes on serving for DRAIN_MS, until they know
 *   2. stop producing, then consuming: `onModuleDestroy`
 *   3. flush: `beforeApplicationShutdown`
 *   4. the HTTP server, its sockets and the event handlers close
 *   5. connections close: `onApplicationShutdown`, PlatformModule last
 *
 * @throws StartError or ConfigError with a line for whoever started it; anything else is a fault of ours.
 */
export async function startApp(
  module: Feature | ((config: Config) => Feature),
  config: Config,
  options: AppOptions,
): Promise<RunningApp> {
  const gateway = options.listen === 'gateway';
  const port = gateway ? config.port : config.healthPort;
  await tryPort(port, config, options.listen);

  const log = options.log?.(config) ?? createLog(options.name, config);
  const tracing = await openTracing(options.name, config);
  const platform = PlatformModule.forRoot(config, { name: options.name, log, tracing, ...options.overrides });
  const root: DynamicModule = {
    module: RootModule,
    imports: [platform, isFeature(module) ? module : module(config), ...(gateway ? [] : [HealthModule])],
  };
  const adapter = options.adapter?.(config) ?? new FastifyAdapter({ forceCloseConnections: true });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLog(log),
    abortOnError: false,
    forceCloseConnections: true,
  });
  const callbacks: (() => void | Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  let serving = false;
  const end = async (): Promise<void> => {
    app.get(Health).stop();
    for (const callback of callbacks) await callback();
    if (serving) await sleep(drainOf(config, options));
    await app.close();
  };
  const close = (): Promise<void> => (closing ??= end());
  try {
    await options.configure?.(app, config);
    await app.init();
    app.connectMicroservice({ strategy: new StreamsServer({ bus: app.get(EventBus) }) });
    await app.startAllMicroservices();
    await app.listen(port, config.host);
    serving = true;
  } catch (error) {
    await close();
    throw listenError(error, config, options.listen);
  }
  return { app, config, log, url: urlOf(app, config), onClose: (callback) => void callbacks.push(callback), close };
}

/**
 * Runs an app as this process: reads the environment, starts it, ends it on SIGTERM and SIGINT within SHUTDOWN_MS (a
 * gateway within DRAIN_MS more).
 * A start that cannot be ends the process with status 1 and one line on stderr. So does, with its stack in the log,
 * whatever nobody caught: a process that is half alive answers probes and does no work.
 */
export async function bootstrap(
  module: Feature | ((config: Config) => Feature),
  options: AppOptions,
): Promise<RunningApp> {
  try {
    const config = readConfig(process.env);
    const running = await startApp(module, config, options);
    endWith(running, drainOf(config, options) + config.shutdownMs);
    running.log.info({ url: running.url }, `${options.name} listens on ${running.url}`);
    return running;
  } catch (error) {
    const expected = error instanceof ConfigError || error instanceof StartError;
    process.stderr.write(`${options.name}: ${expected ? error.message : inspect(error)}\n`);
    return process.exit(1);
  }
}

/** Ties the life of a running app to the signals of this process. */
function endWith(running: RunningApp, withinMs: number): void {
  const { log } = running;
  let ending = false;
  const end = (signal: NodeJS.Signals): void => {
    // Somebody who presses Ctrl-C twice does not want to wait.
    if (ending) return leave(running, 1);
    ending = true;
    log.info({ signal }, `ending on ${signal}`);
    setTimeout(() => {
      log.error({ signal }, `not ended within ${withinMs} ms (SHUTDOWN_MS): cut off`);
      leave(running, 1);
    }, withinMs).unref();
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not end cleanly');
        leave(running, 1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  const die = (what: string) => (error: unknown) => {
    log.error({ err: error }, `${what}: the process ends`);
    leave(running, 1);
  };
  process.on('uncaughtException', die('an exception that nobody caught'));
  process.on('unhandledRejection', die('a rejection that nobody handled'));
}

/**
 * Ends the process now, but for what the embedded store is writing: LMDB's thread may be in the middle of a transaction, waiting for
 * us, and `process.exit` waits for that thread, for ever. What has not let go in time is killed.
 */
function leave({ app, config }: RunningApp, status: number): void {
  if (config.redisUrl !== undefined) process.exit(status);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LEAVE_MS);
  void app
    .get(KeyValueStore)
    .close()
    .catch(() => undefined)
    .then(() => process.exit(status));
}

/** Only whom clients call has to wait until balancers send them elsewhere. */
function drainOf(config: Config, { listen }: AppOptions): number {
  return listen === 'gateway' ? config.drainMs : 0;
}

/** A class has a prototype, an arrow function has none. */
function isFeature(module: Feature | ((config: Config) => Feature)): module is Feature {
  return typeof module !== 'function' || 'prototype' in module;
}

function inspect(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function urlOf(app: NestFastifyApplication, config: Config): string {
  const address = app.getHttpServer().address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** @throws StartError when the address cannot be listened on. */
async function tryPort(port: number, config: Config, listen: 'gateway' | 'health'): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, config.host, resolve);
    });
  } catch (error) {
    throw listenError(error, config, listen);
  }
  await new Promise((resolve) => server.close(resolve));
}
