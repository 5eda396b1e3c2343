import { Consensus, FRESH_MS, aggregate, isUsable, statusOf, type Aggregate } from '../consensus.js';
import { RANK, RANKED_WEIGHTS, maskOf, sourcesOf } from '../source-rank.js';
import { SOURCES } from '../source.js';
import { randomCase, type AggregateCase } from './random-case.js';
import { seeded } from './random.js';
import { referenceAggregate } from './reference-aggregate.js';

const { max, min } = Math;

/** A case on which the price rule and its reference differ. */
export interface Difference {
  /** Which of the random cases, from 0. */
  readonly index: number;
  readonly question: AggregateCase;
  readonly expected: Aggregate;
  readonly got: Aggregate;
}

/**
 * Asks `aggregate` and the reference the same random questions, and one `Consensus` that is used for all of them, as the
 * price book uses it: what it remembered of the case before would show. Returns the first difference, to the last bit.
 */
export function compareWithReference(
  cases: number,
  seed: number,
  progress: (done: number) => void = () => undefined,
): Difference | undefined {
  const random = seeded(seed);
  const weights = [...RANKED_WEIGHTS];
  const reused = new Consensus(weights);
  for (let index = 0; index < cases; index++) {
    const question = randomCase(random);
    const expected = referenceAggregate(question.quotes, question.now, question.excluded, question.others);
    for (const got of [
      aggregate(question.quotes, question.now, question.excluded, question.others),
      decide(reused, weights, question),
    ]) {
      if (!isSame(expected, got)) return { index, question, expected, got };
    }
    if ((index + 1) % 100_000 === 0) progress(index + 1);
  }
  return undefined;
}

function decide(consensus: Consensus, weights: number[], { quotes, now, excluded, others }: AggregateCase): Aggregate {
  let fresh = 0;
  let asOf = 0;
  for (const { source, price, time, weight = SOURCES[source].weight } of quotes) {
    if (!isUsable(price) || !isUsable(weight) || now - time > FRESH_MS) continue;
    fresh |= 1 << RANK[source];
    consensus.prices[RANK[source]] = price;
    weights[RANK[source]] = weight;
  }
  consensus.decide(fresh, maskOf(excluded), others);
  for (const { source, time } of quotes) {
    if ((consensus.counted & (1 << RANK[source])) !== 0) asOf = max(asOf, min(time, now));
  }
  const { count, disagreement, price, p25, p75 } = consensus;
  const rest = {
    counted: sourcesOf(consensus.counted),
    excluded: sourcesOf(consensus.verdicts),
    disagreement,
    status: statusOf(count, disagreement),
  };
  return count === 0 ? rest : { price, spread: { p25, p75 }, asOf, ...rest };
}

function isSame(a: Aggregate, b: Aggregate): boolean {
  return (
    a.price === b.price &&
    a.spread?.p25 === b.spread?.p25 &&
    a.spread?.p75 === b.spread?.p75 &&
    a.asOf === b.asOf &&
    a.status === b.status &&
    a.disagreement === b.disagreement &&
    isSameList(a.counted, b.counted) &&
    isSameList(a.excluded, b.excluded)
  );
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
