/** What survives a restart: Redis, or an embedded file store. This class is also the Nest token. */
export abstract class KeyValueStore {
  abstract get(key: string): Promise<Buffer | undefined>;
  /** Replaces; with `ttlMs` the value is gone after that. */
  abstract set(key: string, value: Buffer | string, ttlMs?: number): Promise<void>;
  /** All or none of them. Keys must share one hash tag (`{…}`), so that a Redis Cluster can do it too. */
  abstract setAll(entries: readonly (readonly [key: string, value: Buffer | string])[]): Promise<void>;
  /**
   * `setAll`, if `owner` still holds `lease`; otherwise false, and nothing is set. The lease shares the keys' hash tag. Whoever slept
   * through its lease cannot write over its successor. (Here without a transaction; the stores that are used have one.)
   */
  async setAllHolding(
    lease: string,
    owner: string,
    entries: readonly (readonly [key: string, value: Buffer | string])[],
  ): Promise<boolean> {
    if ((await this.get(lease))?.toString() !== owner) return false;
    await this.setAll(entries);
    return true;
  }
  abstract delete(key: string): Promise<void>;
  /** Takes or renews a lease on `key` for `owner`; false when somebody else holds it. */
  abstract acquire(key: string, owner: string, ttlMs: number): Promise<boolean>;
  /** Gives a lease back; without effect for anybody but its holder. */
  abstract release(key: string, owner: string): Promise<void>;
  /** Whether it can be used now. */
  healthy(): boolean {
    return true;
  }
  abstract close(): Promise<void>;
}
