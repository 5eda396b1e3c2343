import type { Consumption } from '@haunt/bus';
import { type HistoryGaps, partitionOf, type SeedProgress } from '@haunt/contracts';
import { type AssetSymbol, SERIES } from '@haunt/domain';
import { KEYS } from '@haunt/storage';
import { Lease } from './lease.js';
import { keptName, type SeederParts } from './seeder.parts.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** The rest of the house gets up first. */
const START_AFTER_MS = 5 * SECOND;
const LOOK_EVERY_MS = MINUTE;
const LEASE_MS = MINUTE;
/** Seeded when a seeder starts; the others in the daily round, or when somebody looks at them. */
const TOP = 25;
/**
 * Jobs of a daily round at the most. An asset that no venue lists costs two requests to CoinGecko, and a free key has 10,000 a
 * month, 330 a day.
 */
const PER_DAY = 150;
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

/** What is kept of the daily round; plain JSON. */
interface Batch {
  /** When it began, epoch ms. */
  readonly at: number;
  /** Behind whom the next one goes on; absent: it begins with the largest. */
  readonly behind?: AssetSymbol;
}

/**
 * Asks for the seeding of the largest assets when it starts and, once a day, of what is followed by then: the largest first, so
 * many a day, the next day those behind them. One seeder for all. Only a few of its requests are in the queue at a time, so that a
 * person's or a chart's is never behind many of them.
 */
export class SeedSchedule {
  private readonly waiting = new Map<AssetSymbol, () => void>();
  private news: Consumption | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: SeederParts,
    private readonly stop: AbortSignal,
  ) {}

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
    if (!started) await this.round(this.followed().slice(0, TOP), TOP, REST_START_MS, over);
    while (!over.aborted) {
      await this.daily(over);
      await sleep(LOOK_EVERY_MS, over);
    }
  }

  /** What the user names, else the list as it is now; by rank. */
  private followed(): readonly AssetSymbol[] {
    const { config, assets } = this.parts;
    return config.symbols === undefined
      ? assets.registry.tracked
      : [...new Set(config.symbols.map((symbol) => keptName(this.parts, symbol)))];
  }

  /** Once a day; the first day begins with the first start. */
  private async daily(over: AbortSignal): Promise<void> {
    const { store, clock } = this.parts;
    const { name } = KEYS.seedBatch();
    const write = (batch: Batch): Promise<void> => store.set(name, JSON.stringify(batch));
    const text = await store.get(name);
    const now = clock.now();
    if (text === undefined) return write({ at: now });
    const { at = 0, behind } = JSON.parse(text.toString('utf8')) as Partial<Batch>;
    if (now - at < DAY) return;
    const symbols = this.followed();
    // Nobody is behind whoever has left the list: then from the top.
    const from = behind === undefined ? 0 : symbols.indexOf(behind) + 1;
    await write({ at: now, ...(behind !== undefined && { behind }) });
    const last = await this.round([...symbols.slice(from), ...symbols.slice(0, from)], PER_DAY, REST_DAILY_MS, over);
    await write({ at: now, ...(last !== undefined && { behind: last }) });
  }

  /** @returns the last one asked for, when there were more than `most`. */
  private async round(
    symbols: readonly AssetSymbol[],
    most: number,
    restMs: number,
    over: AbortSignal,
  ): Promise<AssetSymbol | undefined> {
    let next = 0;
    let asked = 0;
    const lane = async (): Promise<void> => {
      while (next < symbols.length && asked < most && !over.aborted) {
        const symbol = symbols[next++]!;
        asked++;
        if (await this.isIncomplete(symbol, over)) {
          await this.seeded(symbol, over);
          await this.parts.sleep(restMs, over);
        } else asked--;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return next < symbols.length ? symbols[next - 1] : undefined;
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
