import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { AnswerOf, QueryName, RequestOf } from '@haunt/contracts';
import type { BusRules } from '../bus-options.js';
import { BEFORE_ALL, compareIds, entryTime } from '../entry-id.js';
import { type Consumption, DeadlineError, type EntryId, type Headers } from '../event-bus.js';
import { messageOf } from '../incidents.js';
import { within } from './connection.js';
import { readState } from './continuity.js';
import { BLOCK_GRACE_MS, BLOCK_MS, ReadLoop } from './read-loop.js';
import { EVENT_FIELD, fieldsOf, type RawEntry } from './stream-entry.js';
import type { StreamWriter } from './stream-writer.js';

interface Request {
  readonly id: number;
  /** The asker's reply stream. */
  readonly to: string;
  /** Time left to the deadline when it was put into the stream, ms. */
  readonly left: number;
  readonly request: unknown;
  readonly headers?: Headers;
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export interface AsksOptions {
  readonly url: string;
  readonly rules: BusRules;
  readonly writer: StreamWriter;
}

/** Requests of one query wait in one stream per partition, which its answerers share. */
function requestStream(query: QueryName, partition: number): string {
  return `haunt:{p${partition}}:ask:${query}`;
}

const ANSWERERS = 'haunt';
/** A request nobody took is of no use after its deadline; what is kept beyond that is slack for clocks. */
const KEEP_DEADLINES = 5;
const KEEP_REPLIES = 1_000;
/** An asker that is gone leaves its stream behind for so long. */
const REPLIES_EXPIRE_MS = 60_000;
/** Requests under way at once in one answerer; the rest waits in Redis, for this one or another. */
const MAX_BUSY = 256;
const TAKE = 64;

/** Asks, and reads the replies to everything this process asks from one stream of its own. */
export class Asker {
  private readonly replies = `haunt:replies:${randomUUID()}`;
  private readonly waiting = new Map<number, Waiting>();
  private readonly stop = new AbortController();
  private sequence = 0;
  private position: EntryId = BEFORE_ALL;
  private loop: ReadLoop | undefined;

  constructor(private readonly options: AsksOptions) {}

  async ask<Q extends QueryName>(
    query: Q,
    request: RequestOf<Q>,
    partition: number,
    headers?: Headers,
  ): Promise<AnswerOf<Q>> {
    const { rules, writer } = this.options;
    const deadlineMs = rules.deadlineMs(query);
    const id = this.sequence++;
    this.loop ??= this.listen();
    return new Promise<AnswerOf<Q>>((resolve, reject) => {
      const expire = (): void => {
        this.waiting.delete(id);
        reject(new DeadlineError(query, deadlineMs));
      };
      const timer = setTimeout(expire, deadlineMs);
      this.waiting.set(id, { resolve: (answer) => resolve(answer as AnswerOf<Q>), reject, timer });
      const end = performance.now() + deadlineMs;
      const body = JSON.stringify(request);
      const beside = headers === undefined ? '' : `,"headers":${JSON.stringify(headers)}`;
      const write = (): string =>
        `{"id":${id},"to":"${this.replies}","left":${end - performance.now()},"request":${body}${beside}}`;
      const payload = { length: body.length, write };
      writer
        .add(requestStream(query, partition), payload, deadlineMs * KEEP_DEADLINES, deadlineMs)
        // Redis may still be back before the deadline with the request in it; then the answer comes, else the timer.
        .catch(() => undefined);
    });
  }

  async close(): Promise<void> {
    for (const [id, { reject, timer }] of this.waiting) {
      clearTimeout(timer);
      this.waiting.delete(id);
      reject(new Error('the bus was closed before the answer came'));
    }
    this.stop.abort();
    await this.loop?.close();
    if (this.loop !== undefined) {
      await this.options.writer.command('DEL', (client) => client.del(this.replies), 500).catch(() => undefined);
    }
  }

  private listen(): ReadLoop {
    const { url, rules } = this.options;
    return new ReadLoop({
      url,
      name: 'haunt:replies',
      stop: this.stop,
      onTrouble: (error) =>
        rules.incidents.report({ kind: 'connection-lost', reader: 'replies', message: messageOf(error) }),
      connected: async (client) => {
        const { lastId } = await within(BLOCK_GRACE_MS, 'XINFO', readState(client, this.replies));
        if (compareIds(lastId, this.position) < 0) this.position = BEFORE_ALL;
      },
      step: async (client) => {
        const read = client.xread('BLOCK', BLOCK_MS, 'STREAMS', this.replies, this.position);
        const reply = await within(BLOCK_MS + BLOCK_GRACE_MS, 'XREAD replies', read);
        for (const [id, fields] of (reply?.[0]?.[1] ?? []) as RawEntry[]) {
          this.position = id;
          this.take(JSON.parse(fieldsOf(fields).event ?? 'null') as Reply | null);
        }
      },
    });
  }

