import type { Redis } from 'ioredis';
import type { TopicName } from '@haunt/contracts';
import type { Consumption, Entry, EntryId, Lag } from '../event-bus.js';
import { messageOf } from '../incidents.js';
import { within } from './connection.js';
import { BLOCK_GRACE_MS, BLOCK_MS, ReadLoop } from './read-loop.js';
import { decodeEntry, type RawEntry } from './stream-entry.js';
import type { StreamWriter } from './stream-writer.js';

/** Everybody who works on a topic is one group. */
const GROUP = 'haunt';

/** Consumers that said nothing for so many claim times are taken off the list, when nothing is pending with them. */
const FORGET_AFTER_CLAIMS = 10;

export interface GroupReaderOptions {
  readonly url: string;
  readonly topic: TopicName;
  readonly partition: number;
  readonly stream: string;
  /** Unique to this reader in this process. */
  readonly consumer: string;
  readonly batch: number;
  readonly attempts: number;
  /** Work whose owner has been silent for so long is taken over. The owner says that it lives three times as often. */
  readonly claimAfterMs: number;
  readonly writer: StreamWriter;
  readonly deliver: (entries: readonly Entry<unknown>[], triesBefore: number) => Promise<boolean>;
  readonly refuse: (id: EntryId, text: string, message: string) => Promise<void>;
  readonly onReclaimed: (id: EntryId) => void;
  readonly onTrouble: (error: unknown) => void;
  readonly stop: AbortController;
}

/**
 * One of several readers that share the entries of a stream: XREADGROUP, XACK when the handler is done, XAUTOCLAIM of what a
 * dead reader left. An entry that was handed out `attempts` times goes to the dead letters, also when what it does
 * is to kill its reader.
 */
export class GroupReader implements Consumption {
  private lastSweep = 0;
  private readonly loop: ReadLoop;

  constructor(private readonly options: GroupReaderOptions) {
    const { url, stream, stop, onTrouble } = options;
    this.loop = new ReadLoop({
      url,
      name: `haunt:work:${stream}`,
      stop,
      onTrouble,
      connected: (client) => this.recover(client),
      step: (client) => this.step(client),
    });
  }

  async close(): Promise<void> {
    await this.loop.close();
    await this.leave();
  }

  /** @throws when Redis cannot be asked */
  async lag(): Promise<Lag | undefined> {
    const { stream, writer } = this.options;
    const groups = (await writer.command(`XINFO ${stream}`, (client) => client.xinfo('GROUPS', stream))) as unknown[][];
    const flat = groups.find((group) => group[group.indexOf('name') + 1] === GROUP);
    if (flat === undefined) return undefined;
    const lag = flat.includes('lag') ? flat[flat.indexOf('lag') + 1] : null;
    return lag === null ? {} : { entries: Number(lag) + Number(flat[flat.indexOf('pending') + 1]) };
  }

  /** What was handed to us on a connection that died before it arrived is still ours. */
  private async recover(client: Redis): Promise<void> {
    await this.join(client);
    this.lastSweep = 0;
    const { stream, consumer } = this.options;
    const own = client.xreadgroup('GROUP', GROUP, consumer, 'COUNT', 1_000, 'STREAMS', stream, '0');
    const reply = await within(BLOCK_GRACE_MS, `XREADGROUP ${stream}`, own);
    for (const entry of rawEntries(reply)) await this.pass([entry], await this.deliveries(client, entry[0]));
  }

  private async step(client: Redis): Promise<void> {
    const { stream, consumer, batch, claimAfterMs } = this.options;
    if (performance.now() - this.lastSweep > claimAfterMs / 2) await this.sweep(client);
    const block = Math.min(BLOCK_MS, Math.max(50, Math.round(claimAfterMs / 2)));
    const read = client.xreadgroup('GROUP', GROUP, consumer, 'COUNT', batch, 'BLOCK', block, 'STREAMS', stream, '>');
    const entries = rawEntries(await within(block + BLOCK_GRACE_MS, `XREADGROUP ${stream}`, read));
    if (entries.length > 0) await this.pass(entries, 1);
  }

