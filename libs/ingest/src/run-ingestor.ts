import { type SourceId, SOURCES } from '@haunt/domain';
import { bootstrap } from '@haunt/platform';
import { type DynamicModule, Module } from '@nestjs/common';
import { IngestModule } from './ingest.module.js';
import { MarketModule } from './market.module.js';

@Module({})
class IngestorModule {}

/** Runs these sources as this process, and with those that are polled the listings. `name` appears on every line of the log. */
export async function runIngestor(...sources: readonly SourceId[]): Promise<void> {
  const name = sources.length === 1 ? `ingestor-${sources[0]}` : 'ingestor-rest';
  const module: DynamicModule = {
    module: IngestorModule,
    imports: [IngestModule.for(sources), ...(sources.some(isPolled) ? [MarketModule] : [])],
  };
  const { config, log } = await bootstrap(module, { name, listen: 'health' });
  if (config.redisUrl === undefined) log.warn({}, 'REDIS_URL is not set: no other process hears what this one ingests');
}

function isPolled(source: SourceId): boolean {
  return SOURCES[source].feed === 'poll';
}
