import type { Clock } from '@haunt/platform';
import { KeyValueStore } from '@haunt/storage';

/** A store in memory, by the clock of the test. */
export class MemoryStore extends KeyValueStore {
  readonly values = new Map<string, { readonly value: Buffer; readonly until: number }>();
  /** Set: everything is refused, as by a Redis that is away. */
  down = false;

  constructor(private readonly clock: Clock) {
    super();
  }

  override async get(key: string): Promise<Buffer | undefined> {
    this.check();
    const entry = this.values.get(key);
    return entry !== undefined && entry.until > this.clock.now() ? entry.value : undefined;
  }

  override async set(key: string, value: Buffer | string, ttlMs = Infinity): Promise<void> {
    this.check();
    this.values.set(key, { value: Buffer.from(value), until: this.clock.now() + ttlMs });
  }

  override async setAll(entries: readonly (readonly [key: string, value: Buffer | string])[]): Promise<void> {
    for (const [key, value] of entries) await this.set(key, value);
  }

  override async delete(key: string): Promise<void> {
    this.check();
    this.values.delete(key);
  }

  override async acquire(key: string, owner: string, ttlMs: number): Promise<boolean> {
    this.check();
    const entry = this.values.get(key);
    if (entry !== undefined && entry.until > this.clock.now() && entry.value.toString() !== owner) return false;
    this.values.set(key, { value: Buffer.from(owner), until: this.clock.now() + ttlMs });
    return true;
  }

  override async release(key: string, owner: string): Promise<void> {
    this.check();
    if (this.values.get(key)?.value.toString() === owner) this.values.delete(key);
  }

  override async close(): Promise<void> {}

  private check(): void {
    if (this.down) throw new Error('the store is away');
  }
}
