import { KeyValueStore } from '@haunt/storage';

/** A store in a map that a test can look into, break, and count. */
export class MemoryStore extends KeyValueStore {
  readonly values = new Map<string, Buffer>();
  readonly ttls = new Map<string, number | undefined>();
  readonly written: string[] = [];
  broken = false;

  override get(key: string): Promise<Buffer | undefined> {
    return this.act(() => this.values.get(key));
  }
  override set(key: string, value: Buffer | string, ttlMs?: number): Promise<void> {
    return this.act(() => this.put(key, value, ttlMs));
  }
  override setAll(entries: readonly (readonly [key: string, value: Buffer | string])[]): Promise<void> {
    return this.act(() => {
      for (const [key, value] of entries) this.put(key, value);
    });
  }
  override delete(key: string): Promise<void> {
    return this.act(() => void this.values.delete(key));
  }
  override acquire(key: string, owner: string): Promise<boolean> {
    return this.act(() => {
      const holder = this.values.get(key)?.toString();
      if (holder !== undefined && holder !== owner) return false;
      this.values.set(key, Buffer.from(owner));
      return true;
    });
  }
  override release(key: string, owner: string): Promise<void> {
    return this.act(() => {
      if (this.values.get(key)?.toString() === owner) this.values.delete(key);
    });
  }
  override close(): Promise<void> {
    return Promise.resolve();
  }

  private put(key: string, value: Buffer | string, ttlMs?: number): void {
    this.values.set(key, Buffer.from(value));
    this.ttls.set(key, ttlMs);
    this.written.push(key);
  }

  private act<T>(action: () => T): Promise<T> {
    return this.broken ? Promise.reject(new Error('the store is away')) : Promise.resolve(action());
  }
}
