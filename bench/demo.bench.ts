import autocannon from 'autocannon';
import type { AssetView, LiveMovers, LivePrice } from '@haunt/contracts';
import { WebSocket } from 'ws';
import { cpuSeconds, demo as startDemo, per, percentile, residentMegabytes, sleep } from './processes.js';

const ASSETS = 500;
const PAGE = 100;
const WARM_SECONDS = 120;
const WATCH_SECONDS = 60;
const RATE = 200;
const ROUTES = [
  'crypto/listings?limit=100',
  'crypto/btc/quotes',
  'market/movers?limit=50',
  'crypto/btc/chart?range=1d',
];

type Frame =
  | { readonly type: 'price_update'; readonly data: LivePrice }
  | { readonly type: 'movers_update'; readonly data: LiveMovers };

/** The demo with as many assets as a house follows by default, while their history is being fetched: memory, movers and REST. */
export async function demo(): Promise<void> {
  const { base, pid, stop } = await startDemo({ DEMO_ASSETS: String(ASSETS) });
  try {
    const cpu = cpuSeconds(pid);
    await sleep(WARM_SECONDS * 1000);
    const share = (100 * (cpuSeconds(pid) - cpu)) / WARM_SECONDS;
    console.log(
      `the demo with ${ASSETS} assets, after ${WARM_SECONDS} s: ${share.toFixed(0)} % of a core, ${residentMegabytes(pid).toFixed(0)} MB`,
    );
    await moversLag(base);
    for (const route of ROUTES) {
      const url = `${base}/api/${route}`;
      const { latency, non2xx, errors } = await autocannon({ url, connections: 10, duration: 10, overallRate: RATE });
      if (non2xx > 0 || errors > 0) throw new Error(`${route}: ${non2xx} not 2xx, ${errors} errors`);
      console.log(
        `  ${RATE} requests/s of ${route.padEnd(26)} p50 ${latency.p50} ms, p99 ${latency.p99} ms, largest ${latency.max} ms`,
      );
    }
  } finally {
    await stop();
  }
}

/** How far a list of movers is behind the prices that the same client was told: the age of the first price it does not know yet. */
async function moversLag(base: string): Promise<void> {
  const told = new Map<string, { readonly at: number; readonly price: number }[]>();
  const lags: number[] = [];
  let prices = 0;
  let lists = 0;
  const client = new WebSocket(`${base.replace('http', 'ws')}/ws`);
  client.on('message', (frame) => {
    const { type, data } = JSON.parse((frame as Buffer).toString()) as Frame;
    const at = performance.now();
    if (type === 'price_update') {
      prices++;
      const before = told.get(data.symbol) ?? [];
      told.set(data.symbol, [...before.slice(-100), { at, price: data.price }]);
    }
    if (type !== 'movers_update') return;
    lists++;
    for (const { symbol, price } of [...data.gainers, ...data.losers]) {
      const known = told.get(symbol.toLowerCase()) ?? [];
      const shown = known.findLastIndex((one) => one.price === price);
      const next = known[shown + 1];
      if (shown >= 0) lags.push(next === undefined ? 0 : at - next.at);
    }
  });
  await new Promise((resolve) => client.once('open', resolve));
  for (let start = 1; start <= ASSETS; start += PAGE) {
    const answer = await fetch(`${base}/api/crypto/listings?limit=${PAGE}&start=${start}`);
    const { data } = (await answer.json()) as { data: AssetView[] };
    client.send(JSON.stringify({ type: 'subscribe', assets: data.map(({ symbol }) => symbol.toLowerCase()) }));
  }
  client.send(JSON.stringify({ type: 'subscribe_movers', timeframe: '1m', limit: 50 }));
  await sleep(WATCH_SECONDS * 1000);
  client.terminate();
  lags.sort((a, b) => a - b);
  const of = (q: number): string => percentile(lags, q).toFixed(0);
  console.log(
    `  ${per(prices / WATCH_SECONDS)} prices/s to one client; ${lists} lists of movers in ${WATCH_SECONDS} s, ` +
      `behind its prices by p50 ${of(0.5)} ms, p99 ${of(0.99)} ms, at most ${of(1)} ms`,
  );
}
