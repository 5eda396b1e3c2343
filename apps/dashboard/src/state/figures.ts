import type { AssetView, LivePrice, PriceStatus } from '@haunt/client';
import type { Direction, ListingRow } from '@haunt/domain';

/** What is shown of an asset: the list's facts, and the live price over them. A number that nobody has told is undefined. */
export interface Figures extends ListingRow {
  /** As it is listed. */
  readonly symbol: string;
  readonly direction: Direction | undefined;
  readonly status: PriceStatus;
  /** The time the price is true for, epoch ms. */
  readonly pricedAt: number | undefined;
}

/** Live figures come first; of the listed ones those that somebody has told. */
export function figuresOf(facts: AssetView, live: LivePrice | undefined): Figures {
  const told = (name: keyof AssetView & string, value: number): number | undefined =>
    facts.unknown.includes(name) ? undefined : value;
  return {
    id: facts.id,
    rank: facts.rank > 0 ? facts.rank : Infinity,
    name: facts.name,
    symbol: facts.symbol,
    price: live?.price ?? told('price', facts.price),
    marketCap: told('marketCap', facts.marketCap),
    volume24h: live?.volume24h ?? told('volume24h', facts.volume24h),
    change1h: told('change1h', facts.change1h),
    change24h: live?.change24h ?? told('change24h', facts.change24h),
    change7d: told('change7d', facts.change7d),
    direction: live?.tradeDirection ?? facts.tradeDirection,
    status: live?.status ?? facts.status,
    pricedAt: live?.timestamp ?? (facts.lastUpdated > 0 ? facts.lastUpdated : undefined),
  };
}
