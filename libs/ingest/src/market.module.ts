import { EventBus } from '@haunt/bus';
import { Clock, CONFIG, type Config, HttpClient, Log } from '@haunt/platform';
import { KeyValueStore } from '@haunt/storage';
import { Module } from '@nestjs/common';
import { MarketPoller } from './market-poller.js';

/** The feature "this process asks for listings and the state of the market", as long as no other does. */
@Module({
  providers: [
    {
      provide: MarketPoller,
      inject: [CONFIG, Clock, Log, HttpClient, EventBus, KeyValueStore],
      useFactory: (config: Config, clock: Clock, log: Log, http: HttpClient, bus: EventBus, store: KeyValueStore) =>
        new MarketPoller({ config, clock, log, http, bus, store }),
    },
  ],
  exports: [MarketPoller],
})
export class MarketModule {}
