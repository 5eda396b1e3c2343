import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AnswerOf,
  deadLetterName,
  type EventOf,
  type QueryName,
  type RequestOf,
  streamName,
  type TopicName,
  type TopicRules,
} from '@haunt/contracts';
import { batchSize, type BusOptions, BusRules, checkPartition } from './bus-options.js';
import { Courier } from './courier.js';
import { BEFORE_ALL } from './entry-id.js';
import {
  type BatchHandler,
  type Consumption,
  type DeadLetter,
  type ConsumeOptions,
  type Entry,
  type EntryId,
  EventBus,
  type Headers,
  type Lag,
} from './event-bus.js';
import { messageOf } from './incidents.js';
import { MemoryAsks } from './memory-asks.js';
import { MemoryStream } from './memory-stream.js';

const MINUTE = 60_000;

/** Nothing in memory survives the process: nobody comes back after minutes for more of a log. Work waits for its reader. */
const MAX_RETAIN_MS = MINUTE;
const DEAD_LETTERS_RETAIN_MS = 24 * 60 * MINUTE;

/** What the competing readers of a `work` topic share. */
interface WorkGroup {
  /** Everything up to here was handed to somebody. */
  taken: EntryId;
  /** Handed out, and given back undone. */
  readonly returned: Entry<unknown>[];
  /** Handed out to readers that are at work on them. */
  busy: number;
}

/**
 * The bus inside one process: the same order, retries, dead letters and gaps as over Redis, by reference and without a
 * socket. A handler never runs inside `publish`.
 */
export class MemoryBus extends EventBus {
  private readonly rules: BusRules;
  private readonly born: EntryId;
  private readonly streams = new Map<string, MemoryStream<unknown>>();
  private readonly groups = new Map<string, WorkGroup>();
  private readonly running = new Set<Consumption>();
  private readonly asks: MemoryAsks;
  private closing: Promise<void> | undefined;

  constructor(options: BusOptions = {}) {
    super();
    this.rules = new BusRules(options);
    this.born = `${Math.floor(this.rules.now())}-0`;
    this.asks = new MemoryAsks(this.rules);
  }

  get incidents(): BusRules['incidents'] {
    return this.rules.incidents;
  }

  override publish<T extends TopicName>(
    topic: T,
    event: EventOf<T>,
    partition = 0,
    headers?: Headers,
  ): Promise<EntryId> {
    if (this.closing !== undefined) return Promise.reject(new Error(`cannot publish ${topic}: the bus is closed`));
    checkPartition(topic, partition);
    return Promise.resolve(this.stream(topic, partition).append(event, this.rules.now(), headers));
  }

  override consume<T extends TopicName>(
    topic: T,
    handler: BatchHandler<EventOf<T>>,
    options: ConsumeOptions = {},
  ): Consumption {
    if (this.closing !== undefined) throw new Error(`cannot consume ${topic}: the bus is closed`);
    const partition = checkPartition(topic, options.partition ?? 0);
    const rules = this.rules.topic(topic);
    const size = batchSize(rules.delivery, options.batch);
    const stop = new AbortController();
    const courier = this.courier(topic, partition, rules, handler as BatchHandler<unknown>, stop.signal);
    const isWork = rules.delivery === 'work';
    const stream = this.stream(topic, partition);
    const reading = { position: BEFORE_ALL };
    const done = isWork
      ? this.work(topic, partition, courier, size, stop.signal)
      : this.follow(topic, partition, courier, size, options, reading, stop.signal);
    const consumption: Consumption = {
      lag: () => Promise.resolve(isWork ? this.workLag(topic, partition) : stream.lag(reading.position)),
      close: () => {
        stop.abort();
        this.running.delete(consumption);
        return done;
      },
    };
    this.running.add(consumption);
    return consumption;
  }

  override ask<Q extends QueryName>(
    query: Q,
    request: RequestOf<Q>,
    partition = 0,
    headers?: Headers,
  ): Promise<AnswerOf<Q>> {
    if (this.closing !== undefined) return Promise.reject(new Error(`cannot ask ${query}: the bus is closed`));
    return this.asks.ask(query, request, partition, headers);
  }

  override answer<Q extends QueryName>(
    query: Q,
    handler: (request: RequestOf<Q>, headers?: Headers) => AnswerOf<Q> | Promise<AnswerOf<Q>>,
    partition = 0,
  ): Consumption {
    return this.asks.answer(query, handler, partition);
  }

  override healthy(): boolean {
    return this.closing === undefined;
  }

  /** The entries given up so far, oldest first. */
  deadLetters(topic: TopicName, partition = 0): Promise<readonly DeadLetter[]> {
    const entries = this.deadStream(topic, partition).after(BEFORE_ALL, 1_000);
    return Promise.resolve(entries.map((entry) => entry.event));
  }

