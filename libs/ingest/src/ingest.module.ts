import { EventBus } from '@haunt/bus';
import type { SourceId } from '@haunt/domain';
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
import { KeyValueStore } from '@haunt/storage';
import { type DynamicModule, Module } from '@nestjs/common';
import { Ingestor } from './ingestor.js';

/** The feature "these sources run in this process". Its `Ingestor` starts and stops with the application. */
@Module({})
export class IngestModule {
  static for(sources: readonly SourceId[]): DynamicModule {
    const ingestor = {
      provide: Ingestor,
      inject: [CONFIG, Clock, Log, HttpClient, Metrics, EventBus, KeyValueStore, AssetDirectory, Tracing],
      useFactory: (
        config: Config,
        clock: Clock,
        log: Log,
        http: HttpClient,
        metrics: Metrics,
        bus: EventBus,
        store: KeyValueStore,
        directory: AssetDirectory,
        tracing: Tracing,
      ) => new Ingestor(sources, { config, clock, log, http, metrics, bus, store, directory, tracing }),
    };
    return { module: IngestModule, imports: [AssetsModule], providers: [ingestor], exports: [Ingestor] };
  }
}
