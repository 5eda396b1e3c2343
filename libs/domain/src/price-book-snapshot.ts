import { newAssetBook, type AssetBook } from './asset-book.js';
import type { PriceUpdate } from './price.js';
import { newLane } from './quote-lane.js';
import type { StablecoinRate } from './rates.js';
import { RANK, RANKED_SOURCES, maskOf, sourcesOf } from './source-rank.js';
import { isSourceId, type SourceId } from './source.js';
import type { AssetSymbol, QuoteCurrency } from './tick.js';

/** One pair: source, quote currency, price, time, tradeTime, heardAt, statsTime, open24h, volume24h, used for the price. */
export type LaneRow = readonly [SourceId, QuoteCurrency, number, number, number, number, number, number, number, 0 | 1];

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
  readonly assets: readonly AssetSnapshot[];
}

export function snapshotAsset(asset: AssetBook): AssetSnapshot {
  const { symbol, median, threshold, disagreement, usdt, usdc, held, expiresAt, asOf, p25, p75 } = asset;
  const lanes = asset.lanes.flat().map((lane): LaneRow => {
    const { source, quote, price, time, tradeTime, heardAt, statsTime, open24h, volume24h } = lane;
    const used = asset.used[source] === lane ? 1 : 0;
    return [RANKED_SOURCES[source]!, quote, price, time, tradeTime, heardAt, statsTime, open24h, volume24h, used];
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
  for (const [source, quote, price, time, tradeTime, heardAt, statsTime, open24h, volume24h, used] of lanes) {
    if (!isSourceId(source)) continue;
    const lane = newLane(RANK[source], quote);
    Object.assign(lane, { price, time, tradeTime, heardAt, statsTime, open24h, volume24h });
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
