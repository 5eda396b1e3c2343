import type { Consumption } from '@haunt/bus';
import { type HistoryGaps, partitionOf, type SeedProgress } from '@haunt/contracts';
import { type AssetSymbol, DEFAULT_SYMBOLS, SERIES } from '@haunt/domain';
import { KEYS } from '@haunt/storage';
import { Lease } from './lease.js';
import type { SeederParts } from './seeder.parts.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** The rest of the house gets up first. */
const START_AFTER_MS = 5 * SECOND;
const LOOK_EVERY_MS = MINUTE;
const LEASE_MS = MINUTE;
/** Seeded when a seeder starts; the others once a day, or when somebody looks at them. */
const TOP = 25;
/** Jobs of the batch at once: lanes stay free for whoever waits for a chart. */
const AT_ONCE = 2;
/** Between one job of the batch and the next of its lane: at the start, and in the daily round, which has time. */
const REST_START_MS = SECOND;
const REST_DAILY_MS = 10 * SECOND;
/** A job that was not heard of for so long is not waited for any more. */
const GIVE_UP_MS = 10 * MINUTE;
/** An aggregator that starts up is asked so often what is missing, before everything is taken to be. */
const ASKS = 3;
/** Less missing than this share of a series is not worth a job: minutes in which nobody traded. */
const WORTH_SEEDING = 0.02;

/**
 * Asks for the seeding of the top assets when it starts and of all that are followed once a day, one seeder for all. Only a few of
 * its requests are in the queue at a time, so that a person's or a chart's is never behind many of them.
 */
export class SeedSchedule {
  private readonly symbols: readonly AssetSymbol[];
  private readonly waiting = new Map<AssetSymbol, () => void>();
  private news: Consumption | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: SeederParts,
    private readonly stop: AbortSignal,
  ) {
    this.symbols = parts.config.symbols ?? DEFAULT_SYMBOLS;
  }

  start(): void {
    this.news = this.parts.bus.consume('seed.progress', (entries) => {
      for (const { event } of entries) if (hasEnded(event)) this.waiting.get(event.symbol)?.();
    });
    this.running = this.run();
  }

  /** Resolves when it is still; `stop` must be aborted. */
  async close(): Promise<void> {
    await this.news?.close();
    await this.running;
  }

  private async run(): Promise<void> {
    const { sleep, log } = this.parts;
    let started = false;
    await sleep(START_AFTER_MS, this.stop);
    while (!this.stop.aborted) {
      try {
        const lease = await Lease.take(this.parts, KEYS.seedSchedule().name, LEASE_MS);
        if (lease !== undefined) {
          try {
            await this.inCharge(lease.lost, started);
            started = true;
          } finally {
            await lease.release();
          }
        }
      } catch (error) {
        log.warn({ err: error }, 'the seeding of the top assets waits');
      }
      await sleep(LOOK_EVERY_MS, this.stop);
    }
  }

  /** As long as this seeder is the one. */
  private async inCharge(lost: AbortSignal, started: boolean): Promise<void> {
    const { sleep } = this.parts;
    const over = AbortSignal.any([this.stop, lost]);
    if (!started) await this.round(this.symbols.slice(0, TOP), REST_START_MS, over);
    while (!over.aborted) {
      if (await this.isDue()) await this.round(this.symbols, REST_DAILY_MS, over);
      await sleep(LOOK_EVERY_MS, over);
    }
  }

  /** Once a day; the first day begins with the first start. */
  private async isDue(): Promise<boolean> {
    const { store, clock } = this.parts;
    const { name } = KEYS.seedBatch();
    const last = await store.get(name);
    const now = clock.now();
    if (last !== undefined && now - Number(last.toString()) < DAY) return false;
    await store.set(name, String(now));
    return last !== undefined;
  }

  private async round(symbols: readonly AssetSymbol[], restMs: number, over: AbortSignal): Promise<void> {
    const queue = [...symbols];
    const lane = async (): Promise<void> => {
      for (let symbol = queue.shift(); symbol !== undefined && !over.aborted; symbol = queue.shift()) {
        if (!(await this.isIncomplete(symbol, over))) continue;
        await this.seeded(symbol, over);
        await this.parts.sleep(restMs, over);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  private async isIncomplete(symbol: AssetSymbol, over: AbortSignal): Promise<boolean> {
    const { bus, config, sleep } = this.parts;
    for (let ask = 0; ask < ASKS && !over.aborted; ask++) {
      try {
        const gaps = await bus.ask('history.missing', { symbol }, partitionOf(symbol, config.partitions));
        return SERIES.some(({ bucketMs, buckets }) => missingOf(gaps, bucketMs) > WORTH_SEEDING * buckets);
      } catch {
        await sleep(SECOND, over);
      }
    }
    return !over.aborted;
  }

  /** Asks for it and waits for its end. */
  private async seeded(symbol: AssetSymbol, over: AbortSignal): Promise<void> {
    const { bus, clock, sleep } = this.parts;
    const ended = new AbortController();
    this.waiting.set(symbol, () => ended.abort());
    try {
      await bus.publish('seed.requested', { symbol, reason: 'batch', requestedAt: clock.now() });
      await sleep(GIVE_UP_MS, AbortSignal.any([over, ended.signal]));
    } finally {
      this.waiting.delete(symbol);
    }
  }
}

function hasEnded({ status }: SeedProgress): boolean {
  return status !== 'seeding';
}

/** Buckets without a candle. */
function missingOf(gaps: readonly HistoryGaps[], width: number): number {
  const ranges = gaps.find(({ bucketMs }) => bucketMs === width)?.missing ?? [];
  return ranges.reduce((sum, [from, to]) => sum + (to - from) / width, 0);
}
