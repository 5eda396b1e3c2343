import { Inject, Injectable } from '@nestjs/common';
import type { AssetView, QuotesView, Sparkline } from '@haunt/contracts';
import { type Asset, ASSETS, type AssetSymbol, findAsset } from '@haunt/domain';
import { CONFIG, type Config } from '@haunt/platform';
import { LatestPrices, type ShownPrice } from '../latest-prices.js';
import { Sparklines } from '../sparklines.js';
import { noPriceYet, type ProblemError, unknownAsset } from './problem.js';

/** Finds what an `:id` means, and shows it. */
@Injectable()
export class Assets {
  private readonly configured: ReadonlySet<AssetSymbol>;
  private readonly known: ReadonlySet<AssetSymbol>;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly prices: LatestPrices,
    private readonly sparklines: Sparklines,
  ) {
    this.configured = new Set(config.symbols);
    this.known = new Set([...ASSETS.map(({ symbol }) => symbol), ...[...this.configured].map(spelled)]);
  }

  /** The price of `id`: a symbol in any case, a former symbol, or a CoinMarketCap id. */
  priceOf(id: string): ShownPrice | undefined {
    return this.prices.get(id) ?? this.prices.get(id.toLowerCase());
  }

  /** Why there is no price of `id`. */
  absence(id: string): ProblemError {
    const symbol = id.toLowerCase();
    const asset = findAsset(id) ?? (this.configured.has(symbol) ? { symbol } : undefined);
    if (asset === undefined) return unknownAsset(id);
    return noPriceYet('id' in asset ? { id: asset.id, symbol: asset.symbol, name: asset.name } : asset);
  }

  /** @throws ProblemError 404 for an unknown asset, 503 for one without a price. */
  view(id: string): AssetView {
    const price = this.priceOf(id);
    if (price === undefined) throw this.absence(id);
    const { symbol } = price.update;
    return assetView(price, findAsset(symbol), this.sparklines.of(symbol));
  }

  /** The quotes of an asset; what is not known is absent. */
  quotes(price: ShownPrice): QuotesView {
    return quotesView(price, this.sparklines.of(price.update.symbol));
  }

  /** Our symbol of `id`. @throws ProblemError 404 */
  symbolOf(id: string): AssetSymbol {
    const symbol = this.priceOf(id)?.update.symbol ?? findAsset(id)?.symbol;
    if (symbol !== undefined) return symbol;
    if (this.configured.has(id.toLowerCase())) return id.toLowerCase();
    throw unknownAsset(id);
  }

  /** Every asset that is known before any price of it. */
  symbols(): ReadonlySet<AssetSymbol> {
    return this.known;
  }
}

/** The lower-case symbol that `id` stands for, known or not. */
export function spelled(id: string): AssetSymbol {
  return findAsset(id)?.symbol ?? id.trim().toLowerCase();
}

/**
 * The asset with its live price. Clients of this shape do arithmetic with its numbers, so none may be missing: what nobody has
 * told us is 0, and named in `unknown`.
 */
function assetView(
  { update, status }: ShownPrice,
  asset: Asset | undefined,
  sparkline: Sparkline | undefined,
): AssetView {
  const known: Partial<Record<keyof AssetView, number | undefined>> = {
    id: asset?.id,
    rank: asset?.rank,
    change1h: sparkline?.change1h,
    change24h: update.change24h ?? sparkline?.change24h,
    change7d: sparkline?.change7d,
    volume24h: update.volume24h,
  };
  const unknown: string[] = [];
  const number = (field: keyof AssetView): number => {
    const value = known[field];
    if (value === undefined) unknown.push(field);
    return value ?? 0;
  };
  return {
    id: number('id'),
    rank: number('rank'),
    name: asset?.name ?? update.symbol.toUpperCase(),
    symbol: update.symbol.toUpperCase(),
    image: asset === undefined ? '' : `https://s2.coinmarketcap.com/static/img/coins/64x64/${asset.id}.png`,
    price: update.price,
    change1h: number('change1h'),
    change24h: number('change24h'),
    change7d: number('change7d'),
    marketCap: number('marketCap'),
    volume24h: number('volume24h'),
    circulatingSupply: number('circulatingSupply'),
    sparkline: sparkline?.closes ?? [],
    tradeDirection: update.direction,
    assetType: 'crypto',
    status,
    lastUpdated: Math.floor(update.asOf),
    unknown,
  };
}

function quotesView({ update, status, version }: ShownPrice, sparkline: Sparkline | undefined): QuotesView {
  const change24h = update.change24h ?? sparkline?.change24h;
  return {
    symbol: update.symbol,
    price: update.price,
    volume24h: update.volume24h,
    percentChange1h: sparkline?.change1h,
    percentChange24h: change24h,
    percentChange7d: sparkline?.change7d,
    percentChange30d: sparkline?.change30d,
    change1h: sparkline?.change1h,
    change24h,
    change7d: sparkline?.change7d,
    lastUpdated: Math.floor(update.asOf),
    tradeDirection: update.direction,
    status,
    source: update.source,
    sources: update.sources,
    version,
  };
}
