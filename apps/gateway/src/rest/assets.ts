import { Inject, Injectable } from '@nestjs/common';
import type { AssetView, QuotesView } from '@haunt/contracts';
import type { AssetSymbol, RegisteredAsset } from '@haunt/domain';
import { AssetDirectory, CONFIG, type Config } from '@haunt/platform';
import { LatestPrices, type ShownPrice } from '../latest-prices.js';
import { MarketBoard } from '../market-board.js';
import { Sparklines } from '../sparklines.js';
import { type AssetParts, assetView, quotesView } from './asset-view.js';
import { unknownAsset } from './problem.js';

/** A view, and when the listing was answered that a part of it is from; undefined: no part is. */
export interface Seen<V> {
  readonly view: V;
  readonly asOf: number | undefined;
}

/** Finds what an `:id` means, and shows it. */
@Injectable()
export class Assets {
  private readonly configured: ReadonlySet<AssetSymbol>;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly prices: LatestPrices,
    private readonly sparklines: Sparklines,
    private readonly directory: AssetDirectory,
    private readonly market: MarketBoard,
  ) {
    this.configured = new Set(config.symbols);
  }

  /** Grows when anything but a price may have changed. */
  get revision(): number {
    return this.directory.revision + this.market.revision;
  }

  /** The price of `id`: a symbol in any case, a former symbol, or a CoinMarketCap id. */
  priceOf(id: string): ShownPrice | undefined {
    return this.prices.get(id) ?? this.prices.get(id.toLowerCase());
  }

  /** The asset that `id` means, if a listing tells its price. */
  listed(id: string): RegisteredAsset | undefined {
    const asset = this.directory.find(id);
    return asset?.figures && asset;
  }

  /** Undefined for an unknown asset, and for one without a price. */
  view(id: string): Seen<AssetView> | undefined {
    const parts = this.partsOf(this.priceOf(id) ?? this.listed(id));
    return parts && { view: assetView(parts), asOf: parts.asset?.figures?.at };
  }

  /** The quotes of a price, live or listed; what is not known is absent. */
  quotes(price: ShownPrice | RegisteredAsset): Seen<QuotesView> {
    const parts = this.partsOf(price) as AssetParts;
    return { view: quotesView(parts, this.market.global?.value) as QuotesView, asOf: parts.asset?.figures?.at };
  }

  /** What is known of a registered asset now. */
  parts(asset: RegisteredAsset): AssetParts & { readonly asset: RegisteredAsset } {
    const { symbol } = asset;
    const hasListing = this.directory.registry.source !== undefined;
    return { asset, live: this.prices.get(symbol), sparkline: this.sparklines.of(symbol), hasListing };
  }

  /** Our symbol of `id`. @throws ProblemError 404 */
  symbolOf(id: string): AssetSymbol {
    const symbol = this.priceOf(id)?.update.symbol ?? this.directory.find(id)?.symbol;
    if (symbol !== undefined) return symbol;
    if (this.configured.has(id.toLowerCase())) return id.toLowerCase();
    throw unknownAsset(id);
  }

  /** The lower-case symbol that `id` stands for, known or not. */
  spelled(id: string): AssetSymbol {
    return this.directory.find(id)?.symbol ?? id.trim().toLowerCase();
  }

  /** What people call an asset. */
  nameOf(symbol: AssetSymbol): string {
    return this.directory.kept(symbol)?.name ?? symbol;
  }

  /** Infinity for what nobody lists. */
  rankOf(symbol: AssetSymbol): number {
    return this.directory.kept(symbol)?.rank ?? Infinity;
  }

  /** Every asset that is known before any price of it. */
  symbols(): AssetSymbol[] {
    const { assets } = this.directory.registry;
    return [...new Set([...assets.map(({ symbol }) => symbol), ...[...this.configured].map((id) => this.spelled(id))])];
  }

  private partsOf(given: ShownPrice | RegisteredAsset | undefined): AssetParts | undefined {
    if (given === undefined) return undefined;
    if (!('update' in given)) return this.parts(given);
    const { symbol } = given.update;
    const hasListing = this.directory.registry.source !== undefined;
    return { asset: this.directory.kept(symbol), live: given, sparkline: this.sparklines.of(symbol), hasListing };
  }
}
