export { IngestModule } from './ingest.module.js';
export { Ingestor, type IngestorParts } from './ingestor.js';
export { runIngestor } from './run-ingestor.js';
export { DATA_BUDGET_MS } from './source-health.js';
