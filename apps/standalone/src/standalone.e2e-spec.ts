import { SOURCE_IDS, SOURCES } from '@haunt/domain';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtApp } from '../../../test/built.js';
import { Child } from '../../../test/child.js';

let main = '';
let folder = '';
const children: Child[] = [];

function start(env: Readonly<Record<string, string>>): Child {
  const child = new Child(main, { PORT: '0', DATA_DIR: folder, ...env });
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
