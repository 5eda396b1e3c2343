import type { Consumption } from '@haunt/bus';
import type { SeedRequest } from '@haunt/contracts';
import { SEED_PHASES } from '@haunt/domain';
import { noTracing, watchLag } from '@haunt/platform';
import { KEYS } from '@haunt/storage';
import { insist } from './insist.js';
import { Lease } from './lease.js';
import { type JobParts, SeedJob } from './seed.job.js';
import { SeedMarks, type SeedOutcome } from './seed.marks.js';
import { SeedNews } from './seed.news.js';
import { keptName, URGENCY } from './seeder.parts.js';

/** Assets that one process seeds at once: those that somebody waits for, and beside them those that have time. */
const LANES = { 'seed.requested': 4, 'seed.deferred': 2 } as const;
/** Shorter than the bus waits before it hands a dead seeder's work to another, who must find the asset free. */
const LEASE_MS = 10_000;
/** An asset is not seeded again sooner after it was, well or badly, unless somebody asks for it by hand. */
const COOL_DOWN_MS = 300_000;

type Queue = keyof typeof LANES;

/**
 * Takes seeding requests from the work queues, several at a time; over all seeders one job per asset. A queue hands out one
 * request per reader, in its order, so every lane is a reader of its own; a request is acknowledged when its job has ended, and
 * handed to another seeder when this process dies. What is wanted when there is time has a queue and lanes of its own, or
 * whoever waits would stand behind it. Where all lanes of a queue are taken, a job that has filled what charts show goes to the end
 * of the other queue: that much takes a second or two, and the rest ten times as long.
 */
export class SeedWorker {
  private readonly lanes: Consumption[] = [];
  private readonly running = new Map<string, { level: number }>();
  private readonly revisits = new Set<Promise<void>>();
  private readonly jobs;
  private readonly seconds;
  private readonly unwatch: (() => void)[] = [];
  private readonly taken = { 'seed.requested': 0, 'seed.deferred': 0 };

  constructor(
    private readonly parts: JobParts,
    private readonly stop: AbortSignal,
  ) {
    this.jobs = parts.metrics.counter('seed_jobs_total');
    this.seconds = parts.metrics.histogram('seed_job_seconds');
    parts.metrics.collect('seed_jobs_running', (gauge) => gauge.set(this.running.size));
  }

  start(): void {
    const { bus, metrics } = this.parts;
    for (const queue of Object.keys(LANES) as Queue[]) {
      const take = ([entry]: readonly { readonly event: SeedRequest }[]): Promise<void> | undefined =>
        entry && this.take(entry.event, queue);
      const lanes = Array.from({ length: LANES[queue] }, () => bus.consume(queue, take, { batch: 1 }));
      this.lanes.push(...lanes);
      this.unwatch.push(watchLag(metrics, lanes[0]!, { topic: queue, partition: '0' }));
    }
  }

  /** To be called before `stop` is aborted, and awaited behind it: requests whose jobs are cut off go back to the queue. */
  async close(): Promise<void> {
    for (const end of this.unwatch.splice(0)) end();
    await Promise.all(this.lanes.splice(0).map((lane) => lane.close()));
    await Promise.all(this.revisits);
  }

  /** @throws when it must be handed out again: bus or store are away for long, or this process ends. */
  private async take(request: SeedRequest, queue: Queue): Promise<void> {
    const symbol = keptName(this.parts, request.symbol);
    const level = Math.max(URGENCY[request.reason], queue === 'seed.deferred' ? URGENCY.rest : 0);
    const urgency = this.running.get(symbol);
    if (urgency !== undefined) {
      urgency.level = Math.min(urgency.level, level);
      return;
    }
    const mine = { level };
    this.running.set(symbol, mine);
    this.taken[queue]++;
    try {
      const { name } = KEYS.seedLease(symbol);
      const lease = await insist(this.parts, () => Lease.take(this.parts, name, LEASE_MS), this.stop);
      if (lease === undefined) return this.lookAgain({ ...request, symbol }, queue);
      try {
        await this.serve({ ...request, symbol }, queue, mine, lease.lost);
      } finally {
        await lease.release();
      }
    } finally {
      this.running.delete(symbol);
      this.taken[queue]--;
    }
    return undefined;
  }

