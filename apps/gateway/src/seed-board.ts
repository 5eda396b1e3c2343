import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Consumption, EventBus } from '@haunt/bus';
import { type SeedingProgress, type SeedProgress, TOPICS } from '@haunt/contracts';
import type { AssetSymbol } from '@haunt/domain';
import { Clock } from '@haunt/platform';

/** A job that says nothing for this long is not running any more; what comes then is another one. */
const SILENT_MS = 5 * 60_000;
/** A request that nobody has taken from its queue for this long is not counted on any more. */
const QUEUED_MS = 30 * 60_000;

/** `next`: in the queue of those who wait. `deferred`: behind them, because there were many in a row. `batch`: there as well, as one of a batch. */
export type Queued = 'next' | 'deferred' | 'batch';

interface Job {
  readonly progress: SeedingProgress;
  /** When the seeder said so, by its clock; -Infinity while none has taken the job. */
  readonly at: number;
  /** By ours. */
  readonly heardAt: number;
  /** While no seeder has taken it. */
  readonly queued?: Queued;
}

export type SeedListener = (progress: SeedingProgress) => void;

/**
 * Projection of `seed.progress`: the last job of every asset. Within a job progress does not go back, whatever comes late or
 * twice; a job ends with `seeded` or `failed`, or by silence, and the next one begins where it likes.
 */
@Injectable()
export class SeedBoard implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly jobs = new Map<AssetSymbol, Job>();
  private readonly listeners: SeedListener[] = [];
  private readonly startedAt: number;
  private tail: Consumption | undefined;

  constructor(
    private readonly bus: EventBus,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.now();
  }

  onApplicationBootstrap(): void {
    // From the past, so that a new gateway knows the jobs that are running.
    this.tail = this.bus.consume('seed.progress', (entries) => entries.forEach(({ event }) => this.hear(event)), {
      from: { at: 'since', time: this.startedAt - TOPICS['seed.progress'].retainMs },
    });
  }

  async onModuleDestroy(): Promise<void> {
    await this.tail?.close();
  }

  /** `listener` hears of every step. */
  onChange(listener: SeedListener): void {
    this.listeners.push(listener);
  }

  /** What a seeder says. */
  hear({ symbol, status, progress, message, at }: SeedProgress): void {
    const now = this.clock.now();
    const last = this.jobs.get(symbol);
    const isSameJob = last?.progress.status === 'seeding' && now - last.heardAt < SILENT_MS;
    // What was said at the very moment a job ended belongs to it.
    if (last !== undefined && (at < last.at || (at === last.at && !isSameJob))) return;
    const reached = isSameJob ? Math.max(last.progress.progress, progress) : progress;
    // What was said before this process listened is as old as it claims.
    const heardAt = at < this.startedAt ? at : now;
    this.take({ progress: { symbol, status, progress: reached, message }, at, heardAt });
  }

  /** A job was put into a queue, and nobody has said anything of it yet. Without effect while one is running. */
  queue(symbol: AssetSymbol, queued: Queued): void {
    if (this.running(symbol) !== undefined && this.queued(symbol) === undefined) return;
    const progress: SeedingProgress = { symbol, status: 'seeding', progress: 0, message: 'Waiting for a seeder' };
    this.take({ progress, at: this.jobs.get(symbol)?.at ?? -Infinity, heardAt: this.clock.now(), queued });
  }

  /** How far the job of an asset is, while there is one. */
  running(symbol: AssetSymbol): SeedingProgress | undefined {
    const job = this.jobs.get(symbol);
    return job && this.isRunning(job) ? job.progress : undefined;
  }

  /** Where the job of an asset waits, while it does. */
  queued(symbol: AssetSymbol): Queued | undefined {
    const job = this.jobs.get(symbol);
    return job && this.isRunning(job) ? job.queued : undefined;
  }

  /** How many jobs wait so. */
  waiting(queued: Queued): number {
    let count = 0;
    for (const job of this.jobs.values()) if (job.queued === queued && this.isRunning(job)) count++;
    return count;
  }

  /** The last that was heard of the asset's jobs. */
  latest(symbol: AssetSymbol): SeedingProgress | undefined {
    return this.jobs.get(symbol)?.progress;
  }

  private isRunning({ progress, heardAt, queued }: Job): boolean {
    const patience = queued === undefined ? SILENT_MS : QUEUED_MS;
    return progress.status === 'seeding' && this.clock.now() - heardAt < patience;
  }

  private take(job: Job): void {
    const { progress } = job;
    const before = this.jobs.get(progress.symbol)?.progress;
    this.jobs.set(progress.symbol, job);
    const isRepeated =
      before?.status === progress.status &&
      before.progress === progress.progress &&
      before.message === progress.message;
    if (!isRepeated) for (const listener of this.listeners) listener(progress);
  }
}
