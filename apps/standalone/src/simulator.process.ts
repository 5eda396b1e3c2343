import { Simulator } from '@haunt/simulator';

/** What the parent is told once every venue listens. */
export interface SimulatorReady {
  /** The addresses and keys that lead to the fake venues. */
  readonly env: Readonly<Record<string, string>>;
}

/** Nobody's keys: the fake venues take these and no others, as the real ones do with real ones. */
const DEMO_KEYS = { coingecko: 'CG-demo-key', coinmarketcap: 'demo-key', cryptocompare: 'demo-key' };

/** The fake venues as a child process: what they cost must not be taken for what Haunt costs. Ends with its parent. */
async function main(): Promise<void> {
  // Ctrl-C reaches the whole group; venues that vanish first would make the last screen a wall of failures.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  const simulator = await Simulator.start({ keys: DEMO_KEYS });
  const ready: SimulatorReady = { env: simulator.env };
  process.send?.(ready);
}

main().catch((error: unknown) => {
  process.stderr.write(`simulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
