import type { SeederParts } from './seeder.parts.js';

const FIRST_MS = 250;
const LONGEST_MS = 5_000;
const GIVE_UP_MS = 60_000;

/**
 * Does again what bus or store refused, for a minute: a Redis that restarts is back by then, and a job of many pages need not
 * begin anew.
 * @throws what was refused last, or the signal's reason
 */
export async function insist<T>(
  { clock, sleep }: Pick<SeederParts, 'clock' | 'sleep'>,
  action: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const until = clock.now() + GIVE_UP_MS;
  for (let wait = FIRST_MS; ; wait = Math.min(LONGEST_MS, wait * 2)) {
    try {
      return await action();
    } catch (error) {
      if (clock.now() + wait > until) throw error;
    }
    await sleep(wait, signal);
    if (signal.aborted) throw signal.reason;
  }
}
