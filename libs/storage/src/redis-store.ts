import { Redis } from 'ioredis';
import { requireOneTag, requireTtl } from './hash-tag.js';
import { KeyValueStore } from './key-value-store.js';

export interface RedisStoreOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** A command that Redis has not answered by then is rejected, ms; default 5 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const RETRY_MAX_MS = 1_000;

/** KEYS: the lease; ARGV: owner, life (ms). In a script, because looking and taking must not be apart. */
const ACQUIRE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** KEYS: the lease, then what to set; ARGV: owner, then the values. */
const SET_HOLDING = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('SET', KEYS[i], ARGV[i]) end
return 1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** The store in Redis. While Redis is away its methods wait up to `timeoutMs`, then reject; it reconnects by itself. */
export class RedisStore extends KeyValueStore {
  private readonly redis: Redis;
  private readonly timeoutMs: number;
  /** Those that wait for Redis to come back, in the order in which they came. */
  private readonly waiting = new Set<(error?: Error) => void>();
  private closing: Promise<void> | undefined;

  constructor({ url, timeoutMs = TIMEOUT_MS }: RedisStoreOptions) {
    super();
    this.timeoutMs = timeoutMs;
    this.redis = new Redis(url, {
      connectionName: 'haunt:store',
      commandTimeout: timeoutMs,
      // A connection that is open and silent is given up, or nothing would ever reject it.
      socketTimeout: timeoutMs,
      // What is rejected must not be done later, behind the back of whoever was told so; nor may it pile up.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(RETRY_MAX_MS, 50 * 2 ** times),
    });
    // Every failure also rejects the command it hit; without a listener ioredis prints it.
    this.redis.on('error', () => undefined);
    this.redis.on('ready', () => {
      for (const settle of this.waiting) settle();
    });
  }

  override async get(key: string): Promise<Buffer | undefined> {
    return (await (await this.ready()).getBuffer(key)) ?? undefined;
  }

  override async set(key: string, value: Buffer | string, ttlMs?: number): Promise<void> {
    if (ttlMs === undefined) {
      await (await this.ready()).set(key, value);
      return;
    }
    requireTtl(key, ttlMs);
    await (await this.ready()).set(key, value, 'PX', Math.ceil(ttlMs));
  }

  override async setAll(entries: readonly (readonly [key: string, value: Buffer | string])[]): Promise<void> {
    if (entries.length === 0) return;
    requireOneTag(entries.map(([key]) => key));
    await (await this.ready()).mset(entries.flat());
  }

  override async setAllHolding(
    lease: string,
    owner: string,
    entries: readonly (readonly [key: string, value: Buffer | string])[],
  ): Promise<boolean> {
    const keys = [lease, ...entries.map(([key]) => key)];
    requireOneTag(keys);
    const values = [owner, ...entries.map(([, value]) => value)];
    return (await (await this.ready()).eval(SET_HOLDING, keys.length, ...keys, ...values)) === 1;
  }

  override async delete(key: string): Promise<void> {
    await (await this.ready()).unlink(key);
  }

  override async acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    requireTtl(key, ttlMs);
    return (await (await this.ready()).eval(ACQUIRE, 1, key, owner, Math.ceil(ttlMs))) === 1;
  }

  override async release(key: string, owner: string): Promise<void> {
    await (await this.ready()).eval(RELEASE, 1, key, owner);
  }

  override healthy(): boolean {
    return this.redis.status === 'ready';
  }

  override close(): Promise<void> {
    this.closing ??= (async () => {
      for (const settle of this.waiting) settle(new Error('the store was closed'));
      // What was already asked for is answered first, if Redis answers at all.
      if (this.redis.status === 'ready') await this.redis.quit().catch(() => undefined);
      if (this.redis.status !== 'end') {
        this.redis.disconnect();
        this.redis.stream?.destroy();
      }
    })();
    return this.closing;
  }

  /** Resolves when Redis takes commands. @throws when that does not happen in time, or the store is closed. */
  private async ready(): Promise<Redis> {
    const { redis, timeoutMs, waiting } = this;
    if (this.closing !== undefined) throw new Error('the store is closed');
    if (redis.status === 'ready') return redis;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        waiting.delete(settle);
        if (error === undefined) resolve();
        else reject(error);
      };
      const late = new Error(`the store timed out: no Redis to be had within ${timeoutMs} ms`);
      const timer = setTimeout(() => settle(late), timeoutMs);
      waiting.add(settle);
    });
    return redis;
  }
}
