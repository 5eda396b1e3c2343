import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work is put down after this long, so that ticks and questions are not kept waiting. */
const SLICE_MS = 2;

/** Long work in slices between the turns of the event loop. */
export class Slices {
  private began = performance.now();

  /** To be awaited after every piece of work, which should take less than a millisecond. */
  async breathe(): Promise<void> {
    if (performance.now() - this.began < SLICE_MS) return;
    await nextTurn();
    this.began = performance.now();
  }
}
