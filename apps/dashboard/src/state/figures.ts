import type { AssetView, LivePrice, PriceStatus } from '@haunt/client';
import type { Direction, ListingRow } from '@haunt/domain';

/** What is shown of an asset now. A number that nobody has told is undefined. */
export interface Figures extends ListingRow {
  /** As it is listed. */
  readonly symbol: string;
  readonly direction: Direction | undefined;
  readonly status: PriceStatus;
  /** The time the price is true for, epoch ms. */
  readonly pricedAt: number | undefined;
}

/**
 * The list's figures with the live price, and what follows from it: capitalisation of a minute ago is brought to the price of now, as
 * the server does it. A stale live price gives way to a younger one of the list.
 */
export function figuresOf(facts: AssetView, live: LivePrice | undefined): Figures {
  const told = (name: string, value: number): number | undefined => (facts.unknown.includes(name) ? undefined : value);
  const isLive = live !== undefined && (live.status !== 'stale' || live.timestamp >= facts.lastUpdated);
  const listed = told('price', facts.price);
  const price = isLive ? live.price : listed;
  const marketCap = told('marketCap', facts.marketCap);
  const scale = price === undefined || listed === undefined || listed === 0 ? 1 : price / listed;
  return {
    id: facts.id,
    rank: told('rank', facts.rank) ?? Infinity,
    name: facts.name,
    symbol: facts.symbol,
    price,
    marketCap: marketCap === undefined ? undefined : marketCap * scale,
    volume24h: live?.volume24h ?? told('volume24h', facts.volume24h),
    change1h: told('change1h', facts.change1h),
    change24h: live?.change24h ?? told('change24h', facts.change24h),
    change7d: told('change7d', facts.change7d),
    direction: isLive ? live.tradeDirection : facts.tradeDirection,
    status: isLive ? live.status : facts.status,
    pricedAt: isLive ? live.timestamp : facts.lastUpdated || undefined,
  };
}
