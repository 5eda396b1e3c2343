import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { entryTime } from '../entry-id.js';
import type { BusQueue, EntryId } from '../event-bus.js';
import { connect, createClient, discard, isRefusal, within } from './connection.js';
import { EVENT_FIELD, MARK_FIELD, fieldsOf } from './stream-entry.js';

/** Redis is away for longer than is worth waiting, or more is waiting than is worth keeping. */
export class BusUnavailableError extends Error {
  override readonly name = 'BusUnavailableError';
}

export interface StreamWriterOptions {
  readonly url: string;
  readonly name: string;
  /** Longest wait of a command for Redis, ms. */
  readonly queueMs: number;
  /** Most that may wait for Redis, bytes. */
  readonly queueBytes: number;
  readonly onTrouble: (error: unknown) => void;
}

/** What can only be written down at the moment it is sent. */
export interface LatePayload {
  readonly length: number;
  readonly write: () => string;
}

interface Command {
  readonly what: string;
  readonly bytes: number;
  expiresAt: number;
  /** Present for an XADD: the stream and the mark by which it is found again. */
  readonly add?: { readonly stream: string; readonly mark: string };
  readonly send: (client: Redis) => Promise<unknown>;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  sent: boolean;
}

/** Silence of a connection with a command under way after which it is replaced. */
const SILENCE_MS = 3_000;
const WATCH_EVERY_MS = 250;
const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1_000;
/** Where nothing of ours is known to be in a stream yet, so many of its newest entries are searched for our marks. */
const SEARCH = 1_000;

/**
 * Commands that do not block, in order, on one connection that it replaces. While Redis is away they wait, within bounds.
 *
 * A connection may die between an XADD and its answer. Nobody can tell then whether the entry is in the stream; sending it
 * again could put it there twice. So every entry carries a mark of its writer, and what was under way is looked up
 * by its mark before it is sent again.
 */
export class StreamWriter {
  private readonly id = randomUUID().slice(0, 8);
  private queueMs: number;
  private sequence = 0;
  private readonly commands = new Set<Command>();
  private bytes = 0;
  private client: Redis | undefined;
  private usable = false;
  private lastReplyAt = 0;
  private watch: NodeJS.Timeout | undefined;
  /** Newest own entry of each stream: later ones are behind it, and trimming follows its clock. */
  private readonly lastIds = new Map<string, EntryId>();
  private readonly stop = new AbortController();
  private readonly done: Promise<void>;

  constructor(private readonly options: StreamWriterOptions) {
    this.queueMs = options.queueMs;
    this.done = this.run();
  }

  get ready(): boolean {
    return this.usable;
  }

  /** What waits for Redis or for its answer. */
  get queue(): BusQueue {
    return { entries: this.commands.size, bytes: this.bytes };
  }

  /**
   * Adds an entry, and lets Redis trim those that are more than `retainMs` older than our newest. The age is told by the
   * ids, so that a machine whose clock is ahead cannot trim what nobody has read. `beside`: further fields.
   * @throws BusUnavailableError; after it the entry may still have got there when it was under way.
   */
  add(
    stream: string,
    payload: string | LatePayload,
    retainMs: number,
    waitMs?: number,
    beside: readonly string[] = [],
  ): Promise<EntryId> {
    const mark = `${this.id}:${this.sequence++}`;
    return this.enqueue(
      `XADD ${stream}`,
      payload.length,
      async (client) => {
        const text = typeof payload === 'string' ? payload : payload.write();
        const last = this.lastIds.get(stream);
        const oldest = last === undefined ? 0 : Math.max(0, entryTime(last) - retainMs);
        const id = await client.xadd(stream, 'MINID', '~', oldest, '*', EVENT_FIELD, text, MARK_FIELD, mark, ...beside);
        if (id !== null) this.lastIds.set(stream, id);
        return id;
      },
      waitMs,
      { stream, mark },
    ) as Promise<EntryId>;
  }

  /** Any command that may run twice without harm. @throws BusUnavailableError, or Redis' own refusal. */
  command<T>(what: string, send: (client: Redis) => Promise<T>, waitMs?: number): Promise<T> {
    return this.enqueue(what, 0, send, waitMs) as Promise<T>;
  }

  /** From now on nothing waits longer than this for Redis, what waits already included. */
  hurry(ms: number): void {
    this.queueMs = Math.min(this.queueMs, ms);
    const latest = performance.now() + ms;
    for (const command of this.commands) command.expiresAt = Math.min(command.expiresAt, latest);
  }

  /** What still waits is given half a second, then rejected. */
  async close(): Promise<void> {
    if (!this.stop.signal.aborted) {
      if (this.usable) await this.drain(500);
      this.stop.abort();
      if (this.client !== undefined) discard(this.client);
      for (const command of this.commands) {
        this.settle(command, new BusUnavailableError(`${command.what}: the bus was closed first`));
      }
    }
    await this.done;
  }

