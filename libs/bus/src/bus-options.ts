import { QUERIES, TOPICS, type QueryName, type TopicName, type TopicRules } from '@haunt/contracts';
import { DEFAULT_BACKOFF, type Backoff } from './courier.js';
import type { Gap } from './event-bus.js';
import { type Incident, Incidents, messageOf } from './incidents.js';

/** What both buses can be told. Every duration is in ms. */
export interface BusOptions {
  /** Epoch ms. */
  readonly now?: () => number;
  /** Waits between the tries of a handler that throws. */
  readonly backoff?: Backoff;
  /** Departures from the topic table: shorter retention where memory is dear, fewer attempts. */
  readonly topics?: Partial<Record<TopicName, Partial<Pick<TopicRules, 'retainMs' | 'attempts'>>>>;
  /** Departures from the query table. */
  readonly deadlines?: Partial<Record<QueryName, number>>;
  /** For the log. Must not throw. */
  readonly onIncident?: (incident: Incident) => void;
}

/** The options with every hole filled, asked by name. */
export class BusRules {
  readonly now: () => number;
  readonly backoff: Backoff;
  readonly incidents: Incidents;

  constructor(private readonly options: BusOptions) {
    this.now = options.now ?? Date.now;
    this.backoff = options.backoff ?? DEFAULT_BACKOFF;
    this.incidents = new Incidents(options.onIncident);
  }

  topic(name: TopicName): TopicRules {
    return { ...TOPICS[name], ...this.options.topics?.[name] };
  }

  /** Counts a gap and tells its reader; what the reader's callback throws is reported, not passed on. */
  gap(gap: Gap, onGap: ((gap: Gap) => void) | undefined): void {
    this.incidents.report({ kind: 'gap', gap });
    try {
      onGap?.(gap);
    } catch (error) {
      const { topic, partition } = gap;
      this.incidents.report({ kind: 'handler-failed', topic, partition, attempt: 1, message: messageOf(error) });
    }
  }

  deadlineMs(query: QueryName): number {
    return this.options.deadlines?.[query] ?? QUERIES[query].deadlineMs;
  }
}

/** Entries a handler gets in one call when nobody said; work goes out one by one, so that it spreads over consumers. */
export function batchSize(delivery: TopicRules['delivery'], wanted: number | undefined): number {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted > 0)) {
    throw new RangeError(`batch must be a whole number above 0, not ${wanted}`);
  }
  return wanted ?? (delivery === 'work' ? 1 : 256);
}

/** @throws RangeError for a partition that its topic cannot have. */
export function checkPartition(name: TopicName, partition: number): number {
  if (!Number.isInteger(partition) || partition < 0 || (partition > 0 && !TOPICS[name].partitioned)) {
    const allowed = TOPICS[name].partitioned ? 'a whole number from 0' : '0: the topic is not partitioned';
    throw new RangeError(`partition of ${name} must be ${allowed}; got ${partition}`);
  }
  return partition;
}
