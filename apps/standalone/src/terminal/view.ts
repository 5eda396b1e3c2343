import { ASSETS, SOURCE_IDS, type AssetSymbol, type SourceId } from '@haunt/domain';
import type { Config } from '@haunt/platform';
import type { AssetView, MarketView } from './market-view.js';
import type { NoticeLine, Picture } from './picture.js';
import { sourceLine } from './source-line.js';

/** How long a price stays bright after it moved. */
const FLASH_MS = 400;

const BY_SIZE = ASSETS.map(({ symbol }) => symbol);
/** Turns what the market view knows into a picture. Keeps nothing. */
export class View {
  constructor(
    private readonly config: Config,
    private readonly market: MarketView,
    private readonly about: { readonly url: string; readonly logPath: string; readonly startedAt: number },
    private readonly notices: readonly NoticeLine[],
  ) {}

  get sourceIds(): readonly SourceId[] {
    return SOURCE_IDS.filter((id) => this.config.sources.includes(id));
  }

  get simulated(): boolean {
    return this.config.simulated || this.market.simulated;
  }

  /** `now`: epoch ms. */
  picture(now: number): Picture {
    const { market, about } = this;
    return {
      now,
      url: about.url,
      logPath: about.logPath,
      uptimeMs: now - about.startedAt,
      simulated: this.simulated,
      updatesPerMinute: market.updatesPerMinute(),
      pricedAssets: market.assets.size,
      sources: this.sourceIds.map((id) => sourceLine(id, market.sources.get(id), market.updatesPerMinute(id), now)),
      assets: [...this.ranking()].flatMap((symbol) => {
        const asset = market.assets.get(symbol);
        return asset === undefined ? [] : [assetLine(asset, now)];
      }),
      notices: this.notices,
    };
  }

  /** In the order the user named them, otherwise the largest first; then whatever else has a price. */
  private ranking(): ReadonlySet<AssetSymbol> {
    return new Set([...(this.config.symbols ?? BY_SIZE), ...this.market.assets.keys()]);
  }
}

function assetLine({ update, movedAt }: AssetView, now: number): Picture['assets'][number] {
  const { symbol, price, direction, change24h, sources, status } = update;
  return {
    symbol,
    price,
    moved: now - movedAt < FLASH_MS,
    sources: sources.length,
    status,
    ...(direction !== undefined && { direction }),
    ...(change24h !== undefined && { change24h }),
  };
}
