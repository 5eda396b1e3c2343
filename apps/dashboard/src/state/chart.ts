import { signal } from '@preact/signals';
import { type ChartView, type HauntClient, HauntError, type SeedingProgress } from '@haunt/client';
import { CHART_RANGES, type ChartRange } from '@haunt/domain';
import { bucketOf, differences, fold, merged, type Moment, type Row } from './candles.js';
import { plainly } from './polled.js';

/** What is known of a chart beside its candles. */
export type ChartFacts = Pick<
  ChartView,
  'seeding' | 'seedingStatus' | 'seedingProgress' | 'dataCompleteness' | 'expectedPoints'
> & {
  readonly points: number;
  /** What the running job says. */
  readonly message: string;
};

/** Whoever draws. */
export interface Canvas {
  draw(row: Row, fit: boolean): void;
  update(changed: readonly number[]): void;
}

const SECOND = 1_000;
/** While history arrives, or there is none yet. */
const SEEDING_MS = 3_000;
const FAILED_MS = 5_000;
/** How old the volume of the open bucket, which updates say nothing about, may be on the screen. */
const REFRESH_MS: Readonly<Record<ChartRange, number>> = {
  '1h': 5 * SECOND,
  '4h': 5 * SECOND,
  '1d': 10 * SECOND,
  '1w': 20 * SECOND,
  '1m': 20 * SECOND,
};
/** A bucket that begins is asked for this long after: the server has opened it by then. */
const AFTER_BORDER_MS = 600;

/** How long until a chart is asked for again, at `now` (epoch ms). */
export function waitFor(range: ChartRange, isIncomplete: boolean, now: number): number {
  const { bucketMs } = CHART_RANGES[range];
  const toBorder = bucketMs - (now % bucketMs) + AFTER_BORDER_MS;
  return Math.min(isIncomplete ? SEEDING_MS : REFRESH_MS[range], toBorder);
}

/**
 * One chart of one asset: asked for, kept true by every price, and asked for again now and then for what prices do not tell
 * (volumes, history that has arrived, moments that were missed). Nothing is asked while nobody looks.
 */
export class ChartFeed {
  readonly facts = signal<ChartFacts | undefined>(undefined);
  readonly problem = signal<string | undefined>(undefined);
  /** Drawn from an answer of the server at least once. */
  readonly isDrawn = signal(false);
  #row: Row | undefined;
  #since: Moment[] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;
  #canvas: Canvas | undefined;
  #ended = false;

  constructor(
    private readonly rest: Pick<HauntClient['rest'], 'chart'>,
    readonly symbol: string,
    readonly range: ChartRange,
  ) {}

  /** What it looks like now; folded into in place. */
  get row(): Row | undefined {
    return this.#row;
  }

  start(canvas: Canvas): void {
    this.#canvas = canvas;
    document.addEventListener('visibilitychange', this.#look);
    this.refresh();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    document.removeEventListener('visibilitychange', this.#look);
  }

  /** A price has come. */
  take(price: Moment): void {
    this.#since?.push(price);
    if (this.#row === undefined) return;
    const changed = fold(this.#row, price);
    if (changed === undefined) return;
    const last = Math.round((bucketOf(price.timestamp, this.range) - this.#row.start) / this.#row.step);
    this.#canvas?.update(changed === last ? [changed] : [changed, last]);
  }

  /** The job that fetches history has come further. */
  hear({ status, progress, message }: SeedingProgress): void {
    const facts = this.facts.value;
    if (facts !== undefined) {
      const seedingStatus = ({ seeding: 'in_progress', seeded: 'complete', failed: 'failed' } as const)[status];
      const seedingProgress = status === 'seeded' ? 100 : progress;
      this.facts.value = { ...facts, seeding: status === 'seeding', seedingStatus, seedingProgress, message };
    }
    if (status !== 'seeding') this.refresh();
  }

  /** Asks now. */
  refresh(): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const since: Moment[] = (this.#since = []);
    void this.#settle(asking.signal, since);
  }

  async #settle(aborted: AbortSignal, since: readonly Moment[]): Promise<void> {
    try {
      const { data } = await this.rest.chart(this.symbol, this.range, { signal: aborted });
      if (aborted.aborted) return;
      this.#since = undefined;
      this.#show(data, since);
      this.#again(waitFor(this.range, data.seeding || data.data.length === 0, Date.now()));
    } catch (error) {
      if (aborted.aborted) return;
      this.#since = undefined;
      this.problem.value = plainly(error);
      if (!(error instanceof HauntError && error.status === 404)) this.#again(FAILED_MS);
    }
  }

  #show(view: ChartView, since: readonly Moment[]): void {
    const before = this.#row;
    const row = merged(view, since, before);
    this.#row = row;
    const changed = differences(before, row);
    // The canvas holds the row it was given: a new one takes its place even if little in it is new.
    if (changed === undefined || before === undefined) this.#canvas?.draw(row, before === undefined);
    else this.#adopt(before, row, changed);
    const { seeding, seedingStatus, seedingProgress, dataCompleteness, expectedPoints, data } = view;
    const message = seeding ? (this.facts.value?.message ?? '') : '';
    this.facts.value = {
      seeding,
      seedingStatus,
      seedingProgress,
      dataCompleteness,
      expectedPoints,
      points: data.length,
      message,
    };
    this.problem.value = undefined;
    this.isDrawn.value = true;
  }

  #adopt(drawn: Row, row: Row, changed: readonly number[]): void {
    drawn.places.splice(0, drawn.places.length, ...row.places);
    drawn.edges.clear();
    for (const [time, edge] of row.edges) drawn.edges.set(time, edge);
    this.#row = drawn;
    this.#canvas?.update(changed);
  }

  #again(ms: number): void {
    if (this.#ended || document.visibilityState === 'hidden') return;
    this.#timer = setTimeout(() => this.refresh(), ms);
  }

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    if (document.visibilityState === 'visible') this.refresh();
  };
}
