import type { Redis } from 'ioredis';
import type { TopicName } from '@haunt/contracts';
import { BEFORE_ALL, beforeTime, compareIds, entryTime } from '../entry-id.js';
import type { Consumption, Entry, EntryId, Gap, Lag, Position } from '../event-bus.js';
import { messageOf } from '../incidents.js';
import { within } from './connection.js';
import { isNoSuchKey, judge, NO_STREAM, parseState, readState, type Standing, type StreamState } from './continuity.js';
import { BLOCK_GRACE_MS, BLOCK_MS, ReadLoop } from './read-loop.js';
import { decodeEntry, type RawEntry } from './stream-entry.js';

export interface LogReaderOptions {
  readonly url: string;
  readonly topic: TopicName;
  readonly partition: number;
  readonly stream: string;
  readonly from: Position;
  readonly batch: number;
  readonly retainMs: number;
  /** The end of the stream at the time of the call, in the order of this process' own publishing. */
  readonly end: () => Promise<StreamState>;
  readonly deliver: (entries: readonly Entry<unknown>[]) => Promise<boolean>;
  readonly refuse: (id: EntryId, text: string, message: string) => Promise<void>;
  readonly onGap: (gap: Gap) => void;
  readonly onTrouble: (error: unknown) => void;
  readonly stop: AbortController;
}

/** Every entry of one stream in order, by XREAD, from a position of its own. */
export class LogReader implements Consumption {
  private standing: Standing | undefined;
  /** When nothing was left unread, by the monotonic clock. Whatever is unread now was added later. */
  private caughtUpAt = 0;
  /** The next read must first make sure that it continues where the last one ended. */
  private doubtful = true;
  private readonly began: Promise<StreamState> | undefined;
  private readonly loop: ReadLoop;

  constructor(private readonly options: LogReaderOptions) {
    const { url, stream, stop, onTrouble } = options;
    if (options.from.at === 'now') {
      this.began = options.end();
      // Awaited by the loop, which may be busy connecting when it fails.
      this.began.catch(() => undefined);
    }
    this.loop = new ReadLoop({
      url,
      name: `haunt:read:${stream}`,
      stop,
      onTrouble,
      connected: (client) => this.connected(client),
      step: (client) => this.step(client),
    });
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** @throws when Redis cannot be asked */
  async lag(): Promise<Lag | undefined> {
    const { standing } = this;
    if (standing === undefined) return undefined;
    const { lastId, added, firstId } = await this.options.end();
    const { position, ordinal } = standing;
    if (compareIds(lastId, position) <= 0) return { entries: 0, ms: 0 };
    // A position before the first entry is as far behind as that, not as the beginning of time.
    const from = firstId !== undefined && compareIds(position, firstId) < 0 ? firstId : position;
    const ms = entryTime(lastId) - entryTime(from);
    return added === undefined || ordinal === undefined ? { ms } : { entries: Math.max(0, added - ordinal), ms };
  }

  private async connected(client: Redis): Promise<void> {
    this.doubtful = true;
    this.standing ??= await this.begin(client);
    this.caughtUpAt = performance.now();
  }

  /** Resolved once: asking for `$` again after a lost connection would skip what came in between. */
  private async begin(client: Redis): Promise<Standing> {
    const { from, stream } = this.options;
    switch (from.at) {
      case 'start':
        return { position: BEFORE_ALL, real: false, ordinal: undefined };
      case 'since':
        return { position: beforeTime(from.time), real: false, ordinal: undefined };
      case 'after':
        return { position: from.id, real: from.id !== BEFORE_ALL, ordinal: undefined };
      default: {
        const end = await (this.began ?? readState(client, stream)).catch(() => readState(client, stream));
        return { position: end.lastId, real: end.lastId !== BEFORE_ALL, ordinal: end.added };
      }
    }
  }

  private async step(client: Redis): Promise<void> {
    const standing = this.standing as Standing;
    // What is unread is younger than this, and nothing that young is trimmed.
    if (performance.now() - this.caughtUpAt > this.options.retainMs / 2) this.doubtful = true;
    const checked = this.doubtful;
    const entries = checked ? await this.readChecked(client, standing) : await this.read(client, standing);
    if (entries.length < this.options.batch) this.caughtUpAt = performance.now();
    if (entries.length > 0) await this.pass(entries);
    // Idle is the cheapest time to learn the count that makes later checks exact; but the check does not block, and of a
    // stream that nobody has written to yet it learns nothing: twice in a row it would spin.
    else if (!checked && this.standing?.ordinal === undefined) this.doubtful = true;
  }

  private async read(client: Redis, { position }: Standing): Promise<RawEntry[]> {
    const { stream, batch } = this.options;
    const read = client.xread('COUNT', batch, 'BLOCK', BLOCK_MS, 'STREAMS', stream, position);
    const reply = await within(BLOCK_MS + BLOCK_GRACE_MS, `XREAD ${stream}`, read);
    return reply?.[0]?.[1] ?? [];
  }

  /** State and entries in one transaction, so that nothing is trimmed between the look and the read. */
  private async readChecked(client: Redis, standing: Standing): Promise<RawEntry[]> {
    const { stream, batch, topic, partition, onGap } = this.options;
    const transaction = client
      .multi()
      .xinfo('STREAM', stream)
      .xread('COUNT', batch, 'STREAMS', stream, standing.position)
      .exec();
    const replies = await within(BLOCK_GRACE_MS, `XINFO ${stream}`, transaction);
    const [info, read] = replies ?? [];
    const failure = info?.[0] ?? read?.[0];
    if (failure && !isNoSuchKey(failure)) throw failure;
    const state = failure ? NO_STREAM : parseState(info?.[1]);
    const { gap, standing: onward } = judge(standing, state);
    this.doubtful = false;
    this.standing = onward;
    if (gap) {
      const first = state.firstId === undefined ? {} : { first: state.firstId };
      onGap({ topic, partition, after: standing.position, ...first });
    }
    // Read from a position that is void: read again.
    if (onward.position !== standing.position) return [];
    const reply = read?.[1] as [string, RawEntry[]][] | null | undefined;
    return reply?.[0]?.[1] ?? [];
  }

  private async pass(raw: readonly RawEntry[]): Promise<void> {
    const { topic, deliver, refuse, stop } = this.options;
    let good: Entry<unknown>[] = [];
    for (const [id, fields] of raw) {
      try {
        good.push(decodeEntry(topic, [id, fields]));
      } catch (error) {
        // What came before it goes out first, so that an entry is never safe before its predecessors.
        if (good.length > 0 && !(await deliver(good))) return;
        good = [];
        await refuse(id, JSON.stringify(fields), messageOf(error));
      }
      if (stop.signal.aborted) return;
    }
    if (good.length > 0 && !(await deliver(good))) return;
    const last = raw.at(-1);
    const { ordinal } = this.standing as Standing;
    if (last !== undefined) {
      this.standing = {
        position: last[0],
        real: true,
        ordinal: ordinal === undefined ? undefined : ordinal + raw.length,
      };
    }
  }
}
