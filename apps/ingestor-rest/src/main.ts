import { runIngestor } from '@haunt/ingest';

void runIngestor('kraken', 'coingecko', 'coinmarketcap', 'cryptocompare');
