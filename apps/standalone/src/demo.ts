import { fork } from 'node:child_process';
import { join } from 'node:path';
import { run } from './run.js';
import type { SimulatorReady } from './simulator.process.js';

/** Starts the fake venues. @throws Error when they end before they listen. */
function startSimulator(): Promise<SimulatorReady> {
  const child = fork(join(__dirname, 'simulator.process.js'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('message', (ready) => {
      // Our own end is what ends it, not the other way round.
      child.unref();
      child.channel?.unref();
      resolve(ready as SimulatorReady);
    });
    child.once('exit', (code) =>
      reject(new Error(`the simulated venues ended with status ${code} before they were ready`)),
    );
  });
}

/**
 * Everything against made-up venues. Made-up prices must not mix with real ones: whatever the environment says, the
 * store is a folder of its own, one per port so that two demos do not share it, and there is no Redis. What it collected is there again
 * at the next start: the made-up market goes on where it was.
 */
async function demo(): Promise<void> {
  const { env } = await startSimulator();
  Object.assign(process.env, env, { SIMULATED: '1' });
  delete process.env['REDIS_URL'];
  const { DATA_DIR, PORT } = process.env;
  process.env['DATA_DIR'] = join(DATA_DIR || 'data', `demo-${PORT || '3001'}`);
  await run('haunt');
}

demo().catch((error: unknown) => {
  process.stderr.write(`haunt: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
