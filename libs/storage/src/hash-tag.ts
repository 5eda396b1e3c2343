/** What Redis Cluster hashes of a key: the first non-empty `{…}`, otherwise all of it. */
export function hashTag(key: string): string {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : key;
}

/** @throws RangeError naming two keys that could not be written together in a Redis Cluster. */
export function requireOneTag(keys: readonly string[]): void {
  const [first] = keys;
  const other = keys.find((key) => hashTag(key) !== hashTag(first as string));
  if (other === undefined) return;
  throw new RangeError(`keys written together must share one hash tag {…}: ${first} and ${other} do not`);
}

/** @throws RangeError for a life that is no number of milliseconds above 0. */
export function requireTtl(key: string, ttlMs: number): void {
  if (!(ttlMs > 0 && Number.isFinite(ttlMs))) throw new RangeError(`ttlMs of ${key} must be above 0; got ${ttlMs}`);
}
