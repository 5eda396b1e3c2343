export { IngestModule } from './ingest.module.js';
export { Ingestor, type IngestorParts } from './ingestor.js';
export { MarketModule } from './market.module.js';
export { MarketPoller, type MarketPollerParts } from './market-poller.js';
export { runIngestor } from './run-ingestor.js';
export { DATA_BUDGET_MS } from './source-health.js';
