/** What is known about one asset's price at the moment of asking. */
export interface ConfidenceInputs {
  /** Sources whose quotes count now. */
  readonly countedSources: number;
  /** Arrivals within the last 60 s. */
  readonly updatesLastMinute: number;
  /** Age of the price; null: there is none. */
  readonly secondsSinceUpdate: number | null;
  /** Interquartile distance of the counted sources as percent of the price; null: fewer than two count. */
  readonly priceSpreadPercent: number | null;
}

export interface Confidence {
  /** Sum of the factors, 0..100. */
  readonly score: number;
  readonly factors: {
    /** 0..30 */
    readonly sourceDiversity: number;
    /** 0..25 */
    readonly updateFrequency: number;
    /** 0..25 */
    readonly dataRecency: number;
    /** 0..20 */
    readonly priceConsistency: number;
  };
}

/** Points for values up to each limit; beyond the last: 0. */
type Scale = readonly (readonly [limit: number, points: number])[];

const RECENCY: Scale = [
  [5, 25],
  [30, 20],
  [60, 15],
  [300, 10],
  [600, 5],
];
const CONSISTENCY: Scale = [
  [0.1, 20],
  [0.5, 16],
  [1, 12],
  [2, 8],
  [5, 4],
];
const DIVERSITY = [0, 10, 18, 24, 30];
/** One source alone agrees with itself: that proves little. */
const UNCOMPARED = 5;

/**
 * How much an asset's price can be trusted, 0..100. `sourceDiversity`: how many sources count now. `updateFrequency`: arrivals
 * in the last minute (1 gives 5 points, every tenfold 10 more, full at 100), not since the start: a dead feed gets 0.
 * `dataRecency`: age of the price. `priceConsistency`: how close the counted sources are to each other.
 */
export function confidence(inputs: ConfidenceInputs): Confidence {
  const { countedSources, updatesLastMinute, secondsSinceUpdate, priceSpreadPercent } = inputs;
  const factors = {
    sourceDiversity: DIVERSITY[Math.min(Math.max(Math.trunc(countedSources), 0), DIVERSITY.length - 1)] ?? 0,
    updateFrequency: updatesLastMinute < 1 ? 0 : Math.min(25, Math.round(5 + 10 * Math.log10(updatesLastMinute))),
    dataRecency: secondsSinceUpdate === null ? 0 : points(RECENCY, secondsSinceUpdate),
    priceConsistency: consistency(countedSources, priceSpreadPercent),
  };
  const score = factors.sourceDiversity + factors.updateFrequency + factors.dataRecency + factors.priceConsistency;
  return { score, factors };
}

function consistency(countedSources: number, spread: number | null): number {
  if (countedSources < 1) return 0;
  if (countedSources < 2 || spread === null) return UNCOMPARED;
  return points(CONSISTENCY, spread);
}

function points(scale: Scale, value: number): number {
  return scale.find(([limit]) => value < limit)?.[1] ?? 0;
}
