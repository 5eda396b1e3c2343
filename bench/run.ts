import { charts } from './charts.bench.js';
import { demo } from './demo.bench.js';
import { domain } from './domain.bench.js';
import { fanout } from './fanout.bench.js';
import { latency } from './latency.bench.js';
import { movers } from './movers.bench.js';
import { endAll, machine } from './processes.js';
import { throughRedis } from './redis.bench.js';
import { rest } from './rest.bench.js';

const BENCHES: Readonly<Record<string, () => void | Promise<void>>> = {
  domain,
  charts,
  movers,
  redis: throughRedis,
  rest,
  fanout,
  latency,
  demo,
};

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name));
  if (unknown.length > 0)
    throw new Error(`no bench called ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  console.log(`${machine()}\n`);
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    await bench();
    console.log();
  }
}

main()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  })
  .finally(endAll);
