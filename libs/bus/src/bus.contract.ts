/** What every EventBus promises, as one suite: run by memory-bus.spec.ts and redis/redis-bus.spec.ts. */
import type { EventOf } from '@haunt/contracts';
import type { TickBatch } from '@haunt/domain';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BusOptions } from './bus-options.js';
import { type DeadLetter, DeadlineError, type Entry, type EventBus, type Gap } from './event-bus.js';
import type { Incidents } from './incidents.js';

export interface TestedBus extends EventBus {
  readonly incidents: Incidents;
  deadLetters(topic: 'ticks' | 'seed.requested' | 'history', partition?: number): Promise<readonly DeadLetter[]>;
}

export interface BusHarness {
  /** A bus of its own process, as far as the implementation has processes; all share one set of streams. */
  readonly create: (options?: BusOptions) => TestedBus;
  /** Every stream gone, every bus closed. */
  readonly reset: () => Promise<void>;
  /**
   * Ends a bus as kill -9 would. Present where a second bus sees what the first one published; without it there is one
   * process, which dies as a whole.
   */
  readonly crash?: (bus: TestedBus) => void;
}

export function heartbeat(receivedAt: number): TickBatch {
  return { source: 'okx', receivedAt, ticks: [], tickers: [] };
}

export function seedOf(symbol: string): EventOf<'seed.requested'> {
  return { symbol, reason: 'manual', requestedAt: 1 };
}

/** Polls because what is waited for happens on the other side of a socket. */
export async function until(what: string, condition: () => boolean, withinMs = 8_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(5);
  }
}

export function times(entries: readonly Entry<TickBatch>[]): number[] {
  return entries.map((entry) => entry.event.receivedAt);
}

const QUICK = { firstMs: 1, maxMs: 4 };