  private async drain(ms: number): Promise<void> {
    for (let waited = 0; waited < ms && this.commands.size > 0; waited += 5) await sleep(5);
  }

  private enqueue(
    what: string,
    bytes: number,
    send: (client: Redis) => Promise<unknown>,
    waitMs = this.queueMs,
    add?: Command['add'],
  ): Promise<unknown> {
    const { queueBytes } = this.options;
    if (this.stop.signal.aborted) return Promise.reject(new BusUnavailableError(`${what}: the bus is closed`));
    if (this.bytes + bytes > queueBytes) {
      const full = `${what}: ${this.bytes} bytes already wait for Redis, ${queueBytes} may`;
      return Promise.reject(new BusUnavailableError(full));
    }
    return new Promise((resolve, reject) => {
      const expiresAt = performance.now() + Math.min(waitMs, this.queueMs);
      const command: Command = { what, bytes, expiresAt, send, resolve, reject, sent: false, ...(add && { add }) };
      if (this.commands.size === 0) this.lastReplyAt = performance.now();
      this.commands.add(command);
      this.bytes += bytes;
      this.watch ??= setInterval(() => this.check(), WATCH_EVERY_MS);
      if (this.usable && this.client !== undefined) this.launch(command, this.client);
    });
  }

  private launch(command: Command, client: Redis): void {
    command.sent = true;
    void this.exchange(command, client);
  }

  private async exchange(command: Command, client: Redis): Promise<void> {
    try {
      const reply = await command.send(client);
      this.lastReplyAt = performance.now();
      this.settle(command, undefined, reply);
    } catch (error) {
      // Anything but Redis' own refusal means the connection: it will be sent again, or expire.
      if (isRefusal(error)) this.settle(command, error);
      else this.lose(client, error);
    }
  }

  private settle(command: Command, error: Error | undefined, reply?: unknown): void {
    if (!this.commands.delete(command)) return;
    this.bytes -= command.bytes;
    if (this.commands.size === 0) {
      clearInterval(this.watch);
      this.watch = undefined;
    }
    if (error === undefined) command.resolve(reply);
    else command.reject(error);
  }

  private check(): void {
    const now = performance.now();
    for (const command of this.commands) {
      if (command.expiresAt > now) continue;
      const state = command.sent ? 'was sent but not confirmed' : 'could not be sent';
      this.settle(command, new BusUnavailableError(`${command.what} ${state}: Redis is away`));
    }
    const silent = this.usable && this.commands.size > 0 && now - this.lastReplyAt > SILENCE_MS;
    if (silent && this.client !== undefined) this.lose(this.client, new Error(`no answer within ${SILENCE_MS} ms`));
  }

  private lose(client: Redis, error: unknown): void {
    if (client !== this.client || !this.usable) return;
    this.usable = false;
    if (!this.stop.signal.aborted) this.options.onTrouble(error);
    discard(client);
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    let failures = 0;
    while (!signal.aborted) {
      const client = createClient(this.options.url, this.options.name);
      this.client = client;
      try {
        await connect(client);
        await this.recover(client);
        failures = 0;
        this.lastReplyAt = performance.now();
        this.usable = true;
        for (const command of this.commands) this.launch(command, client);
        await ended(client);
        this.lose(client, new Error('connection closed'));
      } catch (error) {
        // Once an outage, not once an attempt.
        if (!signal.aborted && failures === 0) this.options.onTrouble(error);
        const delay = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** failures++);
        await sleep(delay, undefined, { signal }).catch(() => undefined);
      } finally {
        this.usable = false;
        discard(client);
      }
    }
  }

  /** Settles what got through before the connection died. */
  private async recover(client: Redis): Promise<void> {
    const lost = [...this.commands].filter((command) => command.sent && command.add !== undefined);
    const streams = new Set(lost.map((command) => command.add?.stream ?? ''));
    for (const stream of streams) {
      const last = this.lastIds.get(stream);
      const entries = await within(
        SILENCE_MS,
        `searching ${stream}`,
        last === undefined
          ? client.xrevrange(stream, '+', '-', 'COUNT', SEARCH)
          : client.xrange(stream, `(${last}`, '+'),
      );
      const ids = new Map(entries.map(([id, fields]) => [fieldsOf(fields).mark, id]));
      for (const command of lost) {
        const id = command.add?.stream === stream ? ids.get(command.add.mark) : undefined;
        if (id === undefined) continue;
        this.lastIds.set(stream, id);
        this.settle(command, undefined, id);
      }
    }
  }
}

async function ended(client: Redis): Promise<void> {
  await new Promise<void>((resolve) => {
    if (client.status === 'end') resolve();
    else client.once('end', resolve);
  });
}
