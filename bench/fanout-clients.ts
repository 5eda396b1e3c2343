/**
 * The load generator: many clients in a process of their own. Speaks Engine.IO by hand over `ws`, because a full client library per
 * connection would measure itself. Counts price updates that arrive; `{ measure: ms }` answers what arrived meanwhile.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';

export type ClientKind = 'socket.io' | 'socket.io batch' | 'ws';

export interface ClientsInput {
  readonly port: number;
  readonly kind: ClientKind;
  readonly clients: number;
  readonly symbols: readonly string[];
  /** How many of the symbols each client watches, spread evenly. */
  readonly watch: number;
}

const input = JSON.parse(process.argv[2] ?? '') as ClientsInput;
const latencies: number[] = [];
let delivered = 0;
let frames = 0;
let closed = 0;
let subscribed = 0;

function count(text: string): void {
  let found = 0;
  for (let at = text.indexOf('"timestamp":'); at !== -1; at = text.indexOf('"timestamp":', at + 12)) {
    found++;
    if (delivered % 97 === 0) latencies.push(Date.now() - Number(text.slice(at + 12, at + 25)));
    delivered++;
  }
  if (found > 0) frames++;
}

function assetsOf(client: number): string[] {
  return Array.from({ length: input.watch }, (_, i) => input.symbols[(client + i * 7) % input.symbols.length]!);
}

function connect(client: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const raw = input.kind === 'ws';
    const path = raw ? '/ws' : '/socket.io/?EIO=4&transport=websocket';
    const socket = new WebSocket(`ws://127.0.0.1:${input.port}${path}`, { perMessageDeflate: false });
    socket.once('error', reject);
    socket.once('close', () => closed++);
    socket.on('open', () => {
      if (raw) socket.send(JSON.stringify({ type: 'subscribe', assets: assetsOf(client) }));
      else socket.send('40');
    });
    socket.on('message', (data) => {
      const text = (data as Buffer).toString('latin1');
      if (text === '2') socket.send('3');
      else if (text.startsWith('40')) {
        const batch = input.kind === 'socket.io batch';
        socket.send(`42${JSON.stringify(['subscribe', { assets: assetsOf(client), batch }])}`);
      } else if (text.startsWith('42["subscribed"') || text.startsWith('{"type":"subscribed"')) {
        subscribed++;
        resolve();
      } else if (text.includes('"error"') && text.length < 400) reject(new Error(text));
      else count(text);
    });
  });
}

async function main(): Promise<void> {
  const width = 50;
  for (let first = 0; first < input.clients; first += width) {
    const some = Array.from({ length: Math.min(width, input.clients - first) }, (_, i) => connect(first + i));
    await Promise.all(some);
  }
  process.on('message', (message: { measure: number }) => {
    void (async () => {
      delivered = frames = 0;
      latencies.length = 0;
      const cpu = process.cpuUsage();
      const start = performance.now();
      await wait(message.measure);
      const used = process.cpuUsage(cpu);
      process.send?.({
        seconds: (performance.now() - start) / 1000,
        delivered,
        frames,
        closed,
        cpuSeconds: (used.user + used.system) / 1e6,
        latencies: latencies.sort((a, b) => a - b),
      });
    })();
  });
  process.send?.({ subscribed });
}

main().catch((error: unknown) => {
  console.error(String(error));
  process.exit(1);
});
