import type { Consumption } from '@haunt/bus';
import { type HistoryGaps, partitionOf, type SeedProgress } from '@haunt/contracts';
import { type AssetSymbol, SEED_PHASES, seedWindowAt, SERIES } from '@haunt/domain';
import { KEYS } from '@haunt/storage';
import { Lease } from './lease.js';
import type { ProviderDirectory } from './provider.directory.js';
import { keptName, type SeederParts } from './seeder.parts.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** The rest of the house gets up first. */
const START_AFTER_MS = 5 * SECOND;
const LOOK_EVERY_MS = MINUTE;
const LEASE_MS = MINUTE;
/** Seeded when a seeder starts; the others in the daily round, the first of which follows at once, or when somebody looks at them. */
const TOP = 25;
/** Jobs of the batch at once: lanes stay free for whoever waits for a chart. */
const AT_ONCE = 2;
/** Between one job of the batch and the next of its lane: the first day, and later, when there is time. */
const REST_FIRST_MS = SECOND;
const REST_DAILY_MS = 10 * SECOND;
/**
 * An asset that no venue lists costs two requests to an index, whose quota is small (CoinGecko: 10,000 a month with a free key): after
 * each there is a pause of four times what is between two requests, so that at least half of them are left to whoever waits.
 */
const INDEX_REQUESTS = 4;
/** A job that was not heard of for so long is not waited for any more. */
const GIVE_UP_MS = 10 * MINUTE;
/** An aggregator that starts up is asked so often what is missing, before everything is taken to be. */
const ASKS = 3;
/** Less missing than this share of a series is not worth a job: minutes in which nobody traded. */
const WORTH_SEEDING = 0.02;
/** Nor is less than this share of what a chart shows. */
const WORTH_SHOWING = 0.05;

/** What is kept of the daily round, so that a seeder that starts goes on with it; plain JSON. */
interface Batch {
  /** When it began, epoch ms. */
  readonly at: number;
  /** All that venues list was looked at. */
  readonly listed?: boolean;
  /** And all that no venue lists. */
  readonly others?: boolean;
  /** Of the latter, behind whom it goes on; absent: it begins with the largest. */
  readonly behind?: AssetSymbol;
}

/** One pass over assets, by rank. */
interface Round {
  readonly symbols: readonly AssetSymbol[];
  readonly upTo?: 'charts';
  readonly atOnce: number;
  readonly restMs: number;
  readonly isLate?: () => boolean;
  /** Of each that was asked for. */
  readonly done?: (symbol: AssetSymbol) => Promise<void>;
}

/**
 * Asks for the seeding of the largest assets when it starts and then, once a day, of all that is followed by then: the largest first,
 * first what charts show of all of them and then the rest; those that no venue lists beside them and slowly, in a day as many as the quotas of the indices allow, the next day those
 * behind them. One seeder for all. Only a few of its requests are in the queue at a time.
 */
export class SeedSchedule {
  private readonly waiting = new Map<AssetSymbol, () => void>();
  private news: Consumption | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: SeederParts,
    private readonly directory: Pick<ProviderDirectory, 'isOnVenue' | 'indexIntervalMs'>,
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
    if (!started) {
      const top = { symbols: this.followed().slice(0, TOP), atOnce: AT_ONCE, restMs: 0 };
      await this.round({ ...top, upTo: 'charts' }, over);
      // Otherwise they come first in the round that goes on now.
      if ((await this.kept())?.listed === true) await this.round(top, over);
    }
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

  private async kept(): Promise<Batch | undefined> {
    const text = await this.parts.store.get(KEYS.seedBatch().name);
    return text && (JSON.parse(text.toString('utf8')) as Batch);
  }

