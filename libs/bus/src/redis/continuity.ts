import type { Redis } from 'ioredis';
import { BEFORE_ALL, compareIds } from '../entry-id.js';
import type { EntryId } from '../event-bus.js';

/** What XINFO STREAM says of a stream, as far as it decides whether a reader has missed something. */
export interface StreamState {
  readonly length: number;
  readonly lastId: EntryId;
  readonly firstId: EntryId | undefined;
  /** Entries ever added; absent before Redis 7. */
  readonly added: number | undefined;
}

/** The stream that nobody has written to yet, or that vanished with a Redis that came back empty. */
export const NO_STREAM: StreamState = { length: 0, lastId: BEFORE_ALL, firstId: undefined, added: 0 };

/** Where a reader stands. */
export interface Standing {
  /** Everything up to here was read. */
  readonly position: EntryId;
  /** True when the position is the id of an entry, false for a mere point in time such as the beginning. */
  readonly real: boolean;
  /** How many entries were added up to the position; absent when nobody counted. */
  readonly ordinal: number | undefined;
}

/** `gap`: entries behind the position are gone. Either way, `standing` is where to read on. */
export interface Verdict {
  readonly gap: boolean;
  readonly standing: Standing;
}

/**
 * Decides whether the next read continues where the last one ended. That the first entry lies behind the position
 * says nothing by itself: the position's own entry may have been trimmed and nothing else. What decides is the count:
 * Redis trims from the front, so the first entry is the `added - length + 1`st ever, and it must not be further
 * than one behind the last one read.
 * (`max-deleted-entry-id` is of no use: it follows XDEL, not trimming.) For a position nobody has counted, as one
 * from a checkpoint, a trimmed position is a gap unless it can be excluded: better one gap too many than one unseen.
 */
export function judge(standing: Standing, stream: StreamState): Verdict {
  const { position, real, ordinal } = standing;
  const { length, lastId, firstId, added } = stream;
  if (compareIds(lastId, position) < 0) {
    // The stream ends before what was read: another one, or an older copy of it. An older copy needs no second reading.
    if (!real) return { gap: false, standing };
    return { gap: true, standing: { position: lastId, real: lastId !== BEFORE_ALL, ordinal: added } };
  }
  if (compareIds(lastId, position) === 0)
    return { gap: false, standing: { position, real, ordinal: added ?? ordinal } };
  if (firstId === undefined) return { gap: true, standing: { position: lastId, real: true, ordinal: added } };
  if (compareIds(firstId, position) <= 0) return { gap: false, standing };

  if (added === undefined) return { gap: real, standing };
  const before = added - length;
  const onward: Standing = { position, real, ordinal: before };
  if (position === BEFORE_ALL && !real && ordinal === undefined) return { gap: false, standing: onward };
  // A real position of which the stream has never had an entry: it was emptied and filled again.
  const replaced = real && before < (ordinal ?? 1);
  const trimmed = before > (ordinal ?? (real ? 1 : 0));
  return { gap: replaced || trimmed, standing: onward };
}

/** @throws what Redis says, but for a stream that does not exist. */
export function parseState(reply: unknown): StreamState {
  const flat = reply as unknown[];
  const field = (name: string): unknown => flat[flat.indexOf(name) + 1];
  const first = flat.includes('first-entry') ? (field('first-entry') as [EntryId, string[]] | null) : null;
  return {
    length: Number(field('length')),
    lastId: String(field('last-generated-id')),
    firstId: first?.[0],
    added: flat.includes('entries-added') ? Number(field('entries-added')) : undefined,
  };
}

export function isNoSuchKey(error: unknown): boolean {
  return error instanceof Error && error.message.includes('no such key');
}

export async function readState(client: Redis, stream: string): Promise<StreamState> {
  try {
    return parseState(await client.xinfo('STREAM', stream));
  } catch (error) {
    if (isNoSuchKey(error)) return NO_STREAM;
    throw error;
  }
}