  override close(): Promise<void> {
    this.closing ??= (async () => {
      await Promise.all([...this.running].map((consumption) => consumption.close()));
      await this.asks.close();
    })();
    return this.closing;
  }

  private stream(topic: TopicName, partition: number): MemoryStream<unknown> {
    const { delivery, retainMs: wanted } = this.rules.topic(topic);
    const retainMs = delivery === 'work' ? wanted : Math.min(wanted, MAX_RETAIN_MS);
    return this.open(streamName(topic, partition), retainMs);
  }

  private deadStream(topic: TopicName, partition: number): MemoryStream<DeadLetter> {
    return this.open(deadLetterName(topic, partition), DEAD_LETTERS_RETAIN_MS) as MemoryStream<DeadLetter>;
  }

  private open(name: string, retainMs: number): MemoryStream<unknown> {
    let stream = this.streams.get(name);
    if (stream === undefined) {
      stream = new MemoryStream(retainMs, this.born);
      this.streams.set(name, stream);
    }
    return stream;
  }

  private courier(
    topic: TopicName,
    partition: number,
    rules: TopicRules,
    handler: BatchHandler<unknown>,
    stop: AbortSignal,
  ): Courier<unknown> {
    const { incidents, backoff } = this.rules;
    return new Courier({
      handler,
      attempts: rules.attempts,
      backoff,
      stop,
      onFailure: (_entries, attempt, error) =>
        incidents.report({ kind: 'handler-failed', topic, partition, attempt, message: messageOf(error) }),
      onRefused: ({ id, event }, error) => {
        const message = messageOf(error);
        if (rules.delivery === 'tail') return incidents.report({ kind: 'dropped', topic, partition, id, message });
        this.deadStream(topic, partition).append({ id, event, message }, this.rules.now());
        return incidents.report({ kind: 'dead-letter', topic, partition, id, message });
      },
    });
  }

  /** One reader with a position of its own. Begins with the position's resolution: what is published next is seen. */
  private async follow(
    topic: TopicName,
    partition: number,
    courier: Courier<unknown>,
    size: number,
    options: ConsumeOptions,
    reading: { position: EntryId },
    stop: AbortSignal,
  ): Promise<void> {
    const stream = this.stream(topic, partition);
    const begin = stream.resolve(options.from ?? { at: 'now' });
    reading.position = begin.id;
    let lost = begin.lost;
    // A replayed position is reported as it was asked for, not as where reading goes on.
    let known = options.from?.at === 'after' ? options.from.id : reading.position;
    while (!stop.aborted) {
      if (lost || stream.trimmedBehind(reading.position)) {
        lost = false;
        const first = stream.firstId;
        this.rules.gap({ topic, partition, after: known, ...(first === undefined ? {} : { first }) }, options.onGap);
        reading.position = stream.resolve({ at: 'start' }).id;
      }
      const entries = stream.after(reading.position, size);
      const last = entries.at(-1);
      if (last === undefined) {
        await stream.changed(stop);
      } else if (await courier.deliver(entries)) {
        reading.position = known = last.id;
      }
      // A turn of the event loop between batches: a long backlog must not keep sockets from being read.
      await nextTurn();
    }
  }

  private async work(
    topic: TopicName,
    partition: number,
    courier: Courier<unknown>,
    size: number,
    stop: AbortSignal,
  ): Promise<void> {
    const stream = this.stream(topic, partition);
    const group = this.group(topic, partition);
    while (!stop.aborted) {
      await nextTurn();
      const entries = take(group, stream, size);
      if (entries.length === 0) {
        await stream.changed(stop);
        continue;
      }
      group.busy += entries.length;
      const isDone = await courier.deliver(entries);
      group.busy -= entries.length;
      if (isDone) continue;
      group.returned.unshift(...entries);
      stream.wake();
    }
  }

  private workLag(topic: TopicName, partition: number): Lag {
    const { taken, returned, busy } = this.group(topic, partition);
    return { entries: (this.stream(topic, partition).lag(taken).entries ?? 0) + returned.length + busy };
  }

  private group(topic: TopicName, partition: number): WorkGroup {
    const name = streamName(topic, partition);
    let group = this.groups.get(name);
    if (group === undefined) {
      group = { taken: BEFORE_ALL, returned: [], busy: 0 };
      this.groups.set(name, group);
    }
    return group;
  }
}

function take(group: WorkGroup, stream: MemoryStream<unknown>, count: number): Entry<unknown>[] {
  if (group.returned.length > 0) return group.returned.splice(0, count);
  const entries = stream.after(group.taken, count);
  const last = entries.at(-1);
  if (last !== undefined) group.taken = last.id;
  return entries;
}
