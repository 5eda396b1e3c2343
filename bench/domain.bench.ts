import { ChartBook, PriceBook, SOURCE_IDS, type Tick, type TickBatch } from '@haunt/domain';
import { per } from './processes.js';

const SYMBOLS = 100;
const BATCH = 50;
const BATCHES = 40_000;

/** Ticks per second through the price book, alone and with charts: all sources, a hundred assets, batches of fifty. */
export function domain(): void {
  const start = Date.now();
  let at = start;
  const batches: TickBatch[] = Array.from({ length: BATCHES }, (_, b) => {
    at += 2;
    const source = SOURCE_IDS[b % SOURCE_IDS.length]!;
    const ticks = Array.from({ length: BATCH }, (_, i): Tick => {
      const symbol = (b * 7 + i) % SYMBOLS;
      return {
        symbol: `coin${symbol}`,
        quote: 'usd',
        price: 100 * (symbol + 1) * (1 + (((b * 31 + i * 17) % 1000) - 500) / 1e6),
        size: 1,
        time: at,
        id: String(b * BATCH + i),
      };
    });
    return { source, receivedAt: at, ticks, tickers: [] };
  });
  console.log(`domain: ${SYMBOLS} assets, ${SOURCE_IDS.length} sources, ${per(BATCH * BATCHES * 0.9)} ticks`);
  measure('price book alone', new PriceBook(), batches);
  measure('price book and charts', new PriceBook({ observer: new ChartBook() }), batches);
}

function measure(name: string, book: PriceBook, batches: readonly TickBatch[]): void {
  let updates = 0;
  for (const batch of batches.slice(0, BATCHES / 10)) updates += book.apply(batch).length;
  const cpu = process.cpuUsage();
  updates = 0;
  for (const batch of batches.slice(BATCHES / 10)) updates += book.apply(batch).length;
  const used = process.cpuUsage(cpu);
  const seconds = (used.user + used.system) / 1e6;
  const ticks = BATCH * BATCHES * 0.9;
  console.log(`  ${name}: ${per(ticks / seconds)} ticks per CPU-s, ${per(updates / seconds)} price changes per CPU-s`);
}
