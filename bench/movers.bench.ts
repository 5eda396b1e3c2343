import { ChartBook, MOVER_WINDOW_NAMES, Movers, type PriceUpdate } from '@haunt/domain';
import { percentile } from './processes.js';

const MINUTE = 60_000;
/** Past the longest window and its look-back. */
const HISTORY = 26 * 60;
/** Charts that are really there; more assets share them. Many more than blocks are kept thawed. */
const CHARTS = 1_000;

/** What ranking costs, in one go and per second of log time, with full history of a day. */
export function movers(): void {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE;
  const charts = chartsUntil(start);
  console.log(`movers: ${MOVER_WINDOW_NAMES.length} windows, ranked once a second`);
  for (const assets of [500, 10_000]) measure(charts, assets, start);
}

function measure(charts: ChartBook, assets: number, start: number): void {
  const symbols = Array.from({ length: assets }, (_, i) => `asset${i}`);
  const movers = new Movers(new Map(symbols.map((symbol, i) => [symbol, charts.get(`coin${i % CHARTS}`)!])));
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const change = (symbol: string): void => movers.take(update(symbol, 100 + random()));
  symbols.forEach(change);
  movers.passed(start);
  const ranking: number[] = [];
  const turns: number[] = [];
  let told = 0;
  const cpu = process.cpuUsage();
  const seconds = 120;
  // A thousand updates a second, in twenty entries of the log.
  for (let ms = 50; ms <= seconds * 1_000; ms += 50) {
    for (let i = 0; i < 50; i++) change(symbols[Math.floor(random() * assets)]!);
    const before = performance.now();
    const lists = movers.passed(start + ms);
    const took = performance.now() - before;
    if (ms % MINUTE === MINUTE / 2) turns.push(took);
    else if (lists.length > 0) ranking.push(took);
    told += lists.length;
  }
  const used = process.cpuUsage(cpu);
  ranking.sort((a, b) => a - b);
  console.log(
    `  ${assets.toLocaleString('en')} assets, 1,000 updates/s: a ranking takes median ${percentile(ranking, 0.5).toFixed(2)} ms, ` +
      `p99 ${percentile(ranking, 0.99).toFixed(2)} ms, where the minute turns ${Math.max(...turns).toFixed(2)} ms; ` +
      `${((used.user + used.system) / 1e4 / seconds).toFixed(2)} % of a core in all, ${(told / seconds).toFixed(1)} lists told a second`,
  );
}

function chartsUntil(end: number): ChartBook {
  const charts = new ChartBook();
  for (let i = 0; i < CHARTS; i++) {
    charts.merge(
      `coin${i}`,
      MINUTE,
      'klines',
      Array.from({ length: HISTORY }, (_, n) => {
        const close = 100 + ((i * 31 + n * 17) % 1_000) / 1_000;
        return { time: end - (HISTORY - n) * MINUTE, open: 100, high: 102, low: 99, close };
      }),
      end,
    );
  }
  return charts;
}

function update(symbol: string, price: number): PriceUpdate {
  const spread = { p25: price, p75: price };
  return { symbol, price, source: 'coinbase', sources: ['coinbase'], status: 'normal', spread, asOf: 0, version: 1 };
}
