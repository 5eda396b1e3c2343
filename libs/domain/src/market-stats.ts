import { rateUsed, type AssetBook } from './asset-book.js';
import type { QuoteLane } from './quote-lane.js';
import { SOURCES } from './source.js';
import { RANKED_SOURCES, RANKED_WEIGHTS } from './source-rank.js';

/** A ticker older than this tells nothing about today. */
export const STATS_MS = 600_000;

const isVenue = RANKED_SOURCES.map((source) => SOURCES[source].nature === 'venue');

function isRecent(lane: QuoteLane, now: number): boolean {
  return now - lane.statsTime <= STATS_MS;
}

/**
 * Percent over 24 h: the weighted mean of what the counted sources say, each in its own currency (so that a stablecoin's
 * own move does not enter twice). Undefined when none has said where it was a day ago.
 */
export function change24h(asset: AssetBook, now: number): number | undefined {
  let sum = 0;
  let weights = 0;
  for (let rest = asset.counted; rest !== 0; rest &= rest - 1) {
    const source = 31 - Math.clz32(rest & -rest);
    const lane = asset.used[source];
    if (lane === undefined || lane.open24h === 0 || !isRecent(lane, now)) continue;
    sum += RANKED_WEIGHTS[source]! * ((lane.price / lane.open24h - 1) * 100);
    weights += RANKED_WEIGHTS[source]!;
  }
  return weights === 0 ? undefined : sum / weights;
}

/**
 * Traded over 24 h, USD: the venues' own volumes added up. An index already counts them, so without any venue the
 * median of the indices stands in. Sources under a verdict and currencies without a rate are left out.
 */
export function volume24h(asset: AssetBook, now: number): number | undefined {
  let venues = -1;
  let indices: number[] | undefined;
  for (let source = 0; source < asset.lanes.length; source++) {
    if ((asset.verdicts & (1 << source)) !== 0) continue;
    const lanes = asset.lanes[source]!;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i]!;
      if (lane.volume24h < 0 || !isRecent(lane, now)) continue;
      const rate = rateUsed(asset, lane);
      if (rate === 0) continue;
      if (isVenue[source]!) venues = Math.max(venues, 0) + lane.volume24h * rate;
      else (indices ??= []).push(lane.volume24h * rate);
    }
  }
  if (venues >= 0) return venues;
  if (indices === undefined) return undefined;
  indices.sort((a, b) => a - b);
  const half = indices.length >> 1;
  return indices.length % 2 === 1 ? indices[half] : (indices[half - 1]! + indices[half]!) / 2;
}
