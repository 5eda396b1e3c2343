import { compareWithReference } from '../libs/domain/src/reference/compare.js';

/**
 * Compares the price rule with its independent reference, to the last bit: `node dist/bench/aggregation-compare.js [cases] [seed]`
 * (default 10,000,000 cases, seed 1). Exits with 1 at the first difference, which it prints.
 */
function main(cases: number, seed: number): number {
  if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed)) {
    console.error(`cases is ${cases} and seed is ${seed}: cases must be a whole number above 0, seed a whole number`);
    return 2;
  }
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1_000).toFixed(1)} s`;
  const difference = compareWithReference(cases, seed, (done) => {
    process.stdout.write(`\r${done.toLocaleString('en')} of ${cases.toLocaleString('en')} cases, ${seconds()}`);
  });
  process.stdout.write('\n');
  if (difference !== undefined) {
    console.error(`case ${difference.index} of seed ${seed} differs:`);
    console.dir(difference, { depth: null });
    return 1;
  }
  console.log(`${cases.toLocaleString('en')} cases of seed ${seed}, no difference, ${seconds()}`);
  return 0;
}

process.exitCode = main(Number(process.argv[2] ?? 10_000_000), Number(process.argv[3] ?? 1));
