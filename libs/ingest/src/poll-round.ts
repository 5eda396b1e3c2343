import { HttpFailure } from '@haunt/platform';
import type { PollAnswer, PolledAsset } from '@haunt/sources';
import { messageOf } from './failure.js';

export interface ChunkOutcome {
  /** Requests that were answered with something to use. */
  readonly answers: readonly PollAnswer[];
  /** Assets for which the API fails the whole call. */
  readonly bad: readonly { readonly asset: PolledAsset; readonly message: string }[];
  /** Why the chunk, or a part of it, is without an answer this time. */
  readonly failure?: unknown;
}

/** Extra requests that finding one bad asset may take, per chunk and round. */
const halvings = (size: number): number => 4 * Math.ceil(Math.log2(size)) + 4;

/**
 * True when the failure may be about what was asked for. A time-out, a refusal because of too many requests or a fault of
 * the server is not: asking for less would only be more of the same.
 */
function mayBeAboutTheAssets(error: unknown): boolean {
  if (!(error instanceof HttpFailure)) return true;
  return error.kind === 'status' && [400, 404, 422].includes(error.status ?? 0);
}

/**
 * Asks for a chunk; when the API fails all of it, halves it down to the assets that it cannot take, so that one of them
 * does not cost the others their price. Bounded, and when nothing at all is answered nobody is blamed: then the API
 * has a bad day, and that is a failure of the chunk. `pause` is awaited before every further request; without `isolate`
 * there is none.
 */
export async function askChunk(
  assets: readonly PolledAsset[],
  ask: (assets: readonly PolledAsset[]) => Promise<PollAnswer>,
  pause: () => Promise<void>,
  isolate = true,
): Promise<ChunkOutcome> {
  const answers: PollAnswer[] = [];
  const bad: { asset: PolledAsset; message: string }[] = [];
  const groups: (readonly PolledAsset[])[] = [assets];
  let budget = halvings(assets.length);
  let failure: unknown;
  while (groups.length > 0) {
    const group = groups.pop()!;
    if (answers.length + bad.length > 0 || failure !== undefined) await pause();
    try {
      answers.push(await ask(group));
    } catch (error) {
      failure = error;
      if (!isolate || !mayBeAboutTheAssets(error)) break;
      if (group.length === 1) bad.push({ asset: group[0]!, message: messageOf(error) });
      else {
        const half = Math.ceil(group.length / 2);
        groups.push(group.slice(half), group.slice(0, half));
      }
    }
    if (budget-- === 0) break;
  }
  if (answers.length === 0) return { answers, bad: [], failure };
  const unfinished = groups.length > 0 || (failure !== undefined && !mayBeAboutTheAssets(failure));
  return { answers, bad, ...(unfinished && { failure }) };
}
