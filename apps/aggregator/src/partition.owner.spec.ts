import { MemoryBus } from '@haunt/bus';
import { Health, Metrics, silentLog, SystemClock } from '@haunt/platform';
import { KEYS } from '@haunt/storage';
import { MemoryStore } from '../test/memory-store.js';
import { PartitionOwner } from './partition.owner.js';

const PARTITIONS = 4;
/** A dead owner's lease, and one round until that is seen. */
const FAILOVER_MS = 5_000;
const STEP_MS = 50;

/** By the clock of the test. */
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Leases that run out, by the clock of the test. */
class Leases extends MemoryStore {
  private readonly until = new Map<string, number>();

  override async get(key: string): Promise<Buffer | undefined> {
    this.expire(key);
    return super.get(key);
  }
  override async set(key: string, value: string, ttlMs = Infinity): Promise<void> {
    await super.set(key, value, ttlMs);
    this.until.set(key, Date.now() + ttlMs);
  }
  override async acquire(key: string, owner: string, ttlMs = Infinity): Promise<boolean> {
    this.expire(key);
    const granted = await super.acquire(key, owner);
    if (granted) this.until.set(key, Date.now() + ttlMs);
    return granted;
  }

  private expire(key: string): void {
    if (Date.now() >= (this.until.get(key) ?? Infinity)) this.values.delete(key);
  }
}

/** The way of one replica to the store: cut when its process is killed. */
class Line extends MemoryStore {
  cut = false;

  constructor(private readonly store: Leases) {
    super();
  }

  override get(key: string): Promise<Buffer | undefined> {
    return this.pass(() => this.store.get(key));
  }
  override set(key: string, value: string, ttlMs?: number): Promise<void> {
    return this.pass(() => this.store.set(key, value, ttlMs));
  }
  override acquire(key: string, owner: string, ttlMs?: number): Promise<boolean> {
    return this.pass(() => this.store.acquire(key, owner, ttlMs));
  }
  override release(key: string, owner: string): Promise<void> {
    return this.pass(() => this.store.release(key, owner));
  }

  private pass<T>(action: () => Promise<T>): Promise<T> {
    return this.cut ? new Promise(() => undefined) : action();
  }
}

interface Pace {
  restoreMs: number;
  checkpointMs: number;
}

/** Several aggregators around one store. Writes down who owns what, and whatever must not be. */
class House {
  readonly store = new Leases();
  readonly owners = new Map<number, string>();
  readonly faults: string[] = [];
  /** `name partition`, whenever somebody began. */
  readonly moves: string[] = [];
  /** When each partition was last owned, or something happened that may leave it without an owner. */
  private readonly excusedAt = new Map<number, number>();
  longestGapMs = 0;

  constructor(readonly pace: Pace = { restoreMs: 0, checkpointMs: 0 }) {
    this.excuse();
  }

  excuse(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) this.excusedAt.set(partition, Date.now());
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await jest.advanceTimersByTimeAsync(STEP_MS);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        if (this.owners.has(partition)) this.excusedAt.set(partition, Date.now());
        else this.longestGapMs = Math.max(this.longestGapMs, Date.now() - (this.excusedAt.get(partition) ?? 0));
      }
    }
  }

  /** As `a0 b1 a2 b3`. */
  get picture(): string {
    return [...this.owners]
      .sort(([a], [b]) => a - b)
      .map(([partition, name]) => `${name}${partition}`)
      .join(' ');
  }
}

class Replica extends PartitionOwner {
  private ended = false;

  private constructor(
    private readonly name: string,
    private readonly house: House,
    private readonly line: Line,
    readonly health: Health,
    index: number | undefined,
    replicas: number | undefined,
  ) {
    super(
      { partitions: PARTITIONS, symbols: [], replicaIndex: index, replicas },
      new MemoryBus(),
      line,
      new SystemClock(),
      silentLog,
      new Metrics(),
      health,
    );
  }

  static start(house: House, name: string, index?: number, replicas?: number): Replica {
    const health = new Health(new SystemClock());
    const replica = new Replica(name, house, new Line(house.store), health, index, replicas);
    void replica.onApplicationBootstrap();
    return replica;
  }

