import { HOUR_MS } from '../tape.js';
import type { IndexEntry } from './index-venue.js';

const WINDOW_HOURS: Readonly<Record<string, number>> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 };
const WEEK_HOURS = 168;

/** Without `precision=full` prices come rounded as the site shows them. */
export function shown(price: number): number {
  return price >= 10_000 ? Math.round(price) : Number(price.toPrecision(6));
}

/** A line of /coins/markets, with what the query wants beside the usual: https://docs.coingecko.com/reference/coins-markets */
export function spellCoin(entry: IndexEntry, query: URLSearchParams): object {
  const { asset, price, open24h, marketCap, volume24h, updatedAt } = entry;
  const rounded = query.get('precision') === 'full' ? (value: number): number => value : shown;
  const windows = query.get('price_change_percentage')?.split(',') ?? [];
  const supply = asset.marketCap / asset.price;
  return {
    id: asset.coingeckoId,
    symbol: asset.symbol,
    name: asset.name,
    image: `https://coin-images.coingecko.com/coins/images/${asset.cmcId}/large/${asset.symbol}.png`,
    current_price: rounded(price),
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
    ...(query.get('sparkline') === 'true' && { sparkline_in_7d: { price: weekOf(entry) } }),
    ...Object.fromEntries(
      windows.flatMap((name) => {
        const hours = WINDOW_HOURS[name.trim()];
        return hours === undefined
          ? []
          : [[`price_change_percentage_${name.trim()}_in_currency`, entry.change(hours * HOUR_MS)]];
      }),
    ),
  };
}

/** /global: https://docs.coingecko.com/reference/crypto-global */
export function spellGlobal(entries: readonly IndexEntry[]): object {
  const total = (of: (entry: IndexEntry) => number): number => entries.reduce((sum, entry) => sum + of(entry), 0);
  const cap = total(({ marketCap }) => marketCap);
  const before = total(({ marketCap, price, open24h }) => (marketCap * open24h) / price);
  const shares = entries.slice(0, 10).map(({ asset, marketCap }) => [asset.symbol, (marketCap / cap) * 100]);
  return {
    data: {
      active_cryptocurrencies: entries.length,
      upcoming_icos: 0,
      ongoing_icos: 49,
      ended_icos: 3376,
      markets: 9,
      total_market_cap: { usd: cap },
      total_volume: { usd: total(({ volume24h }) => volume24h) },
      market_cap_percentage: Object.fromEntries(shares),
      market_cap_change_percentage_24h_usd: (cap / before - 1) * 100,
      updated_at: Math.floor((entries[0]?.updatedAt ?? 0) / 1000),
    },
  };
}

/** A price an hour, oldest first. */
function weekOf(entry: IndexEntry): number[] {
  const at = (hoursAgo: number): number => entry.price / (1 + entry.change(hoursAgo * HOUR_MS) / 100);
  return Array.from({ length: WEEK_HOURS }, (_, i) => at(WEEK_HOURS - 1 - i));
}
