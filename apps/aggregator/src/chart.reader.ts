import type { ChartAnswer, ChartPoint, ChartRequest, ChartView, HistoryGaps, Sparkline } from '@haunt/contracts';
import {
  type AssetChart,
  type AssetSymbol,
  type ChartBook,
  type ChartData,
  CHART_RANGES,
  type ChartRange,
  type Place,
  PROVENANCE,
  SERIES,
} from '@haunt/domain';
import type { Seeding } from './seed.tracker.js';
import { Slices } from './slices.js';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A chart that changes with every trade is drawn anew this often at the most. */
const REDRAW_MS = 500;
/** Charts kept as they were last drawn; those asked for least recently are forgotten. */
const KEPT = 256;
/** The completeness of a day is looked at this often. */
const COMPLETENESS_MS = 30_000;
/** Buckets looked at before others get a turn. */
const PIECE = 1_000;

interface Drawn {
  readonly version: number;
  readonly bucket: number;
  readonly at: number;
  readonly data: ChartData;
  readonly points: readonly ChartPoint[];
  /** Counts drawings; with the seeding it makes the revision. */
  readonly drawing: number;
  /** The view that was given out last, under its revision. */
  view?: { readonly revision: string; readonly chart: ChartView };
}

/** Charts as they are answered, drawn when they are asked for and kept until they change. `now` is epoch ms. */
export class ChartReader {
  private readonly drawn = new Map<string, Drawn>();
  private readonly days = new Map<AssetSymbol, { readonly at: number; readonly completeness: number }>();
  private drawings = 0;

  constructor(
    private readonly charts: () => ChartBook,
    /** Different for every start: revisions of another process must not look like ours. */
    private readonly run: string,
  ) {}

  completeness(symbol: AssetSymbol, range: ChartRange, now: number): number {
    return this.draw(symbol, range, now).data.completeness;
  }

  answer({ symbol, range, known }: ChartRequest, seeding: Seeding, now: number): ChartAnswer {
    const drawn = this.draw(symbol, range, now);
    const revision = `${this.run}.${drawn.drawing}.${seeding.status}.${seeding.progress}`;
    if (known === revision) return { revision };
    if (drawn.view?.revision !== revision) drawn.view = { revision, chart: view(symbol, range, drawn, seeding) };
    return drawn.view;
  }

  /** Of the chart of a day, percent; up to half a minute old. */
  dayCompleteness(symbol: AssetSymbol, now: number): number {
    const known = this.days.get(symbol);
    if (known !== undefined && now - known.at < COMPLETENESS_MS) return known.completeness;
    const { completeness } = this.charts().read(symbol, '1d', now);
    this.days.set(symbol, { at: now, completeness });
    return completeness;
  }

  /** Buckets of the last day that somebody saw. */
  dayPoints(symbol: AssetSymbol, now: number): number {
    return Math.round((this.dayCompleteness(symbol, now) / 100) * CHART_RANGES['1d'].points);
  }

  /** @param priceOf what the price is now */
  async sparklines(
    symbols: readonly AssetSymbol[],
    priceOf: (symbol: AssetSymbol) => number | undefined,
    now: number,
  ): Promise<Sparkline[]> {
    const slices = new Slices();
    const lines: Sparkline[] = [];
    for (const symbol of symbols) {
      const charts = this.charts();
      const closes = charts.sparkline(symbol, now);
      const price = priceOf(symbol);
      const change = (windowMs: number): number | undefined =>
        price === undefined ? undefined : charts.change(symbol, price, windowMs, now);
      lines.push({
        symbol,
        closes,
        change1h: change(HOUR),
        change24h: change(DAY),
        change7d: change(7 * DAY),
        change30d: change(30 * DAY),
      });
      await slices.breathe();
    }
    return lines;
  }

  /** What each series lacks of what it could keep, up to the bucket that is still open. */
  async missing(symbol: AssetSymbol, now: number): Promise<HistoryGaps[]> {
    const slices = new Slices();
    const gaps: HistoryGaps[] = [];
    for (const [index, { bucketMs, buckets }] of SERIES.entries()) {
      const end = Math.floor(now / bucketMs);
      const first = end - buckets + 1;
      const missing: [number, number][] = [];
      const weak: [number, number][] = [];
      for (let from = first; from < end; from += PIECE) {
        const chart = this.charts().get(symbol);
        survey(chart, index, bucketMs, from, Math.min(from + PIECE, end), missing, weak);
        await slices.breathe();
      }
      gaps.push({ bucketMs, from: first * bucketMs, to: end * bucketMs, missing, weak });
    }
    return gaps;
  }

  private draw(symbol: AssetSymbol, range: ChartRange, now: number): Drawn {
    const key = `${symbol}:${range}`;
    const version = this.charts().get(symbol)?.version ?? 0;
    const bucket = Math.floor(now / CHART_RANGES[range].bucketMs);
    const last = this.drawn.get(key);
    this.drawn.delete(key);
    const stands = last?.bucket === bucket && (last.version === version || now - last.at < REDRAW_MS);
    const drawn = stands ? last : this.redraw(symbol, range, now, version, bucket);
    this.drawn.set(key, drawn);
    if (this.drawn.size > KEPT) this.drawn.delete(this.drawn.keys().next().value!);
    return drawn;
  }

  private redraw(symbol: AssetSymbol, range: ChartRange, now: number, version: number, bucket: number): Drawn {
    const data = this.charts().read(symbol, range, now);
    return { version, bucket, at: now, data, points: data.places.map(pointOf), drawing: ++this.drawings };
  }
}

function view(symbol: AssetSymbol, range: ChartRange, { data, points }: Drawn, seeding: Seeding): ChartView {
  return {
    symbol,
    range,
    data: points,
    seeding: seeding.status === 'in_progress',
    seedingStatus: seeding.status,
    seedingProgress: seeding.progress,
    dataCompleteness: data.completeness,
    expectedPoints: data.expectedPoints,
    gaps: data.gaps.map(({ from, to }) => ({ from: from / SECOND, to: to / SECOND })),
  };
}

function pointOf(place: Place): ChartPoint {
  return { ...place, time: place.time / SECOND };
}

/** Adds what the buckets from `first` up to `end` lack to the ranges found so far. */
function survey(
  chart: AssetChart | undefined,
  index: number,
  bucketMs: number,
  first: number,
  end: number,
  missing: [number, number][],
  weak: [number, number][],
): void {
  for (let bucket = first; bucket < end; bucket++) {
    const rank = chart?.rank(index, bucket) ?? PROVENANCE.missing;
    if (rank >= PROVENANCE.klines) continue;
    const list = rank === PROVENANCE.missing ? missing : weak;
    const start = bucket * bucketMs;
    const last = list.at(-1);
    if (last !== undefined && last[1] === start) last[1] = start + bucketMs;
    else list.push([start, start + bucketMs]);
  }
}