  private async serve(
    request: SeedRequest,
    queue: Queue,
    urgency: { level: number },
    lost: AbortSignal,
  ): Promise<void> {
    const { parts } = this;
    const { symbol } = request;
    const left = await insist(parts, () => SeedMarks.load(parts, symbol), this.stop);
    if (left?.outcome !== undefined && this.isServed(request, left.outcome)) {
      return new SeedNews(parts, left).end(left.outcome);
    }
    const marks = left?.resumed === true ? left : SeedMarks.begin(parts, symbol);
    const news = new SeedNews(parts, marks);
    const signal = AbortSignal.any([this.stop, lost]);
    try {
      const { tracing = noTracing } = parts;
      const end = this.seconds.startTimer();
      const job = new SeedJob(parts, marks, news, urgency, signal);
      const wasShown = marks.progress >= SEED_PHASES[0]!.progress[1];
      const afterCharts = (): 'goOn' | 'end' | 'handOver' => {
        if (request.upTo === 'charts') return 'end';
        return !wasShown && this.taken[queue] >= LANES[queue] ? 'handOver' : 'goOn';
      };
      const outcome = await tracing.follow('seed job', { fields: { symbol, reason: request.reason } }, () =>
        job.run(afterCharts),
      );
      if (outcome === undefined) return await this.defer(request);
      end();
      this.jobs.inc({ status: outcome.status });
      parts.log.info({ symbol, reason: request.reason, ...outcome }, `seeding ended: ${outcome.status}`);
      await news.end(outcome);
    } catch (error) {
      // Somebody else goes on with it, and tells how it goes.
      if (lost.aborted && !this.stop.aborted) return parts.log.warn({ symbol }, 'another seeder took the asset over');
      if (!this.stop.aborted) {
        this.jobs.inc({ status: 'broken' });
        parts.log.error({ err: error, symbol }, 'seeding broke off');
        const message = 'Seeding was interrupted by a fault of ours; it is tried again';
        await news.end({ status: 'failed', progress: marks.progress, message });
      }
      throw error;
    }
  }

  /** The marks lie in the store: whoever takes it goes on behind what is there. */
  private async defer({ symbol, reason }: SeedRequest): Promise<void> {
    const { bus, clock } = this.parts;
    await insist(
      this.parts,
      () => bus.publish('seed.deferred', { symbol, reason, requestedAt: clock.now() }),
      this.stop,
    );
  }

  /** Done since it was asked for, or so lately that only a person, or a new hole in what was whole, may have it done again. */
  private isServed({ reason, requestedAt, upTo }: SeedRequest, { at, status, upTo: reached }: SeedOutcome): boolean {
    if (reached === 'charts' && upTo === undefined && reason !== 'chart') return false;
    if (at >= requestedAt) return true;
    const mayInsist = reason === 'manual' || (reason === 'gap' && status === 'seeded');
    return !mayInsist && this.parts.clock.now() - at < COOL_DOWN_MS;
  }

  /**
   * Somebody holds the asset: a seeder at work, or one that died a moment ago. When its lease would have run out, the latter shows:
   * the asset is free and its job has not ended.
   */
  private lookAgain(request: SeedRequest, queue: Queue): void {
    const { sleep, store, log } = this.parts;
    const look = async (): Promise<void> => {
      await sleep(LEASE_MS * 1.2, this.stop);
      if (this.stop.aborted || this.running.has(request.symbol)) return;
      const { name } = KEYS.seedLease(request.symbol);
      if ((await store.get(name)) !== undefined) return;
      const left = await SeedMarks.load(this.parts, request.symbol);
      if (left?.resumed === true) await this.take(request, queue);
    };
    const revisit = look()
      .catch((error: unknown) =>
        log.warn({ err: error, symbol: request.symbol }, 'an orphaned job could not be resumed'),
      )
      .finally(() => this.revisits.delete(revisit));
    this.revisits.add(revisit);
  }
}
