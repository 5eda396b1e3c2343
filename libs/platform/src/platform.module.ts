import { Global, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { EventBus } from '@haunt/bus';
import { KeyValueStore } from '@haunt/storage';
import { Clock, SystemClock } from './clock.js';
import { CONFIG, type Config } from './config.js';
import { openBus, openStore, watchConnections } from './connect.js';
import { Health } from './health.js';
import { HttpClient } from './http-client.js';
import { Log } from './log.js';
import { Metrics } from './metrics.js';
import { createLog } from './pino-log.js';
import { TracedBus } from './traced-bus.js';
import { noTracing, Tracing } from './tracing.js';

/** What a test or a composition brings instead of the usual. Bus and store are closed with the app all the same. */
export interface PlatformOverrides {
  /** What this process is called in the log and at Redis; default `haunt`. */
  readonly name?: string;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly bus?: EventBus;
  readonly store?: KeyValueStore;
  readonly http?: HttpClient;
  readonly metrics?: Metrics;
  readonly tracing?: Tracing;
}

/**
 * What every process needs, for every module: CONFIG, Clock, Log, HttpClient, Metrics, Tracing, Health, EventBus,
 * KeyValueStore.
 * Imported exactly once, by `startApp`: Nest runs the hooks of a global dynamic module that is imported twice, twice.
 */
@Global()
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  constructor(
    private readonly bus: EventBus,
    private readonly store: KeyValueStore,
    private readonly log: Log,
    private readonly tracing: Tracing,
  ) {}

  /** Opens bus and store. @throws StartError when the store's folder cannot be used. */
  static forRoot(config: Config, overrides: PlatformOverrides = {}): DynamicModule {
    const clock = overrides.clock ?? new SystemClock();
    const name = overrides.name ?? 'haunt';
    const log = overrides.log ?? createLog(name, config);
    const health = new Health(clock);
    const metrics = overrides.metrics ?? new Metrics();
    const store = overrides.store ?? openStore(config, clock);
    const tracing = overrides.tracing ?? noTracing;
    const untraced = overrides.bus ?? openBus(name, config, clock, log, metrics);
    const bus = tracing.isOn ? new TracedBus(untraced, tracing) : untraced;
    watchConnections(config, bus, store, metrics);
    health.add('bus', () => bus.healthy() || 'the event bus cannot be reached');

    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: Clock, useValue: clock },
      { provide: Log, useValue: log },
      { provide: HttpClient, useValue: overrides.http ?? new HttpClient(clock) },
      { provide: Metrics, useValue: metrics },
      { provide: Tracing, useValue: tracing },
      { provide: Health, useValue: health },
      { provide: EventBus, useValue: bus },
      { provide: KeyValueStore, useValue: store },
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }

  /** Global modules end last: nobody needs the connections any more. The store outlives the bus by a moment. */
  async onApplicationShutdown(): Promise<void> {
    for (const connection of [this.bus, this.store, this.tracing]) {
      try {
        await connection.close();
      } catch (error) {
        this.log.warn({ err: error }, 'a connection did not close cleanly');
      }
    }
  }
}
