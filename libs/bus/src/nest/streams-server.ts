import { QUERIES, type QueryName, TOPICS, type TopicName } from '@haunt/contracts';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Consumption, ConsumeOptions, Entry, EventBus, Gap, Position } from '../event-bus.js';
import { HAUNT } from './haunt-transport.js';
import type { StreamExtras } from './on.js';
import { StreamContext } from './stream-context.js';

export interface StreamsServerOptions {
  readonly bus: EventBus;
  /** Which partitions of partitioned topics, and of queries, this process owns; default 0 alone. */
  readonly partitions?: readonly number[];
  /** Where reading begins; asked once per handler and partition, when the server starts. Default `now`. */
  readonly position?: (topic: TopicName, partition: number) => Position | Promise<Position>;
  readonly onGap?: (gap: Gap) => void;
}

interface Binding {
  readonly topic: TopicName;
  readonly handler: MessageHandler;
  readonly extras: StreamExtras;
}

/**
 * Nest's way to the bus: `@EventPattern(topic, HAUNT)` handlers consume, `@MessagePattern(query, HAUNT)` handlers answer.
 * `app.connectMicroservice({ strategy: new StreamsServer({ bus }) })`. The bus stays open when the server closes: it
 * belongs to whoever made it.
 */
export class StreamsServer extends Server implements CustomTransportStrategy {
  override readonly transportId = HAUNT;
  /** Nest need not log what the bus reports. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly bindings: Binding[] = [];
  private readonly open: Consumption[] = [];
  private closing: Promise<void> | undefined;

  constructor(private readonly options: StreamsServerOptions) {
    super();
  }

  /**
   * Each event handler is a reader of its own. Nest's own registry would chain handlers of one topic, and a failure of
   * one would bring the event again to all of them.
   */
  override addHandler(pattern: unknown, handler: MessageHandler, isEvent = false, extras: StreamExtras = {}): void {
    if (!isEvent) {
      if (this.messageHandlers.has(String(pattern))) throw new Error(`two handlers answer ${String(pattern)}`);
      super.addHandler(pattern, handler, false, extras);
      return;
    }
    if (!isTopic(pattern)) throw unknownPattern('topic', pattern, Object.keys(TOPICS));
    this.bindings.push({ topic: pattern, handler, extras });
  }

  /** Reading has begun when the callback is called; it is called with the error when it could not. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.bind();
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  /** Resolves when the handlers are done with what they have. */
  close(): Promise<void> {
    this.closing ??= Promise.all(this.open.map((consumption) => consumption.close())).then(() => undefined);
    return this.closing;
  }

  override on(event: string): never {
    throw new Error(`StreamsServer has no events to listen to, and so no "${event}"`);
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Nest's own signature
  override unwrap<T>(): T {
    return this.options.bus as T;
  }

  private async bind(): Promise<void> {
    const { bus, partitions = [0], position, onGap } = this.options;
    const work = new Set<TopicName>();
    for (const { topic, handler, extras } of this.bindings) {
      const rules = TOPICS[topic];
      if (rules.delivery === 'work' && work.has(topic)) {
        throw new Error(`two handlers for ${topic}: they would compete, and each miss what the other got`);
      }
      work.add(topic);
      for (const partition of rules.partitioned ? partitions : [0]) {
        const from = extras.from ?? (await position?.(topic, partition));
        const options: ConsumeOptions = {
          partition,
          ...(from && { from }),
          ...(extras.size !== undefined && { batch: extras.size }),
          ...(onGap && { onGap }),
        };
        const call = (data: unknown, context: StreamContext): Promise<void> => this.call(handler, data, context);
        const take = extras.batch === true ? inBatches(topic, partition, call) : oneByOne(topic, partition, call);
        this.open.push(bus.consume(topic, take, options));
      }
    }
    for (const [pattern, handler] of this.messageHandlers) {
      if (!isQuery(pattern)) throw unknownPattern('query', pattern, Object.keys(QUERIES));
      for (const partition of partitions) this.open.push(this.answer(pattern, partition, handler));
    }
  }

  private answer(query: QueryName, partition: number, handler: MessageHandler): Consumption {
    const reply = async (request: unknown): Promise<unknown> => {
      const context = new StreamContext([query as never, partition, undefined]);
      return settled((await handler(request, context)) as unknown);
    };
    return this.options.bus.answer(query, reply as never, partition);
  }

  /** Nest resolves a handler that failed with an Observable of the failure: only draining it tells. */
  private async call(handler: MessageHandler, data: unknown, context: StreamContext): Promise<void> {
    const run = async (): Promise<void> => {
      try {
        await settled((await handler(data, context)) as unknown);
      } finally {
        this.onProcessingEndHook?.(HAUNT, context);
      }
    };
    await (this.onProcessingStartHook(HAUNT, context, run) as unknown as Promise<void>);
  }
}

type Call = (data: unknown, context: StreamContext) => Promise<void>;
type Take = (entries: readonly Entry<unknown>[]) => Promise<void>;

function inBatches(topic: TopicName, partition: number, call: Call): Take {
  const context = new StreamContext([topic, partition, undefined]);
  return (entries) => call(entries, context);
}

/** When one event fails, the whole batch comes again; those before it were handled and are passed over. */
function oneByOne(topic: TopicName, partition: number, call: Call): Take {
  const handled = new Set<string>();
  return async (entries) => {
    for (const { id, event } of entries) {
      if (handled.has(id)) continue;
      await call(event, new StreamContext([topic, partition, id]));
      handled.add(id);
    }
    handled.clear();
  };
}

async function settled(result: unknown): Promise<unknown> {
  if (!isObservable(result)) return result;
  return lastValueFrom(result, { defaultValue: undefined });
}

function isTopic(pattern: unknown): pattern is TopicName {
  return typeof pattern === 'string' && Object.hasOwn(TOPICS, pattern);
}

function isQuery(pattern: string): pattern is QueryName {
  return Object.hasOwn(QUERIES, pattern);
}

function unknownPattern(kind: string, pattern: unknown, allowed: readonly string[]): Error {
  return new Error(`no ${kind} "${String(pattern)}"; there are ${allowed.join(', ')}`);
}
