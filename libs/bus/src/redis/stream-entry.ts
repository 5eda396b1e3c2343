import { decodeTickBatch, encodeTickBatch, type EventOf, type TopicName } from '@haunt/contracts';
import type { TickBatch } from '@haunt/domain';
import type { Entry, Headers } from '../event-bus.js';

/** The event itself, as text. */
export const EVENT_FIELD = 'e';
/** Who wrote it, and as its how-manieth: see StreamWriter. */
export const MARK_FIELD = 'w';
/** What travels beside the event, as JSON; there only when there is any. */
const HEADERS_FIELD = 'h';

/** An entry as Redis gives it: its id, and field, value, field, value. */
export type RawEntry = [id: string, fields: string[]];

export function fieldsOf(fields: readonly string[]): { readonly event?: string; readonly mark?: string } {
  let event: string | undefined;
  let mark: string | undefined;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (fields[i] === EVENT_FIELD) event = fields[i + 1];
    else if (fields[i] === MARK_FIELD) mark = fields[i + 1];
  }
  return { ...(event !== undefined && { event }), ...(mark !== undefined && { mark }) };
}

export function encodeEvent<T extends TopicName>(topic: T, event: EventOf<T>): string {
  return topic === 'ticks' ? encodeTickBatch(event as TickBatch) : JSON.stringify(event);
}

/** The fields beside the event's. */
export function encodeHeaders(headers: Headers | undefined): readonly string[] {
  return headers === undefined ? [] : [HEADERS_FIELD, JSON.stringify(headers)];
}

/** What cannot be read is no reason to lose the event. */
function decodeHeaders(fields: readonly string[]): Headers | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (fields[i] !== HEADERS_FIELD) continue;
    try {
      return JSON.parse(fields[i + 1] as string) as Headers;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** @throws Error saying what is wrong with the entry. */
export function decodeEntry(topic: TopicName, [id, fields]: RawEntry): Entry<unknown> {
  const event = decodeEvent(topic, fields);
  const headers = decodeHeaders(fields);
  return headers === undefined ? { id, event } : { id, event, headers };
}

/** @throws Error saying what is wrong with the entry. */
export function decodeEvent<T extends TopicName>(topic: T, fields: readonly string[]): EventOf<T> {
  const { event } = fieldsOf(fields);
  if (event === undefined) throw new Error(`no field "${EVENT_FIELD}"`);
  return (topic === 'ticks' ? decodeTickBatch(event) : JSON.parse(event)) as EventOf<T>;
}
