import type { AnswerOf, EventOf, QueryName, RequestOf, TopicName } from '@haunt/contracts';
import { applyDecorators, type ArgumentsHost, Catch, type ExceptionFilter, UseFilters } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import type { Entry, Position } from '../event-bus.js';
import { HAUNT } from './haunt-transport.js';

/** How StreamsServer hands events over; the third argument of `@EventPattern<string>(topic, HAUNT, …)`. */
export interface StreamExtras {
  /** Entries as they come, many a call; otherwise one event a call. */
  readonly batch?: boolean;
  /** Most entries read, and with `batch` handed over, at once. */
  readonly size?: number;
  /** Where this handler begins, whatever the server's `position` says. */
  readonly from?: Position;
}

/** A decorator of methods whose parameters begin with `P`; whatever follows has a parameter decorator of its own. */
type HandlerDecorator<P, R = unknown> = <M extends (payload: P, ...rest: never[]) => R>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** Nest's own filter replaces every error by "Internal server error"; dead letters and askers need to know. */
@Catch()
class OwnWords implements ExceptionFilter {
  catch(error: unknown, _host: ArgumentsHost): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * `@EventPattern<string>(topic, HAUNT, extras)` whose method is checked against the topic's event. With `{ batch: true }` it gets
 * `readonly Entry<Event>[]`, otherwise one event. When it throws or rejects, or a pipe or guard before it does, the
 * events come again as often as the topic's `attempts`.
 */
export function On<T extends TopicName>(
  topic: T,
  extras: StreamExtras & { readonly batch: true },
): HandlerDecorator<readonly Entry<EventOf<T>>[]>;
export function On<T extends TopicName>(
  topic: T,
  extras?: StreamExtras & { readonly batch?: false },
): HandlerDecorator<EventOf<T>>;
export function On(topic: TopicName, extras: StreamExtras = {}): MethodDecorator {
  return applyDecorators(EventPattern(topic, HAUNT, { ...extras }) as MethodDecorator, UseFilters(OwnWords));
}

/** `@MessagePattern(query, HAUNT)` whose method is checked against the query's request and answer. */
export function Answers<Q extends QueryName>(
  query: Q,
): HandlerDecorator<RequestOf<Q>, AnswerOf<Q> | Promise<AnswerOf<Q>> | Observable<AnswerOf<Q>>> {
  return applyDecorators(MessagePattern(query, HAUNT), UseFilters(OwnWords));
}
