import { ChartBook, MOVER_WINDOW_NAMES, Movers, type MoverWindow, type PriceUpdate, volatility } from '@haunt/domain';
import { percentile } from './processes.js';

const MINUTE = 60_000;
/** Past the longest window and its look-back. */
const HISTORY = 26 * 60;
/** Charts that are really there; more assets share them. Many more than blocks are kept thawed. */
const CHARTS = 1_000;
const MINUTES = 10;
const EVERY_MS = 50;

/** What movers cost, ranking by ranking and in all, and what the first volatility of a day costs; with the history of a day. */
export function movers(): void {
  const start = Math.floor(Date.now() / MINUTE) * MINUTE;
  const charts = chartsUntil(start);
  console.log(`movers: ${MOVER_WINDOW_NAMES.length} windows, ranked twice a second, 1,000 updates/s`);
  for (const assets of [500, 10_000]) measure(charts, assets, start);
  console.log('volatility of 10,000 assets, one after the other');
  for (const window of ['1h', '24h'] as const) measureVolatility(charts, window, start);
}

function measure(charts: ChartBook, assets: number, start: number): void {
  const symbols = Array.from({ length: assets }, (_, i) => `asset${i}`);
  const movers = new Movers(new Map(symbols.map((symbol, i) => [symbol, charts.get(`coin${i % CHARTS}`)!])));
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const change = (symbol: string): void => movers.take(update(symbol, 100 + random()));
  symbols.forEach(change);
  const rankings: Took[] = [];
  const others: Took[] = [];
  const turns: Took[] = [];
  const catchingUp: Took[] = [];
  const cpu = process.cpuUsage();
  // The entries of a thousand updates a second, twenty times a second.
  for (let ms = EVERY_MS; ms <= MINUTES * MINUTE; ms += EVERY_MS) {
    for (let i = 0; i < EVERY_MS; i++) change(symbols[Math.floor(random() * assets)]!);
    let told = 0;
    const took = timed(() => (told = movers.passed(start + ms).length));
    if (rankings.length === 0 && told === 0) catchingUp.push(took);
    else if (ms % MINUTE === MINUTE / 2) turns.push(took);
    else (told > 0 ? rankings : others).push(took);
  }
  const used = process.cpuUsage(cpu);
  const share = (used.user + used.system) / 1e4 / (60 * MINUTES);
  console.log(`  ${assets.toLocaleString('en')} assets, ${MINUTES} minutes: ${share.toFixed(2)} % of a core in all`);
  say('a ranking', rankings);
  say('an entry where the minute turns', turns);
  say('an entry between two rankings', others);
  if (catchingUp.length > 0) say('an entry while past closes are looked up after the start', catchingUp);
}

function measureVolatility(charts: ChartBook, window: MoverWindow, start: number): void {
  const each: Took[] = [];
  const all = timed(() => {
    for (let i = 0; i < 10_000; i++) {
      each.push(timed(() => volatility(charts.get(`coin${i % CHARTS}`)!, 100, window, start)));
    }
  });
  say(`${window}: ${all.cpu.toFixed(0)} ms of CPU; an asset`, each);
}

/** In ms. */
interface Took {
  readonly wall: number;
  /** Of all threads of the process: what collects garbage beside us counts. */
  readonly cpu: number;
}

function timed(work: () => void): Took {
  const cpu = process.cpuUsage();
  const before = performance.now();
  work();
  const wall = performance.now() - before;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1e3 };
}

function say(what: string, all: readonly Took[]): void {
  const figures = (key: keyof Took): string => {
    const sorted = all.map((took) => took[key]).sort((a, b) => a - b);
    const [median, p99, most] = [0.5, 0.99, 1].map((q) => percentile(sorted, q).toFixed(2));
    return `median ${median}, p99 ${p99}, most ${most} ms`;
  };
  console.log(`    ${what} (${all.length.toLocaleString('en')}): ${figures('wall')}; of CPU ${figures('cpu')}`);
}

function chartsUntil(end: number): ChartBook {
  const charts = new ChartBook();
  for (let i = 0; i < CHARTS; i++) {
    for (const width of [MINUTE, 5 * MINUTE]) {
      const last = Math.floor(end / width) * width;
      const count = (HISTORY * MINUTE) / width;
      charts.merge(
        `coin${i}`,
        width,
        'klines',
        Array.from({ length: count }, (_, n) => {
          const close = 100 + ((i * 31 + n * 17) % 1_000) / 1_000;
          return { time: last - (count - n) * width, open: 100, high: 102, low: 99, close };
        }),
        end,
      );
    }
  }
  return charts;
}

function update(symbol: string, price: number): PriceUpdate {
  const spread = { p25: price, p75: price };
  return { symbol, price, source: 'coinbase', sources: ['coinbase'], status: 'normal', spread, asOf: 0, version: 1 };
}
