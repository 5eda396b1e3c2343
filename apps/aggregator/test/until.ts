import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves as soon as `condition` holds. @throws when it does not within three seconds */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 3_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(5);
  }
}
