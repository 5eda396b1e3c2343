import { setTimeout as pause } from 'node:timers/promises';

/** Resolves when the condition holds. @throws Error when it does not within five seconds */
export async function until(condition: () => boolean, what = 'what was waited for'): Promise<void> {
  const end = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not come to pass`);
    await pause(5);
  }
}
