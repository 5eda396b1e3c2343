import type { AssetView, QuotesView, Sparkline } from '@haunt/contracts';
import type { GlobalFigures, ListingRow, PriceStatus, RegisteredAsset } from '@haunt/domain';
import type { ShownPrice } from '../latest-prices.js';

/** CoinMarketCap's numbers. */
const BITCOIN = 1;
const ETHER = 1027;

/** Everything that is known of an asset at one moment. At least one of `asset` and `live` is there. */
export interface AssetParts {
  readonly asset: RegisteredAsset | undefined;
  readonly live: ShownPrice | undefined;
  readonly sparkline: Sparkline | undefined;
  /** There is a listing, so that an asset which is not in it has no rank. */
  readonly hasListing: boolean;
}

interface CurrentPrice {
  readonly price: number;
  readonly status: PriceStatus;
  /** The time it is true for, epoch ms. */
  readonly at: number;
  readonly isLive: boolean;
}

/** The live price; a listing's, which is minutes old and therefore stale, when there is none or none as young. */
function currentPrice({ asset, live }: AssetParts): CurrentPrice | undefined {
  const figures = asset?.figures;
  if (live !== undefined && (live.status !== 'stale' || figures === undefined || live.update.asOf >= figures.updatedAt))
    return { price: live.update.price, status: live.status, at: live.update.asOf, isLive: true };
  return figures && { price: figures.price, status: 'stale', at: figures.updatedAt, isLive: false };
}

/**
 * The numbers of an asset. The price is the live one, and so is what follows from it: a capitalisation of minutes ago is
 * brought to the price of now. Volume is that of the whole market where a listing tells it, otherwise that of our venues.
 */
function numbersOf(parts: AssetParts) {
  const { asset, live, sparkline } = parts;
  const figures = asset?.figures;
  const current = currentPrice(parts);
  const scale = figures === undefined || current === undefined ? 1 : current.price / figures.price;
  const scaled = (value: number | undefined): number | undefined => (value === undefined ? undefined : value * scale);
  return {
    current,
    price: current?.price,
    marketCap: scaled(figures?.marketCap),
    fullyDilutedMarketCap: scaled(figures?.fullyDilutedMarketCap),
    // One meaning everywhere, the pushed updates included: what the venues we listen to traded.
    volume24h: live?.update.volume24h ?? figures?.volume24h,
    change1h: sparkline?.change1h ?? figures?.change1h,
    change24h: live?.update.change24h ?? sparkline?.change24h ?? figures?.change24h,
    change7d: sparkline?.change7d ?? figures?.change7d,
    change30d: sparkline?.change30d ?? figures?.change30d,
  };
}

/** An asset as lists filter and sort it. Only where `asset` is known. */
export function rowOf(parts: AssetParts & { readonly asset: RegisteredAsset }): ListingRow {
  const { price, marketCap, volume24h, change1h, change24h, change7d } = numbersOf(parts);
  const { id, rank, name } = parts.asset;
  return { id, rank, name, price, marketCap, volume24h, change1h, change24h, change7d };
}

/**
 * The asset with its live price. Clients of this shape do arithmetic with its numbers, so none may be missing: what nobody has
 * told us is 0, and named in `unknown`.
 */
export function assetView(parts: AssetParts): AssetView {
  const { asset, live, sparkline, hasListing } = parts;
  const numbers = numbersOf(parts);
  const { current } = numbers;
  const figures = asset?.figures;
  const unknown: string[] = [];
  const number = (field: keyof AssetView, value: number | undefined): number => {
    if (value === undefined) unknown.push(field);
    return value ?? 0;
  };
  const closes = sparkline?.closes ?? [];
  const listedCloses = figures?.sparkline ?? [];
  return {
    id: number('id', asset?.id),
    rank: number('rank', hasListing && figures === undefined ? undefined : asset?.rank),
    name: asset?.name ?? symbolOf(parts).toUpperCase(),
    symbol: asset?.spelling ?? symbolOf(parts).toUpperCase(),
    image: asset?.image ?? '',
    price: number('price', numbers.price),
    change1h: number('change1h', numbers.change1h),
    change24h: number('change24h', numbers.change24h),
    change7d: number('change7d', numbers.change7d),
    marketCap: number('marketCap', numbers.marketCap),
    volume24h: number('volume24h', numbers.volume24h),
    circulatingSupply: number('circulatingSupply', figures?.circulatingSupply),
    maxSupply: figures?.maxSupply,
    sparkline: closes.length >= listedCloses.length ? closes : listedCloses,
    tradeDirection: live?.update.direction,
    assetType: 'crypto',
    status: current?.status ?? 'stale',
    lastUpdated: Math.floor(current?.at ?? 0),
    unknown,
  };
}

/**
 * An asset's share in the whole market, percent. The whole is that of /api/market/global, also where the listing is another API's with a
 * total of its own; Bitcoin and Ether have the share that is told there.
 */
function dominanceOf(asset: RegisteredAsset | undefined, market: GlobalFigures | undefined): number | undefined {
  const { marketCap, marketCapDominance } = asset?.figures ?? {};
  if (market === undefined) return marketCapDominance;
  if (asset?.id === BITCOIN) return market.btcDominance;
  if (asset?.id === ETHER) return market.ethDominance;
  return marketCap === undefined ? undefined : (marketCap / market.totalMarketCap) * 100;
}

/** The quotes of an asset; what is not known is absent. Undefined without any price. */
export function quotesView(parts: AssetParts, market?: GlobalFigures): QuotesView | undefined {
  const { asset, live } = parts;
  const figures = asset?.figures;
  const { current, change1h, change24h, change7d, change30d, marketCap, fullyDilutedMarketCap } = numbersOf(parts);
  if (current === undefined) return undefined;
  const told = current.isLive && live !== undefined ? live.update : undefined;
  return {
    symbol: symbolOf(parts),
    price: current.price,
    volume24h: live?.update.volume24h ?? figures?.volume24h,
    volumeChange24h: figures?.volumeChange24h,
    marketCap,
    marketCapDominance: dominanceOf(asset, market),
    percentChange1h: change1h,
    percentChange24h: change24h,
    percentChange7d: change7d,
    percentChange30d: change30d,
    fullyDilutedMarketCap,
    circulatingSupply: figures?.circulatingSupply,
    totalSupply: figures?.totalSupply,
    maxSupply: figures?.maxSupply,
    change1h,
    change24h,
    change7d,
    lastUpdated: Math.floor(current.at),
    tradeDirection: live?.update.direction,
    status: current.status,
    source: told?.source ?? figures?.source ?? live!.update.source,
    sources: told?.sources ?? [],
    version: live?.version ?? 0,
  };
}

/** Lower case; that of a coin whose name another one has, too. */
function symbolOf({ asset, live }: AssetParts): string {
  return live?.update.symbol ?? (asset!.symbol.includes('#') ? asset!.spelling.toLowerCase() : asset!.symbol);
}
