import { Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { EventBus } from '@haunt/bus';
import { AssetDirectory, AssetsModule, Clock, CONFIG, type Config, HttpClient, Log, Metrics } from '@haunt/platform';
import { HISTORY_SOURCES } from '@haunt/sources';
import { KeyValueStore } from '@haunt/storage';
import { Seeder } from './seeder.js';

/** Fills the charts' history from venues and indices. */
@Module({
  imports: [AssetsModule],
  providers: [
    {
      provide: Seeder,
      inject: [CONFIG, AssetDirectory, EventBus, KeyValueStore, HttpClient, Clock, Log, Metrics],
      useFactory: (
        config: Config,
        assets: AssetDirectory,
        bus: EventBus,
        store: KeyValueStore,
        http: HttpClient,
        clock: Clock,
        log: Log,
        metrics: Metrics,
      ) =>
        new Seeder({
          config,
          assets,
          bus,
          store,
          http,
          clock,
          log: log.child({ room: 'seeder' }),
          metrics,
          sources: HISTORY_SOURCES,
          sleep: async (ms, signal) => {
            await wait(ms, undefined, signal && { signal }).catch(() => undefined);
          },
          random: Math.random,
          me: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
        }),
    },
  ],
  exports: [Seeder],
})
export class SeederModule {}
