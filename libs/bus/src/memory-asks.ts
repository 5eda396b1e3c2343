import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AnswerOf, QueryName, RequestOf } from '@haunt/contracts';
import type { BusRules } from './bus-options.js';
import { type Consumption, DeadlineError, type Headers } from './event-bus.js';
import { messageOf } from './incidents.js';

/** Questions that wait for an answerer; more than this and the oldest are left to their deadline. */
const MAX_WAITING = 1_000;

interface Question {
  readonly request: unknown;
  readonly headers: Headers | undefined;
  /** False once it was answered or its deadline passed. */
  open: boolean;
  settle(outcome: { readonly answer: unknown } | { readonly error: string }): void;
}

interface Answerer {
  readonly handler: (request: unknown, headers?: Headers) => unknown;
  readonly busy: Set<Promise<void>>;
}

/** Questions of one query and partition, and who answers them. */
interface Desk {
  readonly answerers: Answerer[];
  readonly waiting: Question[];
  turn: number;
}

/** Request and reply inside one process: asynchronous, with the deadlines of the query table. */
export class MemoryAsks {
  private readonly desks = new Map<string, Desk>();
  private readonly giveUp = new Set<() => void>();

  constructor(private readonly rules: BusRules) {}

  async ask<Q extends QueryName>(
    query: Q,
    request: RequestOf<Q>,
    partition: number,
    headers?: Headers,
  ): Promise<AnswerOf<Q>> {
    const deadlineMs = this.rules.deadlineMs(query);
    return new Promise<AnswerOf<Q>>((resolve, reject) => {
      const question: Question = {
        request,
        headers,
        open: true,
        settle: (outcome) => {
          if (!question.open) return;
          end();
          if ('error' in outcome) reject(new Error(outcome.error));
          else resolve(outcome.answer as AnswerOf<Q>);
        },
      };
      const expire = (): void => {
        end();
        reject(new DeadlineError(query, deadlineMs));
      };
      const timer = setTimeout(expire, deadlineMs);
      const end = (): void => {
        question.open = false;
        clearTimeout(timer);
        this.giveUp.delete(expire);
      };
      this.giveUp.add(expire);
      const desk = this.desk(query, partition);
      if (desk.waiting.length >= MAX_WAITING) desk.waiting.shift();
      desk.waiting.push(question);
      serve(desk);
    });
  }

  answer<Q extends QueryName>(
    query: Q,
    handler: (request: RequestOf<Q>, headers?: Headers) => AnswerOf<Q> | Promise<AnswerOf<Q>>,
    partition: number,
  ): Consumption {
    const desk = this.desk(query, partition);
    const answerer: Answerer = { handler: handler as Answerer['handler'], busy: new Set() };
    desk.answerers.push(answerer);
    serve(desk);
    return {
      close: async () => {
        const index = desk.answerers.indexOf(answerer);
        if (index !== -1) desk.answerers.splice(index, 1);
        await Promise.all(answerer.busy);
      },
    };
  }

  async close(): Promise<void> {
    for (const expire of this.giveUp) expire();
    const busy = [...this.desks.values()].flatMap((desk) =>
      desk.answerers.splice(0).flatMap(({ busy: all }) => [...all]),
    );
    await Promise.all(busy);
  }

  private desk(query: QueryName, partition: number): Desk {
    const key = `${partition}:${query}`;
    let desk = this.desks.get(key);
    if (desk === undefined) {
      desk = { answerers: [], waiting: [], turn: 0 };
      this.desks.set(key, desk);
    }
    return desk;
  }
}

function serve(desk: Desk): void {
  while (desk.waiting.length > 0) {
    const answerer = desk.answerers[desk.turn++ % desk.answerers.length];
    if (answerer === undefined) return;
    const question = desk.waiting.shift() as Question;
    if (!question.open) continue;
    const work = serveOne(answerer, question).finally(() => answerer.busy.delete(work));
    answerer.busy.add(work);
  }
}

async function serveOne(answerer: Answerer, question: Question): Promise<void> {
  await nextTurn();
  if (!question.open) return;
  try {
    question.settle({ answer: await answerer.handler(question.request, question.headers) });
  } catch (error) {
    question.settle({ error: messageOf(error) });
  }
}
