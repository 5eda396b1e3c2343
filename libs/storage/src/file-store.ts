import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { requireOneTag, requireTtl } from './hash-tag.js';
import { KeyValueStore } from './key-value-store.js';

export interface FileStoreOptions {
  /** Made when it is not there. One process writes at a time; others may read and wait. */
  readonly directory: string;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** Before every value: when it ends, epoch ms as a double; 0 for never. */
const HEADER_BYTES = 8;
/** LMDB takes no longer key. */
const MAX_KEY_BYTES = 1_900;
/** Expired values are removed once in so many writes, and at the start. */
const SWEEP_EVERY = 256;
const SWEEP_AT_ONCE = 1_024;
const NOTHING = Buffer.alloc(0);

/**
 * The store in a folder of files (LMDB): no server, and what was written is there after kill -9. A value past its
 * time is gone for readers at once, and from the disk with a later write.
 */
export class FileStore extends KeyValueStore {
  private readonly root: RootDatabase<Buffer, string>;
  /** [when it ends, key] of every value with an end, so that sweeping reads no values. */
  private readonly ends: Database<Buffer, [number, string]>;
  private readonly now: () => number;
  private writes = 0;
  private closing: Promise<void> | undefined;

  /** @throws when the folder cannot be made or is no store. */
  constructor({ directory, now = Date.now }: FileStoreOptions) {
    super();
    this.now = now;
    mkdirSync(directory, { recursive: true });
    this.root = open<Buffer, string>({ path: join(directory, 'store.mdb'), encoding: 'binary', noSubdir: true });
    this.ends = this.root.openDB<Buffer, [number, string]>({ name: 'ends', encoding: 'binary' });
    this.root.transactionSync(() => this.sweep());
  }

  override get(key: string): Promise<Buffer | undefined> {
    return this.safely(() => this.read(key));
  }

  override set(key: string, value: Buffer | string, ttlMs?: number): Promise<void> {
    return this.write([key], () => {
      if (ttlMs !== undefined) requireTtl(key, ttlMs);
      this.put(key, value, ttlMs === undefined ? 0 : this.now() + ttlMs);
    });
  }

  override setAll(entries: readonly (readonly [key: string, value: Buffer | string])[]): Promise<void> {
    const keys = entries.map(([key]) => key);
    return this.write(keys, () => {
      requireOneTag(keys);
      for (const [key, value] of entries) this.put(key, value, 0);
    });
  }

  override setAllHolding(
    lease: string,
    owner: string,
    entries: readonly (readonly [key: string, value: Buffer | string])[],
  ): Promise<boolean> {
    const keys = [lease, ...entries.map(([key]) => key)];
    return this.write(keys, () => {
      requireOneTag(keys);
      if (this.read(lease)?.toString() !== owner) return false;
      for (const [key, value] of entries) this.put(key, value, 0);
      return true;
    });
  }

  override delete(key: string): Promise<void> {
    return this.write([key], () => this.remove(key));
  }

  override acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return this.write([key], () => {
      requireTtl(key, ttlMs);
      const holder = this.read(key)?.toString();
      if (holder !== undefined && holder !== owner) return false;
      this.put(key, owner, this.now() + ttlMs);
      return true;
    });
  }

  override release(key: string, owner: string): Promise<void> {
    return this.write([key], () => {
      if (this.read(key)?.toString() === owner) this.remove(key);
    });
  }

  override close(): Promise<void> {
    this.closing ??= this.root.close();
    return this.closing;
  }

  /** One transaction, committed when it resolves. The action throws before its first write or not at all. */
  private write<T>(keys: readonly string[], action: () => T): Promise<T> {
    return this.safely(() => {
      for (const key of keys) {
        const bytes = Buffer.byteLength(key);
        if (bytes === 0 || bytes > MAX_KEY_BYTES) {
          throw new RangeError(`a key has 1 to ${MAX_KEY_BYTES} bytes; "${key.slice(0, 40)}" has ${bytes}`);
        }
      }
      return this.root.transaction(() => {
        const result = action();
        if (++this.writes % SWEEP_EVERY === 0) this.sweep();
        return result;
      });
    });
  }

  private async safely<T>(action: () => T | Promise<T>): Promise<T> {
    if (this.closing !== undefined) throw new Error('the store is closed');
    return action();
  }

  private read(key: string): Buffer | undefined {
    const stored = this.root.get(key);
    if (stored === undefined) return undefined;
    const end = stored.readDoubleLE(0);
    return end === 0 || end > this.now() ? stored.subarray(HEADER_BYTES) : undefined;
  }

  private put(key: string, value: Buffer | string, end: number): void {
    this.forgetEnd(key);
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeDoubleLE(end);
    void this.root.put(key, Buffer.concat([header, bytes]));
    if (end !== 0) void this.ends.put([end, key], NOTHING);
  }

  private remove(key: string): void {
    this.forgetEnd(key);
    void this.root.remove(key);
  }

  private forgetEnd(key: string): void {
    const end = this.root.get(key)?.readDoubleLE(0) ?? 0;
    if (end !== 0) void this.ends.remove([end, key]);
  }

  private sweep(): void {
    const expired = [...this.ends.getKeys({ end: [this.now(), ''], limit: SWEEP_AT_ONCE })];
    for (const end of expired) {
      void this.root.remove(end[1]);
      void this.ends.remove(end);
    }
  }
}
