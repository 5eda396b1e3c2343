import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy, Optional } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { EventBus } from '@haunt/bus';
import { partitionOf } from '@haunt/contracts';
import { BUILT_IN } from '@haunt/domain';
import { AssetDirectory, Clock, CONFIG, type Config, Health, Log, Metrics, noTracing, Tracing } from '@haunt/platform';
import { KeyValueStore, KEYS } from '@haunt/storage';
import { PartitionWorker } from './partition.worker.js';

/** Somebody who died keeps a partition for at most this long. */
const LEASE_MS = 4_000;
const RENEW_MS = 1_000;
/** While somebody else holds what is at home here. */
const ASK_MS = 250;
/** So long a partition is kept free for its home after that has asked for it; more than a round, less than a lease. */
const WANTED_MS = 3_000;
/** So long nobody was seen to hold a partition that is at home elsewhere: nobody comes. As long as a dead owner's is free. */
const ABANDONED_MS = LEASE_MS + RENEW_MS;

/** A partition this process works on, from its restoring to its last checkpoint. */
interface Holding {
  readonly worker: Pick<PartitionWorker, 'start' | 'stop'>;
  /** `leaving`: the lease is kept until its checkpoint is written. `lost`: it is somebody else's already. */
  state: 'starting' | 'running' | 'leaving' | 'lost';
  /** From then on: resolves when it has ended. */
  ended?: Promise<void>;
}

/**
 * Takes the lease of partitions that are free, and works on them until the lease is lost. Which partitions an aggregator
 * reads is decided while it runs, therefore they are bound here and not by decorators. A process that slept through its
 * lease may publish once more: its versions are older than those of the new owner, and readers drop them.
 *
 * With an ordinal (REPLICA_INDEX of REPLICAS) every partition has a home; without, all are at home everywhere. The lease
 * alone says who owns a partition, its home only who may take it when:
 *   - what is at home here is taken as soon as it is free; while somebody else holds it, it is asked for (`wanted`)
 *   - what is not is taken when it becomes free and its home does not ask for it
 *   - what is not and is held here is put down when its home asks for it: checkpoint first, then the lease
 * Only a home that runs asks, and only for what it would take at once, so nothing is put down that nobody takes.
 */