  /** On every connection: a Redis that lost the group (NOGROUP) is connected to anew, and read from its beginning. */
  private async join(client: Redis): Promise<void> {
    const { stream } = this.options;
    try {
      await within(BLOCK_GRACE_MS, `XGROUP ${stream}`, client.xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM'));
    } catch (error) {
      if (!messageOf(error).startsWith('BUSYGROUP')) throw error;
    }
  }

  /** Takes over what dead readers left, and forgets readers that left nothing. */
  private async sweep(client: Redis): Promise<void> {
    this.lastSweep = performance.now();
    const { stream, consumer, claimAfterMs, onReclaimed, stop, refuse } = this.options;
    let cursor = '0-0';
    do {
      const claim = client.xautoclaim(stream, GROUP, consumer, claimAfterMs, cursor, 'COUNT', 1);
      const reply = (await within(BLOCK_GRACE_MS, `XAUTOCLAIM ${stream}`, claim)) as [string, RawEntry[], string[]?];
      const [next, claimed, gone = []] = reply;
      cursor = next;
      for (const id of gone) await refuse(id, '', 'trimmed before anybody finished it');
      for (const entry of claimed) {
        onReclaimed(entry[0]);
        await this.pass([entry], await this.deliveries(client, entry[0]));
      }
    } while (cursor !== '0-0' && !stop.signal.aborted);
    await within(BLOCK_GRACE_MS, `forgetting consumers of ${stream}`, this.forget(client, claimAfterMs));
  }

  /** How often the entry was handed out, this time included. */
  private async deliveries(client: Redis, id: EntryId): Promise<number> {
    const { stream } = this.options;
    const pending = client.xpending(stream, GROUP, id, id, 1);
    const [row] = (await within(BLOCK_GRACE_MS, `XPENDING ${stream}`, pending)) as [string, string, number, number][];
    return row?.[3] ?? 1;
  }

  private async pass(raw: readonly RawEntry[], deliveries: number): Promise<void> {
    const { topic, attempts, deliver, refuse, stop } = this.options;
    const good: Entry<unknown>[] = [];
    for (const [id, fields] of raw) {
      try {
        if (deliveries > attempts) throw new Error(`its reader died ${deliveries - 1} times`);
        good.push(decodeEntry(topic, [id, fields]));
      } catch (error) {
        await refuse(id, JSON.stringify(fields), messageOf(error));
        await this.acknowledge([id]);
      }
    }
    if (good.length === 0 || stop.signal.aborted) return;
    const ids = good.map((entry) => entry.id);
    const alive = setInterval(() => void this.hold(ids), this.options.claimAfterMs / 3);
    try {
      if (await deliver(good, deliveries - 1)) await this.acknowledge(ids);
    } finally {
      clearInterval(alive);
    }
  }

  private async acknowledge(ids: readonly EntryId[]): Promise<void> {
    const { stream, writer, onTrouble } = this.options;
    // Unconfirmed, it is handed out again: once done twice is what `work` allows.
    await writer.command(`XACK ${stream}`, (client) => client.xack(stream, GROUP, ...ids)).catch(onTrouble);
  }

  /** Work that takes long is not work whose owner died. */
  private async hold(ids: readonly EntryId[]): Promise<void> {
    const { stream, consumer, writer, onTrouble } = this.options;
    await writer
      .command(`XCLAIM ${stream}`, (client) => client.xclaim(stream, GROUP, consumer, 0, ...ids, 'JUSTID'))
      .catch(onTrouble);
  }

  private async forget(client: Redis, claimAfterMs: number): Promise<void> {
    const { stream, consumer } = this.options;
    await client.eval(FORGET_IDLE, 1, stream, GROUP, consumer, String(claimAfterMs * FORGET_AFTER_CLAIMS));
  }

  private async leave(): Promise<void> {
    const { stream, consumer, writer } = this.options;
    await writer
      .command(`leaving ${stream}`, (client) => client.eval(LEAVE, 1, stream, GROUP, consumer), 500)
      .catch(() => undefined);
  }
}

/**
 * In a script because XGROUP DELCONSUMER throws away what is pending with the consumer: looking and deleting must not
 * be apart. KEYS: stream; ARGV: group, consumer, longest silence (ms).
 */
const FORGET_IDLE = `
for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local c = {}
  for i = 1, #row, 2 do c[row[i]] = row[i + 1] end
  if c.name ~= ARGV[2] and c.pending == 0 and c.idle > tonumber(ARGV[3]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], c.name)
  end
end`;

/**
 * What was begun and not finished is put into the stream anew, for whoever reads next: nobody should wait until this reader is
 * taken for dead. Not what was handed out before: its tries are counted where it is. KEYS: stream; ARGV: group, consumer.
 */
const LEAVE = `
for _, row in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 100, ARGV[2])) do
  local entry = redis.call('XRANGE', KEYS[1], row[1], row[1])[1]
  if entry and row[4] == 1 then
    redis.call('XADD', KEYS[1], '*', unpack(entry[2]))
    redis.call('XACK', KEYS[1], ARGV[1], row[1])
  end
end
for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local c = {}
  for i = 1, #row, 2 do c[row[i]] = row[i + 1] end
  if c.name == ARGV[2] and c.pending == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], c.name)
  end
end`;

function rawEntries(reply: unknown): RawEntry[] {
  const entries = (reply as [string, [EntryId, string[] | null][]][] | null)?.[0]?.[1] ?? [];
  // A pending entry that was trimmed comes without its fields.
  return entries.map(([id, fields]) => [id, fields ?? []]);
}
