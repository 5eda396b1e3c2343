/** What every KeyValueStore promises, as one suite: run by file-store.spec.ts and redis-store.spec.ts. */
import type { KeyValueStore } from './key-value-store.js';

export interface StoreHarness {
  /** A store on the same data as every other one of the harness. */
  readonly open: () => KeyValueStore;
  /** Lets so much time pass for the store. */
  readonly pass: (ms: number) => Promise<void>;
  /** Every store closed, all data gone. */
  readonly reset: () => Promise<void>;
}

export function storeContract(harness: StoreHarness): void {
  let store: KeyValueStore;
  beforeEach(() => {
    store = harness.open();
  });
  afterEach(() => harness.reset());

  const text = async (key: string): Promise<string | undefined> => (await store.get(key))?.toString();

  it('gives back what was set, byte by byte, and nothing for what was not', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await store.set('a', bytes);
    await store.set('b', 'grüße');
    await store.set('empty', '');
    expect(await store.get('a')).toEqual(bytes);
    expect(await text('b')).toBe('grüße');
    expect(await text('empty')).toBe('');
    expect(await store.get('c')).toBeUndefined();
  });

  it('takes large values', async () => {
    const large = Buffer.alloc(5_000_000, 7);
    await store.set('large', large);
    expect((await store.get('large'))?.equals(large)).toBe(true);
  });

  it('replaces, deletes, and deletes what is not there', async () => {
    await store.set('a', '1');
    await store.set('a', '2');
    expect(await text('a')).toBe('2');
    await store.delete('a');
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });

  it('forgets a value after its time, unless it was set again without', async () => {
    await store.set('short', 'x', 100);
    await store.set('kept', 'x', 100);
    await store.set('kept', 'y');
    await store.set('longer', 'x', 100);
    await store.set('longer', 'y', 60_000);
    expect(await text('short')).toBe('x');
    await harness.pass(120);
    expect(await store.get('short')).toBeUndefined();
    expect(await text('kept')).toBe('y');
    expect(await text('longer')).toBe('y');
  });

  it('sets several at once, for good', async () => {
    await store.set('{p0}:a', 'old', 100);
    await store.setAll([
      ['{p0}:a', '1'],
      ['{p0}:b', Buffer.from('2')],
    ]);
    await store.setAll([]);
    await harness.pass(120);
    expect([await text('{p0}:a'), await text('{p0}:b')]).toEqual(['1', '2']);
  });

  it('refuses to set together what a cluster would keep apart, and sets nothing', async () => {
    const apart = store.setAll([
      ['{p0}:a', '1'],
      ['{p1}:a', '2'],
    ]);
    await expect(apart).rejects.toThrow('{p0}:a and {p1}:a');
    expect(await store.get('{p0}:a')).toBeUndefined();
  });

  it('refuses a life that is none', async () => {
    await expect(store.set('a', '1', 0)).rejects.toThrow('ttlMs of a must be above 0; got 0');
    await expect(store.acquire('a', 'me', Number.NaN)).rejects.toThrow('ttlMs of a must be above 0; got NaN');
  });

  it('gives a lease to one owner, who may renew it and give it back', async () => {
    const other = harness.open();
    expect(await store.acquire('lease', 'one', 200)).toBe(true);
    expect(await other.acquire('lease', 'two', 200)).toBe(false);
    await harness.pass(120);
    expect(await store.acquire('lease', 'one', 200)).toBe(true);
    await harness.pass(120);
    expect(await other.acquire('lease', 'two', 200)).toBe(false);
    await other.release('lease', 'two');
    expect(await other.acquire('lease', 'two', 200)).toBe(false);
    await store.release('lease', 'one');
    expect(await other.acquire('lease', 'two', 200)).toBe(true);
  });

  it('gives a lease that ran out to the next', async () => {
    const other = harness.open();
    expect(await store.acquire('lease', 'one', 50)).toBe(true);
    await harness.pass(80);
    expect(await other.acquire('lease', 'two', 60_000)).toBe(true);
    await store.release('lease', 'one');
    expect(await store.acquire('lease', 'one', 50)).toBe(false);
  });

  it('sets several at once for whoever holds the lease, and nothing for anybody else', async () => {
    await store.acquire('{p0}:lease', 'one', 200);
    const write = (owner: string, value: string): Promise<boolean> =>
      store.setAllHolding('{p0}:lease', owner, [
        ['{p0}:a', value],
        ['{p0}:b', Buffer.from(value)],
      ]);
    expect(await write('one', '1')).toBe(true);
    expect(await write('two', '2')).toBe(false);
    expect([await text('{p0}:a'), await text('{p0}:b')]).toEqual(['1', '1']);
    await harness.pass(220);
    expect(await write('one', '3')).toBe(false);
    expect(await text('{p0}:a')).toBe('1');
    await expect(store.setAllHolding('{p1}:lease', 'one', [['{p0}:a', '1']])).rejects.toThrow('hash tag');
  });

  it('gives a contested lease to exactly one', async () => {
    const stores = [store, harness.open(), harness.open()];
    const won = await Promise.all(
      Array.from({ length: 30 }, (_, i) => (stores[i % 3] as KeyValueStore).acquire('lease', `owner ${i}`, 60_000)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it('closes once, and refuses afterwards', async () => {
    await store.set('a', '1');
    await Promise.all([store.close(), store.close()]);
    await expect(store.get('a')).rejects.toThrow(/closed/i);
  });
}
