import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
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
import { batchSize, type BusOptions, BusRules, checkPartition } from '../bus-options.js';
import { Courier } from '../courier.js';
import {
  type BatchHandler,
  type Consumption,
  type DeadLetter,
  type ConsumeOptions,
  type Entry,
  type BusQueue,
  type EntryId,
  EventBus,
  type Headers,
  type Lag,
} from '../event-bus.js';
import { messageOf } from '../incidents.js';
import { Answerer, Asker } from './asks.js';
import { within } from './connection.js';
import { readState } from './continuity.js';
import { GroupReader } from './group-reader.js';
import { LogReader } from './log-reader.js';
import { decodeEvent, encodeEvent, encodeHeaders, EVENT_FIELD, fieldsOf } from './stream-entry.js';
import { StreamWriter } from './stream-writer.js';

export interface RedisBusOptions extends BusOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Who this process is, in CLIENT LIST and among the consumers of a work topic; made unique by itself. */
  readonly name?: string;
  /** Work whose owner was silent for so long is given to another, ms; default 30 s. */
  readonly claimAfterMs?: number;
  /** How long an event may wait for a Redis that is away before `publish` rejects, ms; default 10 s. */
  readonly queueMs?: number;
  /** How much may wait, bytes; default 16 MiB. */
  readonly queueBytes?: number;
}

const MIB = 1_048_576;
const DEAD_LETTERS_RETAIN_MS = 7 * 24 * 60 * 60_000;
/** What a closing bus still has to tell a Redis that is away is not worth more than this. */
const CLOSE_WITHIN_MS = 500;
const LAG_WITHIN_MS = 500;
/** How long to wait before a dead letter is tried again that Redis would not take. */
const BURY_AGAIN_MS = 500;