@Injectable()
export class PartitionOwner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly me = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  private readonly holdings = new Map<number, Holding>();
  /** At home elsewhere, and held by somebody when last looked at. */
  private readonly heldElsewhere = new Set<number>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private since = 0;
  private stopping = false;
  /** Every partition is left to another replica: ready to take over. */
  private spare = false;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'partitions' | 'symbols' | 'replicaIndex' | 'replicas'>,
    private readonly bus: EventBus,
    private readonly store: KeyValueStore,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly metrics: Metrics,
    health: Health,
    @Optional() private readonly tracing: Tracing = noTracing,
    @Optional() private readonly directory?: AssetDirectory,
  ) {
    metrics.collect('partition_held', (gauge) => {
      for (let partition = 0; partition < config.partitions; partition++) {
        gauge.set({ partition: String(partition) }, this.holdings.get(partition)?.state === 'running' ? 1 : 0);
      }
    });
    const works = (): boolean => [...this.holdings.values()].some(({ state }) => state === 'running');
    health.add('aggregator', () => works() || this.spare || 'no partition is held yet');
  }

  /** Resolves when what is free is restored. */
  async onApplicationBootstrap(): Promise<void> {
    this.since = performance.now();
    const begun: Promise<void>[] = [];
    this.round = this.claim(begun);
    await this.round;
    await Promise.all(begun);
  }

  /** Everything that was read is saved, and the next owner can start at once. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.round;
    const renewal = setInterval(() => void this.renew(), RENEW_MS);
    for (const partition of this.holdings.keys()) this.putDown(partition);
    await Promise.all([...this.holdings.values()].flatMap(({ ended }) => ended ?? []));
    clearInterval(renewal);
  }

  /**
   * One look at every lease, at all of them at once: on a busy machine one answer after the other would take as long as a lease
   * lasts. It waits for no restoring and no checkpoint, because meanwhile leases are to be renewed. Does not throw: a store
   * that is away keeps everybody where they are until it is back. Plans the next round.
   */
  private async claim(begun: Promise<void>[] = []): Promise<void> {
    const partitions = Array.from({ length: this.config.partitions }, (_, partition) => partition);
    const looks = await Promise.all(partitions.map((partition) => this.look(partition, begun)));
    this.spare = looks.every((look) => look === 'left' || look === 'asked');
    if (this.stopping) return;
    const next = (): void => void (this.round = this.claim());
    this.timer = setTimeout(next, looks.includes('asked') ? ASK_MS : RENEW_MS);
  }

  private async look(partition: number, begun: Promise<void>[]): Promise<'held' | 'left' | 'asked' | 'unknown'> {
    try {
      if (await this.isOurs(partition)) {
        begun.push(this.begin(partition));
        return 'held';
      }
      this.lose(partition);
      return (await this.askFor(partition)) ? 'asked' : 'left';
    } catch (error) {
      this.log.debug({ err: error, partition }, 'the lease could not be asked for');
      return 'unknown';
    }
  }

  /** Takes or renews the lease, unless the partition is to be left to its home. */
  private async isOurs(partition: number): Promise<boolean> {
    const { store, me } = this;
    const lease = KEYS.lease(partition).name;
    const state = this.holdings.get(partition)?.state;
    if (state === 'lost') return false;
    if (state === 'leaving') {
      await store.acquire(lease, me, LEASE_MS);
      return false;
    }
    if (!this.isHome(partition)) {
      const wanted = (await store.get(KEYS.wanted(partition).name)) !== undefined;
      if (wanted) this.putDown(partition);
      if (wanted || (state === undefined && !(await this.isAbandoned(partition, lease)))) return false;
    }
    return store.acquire(lease, me, LEASE_MS);
  }

  /** Free, after it was seen held, or after nobody was seen to hold it for as long as a dead owner's partition is free. */
  private async isAbandoned(partition: number, lease: string): Promise<boolean> {
    const holder = (await this.store.get(lease))?.toString();
    if (holder !== undefined && holder !== this.me) this.heldElsewhere.add(partition);
    if (holder !== undefined) return holder === this.me;
    return this.heldElsewhere.has(partition) || performance.now() - this.since >= ABANDONED_MS;
  }

  /** @returns whether somebody holds what is at home here, and was asked for it. */
  private async askFor(partition: number): Promise<boolean> {
    if (this.config.replicas === undefined || !this.isHome(partition)) return false;
    await this.store.set(KEYS.wanted(partition).name, this.me, WANTED_MS);
    return true;
  }

  private isHome(partition: number): boolean {
    const { replicas, replicaIndex } = this.config;
    return replicas === undefined || partition % replicas === replicaIndex;
  }

  /** Never rejects: what cannot be restored now is tried again by the next round. */
  private async begin(partition: number): Promise<void> {
    if (this.holdings.has(partition)) return;
    const holding: Holding = { worker: this.workerOf(partition), state: 'starting' };
    this.holdings.set(partition, holding);
    try {
      await holding.worker.start();
      if (holding.state === 'starting') holding.state = 'running';
      this.log.info({ partition, home: this.isHome(partition) }, 'partition taken');
    } catch (error) {
      if (holding.state === 'starting') this.holdings.delete(partition);
      this.log.warn({ err: error, partition }, 'the partition cannot be restored yet');
    }
  }

  protected workerOf(partition: number): Pick<PartitionWorker, 'start' | 'stop'> {
    const { bus, store, clock, log, metrics, tracing, me: owner } = this;
    const { partitions, symbols = (this.directory?.registry ?? BUILT_IN).tracked } = this.config;
    const own = symbols.filter((symbol) => partitionOf(symbol, partitions) === partition);
    return new PartitionWorker(partition, partitions, {
      bus,
      store,
      clock,
      log,
      metrics,
      tracing,
      symbols: own,
      owner,
    });
  }

  /** Saves what was read, and only then lets go: the last checkpoint is only written by whoever holds the lease. */
  private putDown(partition: number): void {
    const { store, me, log } = this;
    const lease = KEYS.lease(partition).name;
    const began = performance.now();
    this.end(partition, 'leaving', async (worker) => {
      await store.acquire(lease, me, LEASE_MS).catch(() => false);
      await worker.stop();
      this.holdings.delete(partition);
      log.info({ partition, ms: Math.round(performance.now() - began) }, 'partition put down');
      await store
        .release(lease, me)
        .catch((error: unknown) => log.warn({ err: error, partition }, 'the lease runs out'));
    });
  }

  private lose(partition: number): void {
    this.end(partition, 'lost', (worker) => {
      this.log.warn({ partition }, 'partition lost to another aggregator');
      return worker.stop();
    });
  }

  /** In the background. It is not taken again before that is over: two workers would read the same log. */
  private end(partition: number, state: 'leaving' | 'lost', how: (worker: Holding['worker']) => Promise<void>): void {
    const holding = this.holdings.get(partition);
    if (holding === undefined || holding.ended !== undefined) return;
    holding.state = state;
    holding.ended = how(holding.worker)
      .catch((error: unknown) => this.log.error({ err: error, partition }, 'the partition did not end cleanly'))
      .finally(() => {
        if (this.holdings.get(partition) === holding) this.holdings.delete(partition);
      });
  }

  private async renew(): Promise<void> {
    for (const partition of this.holdings.keys()) {
      await this.store.acquire(KEYS.lease(partition).name, this.me, LEASE_MS).catch(() => false);
    }
  }
}
