import type { Aggregate, SourceQuote } from '../consensus.js';
import type { PriceStatus } from '../price.js';
import { SOURCES, SOURCE_IDS, type SourceId } from '../source.js';

const { abs, floor, max, min, round } = Math;

interface Line {
  readonly source: SourceId;
  readonly price: number;
  readonly time: number;
  readonly weight: number;
}

interface Judged {
  readonly counted: readonly Line[];
  readonly excluded: readonly SourceId[];
  readonly disagreement: boolean;
}

/**
 * The price rule once more, from its description and not from `Consensus`: lists instead of masks, the definition of a median
 * instead of a walk, BigInt votes, nothing reused. Slow on purpose; the two must agree to the last bit.
 */
export function referenceAggregate(
  quotes: readonly SourceQuote[],
  now: number,
  excluded: readonly SourceId[],
  others: boolean,
): Aggregate {
  const lines = quotes
    .map(({ source, price, time, weight }) => ({
      source,
      price,
      time: min(time, now),
      weight: weight ?? SOURCES[source].weight,
    }))
    .filter(({ price, weight }) => [price, weight].every((value) => Number.isFinite(value) && value > 0))
    .filter(({ time }) => now - time <= 30_000)
    .sort((a, b) => place(a.source) - place(b.source));
  const { counted, excluded: verdicts, disagreement } = judge(lines, excluded, others);
  const rest = {
    counted: counted.map(({ source }) => source),
    excluded: inOrder(verdicts),
    disagreement,
    status: grade(counted.length, disagreement),
  };
  if (counted.length === 0) return rest;
  const prices = counted.map(({ price }) => price).sort((a, b) => a - b);
  const quarter = floor(prices.length / 4);
  const mean =
    counted.reduce((sum, { price, weight }) => sum + weight * price, 0) /
    counted.reduce((sum, { weight }) => sum + weight, 0);
  return {
    price: Number((mean < prices[0]! ? prices[0]! : mean > prices.at(-1)! ? prices.at(-1)! : mean).toPrecision(10)),
    spread: { p25: prices[quarter]!, p75: prices[prices.length - 1 - quarter]! },
    asOf: counted.map(({ time }) => time).sort((a, b) => b - a)[0]!,
    ...rest,
  };
}

function judge(lines: readonly Line[], excluded: readonly SourceId[], others: boolean): Judged {
  const isOut = (line: Line): boolean => excluded.includes(line.source);
  const out = lines.filter(isOut);
  const trusted = lines.filter((line) => !isOut(line));
  const acquit = (freed: readonly Line[]): SourceId[] =>
    excluded.filter((source) => !freed.some((line) => line.source === source));

  if (lines.length >= 3) {
    const votes = capped(lines);
    const middle = medianBy(lines, votes, (line) => line.price);
    const distance = (line: Line): number => abs(line.price - middle);
    const spread = medianBy(lines, votes, distance);
    const allowed = max(0.005 * middle, 3 * spread);
    const guilty = lines.filter((line) => distance(line) > (isOut(line) ? 0.5 * allowed : allowed));
    const absent = excluded.filter((source) => !lines.some((line) => line.source === source));
    return {
      counted: lines.filter((line) => !guilty.includes(line)),
      excluded: [...absent, ...guilty.map(({ source }) => source)],
      disagreement: spread > 0.005 * middle,
    };
  }
  if (lines.length === 2 && out.length === 1) {
    const [suspect] = out as [Line];
    const [judgedBy] = trusted as [Line];
    const near = abs(suspect.price - judgedBy.price) <= 0.5 * (0.005 * judgedBy.price);
    return { counted: near ? lines : trusted, excluded: near ? acquit(out) : excluded, disagreement: false };
  }
  if (lines.length === 2) {
    const [low, high] = lines.map(({ price }) => price).sort((a, b) => a - b) as [number, number];
    const agree = high - low <= 0.005 * (low + (high - low) / 2);
    const silenced = !agree && out.length === 2 && others;
    return { counted: silenced ? [] : lines, excluded: agree ? acquit(out) : excluded, disagreement: !agree };
  }
  return { counted: out.length === 1 && others ? [] : lines, excluded, disagreement: false };
}

/** Votes in hundred-millionths of a weight: nobody has more than 99 % of what the others have together. */
function capped(lines: readonly Line[]): Map<Line, bigint> {
  const raw = lines.map(({ weight }) => {
    const votes = BigInt(round(weight * 1_000_000));
    return votes === 0n ? 1n : votes;
  });
  return new Map(
    lines.map((line, i) => {
      const mine = raw[i]! * 100n;
      const theirs = raw.reduce((sum, votes, j) => (i === j ? sum : sum + votes), 0n) * 99n;
      return [line, mine < theirs ? mine : theirs];
    }),
  );
}

/** The values with at most half of the votes below and at most half above; their middle when there are two. */
function medianBy(lines: readonly Line[], votes: Map<Line, bigint>, value: (line: Line) => number): number {
  const sum = (some: readonly Line[]): bigint => some.reduce((total, line) => total + votes.get(line)!, 0n);
  const total = sum(lines);
  const medians = lines
    .map(value)
    .filter((candidate) => sum(lines.filter((line) => value(line) < candidate)) * 2n <= total)
    .filter((candidate) => sum(lines.filter((line) => value(line) > candidate)) * 2n <= total);
  const low = medians.reduce((a, b) => (a < b ? a : b));
  const high = medians.reduce((a, b) => (a > b ? a : b));
  return low + (high - low) / 2;
}

function grade(count: number, disagreement: boolean): PriceStatus {
  const byCount = ['stale', 'single-source', 'degraded'] as const;
  return byCount[count] ?? (disagreement ? 'degraded' : 'normal');
}

/** Sums over sources are taken heaviest first, equals in the order of the table: the last bit depends on it. */
function place(source: SourceId): number {
  const { weight } = SOURCES[source];
  const index = SOURCE_IDS.indexOf(source);
  return SOURCE_IDS.filter((other, i) => {
    const theirs = SOURCES[other].weight;
    return theirs > weight || (theirs === weight && i < index);
  }).length;
}

function inOrder(sources: readonly SourceId[]): SourceId[] {
  return [...sources].sort((a, b) => place(a) - place(b));
}
