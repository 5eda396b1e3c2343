import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { cpuSeconds, DIST, freePort, percentile, residentMegabytes, sleep, until } from './processes.js';

const SECONDS = 15;

/** From a venue's trade to a `/ws` client, all in one process against the simulated venues: what `npm run demo` feels like. */
export async function latency(): Promise<void> {
  const port = await freePort();
  const demo = spawn(process.execPath, [join(DIST, 'apps/standalone/src/demo.js')], {
    env: { ...process.env, PORT: String(port), LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const base = `http://127.0.0.1:${port}`;
    await until('the demo to have prices', async () => (await fetch(`${base}/health/ready`)).ok, 40_000);
    await sleep(5_000);
    const waits: number[] = [];
    const client = new WebSocket(`${base.replace('http', 'ws')}/ws`);
    client.on('open', () =>
      client.send(JSON.stringify({ type: 'subscribe', assets: ['btc', 'eth', 'sol', 'xrp', 'doge'] })),
    );
    client.on('message', (data) => {
      const frame = JSON.parse((data as Buffer).toString()) as { type: string; data?: { timestamp: number } };
      if (frame.type === 'price_update' && frame.data) waits.push(Date.now() - frame.data.timestamp);
    });
    await sleep(1_000);
    waits.length = 0;
    const cpu = cpuSeconds(demo.pid ?? 0);
    await sleep(SECONDS * 1000);
    const used = (cpuSeconds(demo.pid ?? 0) - cpu) / SECONDS;
    client.close();
    waits.sort((a, b) => a - b);
    console.log(`venue to client: npm run demo, 100 assets, all sources, five assets watched for ${SECONDS} s`);
    console.log(
      `  ${waits.length} updates, p50 ${percentile(waits, 0.5)} ms, p99 ${percentile(waits, 0.99)} ms; ` +
        `${Math.round(used * 100)} % of a core, ${Math.round(residentMegabytes(demo.pid ?? 0))} MB`,
    );
  } finally {
    demo.kill('SIGTERM');
  }
}
