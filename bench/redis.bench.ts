import { execFileSync } from 'node:child_process';
import { RedisBus } from '@haunt/bus';
import type { Tick } from '@haunt/domain';
import { WebSocket } from 'ws';
import { app, cpuSeconds, freePort, per, percentile, redis, sleep, until } from './processes.js';

const RATE = 20_000;
const SECONDS = 20;
const FLUSH_MS = 5;
const SYMBOLS = Array.from({ length: 100 }, (_, i) => `coin${i}`);

/**
 * Ticks through the whole of it: batches as an ingestor writes them, Redis, the aggregator, Redis, the gateway, a client. The
 * tick's own time is when it was made, so what the reader sees is ingest to publish, batching included.
 */
export async function throughRedis(): Promise<void> {
  const server = await redis();
  const xadd = execFileSync('redis-benchmark', [
    '-p',
    String(server.port),
    '-n',
    '100000',
    '-q',
    '--csv',
    'XADD',
    'bench',
    '*',
    't',
    'x'.repeat(64),
  ]).toString();
  const plain = Number(xadd.trim().split('\n').at(-1)?.split(',')[1]?.replaceAll('"', ''));
  execFileSync('redis-cli', ['-p', String(server.port), 'DEL', 'bench']);

  const [healthPort, port] = [await freePort(), await freePort()];
  const env = { REDIS_URL: server.url };
  const aggregator = await app('aggregator', { ...env, HEALTH_PORT: String(healthPort) }, healthPort);
  const gateway = await app('gateway', { ...env, PORT: String(port) }, port);
  const bus = new RedisBus({ url: server.url });

  let taken = 0;
  bus.consume('metrics', (entries) => {
    for (const { event } of entries) taken = event.totalUpdates;
  });
  const published: number[] = [];
  bus.consume('prices', (entries) => {
    const now = Date.now();
    for (const { event } of entries) for (const update of event) published.push(now - update.asOf);
  });
  const atClient: number[] = [];
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  client.on('open', () => client.send(JSON.stringify({ type: 'subscribe', assets: SYMBOLS.slice(0, 20) })));
  client.on('message', (data) => {
    const text = (data as Buffer).toString();
    const at = text.indexOf('"timestamp":');
    if (text.includes('"price_update"') && at !== -1) atClient.push(Date.now() - Number(text.slice(at + 12, at + 25)));
  });

  let sent = 0;
  const start = performance.now();
  const before = { aggregator: 0, gateway: 0, redis: 0 };
  let warm = false;
  while (performance.now() - start < SECONDS * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * RATE) - sent;
    const now = Date.now();
    if (due > 0) {
      const ticks = Array.from({ length: due }, (_, i): Tick => {
        const n = sent + i;
        const symbol = n % SYMBOLS.length;
        return {
          symbol: SYMBOLS[symbol]!,
          quote: 'usd',
          price: 100 + symbol + (n % 997) / 1e4,
          size: 1,
          time: now,
          id: String(n),
        };
      });
      sent += due;
      for (let i = 0; i < ticks.length; i += 200) {
        void bus.publish(
          'ticks',
          { source: 'coinbase', receivedAt: now, ticks: ticks.slice(i, i + 200), tickers: [] },
          0,
        );
      }
    }
    if (!warm && performance.now() - start > 4_000) {
      warm = true;
      published.length = atClient.length = 0;
      before.aggregator = cpuSeconds(aggregator.pid);
      before.gateway = cpuSeconds(gateway.pid);
      before.redis = cpuSeconds(server.pid);
    }
    await sleep(FLUSH_MS);
  }
  const measured = SECONDS - 4;
  const load = (pid: number, from: number): string => `${Math.round((100 * (cpuSeconds(pid) - from)) / measured)} %`;
  const loads = `aggregator ${load(aggregator.pid, before.aggregator)}, gateway ${load(gateway.pid, before.gateway)}, Redis ${load(server.pid, before.redis)} of a core`;
  await until('all ticks to be taken', async () => {
    await bus.publish('ticks', { source: 'coinbase', receivedAt: Date.now(), ticks: [], tickers: [] }, 0);
    await sleep(300);
    return taken >= sent;
  });
  published.sort((a, b) => a - b);
  atClient.sort((a, b) => a - b);
  console.log(`through Redis: ${per(RATE)} ticks/s offered for ${SECONDS} s, one source, 100 assets`);
  console.log(`  sustained ${per(sent / SECONDS)} ticks/s, every one of ${per(taken)} taken; ${loads}`);
  console.log(`  ingest to publish p50 ${percentile(published, 0.5)} ms, p99 ${percentile(published, 0.99)} ms`);
  console.log(`  ingest to a /ws client p50 ${percentile(atClient, 0.5)} ms, p99 ${percentile(atClient, 0.99)} ms`);

  const burst = 400_000;
  const from = performance.now();
  const now = Date.now();
  const base = taken;
  for (let n = 0; n < burst; n += 200) {
    const ticks = Array.from({ length: 200 }, (_, i): Tick => ({
      symbol: SYMBOLS[(n + i) % SYMBOLS.length]!,
      quote: 'usd',
      price: 100 + ((n + i) % 997) / 1e4,
      size: 1,
      time: now,
      id: String(n + i),
    }));
    await bus.publish('ticks', { source: 'coinbase', receivedAt: Date.now(), ticks, tickers: [] }, 0);
  }
  await until('the burst to be taken', async () => {
    await bus.publish('ticks', { source: 'coinbase', receivedAt: Date.now(), ticks: [], tickers: [] }, 0);
    await sleep(20);
    return taken - base >= burst;
  });
  const rate = burst / ((performance.now() - from) / 1000);
  console.log(
    `  as fast as it goes ${per(rate)} ticks/s; redis-benchmark XADD here ${per(plain)} entries/s: ratio ${(rate / plain).toFixed(2)}`,
  );

  client.close();
  await bus.close();
  await gateway.stop();
  await aggregator.stop();
  await server.stop();
}
