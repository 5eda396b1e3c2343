import { newAssetBook, type AssetBook } from './asset-book.js';
import type { PriceUpdate } from './price.js';
import type { Doubt } from './doubts.js';
import { newLane, type QuoteLane } from './quote-lane.js';
import type { StablecoinRate } from './rates.js';
import { RANK, RANKED_SOURCES, maskOf, sourcesOf } from './source-rank.js';
import { isSourceId, type SourceId } from './source.js';
import type { AssetSymbol, QuoteCurrency } from './tick.js';

/** One pair: its source, its quote currency, whether the price was made of it, and the rest of its lane in LANE_FIELDS' order. */
export type LaneRow = readonly [SourceId, QuoteCurrency, used: 0 | 1, ...values: number[]];

const LANE_FIELDS = [
  'price',
  'time',
  'tradeTime',
  'heardAt',
  'takenAt',
  'doubtfulPrice',
  'doubtfulTime',
  'statsTime',
  'open24h',
  'volume24h',
] as const satisfies readonly (keyof QuoteLane)[];

export interface AssetSnapshot {
  readonly symbol: AssetSymbol;
  readonly lanes: readonly LaneRow[];
  readonly counted: readonly SourceId[];
  readonly verdicts: readonly SourceId[];
  readonly median: number;
  readonly threshold: number;
  readonly disagreement: boolean;
  readonly usdt: number;
  readonly usdc: number;
  readonly held: boolean;
  /** Null: no quote is fresh. */
  readonly expiresAt: number | null;
  readonly asOf: number;
  readonly p25: number;
  readonly p75: number;
  readonly update: PriceUpdate | null;
}

/** State of a price book as plain JSON: numbers survive JSON to the last bit, sources are named and not numbered. */
export interface PriceBookSnapshot {
  readonly now: number;
  readonly sweptAt: number;
  readonly forgotAt: number;
  readonly usdt: StablecoinRate;
  readonly usdc: StablecoinRate;
  readonly doubts: readonly Doubt[];
  readonly assets: readonly AssetSnapshot[];
}

export function snapshotAsset(asset: AssetBook): AssetSnapshot {
  const { symbol, median, threshold, disagreement, usdt, usdc, held, expiresAt, asOf, p25, p75 } = asset;
  const lanes = asset.lanes.flat().map((lane): LaneRow => {
    const used = asset.used[lane.source] === lane ? 1 : 0;
    return [RANKED_SOURCES[lane.source]!, lane.quote, used, ...LANE_FIELDS.map((field) => lane[field])];
  });
  return {
    symbol,
    lanes,
    counted: sourcesOf(asset.counted),
    verdicts: sourcesOf(asset.verdicts),
    median,
    threshold,
    disagreement,
    usdt,
    usdc,
    held,
    expiresAt: expiresAt === Infinity ? null : expiresAt,
    asOf,
    p25,
    p75,
    update: asset.update ?? null,
  };
}

/** A source that this version does not know any more is left behind. */
export function restoreAsset(snapshot: AssetSnapshot, owned: boolean): AssetBook {
  const { symbol, lanes, counted, verdicts, expiresAt, update, ...rest } = snapshot;
  const asset = newAssetBook(symbol, owned);
  for (const [source, quote, used, ...values] of lanes) {
    if (!isSourceId(source)) continue;
    const lane = newLane(RANK[source], quote);
    for (const [i, field] of LANE_FIELDS.entries()) lane[field] = values[i] ?? lane[field];
    asset.lanes[lane.source]!.push(lane);
    if (used === 1) asset.used[lane.source] = lane;
  }
  Object.assign(asset, rest);
  asset.counted = maskOf(counted.filter(isSourceId));
  asset.verdicts = maskOf(verdicts.filter(isSourceId));
  asset.expiresAt = expiresAt ?? Infinity;
  asset.update = update ?? undefined;
  return asset;
}
