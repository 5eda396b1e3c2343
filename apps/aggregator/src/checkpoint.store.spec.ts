import type { Entry } from '@haunt/bus';
import { blockNames, type TickBatch } from '@haunt/domain';
import { KEYS } from '@haunt/storage';
import { dump, historyLog, idAt, tickLog } from '../test/log.js';
import { MemoryStore } from '../test/memory-store.js';
import { CheckpointError, CheckpointStore } from './checkpoint.store.js';
import { PartitionState } from './partition.state.js';

const T0 = Date.UTC(2026, 0, 1);
const MAIN = KEYS.checkpoint(0).name;

describe('a checkpoint', () => {
  const ticks: Entry<TickBatch>[] = tickLog(4_000, T0).map((event, i) => ({ id: idAt(T0 + 86_400_000, i), event }));
  const history = historyLog(30, T0).map((event, i) => ({ id: idAt(T0 + 86_400_000, i), event }));
  let store: MemoryStore;
  let state: PartitionState;
  let checkpoints: CheckpointStore;
  const blocks = (): string[] => [...store.values.keys()].filter((key) => key.includes(':block:'));
  const referred = (): string[] => blockNames(state.head().charts).map((name) => KEYS.block(0, name).name);

  beforeEach(async () => {
    store = new MemoryStore();
    await store.acquire(KEYS.lease(0).name, 'me');
    state = new PartitionState(0, 1);
    checkpoints = new CheckpointStore(store, 0, 'me');
    for (const entry of ticks.slice(0, 2_000)) state.apply(entry);
    for (const entry of history) state.applyHistory(entry);
  });

  const restored = async (): Promise<PartitionState> => {
    const again = new PartitionState(0, 1);
    expect(await new CheckpointStore(store, 0, 'me').load(again)).toBe(true);
    return again;
  };

  it('holds the whole state and both positions', async () => {
    expect(await checkpoints.load(new PartitionState(0, 1))).toBe(false);
    await checkpoints.save(state);
    const again = await restored();
    expect(dump(again)).toEqual(dump(state));
    expect([again.position, again.historyPosition]).toEqual([ticks[1_999]!.id, history.at(-1)!.id]);
    for (const entry of ticks.slice(2_000)) expect(again.apply(entry)).toEqual(state.apply(entry));
    expect(dump(again)).toEqual(dump(state));
  });

  it('writes the blocks that changed since the last one, and no other', async () => {
    await checkpoints.save(state);
    expect(blocks().sort()).toEqual(referred().sort());
    store.written.length = 0;
    const saving = await checkpoints.save(state);
    expect(store.written).toEqual([MAIN]);
    expect(saving).toMatchObject({ blocks: 0 });
    for (const entry of ticks.slice(2_000, 2_020)) state.apply(entry);
    store.written.length = 0;
    await checkpoints.save(state);
    expect(store.written.length).toBeGreaterThan(1);
    expect(store.written.every((key) => key === MAIN || key.includes(':live:'))).toBe(true);
    expect(dump(await restored())).toEqual(dump(state));
  });

  it('is of one moment, although the state goes on while it is written', async () => {
    await checkpoints.save(state);
    const expected = dump(state);
    const saving = checkpoints.save(state);
    for (const entry of ticks.slice(2_000, 2_400)) state.apply(entry);
    await saving;
    expect(dump(await restored())).toEqual(expected);
  });

  it('lets go of what nobody refers to any more, also when it died before it could', async () => {
    await checkpoints.save(state);
    const before = blocks();
    // A year later: everything is too old to be kept.
    const later = T0 + 400 * 86_400_000;
    const [first] = ticks;
    const tick = { symbol: 'btc', quote: 'usd', price: 1, size: 1, time: later, id: 'x' };
    state.apply({
      id: idAt(later, 0),
      event: { ...first!.event, origin: undefined, receivedAt: later, ticks: [tick], tickers: [] },
    });
    const deleted = store.delete.bind(store);
    store.delete = () => Promise.reject(new Error('died'));
    await expect(checkpoints.save(state)).rejects.toThrow('died');
    store.delete = deleted;
    expect(blocks().length).toBeGreaterThan(before.length);
    await restored();
    expect(blocks().sort()).toEqual(referred().sort());
    expect(blocks().filter((key) => key.includes('btc:live') && before.includes(key))).toEqual([]);
  });

  it('that could not be written is written with the next one', async () => {
    store.broken = true;
    await expect(checkpoints.save(state)).rejects.toThrow('away');
    for (const entry of ticks.slice(2_000, 2_100)) state.apply(entry);
    await expect(checkpoints.save(state)).rejects.toThrow('away');
    store.broken = false;
    await checkpoints.save(state);
    expect(dump(await restored())).toEqual(dump(state));
  });

  it('is not written over that of a new owner', async () => {
    await checkpoints.save(state);
    const value = store.values.get(MAIN);
    await store.release(KEYS.lease(0).name, 'me');
    await store.acquire(KEYS.lease(0).name, 'somebody else');
    for (const entry of ticks.slice(2_000, 2_100)) state.apply(entry);
    expect(await checkpoints.save(state)).toBe(false);
    expect(store.values.get(MAIN)).toBe(value);
  });

  it.each([
    ['no JSON', 'hello', 'the checkpoint is not JSON'],
    ['another format', '{"format":1}', "the checkpoint's format is 1, not 2"],
    ['half of one', '{"format":2,"charts":{"filled":0,"assets":[]},"dead":[]}', 'cannot be restored'],
  ])('that cannot be understood says why: %s', async (_, text, message) => {
    await store.set(MAIN, text);
    const again = new PartitionState(0, 1);
    await expect(checkpoints.load(again)).rejects.toThrow(message);
    await expect(checkpoints.load(again)).rejects.toBeInstanceOf(CheckpointError);
    expect(again.position).toBeUndefined();
  });
});
