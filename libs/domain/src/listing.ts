import type { SourceId } from './source.js';

/** What an API says of one asset. Money in USD, changes in percent; what it did not say is absent. */
export interface ListedFigures {
  readonly price: number;
  readonly marketCap?: number;
  /** Percent of the whole market's. */
  readonly marketCapDominance?: number;
  readonly fullyDilutedMarketCap?: number;
  readonly volume24h?: number;
  readonly volumeChange24h?: number;
  readonly change1h?: number;
  readonly change24h?: number;
  readonly change7d?: number;
  readonly change30d?: number;
  readonly circulatingSupply?: number;
  readonly totalSupply?: number;
  readonly maxSupply?: number;
  /** Hourly closes of the last seven days, oldest first. */
  readonly sparkline?: readonly number[];
  /** When they were true, by the API; epoch ms. */
  readonly updatedAt: number;
}

/** One line of an API's listing. At least one of the ids is there. */
export interface ListingEntry {
  readonly cmcId?: number;
  readonly coingeckoId?: string;
  /** As the API spells it. */
  readonly symbol: string;
  readonly name: string;
  /** 1 is the largest. */
  readonly rank?: number;
  /** Address of a picture. */
  readonly image?: string;
  readonly figures: ListedFigures;
}

/** The assets that one API listed, largest first. */
export interface AssetListing {
  readonly source: SourceId;
  /** When it was answered, epoch ms. */
  readonly at: number;
  readonly entries: readonly ListingEntry[];
  /** All that was asked for came: what is not in it is not listed any more. */
  readonly complete: boolean;
}

export const LISTING_SORTS = [
  'market_cap',
  'price',
  'volume_24h',
  'percent_change_1h',
  'percent_change_24h',
  'percent_change_7d',
  'name',
] as const;
export type ListingSort = (typeof LISTING_SORTS)[number];

export const LISTING_FILTERS = ['all', 'gainers', 'losers', 'most_volatile', 'top_volume'] as const;
export type ListingFilter = (typeof LISTING_FILTERS)[number];

/** What a list is filtered and sorted by. A number that nobody has told is undefined. */
export interface ListingRow {
  readonly id: number;
  readonly rank: number;
  readonly name: string;
  readonly price: number | undefined;
  readonly marketCap: number | undefined;
  readonly volume24h: number | undefined;
  readonly change1h: number | undefined;
  readonly change24h: number | undefined;
  readonly change7d: number | undefined;
}

export interface ListingOrder {
  /** Absent: by what the filter is about, or by market capitalisation. */
  readonly sort?: ListingSort | undefined;
  readonly direction: 'asc' | 'desc';
  readonly filter: ListingFilter;
  /** Bounds of the change over 24 h, inclusive, percent. An asset of which it is not known is outside of any. */
  readonly minChange?: number | undefined;
  readonly maxChange?: number | undefined;
}

/** `most_volatile` and `top_volume` are the top quarter, and at least so many. */
const LEAST_TOP = 10;

type Measure = (row: ListingRow) => number | undefined;

const MEASURES: Readonly<Record<Exclude<ListingSort, 'name'>, Measure>> = {
  market_cap: (row) => row.marketCap,
  price: (row) => row.price,
  volume_24h: (row) => row.volume24h,
  percent_change_1h: (row) => row.change1h,
  percent_change_24h: (row) => row.change24h,
  percent_change_7d: (row) => row.change7d,
};

const swing: Measure = ({ change24h }) => (change24h === undefined ? undefined : Math.abs(change24h));

/** What the lists that are about the top of something are about. */
const ABOUT: Readonly<Partial<Record<ListingFilter, Measure>>> = {
  most_volatile: swing,
  top_volume: MEASURES.volume_24h,
};

/**
 * Filters and sorts everything there is. The bounds come first, then the filter: the top quarter is that of what is within
 * them. What is not known comes last in both directions; equals stand by rank, then by id, in both directions.
 */
export function arrange<R extends ListingRow>(rows: readonly R[], order: ListingOrder): R[] {
  const { sort, direction, filter, minChange = -Infinity, maxChange = Infinity } = order;
  const bounded = order.minChange !== undefined || order.maxChange !== undefined;
  const within = bounded
    ? rows.filter(({ change24h }) => change24h !== undefined && change24h >= minChange && change24h <= maxChange)
    : rows;
  const about = ABOUT[filter];
  const kept = about === undefined ? within.filter((row) => passes(row, filter)) : top(within, about);
  if (sort === 'name') return byName(kept, direction);
  return byMeasure(kept, sort === undefined ? (about ?? MEASURES.market_cap) : MEASURES[sort], direction);
}

/** `limit` rows from the `start`-th on, counted from 1. */
export function pageOf<R>(rows: readonly R[], start: number, limit: number): R[] {
  return rows.slice(start - 1, start - 1 + limit);
}

function passes({ change24h }: ListingRow, filter: ListingFilter): boolean {
  if (filter === 'gainers') return change24h !== undefined && change24h > 0;
  if (filter === 'losers') return change24h !== undefined && change24h < 0;
  return true;
}

function top<R extends ListingRow>(rows: readonly R[], measure: Measure): R[] {
  const known = rows.filter((row) => measure(row) !== undefined);
  return byMeasure(known, measure, 'desc').slice(0, Math.max(LEAST_TOP, Math.ceil(known.length / 4)));
}

function byMeasure<R extends ListingRow>(rows: readonly R[], measure: Measure, direction: 'asc' | 'desc'): R[] {
  const sign = direction === 'asc' ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: measure(row) }));
  keyed.sort((a, b) => {
    if (a.key === b.key) return inRank(a.row, b.row);
    if (a.key === undefined) return 1;
    if (b.key === undefined) return -1;
    return sign * (a.key - b.key);
  });
  return keyed.map(({ row }) => row);
}

/** Without regard to case, by code unit: the same everywhere, whatever locales a machine has. */
function byName<R extends ListingRow>(rows: readonly R[], direction: 'asc' | 'desc'): R[] {
  const sign = direction === 'asc' ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: row.name.toLowerCase() }));
  keyed.sort((a, b) => (a.key === b.key ? inRank(a.row, b.row) : a.key < b.key ? -sign : sign));
  return keyed.map(({ row }) => row);
}

function inRank(a: ListingRow, b: ListingRow): number {
  return a.rank - b.rank || a.id - b.id;
}
