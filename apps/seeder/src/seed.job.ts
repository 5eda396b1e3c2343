import { type HistoryBatch, type HistoryCandle, partitionOf } from '@haunt/contracts';
import { SEED_PHASES, type SeedPhase, seedProgress, type SeedWindow, seedWindowAt } from '@haunt/domain';
import type { HistoryAsset, HistoryResolution, QuotedCandle } from '@haunt/sources';
import type { Page } from './bucket-ledger.js';
import type { HistoryFetcher } from './history.fetcher.js';
import { insist } from './insist.js';
import type { Provider } from './provider.js';
import type { ProviderDirectory } from './provider.directory.js';
import { ProviderError } from './provider.error.js';
import type { SeedMarks, SeedOutcome } from './seed.marks.js';
import type { SeedNews } from './seed.news.js';
import { type SeederParts, URGENCY, type Urgency } from './seeder.parts.js';
import type { RateAt, StablecoinRates } from './stablecoin.rates.js';

/** Pages of one job on their way at once: what the network takes its time for overlaps, the pace is the provider's. */
const AT_ONCE = 4;
/** Candles in one entry of the log. */
const CHUNK = 500;
/** So many pages without a candle in a row, going back in time: the provider's history of the asset begins later. */
const EMPTY_PAGES = 2;
/** How often a provider may be too busy for a job that waits for it. */
const BUSY_AT_MOST = 2;
/** Less than this share missing is not worth a word: buckets in which nobody traded. */
const WORTH_TELLING = 0.02;

export interface JobParts extends SeederParts {
  readonly directory: ProviderDirectory;
  readonly fetcher: HistoryFetcher;
  readonly rates: StablecoinRates;
}

/** One walk of the plan for one asset: each window from the providers in their order, the next one for what is still missing. */
export class SeedJob {
  /** What last went wrong with a provider; unless it was merely busy, and not for long, it is not asked again in this job. */
  private readonly troubles = new Map<Provider, ProviderError>();
  private readonly busy = new Map<Provider, number>();
  private readonly assets = new Map<Provider, HistoryAsset>();
  /** There was something to ask for. */
  private attempted = false;

