import { SOURCE_IDS, SOURCES } from '@haunt/domain';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtApp } from '../../../test/built.js';
import { Child } from '../../../test/child.js';

let main = '';
let folder = '';
const children: Child[] = [];

interface Start {
  readonly entry?: 'main' | 'demo';
  /** Runs before anything of ours: what goes wrong in this process. */
  readonly accident?: string;
}

function start(env: Readonly<Record<string, string>>, { entry = 'main', accident }: Start = {}): Child {
  const script = join(folder, 'accident.cjs');
  if (accident !== undefined) writeFileSync(script, accident);
  const file = main.replace(/main\.js$/, `${entry}.js`);
  const child = new Child(file, { PORT: '0', DATA_DIR: folder, ...env }, accident === undefined ? [] : ['-r', script]);
  children.push(child);
  return child;
}

/** Addresses at which nobody listens, as without internet. */
async function nowhere(): Promise<Record<string, string>> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const env: Record<string, string> = {};
  for (const id of SOURCE_IDS) {
    env[`${id.toUpperCase()}_REST_URL`] = `http://127.0.0.1:${port}`;
    if (SOURCES[id].feed === 'stream') env[`${id.toUpperCase()}_WS_URL`] = `ws://127.0.0.1:${port}`;
  }
  return env;
}

/** What `ask` gives once it gives something. @throws Error after 15 s without. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(100)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`not within 15 s; it said ${children.at(-1)?.stdout.join('\n')}`);
}

beforeAll(() => {
  main = builtApp('standalone');
}, 60_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'haunt-test-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await child.exit;
  }
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  [{ PORT: 'http' }, 'haunt: PORT: "http" is not allowed; allowed is a port number, 0 to 65535\n'],
  [
    { DATA_DIR: '/dev/null' },
    'haunt: DATA_DIR: "/dev/null" is not a folder; allowed is a folder that can be written to\n',
  ],
])('%j: one line and the end', async (env, expected) => {
  const child = start(env);
  await expect(child.exit).resolves.toEqual({ code: 1, signal: null });
  expect(child.stderr).toBe(expected);
  expect(child.stdout).toEqual([]);
});

test('a port that somebody else has: one line and the end', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const child = start({ PORT: String(port) });
  await expect(child.exit).resolves.toEqual({ code: 1, signal: null });
  other.close();
  expect(child.stderr).toBe(
    `haunt: PORT: 127.0.0.1:${port} is taken by another process; end that one, or set PORT to a free port\n`,
  );
});

test('without internet it is calm, says why, and ends when told to', async () => {
  const child = start(await nowhere());
  const [, url] = await child.line(/^Haunt listens on (\S+)/);
  await child.line(/Coinbase failing: .*connection refused \(ECONNREFUSED\)/);
  await child.line(/CoinMarketCap disabled: .*key/);

  const health = await fetch(`${url}/health`);
  expect(health.status).toBe(200);
  const { status } = (await health.json()) as { status: string };
  expect(status).not.toBe('ok');
  expect((await fetch(`${url}/health/ready`)).status).toBe(503);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);

  const exchanges = (await (await fetch(`${url}/api/market/exchanges`)).json()) as {
    data: { source: string; status: string; lastError?: unknown }[];
  };
  const states = Object.fromEntries(exchanges.data.map((exchange) => [exchange.source, exchange.status]));
  expect(Object.keys(states).toSorted()).toEqual([...SOURCE_IDS].toSorted());
  expect(states['coinmarketcap']).toBe('disabled');
  expect(Object.values(states)).not.toContain('connected');

  const before = Date.now();
  child.kill('SIGTERM');
  await expect(child.exit).resolves.toEqual({ code: 0, signal: null });
  expect(Date.now() - before).toBeLessThan(5_000);
  expect(child.stderr).toBe('');
  expect(child.stdout.length).toBeLessThan(20);
  expect(readFileSync(join(folder, 'haunt.log'), 'utf8')).toContain('ending on SIGTERM');
});

test('what nobody handled ends the process, and says so where somebody looks', async () => {
  const accident = `process.on('SIGUSR2', () => Promise.reject(new Error('nobody expects this')));`;
  const child = start(await nowhere(), { accident });
  await child.line(/^Haunt listens/);
  child.kill('SIGUSR2');
  await expect(child.exit).resolves.toEqual({ code: 1, signal: null });
  expect(child.stderr).toMatch(
    /^haunt: a rejection that nobody handled.*: nobody expects this \(more in .*haunt\.log\)\n$/,
  );
  expect(readFileSync(join(folder, 'haunt.log'), 'utf8')).toContain('accident.cjs');
});

test('an end that does not come to an end is cut off at its deadline', async () => {
  const accident = `process.on('SIGUSR2', () => {
    require('node:net').Server.prototype.close = function () { return this; };
    console.log('nothing closes any more');
  });`;
  const child = start({ ...(await nowhere()), SHUTDOWN_MS: '300' }, { accident });
  await child.line(/^Haunt listens/);
  child.kill('SIGUSR2');
  await child.line(/^nothing closes/);
  const before = Date.now();
  child.kill('SIGTERM');
  await expect(child.exit).resolves.toEqual({ code: 1, signal: null });
  expect(Date.now() - before).toBeLessThan(3_000);
  expect(child.stderr).toContain('not ended within 300 ms (SHUTDOWN_MS): cut off');
});

test('the demo: a price from at least seven sources, which its explanation adds up to, and all of it says simulated', async () => {
  const child = start({}, { entry: 'demo' });
  await child.line(/^SIMULATED/);
  const [, url] = await child.line(/^Haunt listens on (\S+)/);
  const quotes = await until(async () => {
    const response = await fetch(`${url}/api/crypto/btc/quotes`);
    expect(response.headers.get('x-haunt-simulated')).toBe('1');
    const { data, meta } = (await response.json()) as { data?: { sources: string[] }; meta?: { simulated?: boolean } };
    return data !== undefined && data.sources.length >= 7 ? { data, meta } : undefined;
  });
  expect(quotes.meta?.simulated).toBe(true);
  await expect((await fetch(`${url}/health`)).json()).resolves.toMatchObject({ simulated: true });

  const explained = (await (await fetch(`${url}/api/crypto/btc/explain`)).json()) as {
    data: { price: number; sources: { priceUsd: number; weight: number; counted: boolean }[] };
  };
  const counted = explained.data.sources.filter((source) => source.counted);
  const weight = counted.reduce((sum, source) => sum + source.weight, 0);
  const price = counted.reduce((sum, source) => sum + source.weight * source.priceUsd, 0) / weight;
  expect(price / explained.data.price).toBeCloseTo(1, 9);

  child.kill('SIGINT');
  await expect(child.exit).resolves.toEqual({ code: 0, signal: null });
  expect(child.stderr).toBe('');
});
