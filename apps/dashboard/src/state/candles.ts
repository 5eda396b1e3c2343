import type { ChartPoint, ChartView, LivePrice } from '@haunt/contracts';
import { CHART_RANGES, type ChartRange } from '@haunt/domain';

const SECOND = 1_000;
/** Buckets at the young end of which it is known when they opened and closed, so that late prices find their place. */
const KNOWN_EDGES = 4;

/** What a candle needs to know of a price as it arrives. */
export type Moment = Pick<LivePrice, 'price' | 'timestamp' | 'status'>;

/** One bucket that is drawn. */
export type Bar = ChartPoint;

/**
 * A chart as the row of its buckets, none left out: place `i` is the bucket that starts at `start + i * step` (epoch seconds), and
 * undefined where it is missing. Prices are folded into it in place.
 */
export interface Row {
  readonly range: ChartRange;
  readonly start: number;
  /** Bucket width, seconds. */
  readonly step: number;
  readonly places: (Bar | undefined)[];
  /** Of the youngest buckets, by their start: when the price that opened them was, and the one that closes them, epoch ms. */
  readonly edges: Map<number, Edge>;
}

interface Edge {
  openedAt: number;
  closedAt: number;
}

/** Width of a range's buckets, seconds. */
export function stepOf(range: ChartRange): number {
  return CHART_RANGES[range].bucketMs / SECOND;
}

/** Start of the bucket a moment (epoch ms) belongs to, epoch seconds. */
export function bucketOf(timestamp: number, range: ChartRange): number {
  const { bucketMs } = CHART_RANGES[range];
  return (Math.floor(timestamp / bucketMs) * bucketMs) / SECOND;
}

/** Start of place `i`, epoch seconds. */
export function timeAt(row: Row, i: number): number {
  return row.start + i * row.step;
}

/**
 * The row of an answer: its points where they are, what it calls a gap left empty. When its prices were it does not say: nothing opens a
 * bucket before its open, and only the last one is still closed by what comes; `before` knows better of those it has seen itself.
 */
export function rowOf({ range, data, gaps }: Pick<ChartView, 'range' | 'data' | 'gaps'>, before?: Row): Row {
  const step = stepOf(range);
  const last = data.at(-1);
  const start = Math.min(data[0]?.time ?? Infinity, gaps[0]?.from ?? Infinity);
  const end = Math.max(last === undefined ? 0 : last.time + step, gaps.at(-1)?.to ?? 0);
  const edges = new Map<number, Edge>();
  if (!(end > start)) return { range, start: 0, step, places: [], edges };
  const places = Array.from<Bar | undefined>({ length: Math.round((end - start) / step) });
  for (const point of data) places[Math.round((point.time - start) / step)] = point;
  for (const point of data.slice(-KNOWN_EDGES)) {
    const known = before?.edges.get(point.time)?.closedAt;
    const closedAt = known ?? (point === last ? -Infinity : Infinity);
    edges.set(point.time, { openedAt: -Infinity, closedAt });
  }
  return { range, start, step, places, edges };
}

/**
 * Takes one price at its own time, by the rules the server builds candles by: the earliest of a bucket opens it, the latest closes it (of
 * equals the one that came later), wherever in between it comes. A new bucket has no volume until the server says what was traded in
 * it. What is stale is true for nothing that is drawn yet, so it is left. Returns the first place that changed; undefined when none did.
 */
export function fold(row: Row, { price, timestamp, status }: Moment): number | undefined {
  if (status === 'stale' || row.places.length === 0) return undefined;
  const time = bucketOf(timestamp, row.range);
  const i = Math.round((time - row.start) / row.step);
  // Further ahead than the chart is long: the page has slept, and what it shows is about to be asked for anew.
  if (i < 0 || i > row.places.length + CHART_RANGES[row.range].points) return undefined;
  const bar = row.places[i];
  if (bar === undefined || bar.interpolated === true) {
    const end = row.places.length;
    for (let empty = end; empty < i; empty++) row.places[empty] = undefined;
    row.places[i] = { time, open: price, high: price, low: price, close: price };
    row.edges.set(time, { openedAt: timestamp, closedAt: timestamp });
    if (row.edges.size > KNOWN_EDGES) row.edges.delete(Math.min(...row.edges.keys()));
    return Math.min(i, end);
  }
  const edge = row.edges.get(time);
  const opens = edge !== undefined && timestamp < edge.openedAt;
  const closes = edge !== undefined && timestamp >= edge.closedAt;
  if (opens) edge.openedAt = timestamp;
  if (closes) edge.closedAt = timestamp;
  const next = {
    ...bar,
    open: opens ? price : bar.open,
    high: Math.max(bar.high, price),
    low: Math.min(bar.low, price),
    close: closes ? price : bar.close,
  };
  if (isSame(bar, next)) return undefined;
  row.places[i] = next;
  return i;
}

/**
 * The row of an answer with the prices that came while it was under way. Those that the answer has already counted change nothing
 * but the close, and that is what the newest of them says.
 */
export function merged(
  answer: Pick<ChartView, 'range' | 'data' | 'gaps'>,
  since: readonly Moment[],
  before?: Row,
): Row {
  const row = rowOf(answer, before);
  for (const moment of since) fold(row, moment);
  return row;
}

/** Places of `after` that are drawn differently than in `before`; undefined: so much that all is to be drawn anew. */
export function differences(before: Row | undefined, after: Row, few = 4): number[] | undefined {
  if (before === undefined || before.range !== after.range || before.start !== after.start) return undefined;
  if (after.places.length < before.places.length) return undefined;
  const different: number[] = [];
  for (let i = 0; i < after.places.length; i++) {
    if (i < before.places.length && isSame(before.places[i], after.places[i])) continue;
    different.push(i);
    if (different.length > few) return undefined;
  }
  return different;
}

function isSame(a: Bar | undefined, b: Bar | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume &&
    a.interpolated === b.interpolated &&
    a.seeded === b.seeded
  );
}
