import type { SourceId } from '@haunt/domain';
import { bootstrap } from '@haunt/platform';
import { IngestModule } from './ingest.module.js';

/** Runs these sources as this process. `name` appears on every line of the log. */
export async function runIngestor(...sources: readonly SourceId[]): Promise<void> {
  const name = sources.length === 1 ? `ingestor-${sources[0]}` : 'ingestor-rest';
  const { config, log } = await bootstrap(IngestModule.for(sources), { name, listen: 'health' });
  if (config.redisUrl === undefined) log.warn({}, 'REDIS_URL is not set: no other process hears what this one ingests');
}
