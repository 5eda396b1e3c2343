import { KeyValueStore } from '@haunt/storage';

/** A store in memory; `isAway` makes it refuse everything. */
export class TestStore extends KeyValueStore {
  readonly values = new Map<string, Buffer>();
  isAway = false;

  override async get(key: string): Promise<Buffer | undefined> {
    if (this.isAway) throw new Error('the store is away');
    return this.values.get(key);
  }

  override async set(key: string, value: Buffer | string): Promise<void> {
    if (this.isAway) throw new Error('the store is away');
    this.values.set(key, Buffer.from(value));
  }

  override async setAll(entries: readonly (readonly [key: string, value: Buffer | string])[]): Promise<void> {
    for (const [key, value] of entries) await this.set(key, value);
  }

  override async delete(key: string): Promise<void> {
    this.values.delete(key);
  }

  override async acquire(): Promise<boolean> {
    return true;
  }

  override async release(): Promise<void> {}

  override async close(): Promise<void> {}
}
