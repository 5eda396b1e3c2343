import type { Entry } from '@haunt/bus';
import { CandleBlock, freeze, type Tick, type TickBatch } from '@haunt/domain';
import { describeRecorded, recordings } from '../../../test/recordings.js';
import { dump, historyLog, idAt, MINUTE, seeded, tickLog } from '../test/log.js';
import { PartitionState } from './partition.state.js';

const T0 = Date.UTC(2026, 0, 1, 0, 0, 30);

function entries<E>(events: readonly E[], time: number): Entry<E>[] {
  return events.map((event, i) => ({ id: idAt(time, i), event }));
}

describe('the state of a partition', () => {
  const ticks = entries(tickLog(4_000, T0), T0 + 86_400_000);
  const history = entries(historyLog(40, T0), T0 + 86_400_000);

  function play(interleave: (i: number) => number): PartitionState {
    const state = new PartitionState(0, 1);
    let next = 0;
    for (const [i, entry] of ticks.entries()) {
      state.apply(entry);
      for (let n = interleave(i); n > 0 && next < history.length; n--) state.applyHistory(history[next++]!);
    }
    for (const entry of history.slice(next)) state.applyHistory(entry);
    return state;
  }

  it('is the same however the reading of its two logs was interleaved, and whatever of history came twice', () => {
    const expected = dump(play(() => 0));
    expect(JSON.stringify(expected)).toContain('"klines"');
    const random = seeded(4);
    expect(dump(play((i) => (i === 0 ? 40 : 0)))).toEqual(expected);
    expect(dump(play(() => (random() < 0.02 ? 3 : 0)))).toEqual(expected);
    const twice = play(() => (random() < 0.1 ? 1 : 0));
    for (const entry of history) twice.applyHistory(entry);
    expect(dump(twice)).toEqual(expected);
  });

  it('goes on from what was captured of it as if nothing had happened', () => {
    const store = new Map<string, Uint8Array>();
    const save = (state: PartitionState): PartitionState => {
      const { head, blocks } = state.capture();
      for (const [name, block] of blocks) {
        if (block === undefined) store.delete(name);
        else store.set(name, block instanceof CandleBlock ? freeze(block) : block);
      }
      const restored = new PartitionState(0, 1);
      restored.restore(JSON.parse(JSON.stringify(head)), (name) => store.get(name));
      return restored;
    };
    const random = seeded(8);
    const one = new PartitionState(0, 1);
    let two = new PartitionState(0, 1);
    const published: string[][] = [[], []];
    for (const [i, entry] of ticks.entries()) {
      for (const [n, state] of [one, two].entries()) {
        for (const update of state.apply(entry)) published[n]!.push(JSON.stringify(update));
        for (const update of state.takeMovers()) published[n]!.push(JSON.stringify(update));
        if (i % 100 === 0 && history[i / 100]) state.applyHistory(history[i / 100]!);
      }
      if (random() < 0.01) two = save(two);
    }
    expect(published[0]!.some((line) => line.includes('"losers":[{'))).toBe(true);
    expect(published[1]).toEqual(published[0]);
    expect(dump(two)).toEqual(dump(one));
  });

  it('takes a batch that was written twice once', () => {
    const tick: Tick = { symbol: 'btc', quote: 'usd', price: 100, size: 1, time: T0, id: '1' };
    const batch = (seq: number): TickBatch => ({
      source: 'coinbase',
      origin: { writer: 'a', seq },
      receivedAt: T0 + seq,
      ticks: [tick],
      tickers: [],
    });
    const state = new PartitionState(0, 1);
    for (const [i, seq] of [1, 2, 2, 3, 2].entries()) state.apply({ id: idAt(T0, i), event: batch(seq) });
    expect(state.counts('btc').totalUpdates).toBe(3);
    expect(state.history.get('btc')!.live[0]!.at(T0)?.volume).toBe(300);
    expect(state.position).toBe(idAt(T0, 4));
  });

  it('knows what a hole in the log hides, and tells of it once', () => {
    const state = new PartitionState(0, 1);
    const at = (now: number, price: number): void => {
      const tick: Tick = { symbol: 'btc', quote: 'usd', price, size: 1, time: now, id: '1' };
      state.apply({ id: idAt(now, 0), event: { source: 'coinbase', receivedAt: now, ticks: [tick], tickers: [] } });
    };
    for (let now = T0; now <= T0 + 10 * MINUTE; now += 5_000) at(now, 100);
    state.interrupt();
    expect(state.takeHole()).toBeUndefined();
    for (let now = T0 + 20 * MINUTE; now <= T0 + 30 * MINUTE; now += 5_000) at(now, 110);
    expect(state.takeHole()).toEqual({ from: T0 + 10 * MINUTE, to: T0 + 20 * MINUTE });
    expect(state.takeHole()).toBeUndefined();
    const { gaps, places } = state.history.read('btc', '1h', T0 + 30 * MINUTE);
    const edge = (minutes: number): number => T0 - 30_000 + minutes * MINUTE;
    expect(gaps).toEqual([
      { from: edge(-29), to: edge(0) },
      { from: edge(11), to: edge(20) },
    ]);
    expect(places.some(({ interpolated }) => interpolated)).toBe(false);
    const provenance = (minutes: number): string | undefined =>
      state.history.get('btc')!.live[0]!.at(edge(minutes))?.provenance;
    expect([9, 10, 20, 21].map(provenance)).toEqual(['live', 'partial', 'partial', 'live']);
  });

  it('keeps history of its own assets alone', () => {
    const state = new PartitionState(1, 2);
    for (const entry of history) state.applyHistory(entry);
    expect([...state.history.symbols()].length).toBeLessThan(5);
    expect(state.historyPosition).toBe(history.at(-1)!.id);
  });
});

describeRecorded('recorded trades of one venue', () => {
  it('give that venue’s own candles, volume included', () => {
    const state = new PartitionState(0, 1);
    const rows = (folder: string, name: string): number[][] =>
      recordings
        .text(folder, name)
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',').map(Number));
    const sizes = new Map<number, number>();
    for (const [i, [time, price, size]] of (
      rows('trades', 'binance-XRPETH-aggtrades-2019-10.csv') as [number, number, number][]
    ).entries()) {
      const tick: Tick = { symbol: 'xrp', quote: 'usd', price, size, time, id: String(i) };
      state.apply({ id: idAt(time, i), event: { source: 'binance', receivedAt: time, ticks: [tick], tickers: [] } });
      const minute = Math.floor(time / MINUTE) * MINUTE;
      sizes.set(minute, (sizes.get(minute) ?? 0) + price * size);
    }
    const [minutes, fives] = state.history.get('xrp')!.live;
    const expected = rows('candles', 'binance-XRPETH-1m-2019-10.csv').slice(0, -1);
    expect(expected.length).toBeGreaterThan(2_000);
    for (const [time, open, high, low, close] of expected) {
      const candle = minutes!.at(time!)!;
      expect([candle.open, candle.high, candle.low, candle.close]).toEqual([open, high, low, close]);
      expect(Math.abs(candle.volume / sizes.get(time!)! - 1)).toBeLessThan(1e-9);
    }
    for (const [time, open, high, low, close] of rows('candles', 'binance-XRPETH-5m-2019-10.csv').slice(0, -1)) {
      const candle = fives!.at(time!)!;
      expect([candle.open, candle.high, candle.low, candle.close]).toEqual([open, high, low, close]);
    }
  });
});
