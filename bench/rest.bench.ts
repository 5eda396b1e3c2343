import autocannon from 'autocannon';
import { RedisBus } from '@haunt/bus';
import type { ChartAnswer, ChartView } from '@haunt/contracts';
import { ASSETS, CHART_RANGES, type ChartRange } from '@haunt/domain';
import { app, demo, freePort, per, redis, role, until } from './processes.js';

const ROUNDS = 3;
const SECONDS = 5;
/** What charts must stand, and for how long it is tried. */
const CHARTS_PER_SECOND = 200;
const STEADY_SECONDS = 10;
const WATCHED = ['btc', 'eth', 'sol', 'xrp', 'doge'];
const RANGES = Object.keys(CHART_RANGES) as ChartRange[];

interface Stage {
  readonly bus: RedisBus;
  /** Of the gateway. */
  readonly base: string;
}

/** What the gateway answers of its projections, beside bare Fastify sending the same bytes. */
export async function rest(): Promise<void> {
  const server = await redis();
  const port = await freePort();
  const gateway = await app('gateway', { REDIS_URL: server.url, PORT: String(port) }, port);
  const bus = new RedisBus({ url: server.url });
  const stage = { bus, base: `http://127.0.0.1:${port}` };
  const feeds = [feedPrices(bus), feedCharts(bus)];
  await beside(stage, '/api/crypto/btc/quotes');
  await beside(stage, '/api/crypto/btc/chart?range=1d');
  console.log(`  charts of ${WATCHED.length} assets, every range, changing ten times a second, beside 1,000 prices/s:`);
  await steady(stage.base);
  for (const stop of feeds) stop();
  await bus.close();
  await gateway.stop();
  await server.stop();
  await chartsOfTheDemo();
}

/** A path of the gateway and of bare Fastify, in turn. */
async function beside({ base }: Stage, path: string): Promise<void> {
  const url = base + path;
  await until(`an answer of ${path}`, async () => (await fetch(url)).ok);
  const body = await (await fetch(url)).text();
  const bare = await role('bare-fastify.js', { path: path.split('?', 1)[0], body });
  const bareUrl = (bare.ready as { address: string }).address + path;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(await requestsPerSecond(bareUrl));
    ours.push(await requestsPerSecond(url));
  }
  await bare.stop();
  const ratio = (median(ours) / median(theirs)).toFixed(2);
  console.log(`REST: GET ${path}, 32 connections, median of ${ROUNDS} interleaved rounds of ${SECONDS} s`);
  console.log(`  bare Fastify, the same ${per(body.length)} bytes ${per(median(theirs)).padStart(9)} requests/s`);
  console.log(`  gateway                        ${per(median(ours)).padStart(9)} requests/s  ratio ${ratio}`);
}

/** Charts at a steady rate, plain and compressed. */
async function steady(base: string): Promise<void> {
  for (const encoding of ['identity', 'br']) {
    const { latency, non2xx, errors } = await autocannon({
      url: base,
      connections: 20,
      duration: STEADY_SECONDS,
      overallRate: CHARTS_PER_SECOND,
      headers: { 'accept-encoding': encoding },
      requests: WATCHED.flatMap((symbol) =>
        RANGES.map((range) => ({ path: `/api/crypto/${symbol}/chart?range=${range}` })),
      ),
    });
    if (non2xx > 0 || errors > 0) throw new Error(`charts: ${non2xx} not 2xx, ${errors} errors`);
    console.log(
      `  ${CHARTS_PER_SECOND} requests/s, ${encoding.padEnd(8)}  p50 ${latency.p50} ms, p99 ${latency.p99} ms, largest ${latency.max} ms`,
    );
  }
}

/** The whole house in one process, ticks of all simulated venues coming in, charts answered from its memory. */
async function chartsOfTheDemo(): Promise<void> {
  const { base, stop } = await demo();
  try {
    await until('the demo to have charts', async () => (await completeness(base)) >= 95, 90_000);
    console.log(`  the demo, 100 assets, seeding in the background:`);
    await steady(base);
  } finally {
    await stop();
  }
}

/** The least complete of the charts that are to be asked for. */
async function completeness(base: string): Promise<number> {
  const charts = await Promise.all(
    WATCHED.map(async (symbol) => {
      const answer = await fetch(`${base}/api/crypto/${symbol}/chart`);
      return ((await answer.json()) as { data: ChartView }).data.dataCompleteness;
    }),
  );
  return Math.min(...charts);
}

/** A hundred assets, ten times a second, the first of them bitcoin. @returns what ends it. */
function feedPrices(bus: RedisBus): () => void {
  let version = Date.now() * 1000;
  const assets = ASSETS.slice(0, 100);
  const feed = setInterval(() => {
    version++;
    const updates = assets.map(({ symbol, rank }) => ({
      symbol,
      price: 67_000 / rank + (version % 100),
      previousPrice: 67_000 / rank,
      change24h: 1.25,
      volume24h: 123456789.5,
      direction: 'up' as const,
      source: 'coinbase' as const,
      sources: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi'] as const,
      status: 'normal' as const,
      spread: { p25: 67_000 / rank, p75: 67_001 / rank },
      asOf: Date.now(),
      version,
    }));
    void bus.publish('prices', updates);
  }, 100);
  return () => clearInterval(feed);
}

/** Plays the aggregator: charts of which the last bucket changes ten times a second. @returns what ends it. */
function feedCharts(bus: RedisBus): () => void {
  const answering = bus.answer('chart.get', ({ symbol, range, known }): ChartAnswer => {
    const turn = Math.floor(Date.now() / 100);
    const revision = String(turn);
    return known === revision ? { revision } : { revision, chart: chartOf(symbol, range, turn) };
  });
  return () => void answering.close();
}

function chartOf(symbol: string, range: ChartRange, turn: number): ChartView {
  const { bucketMs, points } = CHART_RANGES[range];
  const last = Math.floor(Date.now() / bucketMs);
  const data = Array.from({ length: points }, (_, i) => {
    const open = 67_000 + Math.round(1_000_000 * Math.sin(i / 7)) / 1_000;
    const close = i === points - 1 ? open + (turn % 100) / 100 : open + 12.345;
    const time = ((last - points + 1 + i) * bucketMs) / 1_000;
    return { time, open, high: close + 40.25, low: open - 33.125, close, volume: 1_234_567.25 + i };
  });
  return {
    symbol,
    range,
    data,
    seeding: false,
    seedingStatus: 'complete',
    seedingProgress: 100,
    dataCompleteness: 100,
    expectedPoints: points,
    gaps: [],
  };
}

async function requestsPerSecond(url: string): Promise<number> {
  const result = await autocannon({ url, connections: 32, duration: SECONDS });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} not 2xx, ${result.errors} errors`);
  return result.requests.average;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
