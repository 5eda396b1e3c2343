import { runIngestor } from '@haunt/ingest';

void runIngestor('bybit');
