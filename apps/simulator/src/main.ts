import { Simulator, type SimulatorOptions } from '@haunt/simulator';

/** A whole or decimal number from the environment. @throws Error naming the variable, its value and what is allowed. */
function numberFrom(name: string, fallback: number, least: number, most: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!(value >= least && value <= most))
    throw new Error(`${name}=${text}: allowed is a number from ${least} to ${most}`);
  return value;
}

function optionsFromEnvironment(): SimulatorOptions {
  const symbols = process.env['SIM_SYMBOLS'];
  return {
    port: numberFrom('PORT', 4010, 0, 65_535),
    host: process.env['HOST'] ?? '127.0.0.1',
    seed: numberFrom('SIM_SEED', 1, 0, 2 ** 32),
    tradesPerSecond: numberFrom('SIM_TRADES_PER_SECOND', 400, 0.001, 1e6),
    spreadBps: numberFrom('SIM_SPREAD_BPS', 3, 0, 10_000),
    ...(symbols !== undefined && symbols !== '' && { symbols: symbols.split(',') }),
  };
}

async function main(): Promise<void> {
  const simulator = await Simulator.start(optionsFromEnvironment());
  const lines = Object.entries(simulator.env).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  process.stderr.write(`Fake venues; faults and violations at http://127.0.0.1:${simulator.port}/control\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
