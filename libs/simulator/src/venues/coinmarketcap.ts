import { json, type Route, type Setting, type VenueAnswer, type VenueRequest } from '../venue.js';
import { type IndexEntry, IndexVenue } from './index-venue.js';

const HOUR_MS = 3_600_000;

/** CoinMarketCap, with a key only: https://coinmarketcap.com/api/documentation/v1/ */
export class CoinmarketcapVenue extends IndexVenue {
  protected readonly routes: readonly Route[] = [
    [
      'GET',
      /^\/v1\/cryptocurrency\/listings\/latest$/,
      (request) => this.checked(request, () => this.listings(request)),
    ],
    [
      'GET',
      /^\/v1\/cryptocurrency\/quotes\/latest$/,
      (request) => this.checked(request, () => this.quotes(request, false)),
    ],
    [
      'GET',
      /^\/v2\/cryptocurrency\/quotes\/latest$/,
      (request) => this.checked(request, () => this.quotes(request, true)),
    ],
    [
      'GET',
      /^\/v1\/global-metrics\/quotes\/latest$/,
      (request) => this.checked(request, () => this.data(this.globalMetrics())),
    ],
    [
      'GET',
      /^\/v1\/key\/info$/,
      (request) => this.checked(request, () => this.data({ plan: { credit_limit_monthly: 15_000 } })),
    ],
  ];

  constructor(setting: Setting) {
    super('coinmarketcap', setting, { count: 30, windowMs: 60_000 }, 60_000);
  }

  private checked({ headers, query }: VenueRequest, answer: () => VenueAnswer): VenueAnswer {
    const key = headers['x-cmc_pro_api_key'] ?? query.get('CMC_PRO_API_KEY') ?? '';
    const right = this.setting.keys.coinmarketcap;
    if (key === '') return this.fail(401, 1002, 'API key missing.');
    return right === undefined || key === right ? answer() : this.fail(401, 1001, 'This API Key is invalid.');
  }

  private status(code: number, message: string | null, extra: object = {}): object {
    return {
      timestamp: this.iso(),
      error_code: code,
      error_message: message,
      elapsed: 4,
      credit_count: code === 0 ? 1 : 0,
      ...extra,
    };
  }

  private iso(): string {
    return new Date(this.clock()).toISOString();
  }

  private fail(status: number, code: number, message: string): VenueAnswer {
    return json({ status: this.status(code, message) }, status);
  }

  private data(data: unknown, extra?: object): VenueAnswer {
    return json({ status: this.status(0, null, extra), data });
  }

  private listings({ query }: VenueRequest): VenueAnswer {
    const start = Math.max(1, Number(query.get('start') ?? 1) || 1);
    const limit = Number(query.get('limit') ?? 100) || 100;
    const rows = this.assets.slice(start - 1, start - 1 + limit).map((asset) => spellEntry(this.entry(asset)));
    return this.data(rows, { notice: null, total_count: this.assets.length });
  }

  private globalMetrics(): object {
    const entries = this.assets.map((asset) => this.entry(asset));
    const total = (of: (entry: IndexEntry) => number): number => entries.reduce((sum, entry) => sum + of(entry), 0);
    const cap = total(({ marketCap }) => marketCap);
    const before = total(({ marketCap, price, open24h }) => (marketCap * open24h) / price);
    const share = (symbol: string): number =>
      (total(({ asset, marketCap }) => (asset.symbol === symbol ? marketCap : 0)) / cap) * 100;
    const last_updated = new Date(entries[0]?.updatedAt ?? 0).toISOString();
    const USD = {
      total_market_cap: cap,
      total_volume_24h: total(({ volume24h }) => volume24h),
      total_market_cap_yesterday: before,
      total_market_cap_yesterday_percentage_change: (cap / before - 1) * 100,
      total_volume_24h_yesterday_percentage_change: 1.5,
      last_updated,
    };
    return {
      active_cryptocurrencies: entries.length,
      active_exchanges: 9,
      btc_dominance: share('btc'),
      eth_dominance: share('eth'),
      quote: { USD },
      last_updated,
    };
  }

  /** By `id` an object an id; by `symbol` (second version) a list a symbol, because symbols are not unique. */
  private quotes({ query }: VenueRequest, second: boolean): VenueAnswer {
    const ids = query.get('id')?.split(',');
    const symbols = query.get('symbol')?.toLowerCase().split(',');
    if (ids === undefined && symbols === undefined) {
      return this.fail(400, 400, '"value" must contain at least one of [id, slug, symbol]');
    }
    const found = this.assets.filter(
      ({ cmcId, symbol }) => ids?.includes(String(cmcId)) === true || symbols?.includes(symbol) === true,
    );
    const missing = ids?.filter((id) => !found.some(({ cmcId }) => String(cmcId) === id)) ?? [];
    if (missing.length > 0 && query.get('skip_invalid') !== 'true') {
      return this.fail(400, 400, `Invalid values for "id": "${missing.join(',')}"`);
    }
    const rows = found.map((asset) => {
      const entry = spellEntry(this.entry(asset));
      return ids === undefined ? [asset.symbol.toUpperCase(), second ? [entry] : entry] : [String(asset.cmcId), entry];
    });
    return this.data(Object.fromEntries(rows));
  }

  protected notFound(): VenueAnswer {
    return json({ statusCode: 404, error: 'Not Found', message: 'Not Found' }, 404);
  }

  protected tooOften(): VenueAnswer {
    return this.fail(
      429,
      1008,
      "You've exceeded your API Key's HTTP request rate limit. Rate limits reset every minute.",
    );
  }
}

function spellEntry(entry: IndexEntry): object {
  const { asset, price, volume24h, marketCap, updatedAt } = entry;
  const last_updated = new Date(updatedAt).toISOString();
  const supply = asset.marketCap / asset.price;
  return {
    id: asset.cmcId,
    name: asset.name,
    symbol: asset.symbol.toUpperCase(),
    slug: asset.coingeckoId,
    num_market_pairs: 900,
    date_added: '2013-04-28T00:00:00.000Z',
    tags: [],
    max_supply: null,
    circulating_supply: supply,
    total_supply: supply,
    is_active: 1,
    infinite_supply: false,
    platform: null,
    cmc_rank: asset.rank + 1,
    is_fiat: 0,
    last_updated,
    quote: {
      USD: {
        price,
        volume_24h: volume24h,
        volume_change_24h: 1.5,
        percent_change_1h: entry.change(HOUR_MS),
        percent_change_24h: entry.change(24 * HOUR_MS),
        percent_change_7d: entry.change(7 * 24 * HOUR_MS),
        percent_change_30d: entry.change(30 * 24 * HOUR_MS),
        market_cap: marketCap,
        market_cap_dominance: marketCap / 25e9,
        fully_diluted_market_cap: marketCap,
        tvl: null,
        last_updated,
      },
    },
  };
}
