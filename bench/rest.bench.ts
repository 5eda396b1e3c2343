import autocannon from 'autocannon';
import { RedisBus } from '@haunt/bus';
import { app, freePort, per, redis, role, until } from './processes.js';

const ROUNDS = 3;
const SECONDS = 5;

async function requestsPerSecond(url: string): Promise<number> {
  const result = await autocannon({ url, connections: 32, duration: SECONDS });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} not 2xx, ${result.errors} errors`);
  return result.requests.average;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Requests per second of `/api/crypto/btc/quotes`, prices moving, beside bare Fastify sending the same bytes. */
export async function rest(): Promise<void> {
  const server = await redis();
  const port = await freePort();
  const gateway = await app('gateway', { REDIS_URL: server.url, PORT: String(port) }, port);
  const bus = new RedisBus({ url: server.url });
  let version = Date.now() * 1000;
  const feed = setInterval(() => {
    const now = Date.now();
    void bus.publish('prices', [
      {
        symbol: 'btc',
        price: 67_000 + (version % 100),
        previousPrice: 67_000,
        change24h: 1.25,
        volume24h: 123456789.5,
        direction: 'up',
        source: 'coinbase',
        sources: ['coinbase', 'binance', 'kraken', 'kucoin', 'okx', 'huobi'],
        status: 'normal',
        spread: { p25: 67_000, p75: 67_001 },
        asOf: now,
        version: ++version,
      },
    ]);
  }, 100);

  const url = `http://127.0.0.1:${port}/api/crypto/btc/quotes`;
  await until('a price', async () => (await fetch(url)).ok);
  const body = await (await fetch(url)).text();
  const bare = await role('bare-fastify.js', { body });
  const bareUrl = `${(bare.ready as { address: string }).address}/api/crypto/btc/quotes`;

  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(await requestsPerSecond(bareUrl));
    ours.push(await requestsPerSecond(url));
  }
  console.log(
    `REST: GET /api/crypto/btc/quotes, 32 connections, median of ${ROUNDS} interleaved rounds of ${SECONDS} s`,
  );
  console.log(`  bare Fastify, the same ${body.length} bytes ${per(median(theirs)).padStart(9)} requests/s`);
  console.log(
    `  gateway                        ${per(median(ours)).padStart(9)} requests/s  ratio ${(median(ours) / median(theirs)).toFixed(2)}`,
  );

  clearInterval(feed);
  await bus.close();
  await bare.stop();
  await gateway.stop();
  await server.stop();
}