  constructor(
    private readonly parts: JobParts,
    private readonly marks: SeedMarks,
    private readonly news: SeedNews,
    readonly urgency: Urgency,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param afterCharts asked when charts can be shown: whether that is all, or the rest is for another time because others wait
   * @returns undefined when it was handed over: its marks say how far it came
   * @throws when bus or store are away for long; the signal's reason when it is aborted
   */
  async run(afterCharts: () => 'goOn' | 'end' | 'handOver'): Promise<SeedOutcome | undefined> {
    const { marks, news } = this;
    await news.say(marks.resumed ? 'Going on where it was interrupted' : 'Looking for what is missing');
    await this.survey();
    for (const [index, phase] of SEED_PHASES.entries()) {
      for (const window of phase.windows) await this.fill(index, phase, window);
      // A phase in which there was nothing but trouble is behind us, and no progress.
      if (!this.attempted || this.marks.providers.size > 0) await this.reach(seedProgress(index, 1));
      if (index > 0) continue;
      this.urgency.level = Math.max(this.urgency.level, URGENCY.rest);
      const next = afterCharts();
      if (next === 'end') return this.end({ ...this.outcome(SEED_PHASES.slice(0, 1)), upTo: 'charts' });
      if (this.marks.providers.size === 0 || next === 'goOn') continue;
      await news.say('What charts show is there; the rest follows when a seeder has time');
      return undefined;
    }
    return this.end(this.outcome(SEED_PHASES));
  }

  private async end(outcome: Omit<SeedOutcome, 'at'>): Promise<SeedOutcome> {
    const { marks, parts } = this;
    marks.outcome = { ...outcome, at: parts.clock.now() };
    await marks.save();
    return marks.outcome;
  }

  /** Completeness decides what is asked for, not what was seeded once. Nobody there to say: everything. */
  private async survey(): Promise<void> {
    const { bus, config, log } = this.parts;
    const { symbol } = this.marks;
    try {
      const gaps = await bus.ask('history.missing', { symbol }, partitionOf(symbol, config.partitions));
      for (const gap of gaps) this.marks.ledger(gap.bucketMs).survey(gap, gap.missing, gap.weak);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.info({ symbol, reason }, 'nobody said what is missing: all of it is asked for');
    }
  }

  private async fill(index: number, phase: SeedPhase, window: SeedWindow): Promise<void> {
    const { providers } = this.parts.directory;
    let trouble: string | undefined;
    for (const provider of providers) {
      if (this.signal.aborted) throw this.signal.reason;
      if (this.isOut(provider)) continue;
      const resolution = resolutionFor(provider, window);
      const pages = resolution === undefined ? [] : this.pages(provider, resolution, window);
      if (resolution === undefined || pages.length === 0) continue;
      this.attempted = true;
      if (trouble !== undefined) await this.news.say(`${trouble}; next: ${provider.name}`);
      trouble = undefined;
      try {
        const asset = await this.asset(provider);
        await this.news.say(`Fetching ${window.name} from ${provider.name}`);
        await this.walk(provider, asset, resolution, pages, () => this.advance(index, phase));
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        this.troubles.set(provider, error);
        if (error.trouble === 'busy') this.busy.set(provider, (this.busy.get(provider) ?? 0) + 1);
        const { id } = provider;
        this.parts.log.debug(
          { symbol: this.marks.symbol, provider: id, reason: error.message },
          'the next provider serves',
        );
        trouble = error.message;
      }
    }
    if (trouble !== undefined) await this.news.say(`${trouble}; nobody else has the ${window.name}`);
  }

  private isOut(provider: Provider): boolean {
    const trouble = this.troubles.get(provider)?.trouble;
    if (trouble === 'busy') return (this.busy.get(provider) ?? 0) >= BUSY_AT_MOST;
    return trouble !== undefined;
  }

  private pages(provider: Provider, { grade, perRequest, reachMs }: HistoryResolution, window: SeedWindow): Page[] {
    const since = reachMs === undefined ? -Infinity : this.parts.clock.now() - reachMs;
    const ledger = this.marks.ledger(window.bucketMs);
    return ledger.pages(provider.id, grade, seedWindowAt(window, this.marks.now), perRequest, since);
  }

  private async asset(provider: Provider): Promise<HistoryAsset> {
    const known = this.assets.get(provider) ?? (await this.parts.directory.find(provider, this.marks.symbol));
    this.assets.set(provider, known);
    return known;
  }

  /** The pages, newest first, some at once; the first failure ends it. */
  private async walk(
    provider: Provider,
    asset: HistoryAsset,
    resolution: HistoryResolution,
    pages: readonly Page[],
    advance: () => Promise<void>,
  ): Promise<void> {
    const ledger = this.marks.ledger(resolution.bucketMs);
    const halt = new AbortController();
    const signal = AbortSignal.any([this.signal, halt.signal]);
    let next = 0;
    let empty = 0;
    const lane = async (): Promise<void> => {
      while (next < pages.length && empty < EMPTY_PAGES) {
        const page = pages[next++]!;
        const candles = await this.page(provider, asset, resolution, page, signal);
        ledger.asked(provider.id, page);
        empty = candles === 0 ? empty + 1 : 0;
        if (empty >= EMPTY_PAGES) ledger.asked(provider.id, { from: pages.at(-1)!.from, to: page.to });
        await advance();
      }
    };
    const lanes = Array.from({ length: Math.min(AT_ONCE, pages.length) }, () => lane());
    try {
      await Promise.all(lanes);
    } catch (error) {
      halt.abort(error);
      // What is on its way is waited for: it must not publish behind the back of whoever goes on.
      await Promise.allSettled(lanes);
      throw error;
    }
  }

  /** @returns how many candles the provider had */
  private async page(
    provider: Provider,
    asset: HistoryAsset,
    resolution: HistoryResolution,
    page: Page,
    signal: AbortSignal,
  ): Promise<number> {
    const { fetcher, rates } = this.parts;
    const { bucketMs, grade } = resolution;
    const ledger = this.marks.ledger(bucketMs);
    const quoted = await fetcher.page(provider, asset, resolution, page, this.urgency, signal);
    // Of two venues the first one's candle stands: they are not mixed within a bucket, nor overwritten.
    const news = quoted.filter(({ time }) => ledger.lacks(time, grade));
    if (news.length === 0) return quoted.length;
    const rateAt = await rates.of(asset.quote, bucketMs, page, this.urgency, signal);
    const candles = news.flatMap((candle) => inDollars(candle, rateAt));
    for (let i = 0; i < candles.length; i += CHUNK) {
      await this.publish({
        symbol: this.marks.symbol,
        provider: provider.id,
        bucketMs,
        grade,
        candles: candles.slice(i, i + CHUNK),
      });
    }
    ledger.found(
      candles.map(({ time }) => time),
      grade,
    );
    if (candles.length > 0) this.marks.providers.add(provider.name);
    return quoted.length;
  }

  private async publish(batch: HistoryBatch): Promise<void> {
    const { bus, config } = this.parts;
    const partition = partitionOf(batch.symbol, config.partitions);
    await insist(this.parts, () => bus.publish('history', batch, partition), this.signal);
  }

  /** After a page: what it settled of the phase shows. */
  private async advance(index: number, { windows }: SeedPhase): Promise<void> {
    let all = 0;
    let settled = 0;
    for (const window of windows) {
      const count = this.marks.ledger(window.bucketMs).count(seedWindowAt(window, this.marks.now));
      all += count.all;
      settled += count.settled;
    }
    await this.reach(seedProgress(index, settled / all));
  }

  /** Never back. */
  private async reach(progress: number): Promise<void> {
    const { marks, news } = this;
    marks.progress = Math.max(marks.progress, progress);
    await marks.save();
    // The end is told with its outcome.
    if (progress < 100) await news.moved();
  }

  private outcome(phases: readonly SeedPhase[]): Pick<SeedOutcome, 'status' | 'progress' | 'message'> {
    const { providers, progress, symbol } = this.marks;
    const shares = this.shares(phases);
    if (providers.size === 0 && this.attempted) {
      const troubles = [...this.troubles.values()];
      if (troubles.some(({ trouble }) => trouble !== 'unable') || shares.every(({ share }) => share === 0)) {
        const reasons = troubles.map(({ message }) => message).join('; ') || 'those that list it have none';
        return { status: 'failed', progress, message: `No history of ${symbol.toUpperCase()}: ${reasons}` };
      }
      return { status: 'seeded', progress: 100, message: 'There is no more history to be had' };
    }
    if (providers.size === 0) return { status: 'seeded', progress: 100, message: 'Nothing was missing' };
    const holes = shares.filter(({ share }) => share < 1 - WORTH_TELLING);
    const rest = holes.map(({ window, share }) => `${window.name} (${Math.floor(share * 100)} % there)`);
    const tail = rest.length === 0 ? '' : `; incomplete: ${rest.join(', ')}`;
    const part = phases.length < SEED_PHASES.length ? ' with what charts show' : '';
    return { status: 'seeded', progress: 100, message: `Seeded${part} from ${[...providers].join(', ')}${tail}` };
  }

  /** How much of every window is there, 0..1. */
  private shares(phases: readonly SeedPhase[]): { readonly window: SeedWindow; readonly share: number }[] {
    return phases
      .flatMap(({ windows }) => windows)
      .map((window) => {
        const { all, there } = this.marks.ledger(window.bucketMs).count(seedWindowAt(window, this.marks.now));
        return { window, share: there / all };
      });
  }
}

/** The provider's buckets of the window's width, its own at native resolution before those folded from points. */
function resolutionFor({ source }: Provider, { bucketMs }: SeedWindow): HistoryResolution | undefined {
  const fitting = source.resolutions.filter((resolution) => resolution.bucketMs === bucketMs);
  return fitting.find(({ grade }) => grade === 'klines') ?? fitting[0];
}

/**
 * Each price with the rate of its own moment, so that the closes of a minute and of the hour that ended with it are one price; when
 * high and low were, nobody says: the middle. Nothing where the rate of the bucket is not known.
 */
function inDollars(candle: QuotedCandle, rateAt: RateAt): HistoryCandle[] {
  const { time, volume } = candle;
  const rate = rateAt(time);
  if (rate === undefined) return [];
  const middle = (rate.open + rate.close) / 2;
  const open = candle.open * rate.open;
  const close = candle.close * rate.close;
  const high = Math.max(candle.high * middle, open, close);
  const low = Math.min(candle.low * middle, open, close);
  return [{ time, open, high, low, close, ...(volume !== undefined && { volume: volume * middle }) }];
}
