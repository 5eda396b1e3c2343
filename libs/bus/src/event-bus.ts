import type { AnswerOf, EventOf, QueryName, RequestOf, TopicName } from '@haunt/contracts';

/** Position of an entry in its stream. Opaque; ordered within one stream. Redis: `<ms>-<n>`. */
export type EntryId = string;

/** What travels beside an event or a request, for whoever follows its way; what it means does not depend on it. */
export interface Headers {
  /** W3C trace context (https://www.w3.org/TR/trace-context/), only of what is traced. */
  readonly traceparent?: string;
  /** The entries that this one was made from, as `ticks/0 <first id> <last id>`. */
  readonly follows?: string;
}

export interface Entry<E> {
  readonly id: EntryId;
  readonly event: E;
  readonly headers?: Headers;
}

/**
 * Where a `log` or `tail` reader begins. `now`: entries added after this call. `start`: the oldest retained.
 * `since`: the first added at or after an epoch ms. `after`: the one behind an id, as kept in a checkpoint.
 */
export type Position =
  | { readonly at: 'now' }
  | { readonly at: 'start' }
  | { readonly at: 'since'; readonly time: number }
  | { readonly at: 'after'; readonly id: EntryId };

/** Entries between `after` and `first` were trimmed before this reader saw them. */
export interface Gap {
  readonly topic: TopicName;
  readonly partition: number;
  readonly after: EntryId;
  /** Oldest entry still there; absent when the stream is empty. */
  readonly first?: EntryId;
}

/**
 * Gets what came in order, at least one entry a call. When it throws, the same entries come again (with those behind
 * them waiting), as often as the topic's `attempts`; what then still fails goes to the dead letters.
 */
export type BatchHandler<E> = (entries: readonly Entry<E>[]) => void | Promise<void>;

export interface ConsumeOptions {
  readonly partition?: number;
  /** Ignored by `work` topics: their group keeps the position. Default `now`. */
  readonly from?: Position;
  /** Most entries in one call; default 256, for `work` topics 1, so that the work spreads over its readers. */
  readonly batch?: number;
  readonly onGap?: (gap: Gap) => void;
}

export interface Consumption {
  /** Resolves when the handler is done with what it has, and will not be called again. Idempotent. */
  close(): Promise<void>;
  /** How far behind the end of its stream the reader is; undefined while nobody can say. For a scrape, not for every entry. */
  lag?(): Promise<Lag | undefined>;
}

/** How much of a stream a reader is not done with. */
export interface Lag {
  /** Of a `work` topic: what none of its readers is done with. Absent where Redis does not count (before 7.0). */
  readonly entries?: number;
  /** Between the newest entry and the newest that the reader is done with; absent of `work` topics, which have no such one. */
  readonly ms?: number;
}

/** What waits for the bus itself to take it. */
export interface BusQueue {
  readonly entries: number;
  readonly bytes: number;
}

/** An entry that was given up, and why. */
export interface DeadLetter {
  readonly id: EntryId;
  readonly event: unknown;
  readonly message: string;
}

/** The other side did not answer before the query's deadline; it may be asked again. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  constructor(
    readonly query: QueryName,
    readonly deadlineMs: number,
  ) {
    super(`no answer to ${query} within ${deadlineMs} ms`);
  }
}

/** How events travel between rooms: over Redis Streams, or inside one process. This class is also the Nest token. */
export abstract class EventBus {
  /** Resolves when the entry is in the stream; rejects when it could not be put there. */
  abstract publish<T extends TopicName>(
    topic: T,
    event: EventOf<T>,
    partition?: number,
    headers?: Headers,
  ): Promise<EntryId>;

  /** Starts reading at once, in the background; survives the loss of its connection until closed. */
  abstract consume<T extends TopicName>(
    topic: T,
    handler: BatchHandler<EventOf<T>>,
    options?: ConsumeOptions,
  ): Consumption;

  /** @throws DeadlineError; or an Error with the answerer's message when its handler threw. */
  abstract ask<Q extends QueryName>(
    query: Q,
    request: RequestOf<Q>,
    partition?: number,
    headers?: Headers,
  ): Promise<AnswerOf<Q>>;

  /** Answers every `query` of a partition until closed. */
  abstract answer<Q extends QueryName>(
    query: Q,
    handler: (request: RequestOf<Q>, headers?: Headers) => AnswerOf<Q> | Promise<AnswerOf<Q>>,
    partition?: number,
  ): Consumption;

  /** What waits for Redis; nothing waits for a bus inside the process. */
  queue(): BusQueue {
    return { entries: 0, bytes: 0 };
  }

  /** Oldest unread entry's age and count are the reader's business; this says whether the bus itself can be used. */
  abstract healthy(): boolean;

  abstract close(): Promise<void>;
}