export function busContract(harness: BusHarness): void {
  const create = (options: BusOptions = {}): TestedBus => harness.create({ backoff: QUICK, ...options });
  let release: () => void = () => undefined;
  let held = Promise.resolve();
  beforeEach(() => {
    held = new Promise((resolve) => (release = resolve));
  });
  afterEach(async () => {
    release();
    await harness.reset();
  });

  /** A handler that keeps what it gets, and a way to wait for it. */
  const collect = (): { seen: number[]; handler: (entries: readonly Entry<TickBatch>[]) => void } => {
    const seen: number[] = [];
    return { seen, handler: (entries) => void seen.push(...times(entries)) };
  };

  describe('a log', () => {
    it('is read in order, in batches no larger than asked for', async () => {
      const bus = create();
      const { seen, handler } = collect();
      const sizes: number[] = [];
      bus.consume('ticks', (entries) => (sizes.push(entries.length), handler(entries)), { batch: 7 });
      const sent = Array.from({ length: 100 }, (_, i) => i);
      await Promise.all(sent.map((i) => bus.publish('ticks', heartbeat(i))));
      await until('100 entries', () => seen.length >= 100);
      expect(seen).toEqual(sent);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(7);
    });

    it('keeps two streams apart, read at once', async () => {
      const bus = create();
      const [even, odd] = [collect(), collect()];
      bus.consume('ticks', even.handler, { partition: 0 });
      bus.consume('ticks', odd.handler, { partition: 1 });
      for (let i = 0; i < 20; i++) await bus.publish('ticks', heartbeat(i), i % 2);
      await until('both', () => even.seen.length === 10 && odd.seen.length === 10);
      expect(even.seen).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
      expect(odd.seen).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    });

    it('gives every reader everything', async () => {
      const bus = create();
      const [one, other] = [collect(), collect()];
      bus.consume('ticks', one.handler);
      bus.consume('ticks', other.handler);
      await bus.publish('ticks', heartbeat(1));
      await until('both', () => one.seen.length === 1 && other.seen.length === 1);
    });

    it('begins at the start, behind a time, behind an id, or now', async () => {
      const bus = create();
      await bus.publish('ticks', heartbeat(1));
      await sleep(5);
      const second = await bus.publish('ticks', heartbeat(2));
      await bus.publish('ticks', heartbeat(3));
      const time = Number(second.split('-')[0]);
      const [start, since, after, now] = [collect(), collect(), collect(), collect()];
      const gaps: Gap[] = [];
      const onGap = (gap: Gap): void => void gaps.push(gap);
      bus.consume('ticks', start.handler, { from: { at: 'start' }, onGap });
      bus.consume('ticks', since.handler, { from: { at: 'since', time }, onGap });
      bus.consume('ticks', after.handler, { from: { at: 'after', id: second }, onGap });
      bus.consume('ticks', now.handler, { onGap });
      await bus.publish('ticks', heartbeat(4));
      await until('all', () => [start, since, after, now].every(({ seen }) => seen.includes(4)));
      expect([start.seen, since.seen, after.seen, now.seen]).toEqual([[1, 2, 3, 4], [2, 3, 4], [3, 4], [4]]);
      expect(gaps).toEqual([]);
    });

    it('loses no entry that is added between two reads', async () => {
      const bus = create();
      const { seen, handler } = collect();
      bus.consume('ticks', async (entries) => {
        handler(entries);
        // Nobody reads at this moment.
        if (seen.length < 30) await bus.publish('ticks', heartbeat(seen.length));
      });
      await bus.publish('ticks', heartbeat(0));
      await until('30 entries', () => seen.length >= 30);
      expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i));
    });

    it('brings the same entries again when the handler throws, those behind them waiting', async () => {
      const bus = create();
      const calls: number[][] = [];
      bus.consume(
        'ticks',
        async (entries) => {
          calls.push(times(entries));
          await sleep(1);
          if (calls.length < 3) throw new Error('not yet');
        },
        { batch: 2 },
      );
      await Promise.all([1, 2, 3].map((i) => bus.publish('ticks', heartbeat(i))));
      await until('the third', () => calls.flat().includes(3));
      const [first] = calls;
      expect(calls.slice(0, 3)).toEqual([first, first, first]);
      expect(calls.slice(2).flat()).toEqual([1, 2, 3]);
      expect(bus.incidents.counts['handler-failed']).toBe(2);
      expect(await bus.deadLetters('ticks')).toEqual([]);
    });

    it('moves what fails to the end to the dead letters, its neighbours not', async () => {
      const bus = create({ topics: { ticks: { attempts: 3 } } });
      const handled: number[] = [];
      let tries = 0;
      bus.consume('ticks', (entries) => {
        if (times(entries).includes(2)) {
          tries++;
          throw new Error('cannot digest 2');
        }
        handled.push(...times(entries));
      });
      const ids = await Promise.all([1, 2, 3].map((i) => bus.publish('ticks', heartbeat(i))));
      await until('the third', () => handled.includes(3));
      expect(handled).toEqual([1, 2, 3].filter((i) => i !== 2));
      expect(tries).toBeGreaterThanOrEqual(3);
      expect(await bus.deadLetters('ticks')).toEqual([{ id: ids[1], message: 'cannot digest 2', event: heartbeat(2) }]);
      expect(bus.incidents.counts['dead-letter']).toBe(1);
    });

    it('reports a gap when unread entries were trimmed, once, and goes on from the first one left', async () => {
      const bus = create({ topics: { ticks: { retainMs: 50 } } });
      const { seen, handler } = collect();
      const gaps: Gap[] = [];
      const options = { batch: 1, from: { at: 'start' }, onGap: (gap: Gap) => void gaps.push(gap) } as const;
      bus.consume('ticks', async (entries) => (handler(entries), seen.length === 1 ? held : undefined), options);
      const first = await bus.publish('ticks', heartbeat(0));
      for (let i = 1; i <= 20; i++) await bus.publish('ticks', heartbeat(i));
      await until('the first', () => seen.length === 1);
      await sleep(60);
      await bus.publish('ticks', heartbeat(21));
      // Trimming follows the newest entry before the one that is added.
      await bus.publish('ticks', heartbeat(22));
      release();
      await until('the last', () => seen.includes(22));
      expect(gaps).toEqual([{ topic: 'ticks', partition: 0, after: first, first: expect.any(String) as string }]);
      expect(seen.length).toBeLessThan(23);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(bus.incidents.counts.gap).toBe(1);
    });

    it('reports no gap when only what was read is gone', async () => {
      const bus = create({ topics: { ticks: { retainMs: 20 } } });
      const { seen, handler } = collect();
      const gaps: Gap[] = [];
      bus.consume('ticks', handler, { from: { at: 'start' }, onGap: (gap) => void gaps.push(gap) });
      for (let i = 0; i < 20; i++) {
        await bus.publish('ticks', heartbeat(i));
        await sleep(4);
      }
      await until('all', () => seen.length === 20);
      expect(gaps).toEqual([]);
    });

    it('reports a gap for a checkpoint from a stream that is gone', async () => {
      const bus = create();
      const { seen, handler } = collect();
      const gaps: Gap[] = [];
      const from = { at: 'after', id: '1700000000000-5' } as const;
      bus.consume('ticks', handler, { from, onGap: (gap) => void gaps.push(gap) });
      await until('the gap', () => gaps.length > 0);
      await bus.publish('ticks', heartbeat(1));
      await until('the entry', () => seen.length === 1);
      expect(gaps).toEqual([{ topic: 'ticks', partition: 0, after: from.id }]);
    });
  });

  describe('work', () => {
    it('is done once, by whichever reader is free', async () => {
      const [bus, second] = harness.crash ? [create(), create()] : (([only]) => [only, only])([create()]);
      const done: [number, string][] = [];
      const worker = (name: number) => async (entries: readonly Entry<EventOf<'seed.requested'>>[]) => {
        await sleep(5);
        for (const { event } of entries) done.push([name, event.symbol]);
      };
      bus?.consume('seed.requested', worker(1));
      second?.consume('seed.requested', worker(2));
      const symbols = Array.from({ length: 12 }, (_, i) => `s${i}`);
      for (const symbol of symbols) await bus?.publish('seed.requested', seedOf(symbol));
      await until('all', () => done.length >= symbols.length);
      await sleep(20);
      expect(done.map(([, symbol]) => symbol).toSorted()).toEqual(symbols.toSorted());
      expect(new Set(done.map(([name]) => name))).toEqual(new Set([1, 2]));
    });

    it('waits for its first reader', async () => {
      const bus = create();
      await bus.publish('seed.requested', seedOf('btc'));
      const done: string[] = [];
      bus.consume('seed.requested', (entries) => void done.push(...entries.map(({ event }) => event.symbol)));
      await until('it', () => done.length === 1);
    });

    it('that its reader gave back undone is done by another', async () => {
      const bus = create({ backoff: { firstMs: 60_000, maxMs: 60_000 } });
      let failed = 0;
      const first = bus.consume('seed.requested', () => {
        failed++;
        throw new Error('no');
      });
      await bus.publish('seed.requested', seedOf('btc'));
      await until('the failure', () => failed === 1);
      await first.close();
      const done: string[] = [];
      bus.consume('seed.requested', (entries) => void done.push(...entries.map(({ event }) => event.symbol)));
      await until('the second reader', () => done.length === 1);
      expect(failed).toBe(1);
    });

    it('that always fails goes to the dead letters, and what is behind it is done', async () => {
      const bus = create({ topics: { 'seed.requested': { attempts: 3 } } });
      const calls: string[] = [];
      bus.consume('seed.requested', (entries) => {
        const [symbol] = entries.map(({ event }) => event.symbol);
        calls.push(symbol ?? '');
        if (symbol === 'bad') throw new Error('no such asset');
      });
      await bus.publish('seed.requested', seedOf('bad'));
      await bus.publish('seed.requested', seedOf('good'));
      await until('the good one', () => calls.includes('good'));
      expect(calls).toEqual(['bad', 'bad', 'bad', 'good']);
      const letters = await bus.deadLetters('seed.requested');
      expect(letters.map(({ event, message }) => [event, message])).toEqual([[seedOf('bad'), 'no such asset']]);
    });
  });

  describe('a tail', () => {
    it('drops and counts what its handler cannot take, and goes on', async () => {
      const bus = create();
      const seen: number[] = [];
      const metrics = (at: number): EventOf<'metrics'> => ({
        partition: 0,
        at,
        totalUpdates: 0,
        updates: {},
        updatesLastMinute: 0,
        sourcesLastMinute: {},
        activeSymbols: 0,
        knownSymbols: 0,
      });
      bus.consume('metrics', (entries) => {
        if (entries.some(({ event }) => event.at === 1)) throw new Error('no');
        seen.push(...entries.map(({ event }) => event.at));
      });
      await bus.publish('metrics', metrics(1));
      await bus.publish('metrics', metrics(2));
      await until('the second', () => seen.includes(2));
      expect(bus.incidents.counts.dropped).toBe(1);
      expect(bus.incidents.counts['dead-letter']).toBe(0);
    });
  });

  describe('close', () => {
    it('of a blocked reader takes no time, twice is once', async () => {
      const bus = create();
      const consumption = bus.consume('ticks', () => undefined);
      const worker = bus.consume('seed.requested', () => undefined);
      await sleep(50);
      const began = performance.now();
      await Promise.all([consumption.close(), worker.close(), consumption.close()]);
      await bus.close();
      await bus.close();
      expect(performance.now() - began).toBeLessThan(500);
    });

    it('waits for the handler, which is not called again', async () => {
      const bus = create();
      let calls = 0;
      let finished = false;
      const consumption = bus.consume('ticks', async () => {
        calls++;
        await sleep(30);
        finished = true;
      });
      await bus.publish('ticks', heartbeat(1));
      await until('the call', () => calls === 1);
      const closing = consumption.close();
      await bus.publish('ticks', heartbeat(2));
      await closing;
      expect(finished).toBe(true);
      await sleep(20);
      expect(calls).toBe(1);
    });

    it('ends a wait between two tries', async () => {
      const bus = create({ backoff: { firstMs: 60_000, maxMs: 60_000 } });
      let calls = 0;
      const consumption = bus.consume('ticks', () => {
        calls++;
        throw new Error('no');
      });
      await bus.publish('ticks', heartbeat(1));
      await until('the call', () => calls === 1);
      const began = performance.now();
      await consumption.close();
      expect(performance.now() - began).toBeLessThan(500);
    });

    it('makes the bus refuse', async () => {
      const bus = create();
      await bus.close();
      expect(bus.healthy()).toBe(false);
      await expect(bus.publish('ticks', heartbeat(1))).rejects.toThrow('closed');
      await expect(bus.ask('price.explain', { symbol: 'btc' })).rejects.toThrow('closed');
      expect(() => bus.consume('ticks', () => undefined)).toThrow('closed');
    });
  });

  describe('a question', () => {
    const counts = (symbol: string): object => ({
      symbol,
      totalUpdates: 1,
      sources: [],
      updatesLastMinute: 0,
    });
    type Counts = Awaited<ReturnType<typeof countsOf>>;
    const countsOf = (bus: TestedBus, symbol: string, partition = 0) => bus.ask('symbol.counts', { symbol }, partition);

    it('is answered by the partition it was put to, each asker its own', async () => {
      const bus = create();
      const other = harness.crash ? create() : bus;
      bus.answer('symbol.counts', ({ symbol }) => counts(`${symbol}0`) as Counts, 0);
      other.answer('symbol.counts', ({ symbol }) => Promise.resolve(counts(`${symbol}1`) as Counts), 1);
      const asked = ['a', 'b', 'c'].flatMap((symbol) => [
        countsOf(bus, symbol, 0),
        countsOf(other, symbol, 1),
        countsOf(other, symbol, 0),
      ]);
      const answers = await Promise.all(asked);
      expect(answers.map(({ symbol }) => symbol)).toEqual(['a0', 'a1', 'a0', 'b0', 'b1', 'b0', 'c0', 'c1', 'c0']);
    });

    it('may be answered with null', async () => {
      const bus = create();
      bus.answer('price.explain', () => null);
      expect(await bus.ask('price.explain', { symbol: 'btc' })).toBeNull();
    });

    it('is shared by several answerers', async () => {
      const bus = create();
      const other = harness.crash ? create() : bus;
      let served = 0;
      for (const answerer of [bus, other]) {
        answerer.answer('symbol.counts', ({ symbol }) => (served++, counts(symbol) as Counts));
      }
      await Promise.all(Array.from({ length: 20 }, (_, i) => countsOf(bus, `s${i}`)));
      expect(served).toBe(20);
    });

    it("gets the answerer's error as its own", async () => {
      const bus = create();
      bus.answer('price.explain', () => {
        throw new Error('btc is not in this partition');
      });
      await expect(bus.ask('price.explain', { symbol: 'btc' })).rejects.toThrow('btc is not in this partition');
    });

    it('that nobody answers ends at its deadline', async () => {
      const bus = create({ deadlines: { 'price.explain': 60 } });
      const began = performance.now();
      await expect(bus.ask('price.explain', { symbol: 'btc' })).rejects.toThrow(DeadlineError);
      expect(performance.now() - began).toBeGreaterThanOrEqual(59);
      expect(performance.now() - began).toBeLessThan(500);
    });

    it('is not put to an answerer after its deadline', async () => {
      const bus = create({ deadlines: { 'price.explain': 40 } });
      await expect(bus.ask('price.explain', { symbol: 'late' })).rejects.toThrow(DeadlineError);
      // The answerer reckons by Redis' clock, which is ours to the millisecond only.
      await sleep(5);
      const asked: string[] = [];
      bus.answer('price.explain', ({ symbol }) => (asked.push(symbol), null));
      await sleep(100);
      await bus.ask('price.explain', { symbol: 'fresh' }).catch(() => undefined);
      expect(asked).not.toContain('late');
    });

    it('ignores an answer that comes late', async () => {
      const bus = create({ deadlines: { 'symbol.counts': 50 } });
      let slow = true;
      bus.answer('symbol.counts', async ({ symbol }) => {
        if (slow) await held;
        return counts(symbol) as Counts;
      });
      await expect(countsOf(bus, 'slow')).rejects.toThrow(DeadlineError);
      slow = false;
      release();
      expect((await countsOf(bus, 'quick')).symbol).toBe('quick');
    });
  });

  const { crash } = harness;
  if (crash === undefined) return;

  describe('a process that dies', () => {
    it('before it acknowledged leaves its work to another, its attempts counted', async () => {
      const dying = create();
      const surviving = create();
      let taken = 0;
      dying.consume('seed.requested', () => (taken++, held));
      await surviving.publish('seed.requested', seedOf('btc'));
      await until('the dying one has it', () => taken === 1);
      crash(dying);
      const done: string[] = [];
      surviving.consume('seed.requested', (entries) => void done.push(...entries.map(({ event }) => event.symbol)));
      await until('the survivor', () => done.length === 1);
      expect(done).toEqual(['btc']);
      expect(surviving.incidents.counts.reclaimed).toBe(1);
    });

    it('of its work leaves it to the dead letters after so many deaths', async () => {
      const options: BusOptions = { topics: { 'seed.requested': { attempts: 2 } } };
      const last = create(options);
      await last.publish('seed.requested', seedOf('poison'));
      for (let deaths = 1; deaths <= 2; deaths++) {
        const dying = create(options);
        let taken = 0;
        dying.consume('seed.requested', () => (taken++, held));
        await until(`victim ${deaths} has it`, () => taken === 1);
        crash(dying);
      }
      let called = 0;
      last.consume('seed.requested', () => void called++);
      await until('the dead letter', () => last.incidents.counts['dead-letter'] === 1);
      expect(called).toBe(0);
      const [letter] = await last.deadLetters('seed.requested');
      expect(letter?.message).toContain('died 2 times');
    });

    it('is not assumed dead while its work takes long', async () => {
      const [busy, idle] = [create(), create()];
      const done: string[] = [];
      busy.consume('seed.requested', async () => {
        await sleep(700);
        done.push('busy');
      });
      await busy.publish('seed.requested', seedOf('btc'));
      await sleep(50);
      idle.consume('seed.requested', () => void done.push('idle'));
      await until('it', () => done.length > 0);
      await sleep(300);
      expect(done).toEqual(['busy']);
    });
  });
}
