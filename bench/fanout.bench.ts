import { RedisBus } from '@haunt/bus';
import type { PriceUpdate } from '@haunt/domain';
import { app, cpuSeconds, freePort, per, percentile, redis, residentMegabytes, role } from './processes.js';
import type { ClientKind, ClientsInput } from './fanout-clients.js';

/** Symbols published, how often each changes per second, and how many of them each client watches. */
const SYMBOLS = Array.from({ length: 50 }, (_, i) => `coin${i}`);
const RATE = 2;
const WATCH = 10;
const MEASURE_MS = 10_000;

interface Measured {
  readonly seconds: number;
  readonly delivered: number;
  readonly frames: number;
  readonly closed: number;
  readonly cpuSeconds: number;
  readonly latencies: readonly number[];
}

interface Row {
  readonly perCpuSecond: number;
  readonly text: string;
}

async function measure(label: string, serverPid: number, input: ClientsInput): Promise<Row> {
  const clients = await role('fanout-clients.js', input);
  await clients.ask({ measure: 2_000 });
  const before = cpuSeconds(serverPid);
  const result = (await clients.ask({ measure: MEASURE_MS })) as Measured;
  const cpu = cpuSeconds(serverPid) - before;
  const memory = residentMegabytes(serverPid);
  await clients.stop();
  const perCpuSecond = result.delivered / cpu;
  return {
    perCpuSecond,
    text:
      `  ${label.padEnd(34)} ${per(result.delivered / result.seconds).padStart(9)}/s delivered  ` +
      `${per(perCpuSecond).padStart(9)} per CPU-s  p99 ${String(percentile(result.latencies, 0.99)).padStart(4)} ms  ` +
      `${Math.round(memory)} MB  generator ${Math.round((100 * result.cpuSeconds) / result.seconds)} % of a core` +
      (result.closed > 0 ? `  ${result.closed} CLOSED` : ''),
  };
}

/** Publishes what an aggregator would, at the same pace as the plain room server makes its own. */
function publisher(url: string): { stop(): Promise<void> } {
  const bus = new RedisBus({ url });
  let version = Date.now() * 1000;
  const timer = setInterval(() => {
    const now = Date.now();
    const updates = SYMBOLS.map((symbol): PriceUpdate => ({
      symbol,
      price: 50_000 + (version % 1000) / 100,
      previousPrice: 50_000,
      change24h: 1.25,
      volume24h: 1234567.5,
      direction: 'up',
      source: 'coinbase',
      sources: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi'],
      status: 'normal',
      spread: { p25: 50_000, p75: 50_001 },
      asOf: now,
      version: ++version,
    }));
    void bus.publish('prices', updates);
  }, 1000 / RATE);
  return {
    stop: async () => {
      clearInterval(timer);
      await bus.close();
    },
  };
}

/** Price updates delivered per CPU-second of the server, beside the smallest Socket.IO room server, in one run. */
export async function fanout(): Promise<void> {
  console.log(`fan-out: ${SYMBOLS.length} assets x ${RATE} updates/s, each client watches ${WATCH} (batch: 50)`);
  for (const clients of (process.env['BENCH_CLIENTS'] ?? '2000,5000').split(',').map(Number)) {
    const plain = await role('plain-room-server.js', { symbols: SYMBOLS, rate: RATE });
    const plainPort = (plain.ready as { port: number }).port;
    const input = (kind: ClientKind, port: number, watch = WATCH): ClientsInput => ({
      port,
      kind,
      clients,
      symbols: SYMBOLS,
      watch,
    });
    const base = await measure(`${clients} plain Socket.IO rooms`, plain.pid, input('socket.io', plainPort));
    await plain.stop();
    console.log(base.text);

    const server = await redis();
    const port = await freePort();
    const gateway = await app(
      'gateway',
      { REDIS_URL: server.url, PORT: String(port), CONNECTIONS_PER_ADDRESS: '20000', CONNECTIONS_MAX: '20000' },
      port,
    );
    const feed = publisher(server.url);
    for (const [kind, watch] of [
      ['socket.io', WATCH],
      ['ws', WATCH],
      ['socket.io batch', SYMBOLS.length],
    ] as const) {
      const row = await measure(`${clients} ${kind}`, gateway.pid, input(kind, port, watch));
      console.log(`${row.text}  ratio ${(row.perCpuSecond / base.perCpuSecond).toFixed(2)}`);
    }
    await feed.stop();
    await gateway.stop();
    await server.stop();
  }
}
