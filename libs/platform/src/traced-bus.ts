import {
  type BatchHandler,
  type BusQueue,
  type Consumption,
  type ConsumeOptions,
  type EntryId,
  EventBus,
  type Headers,
} from '@haunt/bus';
import { type AnswerOf, type EventOf, type QueryName, type RequestOf, TOPICS, type TopicName } from '@haunt/contracts';
import type { Tracing } from './tracing.js';

/**
 * The bus of a process that traces: what is published or asked within a span carries it along, what is answered or worked on
 * goes on with it. It begins no trace. Entries of logs and tails come in batches of many origins: their handlers decide themselves.
 */
export class TracedBus extends EventBus {
  constructor(
    private readonly bus: EventBus,
    private readonly tracing: Tracing,
  ) {
    super();
  }

  override publish<T extends TopicName>(
    topic: T,
    event: EventOf<T>,
    partition?: number,
    headers?: Headers,
  ): Promise<EntryId> {
    const traceparent = headers?.traceparent ?? this.tracing.current?.traceparent;
    const beside = traceparent === undefined ? headers : { ...headers, traceparent };
    return this.bus.publish(topic, event, partition, beside);
  }

  override consume<T extends TopicName>(
    topic: T,
    handler: BatchHandler<EventOf<T>>,
    options?: ConsumeOptions,
  ): Consumption {
    if (TOPICS[topic].delivery !== 'work') return this.bus.consume(topic, handler, options);
    const { tracing } = this;
    const traced: BatchHandler<EventOf<T>> = async (entries) => {
      const parent = entries[0]?.headers?.traceparent;
      const span = parent === undefined ? undefined : tracing.start(`work ${topic}`, { parent, kind: 'consumer' });
      try {
        await tracing.within(span, () => handler(entries));
        span?.end();
      } catch (error) {
        span?.end({}, error);
        throw error;
      }
    };
    return this.bus.consume(topic, traced, options);
  }

  override async ask<Q extends QueryName>(query: Q, request: RequestOf<Q>, partition?: number): Promise<AnswerOf<Q>> {
    const parent = this.tracing.current?.traceparent;
    const span =
      parent === undefined
        ? undefined
        : this.tracing.start(`ask ${query}`, { parent, kind: 'client', fields: { partition } });
    if (span === undefined) return this.bus.ask(query, request, partition);
    try {
      const answer = await this.bus.ask(query, request, partition, { traceparent: span.traceparent });
      span.end();
      return answer;
    } catch (error) {
      span.end({}, error);
      throw error;
    }
  }

  override answer<Q extends QueryName>(
    query: Q,
    handler: (request: RequestOf<Q>, headers?: Headers) => AnswerOf<Q> | Promise<AnswerOf<Q>>,
    partition?: number,
  ): Consumption {
    const traced = async (request: RequestOf<Q>, headers?: Headers): Promise<AnswerOf<Q>> => {
      const parent = headers?.traceparent;
      if (parent === undefined) return handler(request, headers);
      const options = { parent, kind: 'server', fields: { partition } } as const;
      return this.tracing.follow(`answer ${query}`, options, async () => handler(request, headers));
    };
    return this.bus.answer(query, traced, partition);
  }

  override queue(): BusQueue {
    return this.bus.queue();
  }

  override healthy(): boolean {
    return this.bus.healthy();
  }

  override close(): Promise<void> {
    return this.bus.close();
  }
}
