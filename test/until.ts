import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/**
 * Waits until `check` gives true. @returns how long that took, ms
 * @throws Error with `what`, and with what `check` gave last when that is a sentence, when it did not within `ms`
 */
export async function until(
  what: string,
  check: () => Promise<boolean | string> | boolean | string,
  ms: number,
): Promise<number> {
  const begin = Date.now();
  for (;;) {
    const outcome = await check();
    if (outcome === true) return Date.now() - begin;
    if (Date.now() - begin >= ms) throw new Error(`${what}: not within ${ms} ms${outcome ? `; ${outcome}` : ''}`);
    await sleep(LOOK_EVERY_MS);
  }
}
