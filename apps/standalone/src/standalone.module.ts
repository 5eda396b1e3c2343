import { Module, type DynamicModule } from '@nestjs/common';
import { IngestModule, MarketModule } from '@haunt/ingest';
import type { Config } from '@haunt/platform';
import { AggregatorModule } from '../../aggregator/src/aggregator.module.js';
import { GatewayModule } from '../../gateway/src/gateway.module.js';
import { SeederModule } from '../../seeder/src/seeder.module.js';

/** Every feature in one process. The features know nothing of it: the same modules run as processes of their own. */
@Module({})
export class StandaloneModule {
  static for(config: Config): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [AggregatorModule, SeederModule, GatewayModule, IngestModule.for(config.sources), MarketModule],
    };
  }
}
