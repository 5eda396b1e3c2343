import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { EventBus } from '@haunt/bus';
import { partitionOf } from '@haunt/contracts';
import { DEFAULT_SYMBOLS } from '@haunt/domain';
import { Clock, CONFIG, type Config, Health, Log, Metrics } from '@haunt/platform';
import { KeyValueStore, KEYS } from '@haunt/storage';
import { PartitionWorker } from './partition.worker.js';

/** Somebody who died keeps a partition for at most this long. */
const LEASE_MS = 4_000;
const RENEW_MS = 1_000;
/** While a partition is put down. */
const LAST_LEASE_MS = 15_000;

/**
 * Takes the lease of every partition that is free, and works on it until the lease is lost. Which partitions an aggregator
 * reads is decided while it runs, therefore they are bound here and not by decorators. A process that slept through its
 * lease may publish once more: its versions are older than those of the new owner, and readers drop them.
 */
@Injectable()
export class PartitionOwner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly me = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  private readonly workers = new Map<number, PartitionWorker>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly bus: EventBus,
    private readonly store: KeyValueStore,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly metrics: Metrics,
    health: Health,
  ) {
    health.add('aggregator', () => this.workers.size > 0 || this.spare || 'no partition is held yet');
  }

  /** Every partition is held by another replica: ready to take over. */
  private spare = false;

  async onApplicationBootstrap(): Promise<void> {
    await this.claim();
    this.timer = setInterval(() => {
      this.round = this.round.then(() => this.claim());
    }, RENEW_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
    for (const [partition, worker] of this.workers) {
      // The last checkpoint is only written by whoever holds the lease.
      await this.store.acquire(KEYS.lease(partition).name, this.me, LAST_LEASE_MS).catch(() => false);
      await worker.stop();
      await this.store.release(KEYS.lease(partition).name, this.me).catch(() => undefined);
    }
    this.workers.clear();
  }

  /** Never throws: a store that is away keeps everybody where they are until it is back. */
  private async claim(): Promise<void> {
    let others = 0;
    for (let partition = 0; partition < this.config.partitions; partition++) {
      try {
        if (await this.store.acquire(KEYS.lease(partition).name, this.me, LEASE_MS)) {
          await this.begin(partition);
        } else {
          others++;
          await this.end(partition);
        }
      } catch (error) {
        this.log.debug({ err: error, partition }, 'the lease could not be asked for');
      }
    }
    this.spare = others === this.config.partitions;
  }

  /** @throws when the partition cannot be restored now; the next round tries again. */
  private async begin(partition: number): Promise<void> {
    if (this.workers.has(partition)) return;
    const { bus, store, clock, log, metrics, me: owner } = this;
    const { partitions, symbols = DEFAULT_SYMBOLS } = this.config;
    const own = symbols.filter((symbol) => partitionOf(symbol, partitions) === partition);
    const worker = new PartitionWorker(partition, partitions, { bus, store, clock, log, metrics, symbols: own, owner });
    this.workers.set(partition, worker);
    // A year of charts takes longer to load than a lease lasts.
    const renewal = setInterval(() => void this.renew(), RENEW_MS);
    try {
      await worker.start();
    } catch (error) {
      this.workers.delete(partition);
      this.log.warn({ err: error, partition }, 'the partition cannot be restored yet');
      throw error;
    } finally {
      clearInterval(renewal);
    }
    this.log.info({ partition }, 'partition taken');
  }

  /** Keeps what is held. Whether something was lost is found out by the next round. */
  private async renew(): Promise<void> {
    for (const partition of this.workers.keys()) {
      await this.store.acquire(KEYS.lease(partition).name, this.me, LEASE_MS).catch(() => false);
    }
  }

  private async end(partition: number): Promise<void> {
    const worker = this.workers.get(partition);
    if (!worker) return;
    this.log.warn({ partition }, 'partition lost to another aggregator');
    this.workers.delete(partition);
    await worker.stop();
  }
}
