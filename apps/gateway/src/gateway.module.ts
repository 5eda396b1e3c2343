import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AssetsModule, CONFIG, type Config } from '@haunt/platform';
import { LatestPrices } from './latest-prices.js';
import { LiveServer } from './live/live-server.js';
import { RawSockets } from './live/raw-sockets.js';
import { SocketIoGateway } from './live/socket-io.gateway.js';
import { MarketBoard } from './market-board.js';
import { MarketClient } from './market-client.js';
import { MoversBoard } from './movers-board.js';
import { PriceIntake } from './price-intake.js';
import { Absence } from './rest/absence.js';
import { Assets } from './rest/assets.js';
import { Charts } from './rest/charts.js';
import { CryptoController } from './rest/crypto.controller.js';
import { EncodedAnswers } from './rest/encoded-answers.js';
import { Envelopes } from './rest/envelope.js';
import { GlobalController } from './rest/global.controller.js';
import { GatewayHealthController } from './rest/health.controller.js';
import { FixedHeaders } from './rest/headers.js';
import { ListingController } from './rest/listing.controller.js';
import { Listings } from './rest/listings.js';
import { MarketController } from './rest/market.controller.js';
import { MoversController } from './rest/movers.controller.js';
import { ProblemFilter } from './rest/problem.filter.js';
import { Rankings } from './rest/rankings.js';
import { SeedController } from './rest/seed.controller.js';
import { Seeding } from './rest/seeding.js';
import { SeedBoard } from './seed-board.js';
import { SourceBoard } from './source-board.js';
import { Sparklines } from './sparklines.js';

/** REST, Socket.IO and `/ws` over projections of what the aggregators say. */
@Module({
  imports: [AssetsModule],
  controllers: [
    GatewayHealthController,
    SeedController,
    ListingController,
    CryptoController,
    MarketController,
    MoversController,
    GlobalController,
  ],
  providers: [
    LatestPrices,
    PriceIntake,
    SourceBoard,
    SeedBoard,
    MarketClient,
    MarketBoard,
    MoversBoard,
    Sparklines,
    LiveServer,
    RawSockets,
    SocketIoGateway,
    Absence,
    Assets,
    Listings,
    Rankings,
    { provide: FixedHeaders, useFactory: (config: Config) => FixedHeaders.prepare(config), inject: [CONFIG] },
    EncodedAnswers,
    Envelopes,
    Charts,
    Seeding,
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  exports: [LatestPrices, SourceBoard],
})
export class GatewayModule {}
