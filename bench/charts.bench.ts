import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Candle, CHART_RANGES, ChartBook, type ChartRange, SERIES, tenDigits } from '@haunt/domain';
import { per } from './processes.js';

const ASSETS = 500;
const MINUTE = 60_000;
const MB = 1024 * 1024;
const NAIVE = 5 * Float64Array.BYTES_PER_ELEMENT;

/** What charts with full retention take, all overhead included, and how fast they are written, read and given out. */
export function charts(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const now = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const book = new ChartBook();
  collect();
  const before = memory();
  for (let i = 0; i < ASSETS; i++) {
    const symbol = `coin${i}`;
    // From a ten-thousandth of a dollar to ten thousand.
    const price = 10 ** ((i % 9) - 4);
    book.watched(symbol, price, now);
    const { live } = book.get(symbol)!;
    for (const series of live) series.merge(walk(i, price, series.bucketMs, series.buckets, now));
  }
  collect();
  const held = memory() - before;
  const buckets = SERIES.reduce((sum, series) => sum + series.buckets, 0);
  console.log(`charts: ${ASSETS} assets, full retention, ${buckets.toLocaleString('en')} buckets each`);
  console.log(
    `  ${Math.round(held / ASSETS / 1024)} KB per asset of heap and buffers (${Math.round(held / MB)} MB in all; blocks alone ` +
      `${Math.round(book.bytes / MB)} MB); five float64 per bucket would be ${Math.round((buckets * NAIVE) / 1024)} KB`,
  );
  reading(book, now);
  writing(book, now);
  const first = timed(() => void book.take());
  const times = Array.from({ length: 9 }, (_, i) => {
    for (let n = 0; n < ASSETS; n++) book.traded(`coin${n}`, 100, now + 200_000 + i, 1);
    return timed(() => void book.take());
  }).sort((x, y) => x - y);
  console.log(
    `  a checkpoint stops ticks for ${times[4]!.toFixed(1)} ms (the first one, of all blocks, ${first.toFixed(1)} ms)`,
  );
}

function reading(book: ChartBook, now: number): void {
  const ranges = Object.keys(CHART_RANGES) as ChartRange[];
  const times: number[] = [];
  for (let i = 0; i < 2_000; i++) {
    times.push(timed(() => void book.read(`coin${(i * 37) % ASSETS}`, ranges[i % ranges.length]!, now)));
  }
  times.sort((a, b) => a - b);
  console.log(
    `  reading a chart of a random asset: median ${times[1_000]!.toFixed(3)} ms, p99 ${times[1_980]!.toFixed(3)} ms`,
  );
}

function writing(book: ChartBook, now: number): void {
  const trades = 1_000_000;
  const cpu = process.cpuUsage();
  for (let i = 0; i < trades; i++) {
    book.traded(`coin${i % ASSETS}`, 10 ** ((i % 9) - 4) * (1 + (i % 101) / 1e5), now + Math.floor(i / 10), 12.5);
  }
  const used = process.cpuUsage(cpu);
  console.log(`  ${per(trades / ((used.user + used.system) / 1e6))} trades per CPU-s into all three resolutions`);
}

/** A walk of ten significant digits, 0.08 % a minute, with volumes of a few orders of magnitude. */
function* walk(seed: number, start: number, bucketMs: number, buckets: number, now: number): Generator<Candle> {
  let state = seed + 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const step = 0.0008 * Math.sqrt(bucketMs / MINUTE);
  let close = start;
  for (let i = buckets; i > 0; i--) {
    const open = tenDigits(close * (1 + (random() - 0.5) * step * 0.1));
    close = tenDigits(open * (1 + (random() - 0.5) * 2 * step));
    const high = tenDigits(Math.max(open, close) * (1 + random() * step));
    const low = tenDigits(Math.min(open, close) * (1 - random() * step));
    const volume = tenDigits(1e4 * Math.exp(4 * random()));
    yield { time: now - i * bucketMs, open, high, low, close, volume, provenance: 'live' };
  }
}

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}