  /** SIGKILL. */
  kill(): void {
    this.ended = true;
    this.line.cut = true;
    for (const [partition, name] of this.house.owners) if (name === this.name) this.house.owners.delete(partition);
    this.house.excuse();
  }

  protected override workerOf(partition: number): { start(): Promise<void>; stop(): Promise<void> } {
    const { house, name } = this;
    let restored = Promise.resolve();
    let mine: string | undefined;
    const holder = async (): Promise<string | undefined> =>
      (await house.store.get(KEYS.lease(partition).name))?.toString();
    const restore = async (): Promise<void> => {
      await sleep(house.pace.restoreMs);
      if (this.ended) return;
      const other = house.owners.get(partition);
      if (other !== undefined) house.faults.push(`${name} began with ${partition} while ${other} had it`);
      mine = await holder();
      house.owners.set(partition, name);
      house.moves.push(`${name}${partition}`);
    };
    return {
      start: () => (restored = restore()),
      stop: async () => {
        await restored;
        await sleep(house.pace.checkpointMs);
        if (this.ended) return;
        if ((await holder()) !== mine) house.faults.push(`${name} kept ${partition} for longer than its lease`);
        house.owners.delete(partition);
      },
    };
  }
}

describe('who owns which partition', () => {
  let house: House;
  beforeEach(() => {
    jest.useFakeTimers();
    house = new House();
  });
  afterEach(() => {
    jest.useRealTimers();
    expect(house.faults).toEqual([]);
  });

  test('without ordinals: what is free, whoever comes first; another one when that is dead', async () => {
    const a = Replica.start(house, 'a');
    await house.pass(100);
    const b = Replica.start(house, 'b');
    await house.pass(20_000);
    expect(house.picture).toBe('a0 a1 a2 a3');
    expect([a.health.readiness().ready, b.health.readiness().ready]).toEqual([true, true]);
    a.kill();
    await house.pass(FAILOVER_MS);
    expect(house.picture).toBe('b0 b1 b2 b3');
    expect(house.store.written).toEqual([]);
  });

  test('by ordinal: each takes its own at once and nothing moves after that', async () => {
    Replica.start(house, 'a', 0, 2);
    Replica.start(house, 'b', 1, 2);
    await house.pass(100);
    expect(house.picture).toBe('a0 b1 a2 b3');
    await house.pass(60_000);
    expect(house.moves).toHaveLength(4);
  });

  test('one that is alone takes the rest when nobody has come for as long as a dead owner is waited for', async () => {
    Replica.start(house, 'a', 0, 2);
    await house.pass(FAILOVER_MS - 1_000);
    expect(house.picture).toBe('a0 a2');
    await house.pass(1_100);
    expect(house.picture).toBe('a0 a1 a2 a3');
    const b = Replica.start(house, 'b', 1, 2);
    await house.pass(1_500);
    expect(house.picture).toBe('a0 b1 a2 b3');
    expect(b.health.readiness().ready).toBe(true);
  });

  test('a home that was killed comes back: its partitions are held by the other and returned, each moves twice', async () => {
    Object.assign(house.pace, { restoreMs: 300, checkpointMs: 500 });
    Replica.start(house, 'a', 0, 2);
    const b = Replica.start(house, 'b', 1, 2);
    await house.pass(10_000);
    b.kill();
    await house.pass(FAILOVER_MS + 300);
    expect(house.picture).toBe('a0 a1 a2 a3');
    await house.pass(10_000);
    house.longestGapMs = 0;
    Replica.start(house, 'b', 1, 2);
    await house.pass(30_000);
    expect(house.picture).toBe('a0 b1 a2 b3');
    expect(house.moves.slice(4).sort()).toEqual(['a1', 'a3', 'b1', 'b3']);
    // From the checkpoint's end to the next look of the one that waits, and its restoring.
    expect(house.longestGapMs).toBeLessThanOrEqual(250 + 300 + 2 * STEP_MS);
  });

  test('a home that is back before its lease has run out loses nothing to the other', async () => {
    Replica.start(house, 'a', 0, 2);
    const b = Replica.start(house, 'b', 1, 2);
    await house.pass(10_000);
    b.kill();
    await house.pass(2_000);
    Replica.start(house, 'b', 1, 2);
    await house.pass(20_000);
    expect(house.moves.slice(4)).toEqual(['b1', 'b3']);
    expect(house.longestGapMs).toBeLessThanOrEqual(4_000);
  });

  test('one that ends in order is followed within a round, behind its checkpoint', async () => {
    Object.assign(house.pace, { checkpointMs: 6_000 });
    Replica.start(house, 'a', 0, 2);
    const b = Replica.start(house, 'b', 1, 2);
    await house.pass(10_000);
    const ended = b.onModuleDestroy();
    // Longer than a lease: it is renewed until the checkpoint is written.
    await house.pass(5_900);
    expect(house.picture).toBe('a0 b1 a2 b3');
    await house.pass(1_200);
    await ended;
    expect(house.picture).toBe('a0 a1 a2 a3');
    expect(house.longestGapMs).toBeLessThanOrEqual(1_000 + STEP_MS);
  });

  test('what is at home here is not taken again by the other while a neighbour of it is being restored', async () => {
    Object.assign(house.pace, { restoreMs: 8_000, checkpointMs: 6_000 });
    Replica.start(house, 'a', 0, 2);
    await house.pass(20_000);
    Replica.start(house, 'b', 1, 2);
    await house.pass(40_000);
    expect(house.picture).toBe('a0 b1 a2 b3');
    expect(house.moves.slice(4).sort()).toEqual(['b1', 'b3']);
  });

  test('a home that asks for its partitions and dies leaves nothing without an owner for longer than any other', async () => {
    Replica.start(house, 'a', 0, 2);
    await house.pass(10_000);
    for (let afterMs = STEP_MS; afterMs <= 1_500; afterMs += 2 * STEP_MS) {
      const b = Replica.start(house, 'b', 1, 2);
      await house.pass(afterMs);
      b.kill();
      await house.pass(12_000);
      expect(house.picture).toBe('a0 a1 a2 a3');
    }
    expect(house.longestGapMs).toBeLessThanOrEqual(FAILOVER_MS + STEP_MS);
  });

  test('replicas that count differently, as while their number is changed: everything is owned, nothing moves to and fro', async () => {
    // 2 is at home at both, 3 at neither.
    Replica.start(house, 'a', 0, 2);
    Replica.start(house, 'b', 2, 4);
    Replica.start(house, 'c', 1, 4);
    await house.pass(60_000);
    expect(house.owners.size).toBe(PARTITIONS);
    expect(house.moves).toHaveLength(4);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    'replicas that come, end and die at any moment: never two owners (seed %i)',
    async (seed) => {
      let state = seed * 7_919;
      const random = (below: number): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return (state >>> 8) % below;
      };
      Object.assign(house.pace, { restoreMs: random(400), checkpointMs: random(800) });
      const running: (Replica | undefined)[] = [Replica.start(house, 'a', 0, 3), undefined, undefined];
      for (let event = 0; event < 60; event++) {
        await house.pass(STEP_MS + random(random(3) === 0 ? 12_000 : 3_000));
        // One always lives, and nobody owes a partition that another event has just taken from it.
        const index = 1 + random(2);
        const replica = running[index];
        house.excuse();
        if (replica === undefined) running[index] = Replica.start(house, 'abc'.charAt(index), index, 3);
        else {
          running[index] = undefined;
          if (random(2) === 0) replica.kill();
          else {
            const ended = replica.onModuleDestroy();
            await house.pass(house.pace.restoreMs + house.pace.checkpointMs + 4 * STEP_MS);
            await ended;
          }
        }
      }
      await house.pass(20_000);
      const alive = running.map((replica) => replica !== undefined);
      for (const [partition, name] of house.owners)
        expect(alive[partition % 3] ? 'abc'.charAt(partition % 3) : name).toBe(name);
      expect(house.owners.size).toBe(PARTITIONS);
      expect(house.longestGapMs).toBeLessThanOrEqual(
        FAILOVER_MS + house.pace.restoreMs + house.pace.checkpointMs + 2 * STEP_MS,
      );
    },
  );
});
