import type { SourceQuote } from '../consensus.js';
import { SOURCES, SOURCE_IDS, type SourceId } from '../source.js';

/** One question to the price rule. */
export interface AggregateCase {
  readonly quotes: readonly SourceQuote[];
  readonly now: number;
  readonly excluded: readonly SourceId[];
  readonly others: boolean;
}

const { ceil, floor } = Math;
const NOW = 1_800_000_000_000;
/** Distances from the truth that sit on, just inside and just outside of the bounds. */
const EDGES = [0, 0.0025, 0.00250000001, 0.00249999999, 0.005, 0.00500000001, 0.00499999999, 0.01, 0.015];
const UNUSABLE = [0, -1, Number.NaN, Infinity, -Infinity];

/**
 * A case as the world might ask it: any number of sources, most of them near a true price of any magnitude, others off by
 * a little, on an edge, by powers of ten, stuck, stale, ahead of the clock or no number at all; any verdicts; the weights of
 * the table or others.
 */
export function randomCase(random: () => number): AggregateCase {
  const pick = <T>(list: readonly T[]): T => list[floor(random() * list.length)]!;
  const truth = 10 ** (random() * 18 - 9);
  const noise = pick([0, 1e-6, 1e-4, 1e-3, 1e-2, 0.3]);
  const stuck = truth * (1 + (random() - 0.5) * 0.2);
  const density = random();
  const strange = random() < 0.5 ? 0 : random() * 0.5;
  const tableWeights = random() < 0.7;
  const quotes: SourceQuote[] = [];
  const excluded: SourceId[] = [];
  const verdicts = random() < 0.5 ? 0 : random();

  const priceOf = (): number => {
    if (random() >= strange) return truth * (1 + (random() - 0.5) * noise);
    const kind = random();
    if (kind < 0.25) return truth * (1 + pick(EDGES) * (random() < 0.5 ? -1 : 1));
    if (kind < 0.5) return truth * 10 ** (floor(random() * 13) - 6);
    if (kind < 0.75) return stuck;
    return kind < 0.9 ? truth * random() * 3 : pick(UNUSABLE);
  };
  const ageOf = (): number => {
    const kind = random();
    if (kind < 0.7) return random() * 5_000;
    if (kind < 0.85) return random() * 40_000;
    return pick([30_000, 30_000.001, 29_999.999, -10_000, 0, 3_600_000]);
  };
  const weightOf = (): number => {
    const kind = random();
    if (kind < 0.6) return ceil(random() * 10) / 10;
    return kind < 0.9 ? random() : pick([0, 1e-9, 5, 1_000, -1, Number.NaN]);
  };

  for (const source of SOURCE_IDS) {
    if (random() < verdicts) excluded.push(source);
    if (random() >= density) continue;
    const weight = tableWeights ? SOURCES[source].weight : weightOf();
    quotes.push({ source, price: priceOf(), time: NOW - ageOf(), weight });
  }
  return { quotes, now: NOW, excluded, others: random() < 0.3 };
}
