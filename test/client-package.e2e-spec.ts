import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chartView, type GatewayUnderTest, startGateway } from '../apps/gateway/test/gateway-under-test.js';

const run = promisify(execFile);
const root = resolve(__dirname, '..');

/** What somebody outside would write; every wrong line is marked. */
const CONSUMER = `
import { HauntClient, HauntError, type Envelope, type LivePrice, type LiveState, type QuotesView } from '@haunt/client';

const { rest, live } = new HauntClient({ url: 'https://prices.example', fetch, socket: { extraHeaders: {} } });
const heard: LivePrice[] = [];
let state: LiveState = live.state;
live.on('state', (now) => (state = now));
live.subscribe(['btc'], { throttleMs: 100, onPrices: (prices) => heard.push(...prices) });
live.subscribeMovers({ timeframe: '5m', onMovers: ({ gainers }) => console.log(gainers[0]?.symbol) });
export async function price(): Promise<number> {
  const quotes: Envelope<QuotesView> = await rest.quotes('btc');
  return quotes.data.price;
}
export const codeOf = (error: unknown): string => (error instanceof HauntError ? error.code : String(state));
// @ts-expect-error no such window
live.subscribeMovers({ timeframe: '2h', onMovers: () => undefined });
// @ts-expect-error no such range
void rest.chart('btc', '2d');
// @ts-expect-error no such field
live.on('prices', ([first]) => console.log(first?.prize));
`;

const STRICT = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, target: 'es2022' };
/** Where a consumer may live: a page knows nothing of Node, and Node nothing of pages. */
const HOMES = {
  page: { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] },
  node: {
    module: 'nodenext',
    lib: ['es2022'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  },
};

describe('the client as a package', () => {
  let folder: string;
  let gateway: GatewayUnderTest;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'haunt-client-'));
    const modules = join(folder, 'node_modules');
    mkdirSync(join(modules, '@haunt'), { recursive: true });
    symlinkSync(join(root, 'node_modules/socket.io-client'), join(modules, 'socket.io-client'));
    await run(process.execPath, [join(root, 'tools/build-client.mjs'), join(modules, '@haunt/client')]);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    gateway = await startGateway({ simulated: true }, (bus) => {
      bus.answer('prices.get', () => []);
      bus.answer('chart.get', () => ({ revision: 'one', chart: chartView({ dataCompleteness: 87.5 }) }));
    });
  }, 120_000);
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  it('has nothing of the other rooms left to be installed', () => {
    const files = ['index.js', 'index.d.ts'].map((name) => join(folder, 'node_modules/@haunt/client', name));
    for (const text of files.map((file) => readFileSync(file, 'utf8'))) {
      const imported = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+["']([^"']+)["']/gm)].map(
        (match) => match[1],
      );
      expect(new Set(imported)).toEqual(new Set(['socket.io-client']));
    }
  });

  it.each(Object.entries(HOMES))(
    'compiles where it is used, as strictly as can be: %s',
    async (home, options) => {
      writeFileSync(join(folder, 'consumer.ts'), CONSUMER);
      const config = join(folder, `tsconfig.${home}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files: ['consumer.ts'] }));
      const tsc = join(root, 'node_modules/.bin/tsc');
      const said = await run(tsc, ['-p', config]).catch((error: { stdout: string }) => error);
      expect(said.stdout).toBe('');
    },
    60_000,
  );

  it('runs the example', async () => {
    await gateway.publish({ symbol: 'btc', price: 64_000.25, change24h: 1.5 }, { symbol: 'doge', price: 0.1 });
    const movers = { timeframe: '1m', partition: 0, at: Date.now() } as const;
    const gainers = [{ symbol: 'sol', price: 1, changePercent: 2.5 }];
    await gateway.bus.publish('movers', { ...movers, gainers, losers: [] });
    copyFileSync(join(root, 'examples/watch.mjs'), join(folder, 'watch.mjs'));
    const { stdout, stderr } = await run(process.execPath, [join(folder, 'watch.mjs'), gateway.url, '1']);
    expect(stderr).toBe('');
    expect(stdout).toContain(`connected to ${gateway.url}`);
    expect(stdout).toMatch(/^btc +64000\.25 +1\.50 % {2}normal, 3 sources$/m);
    expect(stdout).toMatch(/^doge +0\.1 +normal, 3 sources$/m);
    expect(stdout).toContain('SIMULATED');
    expect(stdout).toContain('87.5 % complete');
    expect(stdout).toContain('SOL   +2.500 % in a minute');
  });
});