/** The bus over Redis Streams (Redis 6.2 or later; gaps are told exactly from 7.0). */
export class RedisBus extends EventBus {
  private readonly rules: BusRules;
  private readonly name: string;
  private readonly writer: StreamWriter;
  private readonly asker: Asker;
  private readonly running = new Set<Consumption>();
  private consumers = 0;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: RedisBusOptions) {
    super();
    this.rules = new BusRules(options);
    this.name = `${options.name ?? 'haunt'}:${process.pid}:${randomUUID().slice(0, 8)}`;
    this.writer = new StreamWriter({
      url: options.url,
      name: `haunt:write:${this.name}`,
      queueMs: options.queueMs ?? 10_000,
      queueBytes: options.queueBytes ?? 16 * MIB,
      onTrouble: this.trouble('writer'),
    });
    this.asker = new Asker({ url: options.url, rules: this.rules, writer: this.writer });
  }

  get incidents(): BusRules['incidents'] {
    return this.rules.incidents;
  }

  override async publish<T extends TopicName>(
    topic: T,
    event: EventOf<T>,
    partition = 0,
    headers?: Headers,
  ): Promise<EntryId> {
    if (this.closing !== undefined) throw new Error(`cannot publish ${topic}: the bus is closed`);
    const stream = streamName(topic, checkPartition(topic, partition));
    const { retainMs } = this.rules.topic(topic);
    return this.writer.add(stream, encodeEvent(topic, event), retainMs, undefined, encodeHeaders(headers));
  }

  override consume<T extends TopicName>(
    topic: T,
    handler: BatchHandler<EventOf<T>>,
    options: ConsumeOptions = {},
  ): Consumption {
    if (this.closing !== undefined) throw new Error(`cannot consume ${topic}: the bus is closed`);
    const partition = checkPartition(topic, options.partition ?? 0);
    const rules = this.rules.topic(topic);
    const stop = new AbortController();
    const stream = streamName(topic, partition);
    const courier = this.courier(topic, partition, rules, handler as BatchHandler<unknown>, stop.signal);
    const shared = {
      url: this.options.url,
      topic,
      partition,
      stream,
      stop,
      batch: batchSize(rules.delivery, options.batch),
      refuse: (id: EntryId, text: string, message: string) =>
        this.bury(topic, partition, id, text, message, stop.signal),
      onTrouble: this.trouble(stream),
    };
    const reader =
      rules.delivery === 'work'
        ? new GroupReader({
            ...shared,
            consumer: `${this.name}:${this.consumers++}`,
            attempts: rules.attempts,
            claimAfterMs: this.options.claimAfterMs ?? 30_000,
            writer: this.writer,
            deliver: (entries, triesBefore) => courier.deliver(entries, triesBefore),
            onReclaimed: (id) => this.rules.incidents.report({ kind: 'reclaimed', topic, partition, id }),
          })
        : new LogReader({
            ...shared,
            from: options.from ?? { at: 'now' },
            retainMs: rules.retainMs,
            end: () => this.writer.command(`XINFO ${stream}`, (client) => readState(client, stream)),
            deliver: (entries) => courier.deliver(entries),
            onGap: (gap) => this.rules.gap(gap, options.onGap),
          });
    return this.run(reader);
  }

  override async ask<Q extends QueryName>(
    query: Q,
    request: RequestOf<Q>,
    partition = 0,
    headers?: Headers,
  ): Promise<AnswerOf<Q>> {
    if (this.closing !== undefined) throw new Error(`cannot ask ${query}: the bus is closed`);
    return this.asker.ask(query, request, partition, headers);
  }

  override answer<Q extends QueryName>(
    query: Q,
    handler: (request: RequestOf<Q>, headers?: Headers) => AnswerOf<Q> | Promise<AnswerOf<Q>>,
    partition = 0,
  ): Consumption {
    if (this.closing !== undefined) throw new Error(`cannot answer ${query}: the bus is closed`);
    const { url } = this.options;
    const { rules, writer } = this;
    return this.run(new Answerer({ url, rules, writer }, query, partition, handler as never));
  }

  override healthy(): boolean {
    return this.closing === undefined && this.writer.ready;
  }

  override queue(): BusQueue {
    return this.writer.queue;
  }

  /** The entries given up so far, oldest first; at most 1000. */
  async deadLetters(topic: TopicName, partition = 0): Promise<readonly DeadLetter[]> {
    const stream = deadLetterName(topic, checkPartition(topic, partition));
    const read = await this.writer.command(`XRANGE ${stream}`, (client) =>
      client.xrange(stream, '-', '+', 'COUNT', 1_000),
    );
    return read.map(([, fields]) => {
      const letter = JSON.parse(fieldsOf(fields).event ?? '{}') as { id: EntryId; message: string; text: string };
      return { id: letter.id, message: letter.message, event: readable(topic, letter.text) };
    });
  }

  override close(): Promise<void> {
    this.closing ??= (async () => {
      this.writer.hurry(CLOSE_WITHIN_MS);
      await Promise.all([...this.running].map((reader) => reader.close()));
      await this.asker.close();
      await this.writer.close();
    })();
    return this.closing;
  }

  private run(reader: Consumption): Consumption {
    let closed: Promise<void> | undefined;
    const consumption: Consumption = {
      close: () => {
        this.running.delete(consumption);
        return (closed ??= reader.close());
      },
      ...(reader.lag && { lag: () => this.lagOf(reader) }),
    };
    this.running.add(consumption);
    return consumption;
  }

  /** Whoever scrapes does not wait for a Redis that is away. */
  private async lagOf(reader: Consumption): Promise<Lag | undefined> {
    if (!this.writer.ready) return undefined;
    return within(LAG_WITHIN_MS, 'asking for the lag', reader.lag?.() ?? Promise.resolve(undefined));
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
      onRefused: ({ id, event }: Entry<unknown>, error) =>
        this.bury(topic, partition, id, encodeEvent(topic, event as EventOf<TopicName>), messageOf(error), stop),
    });
  }

  /** Resolves when the dead letter is safe: what it stands for may be forgotten then, and not before. */
  private async bury(
    topic: TopicName,
    partition: number,
    id: EntryId,
    text: string,
    message: string,
    stop: AbortSignal,
  ): Promise<void> {
    const { incidents } = this.rules;
    if (this.rules.topic(topic).delivery === 'tail') {
      incidents.report({ kind: 'dropped', topic, partition, id, message });
      return;
    }
    const letter = JSON.stringify({ id, message, text });
    for (;;) {
      try {
        await this.writer.add(deadLetterName(topic, partition), letter, DEAD_LETTERS_RETAIN_MS);
        break;
      } catch (error) {
        if (stop.aborted) throw error;
        this.trouble(deadLetterName(topic, partition))(error);
        await sleep(BURY_AGAIN_MS, undefined, { signal: stop });
      }
    }
    incidents.report({ kind: 'dead-letter', topic, partition, id, message });
  }

  private trouble(reader: string): (error: unknown) => void {
    return (error) => this.rules.incidents.report({ kind: 'connection-lost', reader, message: messageOf(error) });
  }
}

function readable(topic: TopicName, text: string): unknown {
  try {
    return decodeEvent(topic, [EVENT_FIELD, text]);
  } catch {
    return text;
  }
}
