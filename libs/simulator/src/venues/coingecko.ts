import { json, type Route, type Setting, type VenueAnswer, type VenueRequest } from '../venue.js';
import { type IndexEntry, IndexVenue } from './index-venue.js';

/** CoinGecko, keyless and demo: https://docs.coingecko.com/reference/simple-price */
export class CoingeckoVenue extends IndexVenue {
  protected readonly routes: readonly Route[] = [
    ['GET', /^\/api\/v3\/ping$/, () => json({ gecko_says: '(V3) To the Moon!' })],
    ['GET', /^\/api\/v3\/simple\/price$/, (request) => this.simplePrice(request)],
    ['GET', /^\/api\/v3\/coins\/markets$/, (request) => this.markets(request)],
    [
      'GET',
      /^\/api\/v3\/coins\/list$/,
      () => json(this.assets.map(({ coingeckoId, symbol, name }) => ({ id: coingeckoId, symbol, name }))),
    ],
  ];

  constructor(setting: Setting) {
    super('coingecko', setting, { count: 30, windowMs: 60_000 }, 10_000);
  }

  /** Ids nobody knows are left out without a word; one with a space before it is such an id. */
  private asked(ids: string | null): IndexEntry[] {
    const wanted = ids?.split(',');
    return this.assets
      .filter(({ coingeckoId }) => wanted === undefined || wanted.includes(coingeckoId))
      .map((asset) => this.entry(asset));
  }

  private simplePrice({ query }: VenueRequest): VenueAnswer {
    const currencies = query.get('vs_currencies');
    if (currencies === null) return json({ error: 'Missing parameter vs_currencies' }, 422);
    if (!query.has('ids')) return json({ error: 'Missing parameter ids' }, 422);
    if (!currencies.split(',').includes('usd')) return json({});
    const full = query.get('precision') === 'full';
    const wants = (name: string): boolean => query.get(name) === 'true';
    return json(
      Object.fromEntries(
        this.asked(query.get('ids')).map((entry) => [
          entry.asset.coingeckoId,
          {
            usd: full ? entry.price : shown(entry.price),
            ...(wants('include_market_cap') && { usd_market_cap: entry.marketCap }),
            ...(wants('include_24hr_vol') && { usd_24h_vol: entry.volume24h }),
            ...(wants('include_24hr_change') && { usd_24h_change: (entry.price / entry.open24h - 1) * 100 }),
            ...(wants('include_last_updated_at') && { last_updated_at: Math.floor(entry.updatedAt / 1000) }),
          },
        ]),
      ),
    );
  }

  private markets({ query }: VenueRequest): VenueAnswer {
    if (!query.has('vs_currency')) return json({ error: 'Missing parameter vs_currency' }, 422);
    const size = Math.min(250, Number(query.get('per_page') ?? 100) || 100);
    const from = ((Number(query.get('page') ?? 1) || 1) - 1) * size;
    return json(
      this.asked(query.get('ids'))
        .slice(from, from + size)
        .map((entry) => spellCoin(entry)),
    );
  }

  protected notFound(): VenueAnswer {
    return json({ error: 'Incorrect path. Please check https://www.coingecko.com/api/' }, 404);
  }

  protected tooOften(): VenueAnswer {
    const error_message = "You've exceeded the Rate Limit. Please visit https://www.coingecko.com/en/api/pricing";
    return json({ status: { error_code: 429, error_message } }, 429);
  }
}

/** Without `precision=full` prices come rounded as the site shows them. */
function shown(price: number): number {
  return price >= 10_000 ? Math.round(price) : Number(price.toPrecision(6));
}

function spellCoin(entry: IndexEntry): object {
  const { asset, price, open24h, marketCap, volume24h, updatedAt } = entry;
  const supply = asset.marketCap / asset.price;
  return {
    id: asset.coingeckoId,
    symbol: asset.symbol,
    name: asset.name,
    image: `https://coin-images.coingecko.com/coins/images/${asset.cmcId}/large/${asset.symbol}.png`,
    current_price: shown(price),
    market_cap: Math.round(marketCap),
    market_cap_rank: asset.rank + 1,
    fully_diluted_valuation: Math.round(marketCap),
    total_volume: Math.round(volume24h),
    high_24h: shown(Math.max(price, open24h) * 1.004),
    low_24h: shown(Math.min(price, open24h) * 0.996),
    price_change_24h: price - open24h,
    price_change_percentage_24h: (price / open24h - 1) * 100,
    market_cap_change_24h: marketCap * (1 - open24h / price),
    market_cap_change_percentage_24h: (price / open24h - 1) * 100,
    circulating_supply: supply,
    total_supply: supply,
    max_supply: null,
    ath: shown(asset.price * 1.9),
    ath_change_percentage: -45,
    ath_date: '2025-10-06T18:57:42.558Z',
    atl: shown(asset.price / 50),
    atl_change_percentage: 4900,
    atl_date: '2020-03-13T02:30:00.000Z',
    roi: null,
    last_updated: new Date(updatedAt).toISOString(),
  };
}
