import type { QueryName, TopicName } from '@haunt/contracts';
import type { EntryId, Gap } from './event-bus.js';

/** What went wrong on the way of an event, and was survived. Meant for the log; `Incidents` counts them by kind. */
export type Incident =
  | {
      readonly kind: 'handler-failed';
      readonly topic: TopicName;
      readonly partition: number;
      readonly attempt: number;
      readonly message: string;
    }
  /** Moved to the dead letters: its handler failed `attempts` times, or it could not be decoded. */
  | {
      readonly kind: 'dead-letter';
      readonly topic: TopicName;
      readonly partition: number;
      readonly id: EntryId;
      readonly message: string;
    }
  /** An entry of a `tail` topic that failed; the next one supersedes it. */
  | {
      readonly kind: 'dropped';
      readonly topic: TopicName;
      readonly partition: number;
      readonly id: EntryId;
      readonly message: string;
    }
  | { readonly kind: 'gap'; readonly gap: Gap }
  /** Work taken over from a consumer that died. */
  | { readonly kind: 'reclaimed'; readonly topic: TopicName; readonly partition: number; readonly id: EntryId }
  /** A request that reached its answerer too late to be of use. */
  | { readonly kind: 'late-request'; readonly query: QueryName; readonly partition: number }
  | { readonly kind: 'connection-lost'; readonly reader: string; readonly message: string };

export type IncidentKind = Incident['kind'];

export class Incidents {
  readonly counts: Record<IncidentKind, number> = {
    'handler-failed': 0,
    'dead-letter': 0,
    dropped: 0,
    gap: 0,
    reclaimed: 0,
    'late-request': 0,
    'connection-lost': 0,
  };

  constructor(private readonly listener?: (incident: Incident) => void) {}

  report(incident: Incident): void {
    this.counts[incident.kind]++;
    this.listener?.(incident);
  }
}

/** The sentence of whatever was thrown; Nest's filters turn errors into plain objects with a `message`. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
