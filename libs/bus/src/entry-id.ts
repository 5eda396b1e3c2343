import type { EntryId } from './event-bus.js';

/** Before every entry of every stream. */
export const BEFORE_ALL: EntryId = '0-0';

/** Redis' largest sequence number; as the second half of an id it stands behind everything of its millisecond. */
const LAST_OF_MS = '18446744073709551615';

/** When the entry was added, epoch ms by the clock of whoever keeps the stream. */
export function entryTime(id: EntryId): number {
  const dash = id.indexOf('-');
  return Number(dash === -1 ? id : id.slice(0, dash));
}

function sequence(id: EntryId): number {
  const dash = id.indexOf('-');
  return dash === -1 ? 0 : Number(id.slice(dash + 1));
}

/** Negative when `a` was added before `b`, 0 for the same entry; only ids of one stream compare. */
export function compareIds(a: EntryId, b: EntryId): number {
  return entryTime(a) - entryTime(b) || sequence(a) - sequence(b);
}

/** The position right before everything added at or after `time`, epoch ms. */
export function beforeTime(time: number): EntryId {
  const ms = Math.ceil(time);
  return ms <= 0 ? BEFORE_ALL : `${ms - 1}-${LAST_OF_MS}`;
}
