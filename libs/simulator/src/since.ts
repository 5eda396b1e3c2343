import { simulatedAsset } from './assets.js';
import { seedOf, unit } from './noise.js';
import { DAY_MS } from './tape.js';

const FIRST = Date.UTC(2017, 0, 1);
const FIRST_YEARS_DAYS = 4 * 365;
/** The largest assets are old, and listed by everybody for long. */
const OLD_RANKS = 30;
const YOUNG_ASSETS = 0.08;
const YOUNG_PAIRS = 0.06;
const YOUNGEST_DAYS = 10;
/** What is young begins anew in this rhythm: it stays so in whatever year a simulation runs, and between two runs. */
const CYCLE_DAYS = 400;

/**
 * Midnight (UTC) from which on there are prices of this asset, epoch ms: years ago, or for one smaller asset in twelve 10 to
 * 410 days before `began`, the start of the simulation.
 */
export function assetSince(seed: number, symbol: string, began: number): number {
  return since(`${seed}/since/${symbol}`, simulatedAsset(symbol).rank < OLD_RANKS ? 0 : YOUNG_ASSETS, began);
}

/** The same of a pair: some venues list an asset later than others. */
export function pairSince(seed: number, venue: string, base: string, quote: string, began: number): number {
  const share = simulatedAsset(base).rank < OLD_RANKS ? 0 : YOUNG_PAIRS;
  return Math.max(since(`${seed}/since/${venue}/${base}/${quote}`, share, began), assetSince(seed, base, began));
}

function since(name: string, youngShare: number, began: number): number {
  const luck = seedOf(name);
  if (unit(luck, 0) >= youngShare) return FIRST + Math.floor(unit(luck, 1) * FIRST_YEARS_DAYS) * DAY_MS;
  const newest = Math.floor(began / DAY_MS) - YOUNGEST_DAYS;
  const offset = Math.floor(unit(luck, 2) * CYCLE_DAYS);
  return (newest - ((((newest - offset) % CYCLE_DAYS) + CYCLE_DAYS) % CYCLE_DAYS)) * DAY_MS;
}
