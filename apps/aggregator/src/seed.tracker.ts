import type { SeedingStatus, SeedProgress, SeedState } from '@haunt/contracts';
import type { AssetSymbol } from '@haunt/domain';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** From here on a chart counts as complete, percent. */
export const COMPLETE = 95;
/** A job that says nothing for this long is not running any more. */
const SILENT_MS = 5 * MINUTE;
/** A request that no seeder takes up waits in the queue; it is not made again sooner. */
const UNANSWERED_MS = 5 * MINUTE;
const FAILED_COOL_MS = 5 * MINUTE;
/** Completed, and still not complete: the providers have no more. */
const POOR_COOL_MS = 30 * MINUTE;

/** How seeding stands for a chart. */
export interface Seeding {
  readonly status: SeedingStatus;
  /** 0..100 */
  readonly progress: number;
}

const NOT_STARTED: Seeding = { status: 'not_started', progress: 0 };

/** Follows what seeders say of their jobs and what was asked of them. Times are epoch ms of one clock. */
export class SeedTracker {
  private readonly jobs = new Map<AssetSymbol, SeedProgress>();
  private readonly asked = new Map<AssetSymbol, number>();

  /** What a seeder says; what is older than what is known is dropped. */
  take(progress: SeedProgress): void {
    const known = this.jobs.get(progress.symbol);
    if (known !== undefined && known.at > progress.at) return;
    this.jobs.set(progress.symbol, progress);
    this.asked.delete(progress.symbol);
  }

  /** Seeding was asked for. */
  ask(symbol: AssetSymbol, now: number): void {
    this.asked.set(symbol, now);
  }

  /** Asking did not work. */
  withdraw(symbol: AssetSymbol): void {
    this.asked.delete(symbol);
  }

  /** Whether a chart that is `completeness` percent complete should be seeded: nobody is at it, and nobody has just tried. */
  wants(symbol: AssetSymbol, completeness: number, now: number): boolean {
    if (completeness >= COMPLETE) return false;
    if (this.isWaiting(symbol, now)) return false;
    const job = this.jobs.get(symbol);
    if (job === undefined) return true;
    if (job.status === 'seeding') return now - job.at >= SILENT_MS;
    return now - job.at >= (job.status === 'failed' ? FAILED_COOL_MS : POOR_COOL_MS);
  }

  /** Completeness decides what is complete, whatever a job once said. */
  of(symbol: AssetSymbol, completeness: number, now: number): Seeding {
    const job = this.jobs.get(symbol);
    if (this.isRunning(symbol, now)) return { status: 'in_progress', progress: job?.progress ?? 0 };
    if (this.isWaiting(symbol, now)) return { status: 'in_progress', progress: 0 };
    if (completeness >= COMPLETE || job?.status === 'seeded') return { status: 'complete', progress: 100 };
    return job?.status === 'failed' ? { status: 'failed', progress: job.progress } : NOT_STARTED;
  }

  /** For a person. `completeness`: of the chart of a day. */
  state(symbol: AssetSymbol, completeness: number, now: number): SeedState {
    const { status, progress } = this.of(symbol, completeness, now);
    const job = this.jobs.get(symbol);
    const waits = this.isWaiting(symbol, now) && !this.isRunning(symbol, now);
    switch (status) {
      case 'in_progress':
        return { symbol, status: 'seeding', progress, message: waits || !job ? 'Waiting for a seeder' : job.message };
      case 'complete':
        return { symbol, status: 'seeded', progress: 100, message: seededMessage(job, completeness) };
      case 'failed':
        return { symbol, status: 'failed', progress, message: job?.message ?? 'Seeding failed' };
      default:
        return {
          symbol,
          status: 'not_seeded',
          progress: 0,
          message: `${round(completeness)} % of the last day is there`,
        };
    }
  }

  /** Those of which there is anything to tell. */
  symbols(): Set<AssetSymbol> {
    return new Set([...this.jobs.keys(), ...this.asked.keys()]);
  }

  private isWaiting(symbol: AssetSymbol, now: number): boolean {
    return now - (this.asked.get(symbol) ?? -Infinity) < UNANSWERED_MS;
  }

  private isRunning(symbol: AssetSymbol, now: number): boolean {
    const job = this.jobs.get(symbol);
    return job?.status === 'seeding' && now - job.at < SILENT_MS;
  }
}

function seededMessage(job: SeedProgress | undefined, completeness: number): string {
  return job?.status === 'seeded' ? job.message : `${round(completeness)} % of the last day is there`;
}

function round(percent: number): number {
  return Math.floor(percent);
}