  /** Once a day; the first begins with the first start. */
  private async daily(over: AbortSignal): Promise<void> {
    const { store, clock } = this.parts;
    const last = await this.kept();
    const isNew = last === undefined || clock.now() - last.at >= DAY;
    let batch: Batch = isNew ? { at: clock.now(), ...(last?.behind !== undefined && { behind: last.behind }) } : last;
    const note = (change: Partial<Batch>): Promise<void> => {
      batch = { ...batch, ...change };
      return store.set(KEYS.seedBatch().name, JSON.stringify(batch));
    };
    if (batch.listed === true && batch.others === true) return;
    if (isNew) await note({});
    const [listed, others] = await this.parted(over);
    const onVenues = async (): Promise<void> => {
      await this.round({ symbols: listed, upTo: 'charts', atOnce: AT_ONCE, restMs: 0 }, over);
      const restMs = last?.listed === true ? REST_DAILY_MS : REST_FIRST_MS;
      await this.round({ symbols: listed, atOnce: AT_ONCE, restMs }, over);
      if (!over.aborted) await note({ listed: true });
    };
    const onIndices = async (): Promise<void> => {
      // Nobody is behind whoever has left the list: then from the top.
      const from = batch.behind === undefined ? 0 : others.indexOf(batch.behind) + 1;
      const symbols = [...others.slice(from), ...others.slice(0, from)];
      const restMs = Math.max(REST_DAILY_MS, INDEX_REQUESTS * this.directory.indexIntervalMs);
      const isLate = (): boolean => clock.now() - batch.at >= DAY;
      await this.round({ symbols, atOnce: 1, restMs, isLate, done: (symbol) => note({ behind: symbol }) }, over);
      if (!over.aborted) await note({ others: true });
    };
    await Promise.all([...(batch.listed === true ? [] : [onVenues()]), onIndices()]);
  }

  /** What is followed: that which a venue lists, and the others. */
  private async parted(over: AbortSignal): Promise<[listed: AssetSymbol[], others: AssetSymbol[]]> {
    const listed: AssetSymbol[] = [];
    const others: AssetSymbol[] = [];
    for (const symbol of this.followed()) {
      if (over.aborted) break;
      ((await this.directory.isOnVenue(symbol)) ? listed : others).push(symbol);
      // Long lists are searched, hundreds of times: others in this process have a turn in between.
      await this.parts.sleep(0, over);
    }
    return [listed, others];
  }

  private async round(
    { symbols, upTo, atOnce, restMs, isLate = () => false, done }: Round,
    over: AbortSignal,
  ): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < symbols.length && !over.aborted && !isLate()) {
        const symbol = symbols[next++]!;
        if (!(await this.isIncomplete(symbol, upTo, over))) continue;
        await this.seeded(symbol, upTo, over);
        if (!over.aborted) await done?.(symbol);
        await this.parts.sleep(restMs, over);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  }

  private async isIncomplete(symbol: AssetSymbol, upTo: Round['upTo'], over: AbortSignal): Promise<boolean> {
    const { bus, clock, config, sleep } = this.parts;
    for (let ask = 0; ask < ASKS && !over.aborted; ask++) {
      try {
        const gaps = await bus.ask('history.missing', { symbol }, partitionOf(symbol, config.partitions));
        if (upTo === undefined)
          return SERIES.some(({ bucketMs, buckets }) => missingOf(gaps, bucketMs) > WORTH_SEEDING * buckets);
        return SEED_PHASES[0]!.windows.some((window) => {
          const { from, to } = seedWindowAt(window, clock.now());
          return missingOf(gaps, window.bucketMs, from, to) > WORTH_SHOWING * window.buckets;
        });
      } catch {
        await sleep(SECOND, over);
      }
    }
    return !over.aborted;
  }

  /** Asks for it and waits for its end. */
  private async seeded(symbol: AssetSymbol, upTo: Round['upTo'], over: AbortSignal): Promise<void> {
    const { bus, clock, sleep } = this.parts;
    const ended = new AbortController();
    this.waiting.set(symbol, () => ended.abort());
    try {
      await bus.publish('seed.deferred', { symbol, reason: 'batch', ...(upTo && { upTo }), requestedAt: clock.now() });
      await sleep(GIVE_UP_MS, AbortSignal.any([over, ended.signal]));
    } finally {
      this.waiting.delete(symbol);
    }
  }
}

function hasEnded({ status }: SeedProgress): boolean {
  return status !== 'seeding';
}

/** Buckets without a candle between two times. */
function missingOf(gaps: readonly HistoryGaps[], width: number, from = -Infinity, to = Infinity): number {
  const ranges = gaps.find(({ bucketMs }) => bucketMs === width)?.missing ?? [];
  return ranges.reduce((sum, [first, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(first, from)) / width, 0);
}
