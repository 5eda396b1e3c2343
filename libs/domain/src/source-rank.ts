import { SOURCES, SOURCE_IDS, type SourceId } from './source.js';

/** Every source, heaviest first, equals in the order of the table: the one order in which sums over sources are taken. */
export const RANKED_SOURCES: readonly SourceId[] = [...SOURCE_IDS].sort(
  (a, b) => SOURCES[b].weight - SOURCES[a].weight,
);

/** Place of a source in `RANKED_SOURCES`; sets of sources are bit masks over these places. */
export const RANK: Readonly<Record<SourceId, number>> = Object.fromEntries(
  RANKED_SOURCES.map((source, rank) => [source, rank]),
) as Record<SourceId, number>;

export const RANKED_WEIGHTS: readonly number[] = RANKED_SOURCES.map((source) => SOURCES[source].weight);

const lists = new Map<number, readonly SourceId[]>();

/** The sources of a mask, heaviest first. The same frozen list for the same mask: it is asked for on every update. */
export function sourcesOf(mask: number): readonly SourceId[] {
  let list = lists.get(mask);
  if (list === undefined) {
    list = Object.freeze(RANKED_SOURCES.filter((_, rank) => (mask & (1 << rank)) !== 0));
    lists.set(mask, list);
  }
  return list;
}

export function maskOf(sources: Iterable<SourceId>): number {
  let mask = 0;
  for (const source of sources) mask |= 1 << RANK[source];
  return mask;
}
