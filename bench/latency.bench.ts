import { WebSocket } from 'ws';
import { cpuSeconds, demo, percentile, residentMegabytes, sleep } from './processes.js';

const SECONDS = 15;

/** From a venue's trade to a `/ws` client, all in one process against the simulated venues: what `npm run demo` feels like. */
export async function latency(): Promise<void> {
  const { base, pid, stop } = await demo();
  try {
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
    const cpu = cpuSeconds(pid);
    await sleep(SECONDS * 1000);
    const used = (cpuSeconds(pid) - cpu) / SECONDS;
    client.close();
    waits.sort((a, b) => a - b);
    console.log(`venue to client: npm run demo, 100 assets, all sources, five assets watched for ${SECONDS} s`);
    console.log(
      `  ${waits.length} updates, p50 ${percentile(waits, 0.5)} ms, p99 ${percentile(waits, 0.99)} ms; ` +
        `${Math.round(used * 100)} % of a core, ${Math.round(residentMegabytes(pid))} MB`,
    );
  } finally {
    await stop();
  }
}
