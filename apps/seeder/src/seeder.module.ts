import { Module } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { EventBus } from '@haunt/bus';
import {
  AssetDirectory,
  AssetsModule,
  Clock,
  CONFIG,
  type Config,
  HttpClient,
  Log,
  Metrics,
  Tracing,
} from '@haunt/platform';
import { HISTORY_SOURCES } from '@haunt/sources';
import { KeyValueStore } from '@haunt/storage';
import { Seeder } from './seeder.js';

/** Fills the charts' history from venues and indices. */
@Module({
  imports: [AssetsModule],
  providers: [
    {
      provide: Seeder,
      inject: [CONFIG, AssetDirectory, EventBus, KeyValueStore, HttpClient, Clock, Log, Metrics, Tracing],
      useFactory: (
        config: Config,
        assets: AssetDirectory,
        bus: EventBus,
        store: KeyValueStore,
        http: HttpClient,
        clock: Clock,
        log: Log,
        metrics: Metrics,
        tracing: Tracing,
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
          tracing,
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