  private take(reply: Reply | null): void {
    const waiting = reply === null ? undefined : this.waiting.get(reply.id);
    // Nobody waits: it is late, and its asker has been told so.
    if (reply === null || waiting === undefined) return;
    this.waiting.delete(reply.id);
    clearTimeout(waiting.timer);
    if (reply.error === undefined) waiting.resolve(reply.answer ?? null);
    else waiting.reject(new Error(reply.error));
  }
}

/** Takes requests of one query and partition, in competition with others, and answers those that are not too late. */
export class Answerer implements Consumption {
  private readonly stream: string;
  private readonly stop = new AbortController();
  private readonly busy = new Set<Promise<void>>();
  /** Redis' clock minus ours, ms: a request's age is told by its id, whatever our own clock says. */
  private clockOffset = 0;
  private readonly loop: ReadLoop;

  constructor(
    private readonly options: AsksOptions,
    private readonly query: QueryName,
    private readonly partition: number,
    private readonly handler: (request: unknown, headers?: Headers) => unknown,
  ) {
    this.stream = requestStream(query, partition);
    const { url, rules } = options;
    this.loop = new ReadLoop({
      url,
      name: `haunt:answer:${this.stream}`,
      stop: this.stop,
      onTrouble: (error) =>
        rules.incidents.report({ kind: 'connection-lost', reader: this.stream, message: messageOf(error) }),
      connected: (client) => this.join(client),
      step: (client) => this.step(client),
    });
  }

  /** Resolves when the answers under way are given. */
  async close(): Promise<void> {
    await this.loop.close();
    await Promise.all(this.busy);
  }

  private async join(client: Redis): Promise<void> {
    const [seconds, micros] = await within(BLOCK_GRACE_MS, 'TIME', client.time());
    this.clockOffset = Number(seconds) * 1_000 + Number(micros) / 1_000 - Date.now();
    try {
      const create = client.xgroup('CREATE', this.stream, ANSWERERS, '0', 'MKSTREAM');
      await within(BLOCK_GRACE_MS, `XGROUP ${this.stream}`, create);
    } catch (error) {
      if (!messageOf(error).startsWith('BUSYGROUP')) throw error;
    }
  }

  private async step(client: Redis): Promise<void> {
    const { stream } = this;
    // Without acknowledgement: whoever dies over a question leaves its asker to the deadline, and to asking again.
    const group = [
      'GROUP',
      ANSWERERS,
      'any',
      'COUNT',
      TAKE,
      'BLOCK',
      BLOCK_MS,
      'NOACK',
      'STREAMS',
      stream,
      '>',
    ] as const;
    const read = client.xreadgroup(...group);
    const reply = await within(BLOCK_MS + BLOCK_GRACE_MS, `XREADGROUP ${stream}`, read);
    const entries = (reply as [string, RawEntry[]][] | null)?.[0]?.[1] ?? [];
    for (const entry of entries) {
      const work = this.serve(entry).finally(() => this.busy.delete(work));
      this.busy.add(work);
    }
    while (this.busy.size >= MAX_BUSY) await Promise.race(this.busy);
  }

  private async serve([id, fields]: RawEntry): Promise<void> {
    const { rules, writer } = this.options;
    const { query, partition } = this;
    const asked = parseRequest(fieldsOf(fields).event);
    if (asked === undefined) return;
    const age = Date.now() + this.clockOffset - entryTime(id);
    const left = asked.left - age;
    if (left <= 0) {
      rules.incidents.report({ kind: 'late-request', query, partition });
      return;
    }
    let reply: Reply;
    try {
      reply = { id: asked.id, answer: await this.handler(asked.request, asked.headers) };
    } catch (error) {
      reply = { id: asked.id, error: messageOf(error) };
    }
    await writer
      .command(`reply to ${query}`, (client) => send(client, asked.to, JSON.stringify(reply)), left)
      .catch(() => undefined);
  }
}

async function send(client: Redis, to: string, text: string): Promise<void> {
  await Promise.all([
    client.xadd(to, 'MAXLEN', '~', KEEP_REPLIES, '*', EVENT_FIELD, text),
    client.pexpire(to, REPLIES_EXPIRE_MS),
  ]);
}

function parseRequest(text: string | undefined): Request | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Request> | null;
    if (typeof value?.id !== 'number' || typeof value.to !== 'string' || typeof value.left !== 'number') {
      return undefined;
    }
    const { id, to, left, request, headers } = value;
    return headers === undefined ? { id, to, left, request } : { id, to, left, request, headers };
  } catch {
    return undefined;
  }
}
