import { ASSETS, DEFAULT_SYMBOLS } from '@haunt/domain';
import { Simulator } from '@haunt/simulator';

/** What the parent is told once every venue listens. */
export interface SimulatorReady {
  /** The addresses and keys that lead to the fake venues. */
  readonly env: Readonly<Record<string, string>>;
}

/** Nobody's keys: the fake venues take these and no others, as the real ones do with real ones. */
const DEMO_KEYS = { coingecko: 'CG-demo-key', coinmarketcap: 'demo-key', cryptocompare: 'demo-key' };

const ASSETS_MAX = 1_000;
/** Trades per second and asset, all streaming venues together. */
const TRADES_PER_ASSET = 4;

/** So many assets: the largest built-in ones, and beyond those some that exist nowhere. @throws Error naming what is allowed. */
function demoAssets(text: string | undefined): string[] {
  const count = text === undefined || text === '' ? DEFAULT_SYMBOLS.length : Number(text);
  if (!Number.isInteger(count) || count < 1 || count > ASSETS_MAX) {
    throw new Error(`DEMO_ASSETS: "${text}" is not allowed; allowed is a whole number, 1 to ${ASSETS_MAX}`);
  }
  return Array.from({ length: count }, (_, i) => ASSETS[i]?.symbol ?? `demo${i + 1}`);
}

/** The fake venues as a child process: what they cost must not be taken for what Haunt costs. Ends with its parent. */
async function main(): Promise<void> {
  // Ctrl-C reaches the whole group; venues that vanish first would make the last screen a wall of failures.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  const symbols = demoAssets(process.env['DEMO_ASSETS']);
  const simulator = await Simulator.start({
    keys: DEMO_KEYS,
    symbols,
    tradesPerSecond: symbols.length * TRADES_PER_ASSET,
  });
  const ready: SimulatorReady = { env: simulator.env };
  process.send?.(ready);
}

main().catch((error: unknown) => {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
