import { arrange, type ListingFilter, type ListingSort } from '@haunt/domain';
import type { Figures } from './figures.js';

export type Column = 'rank' | ListingSort;
export type Filter = ListingFilter | 'favourites';
export type SortDirection = 'asc' | 'desc';

/** What the reader wants to see, and in which order. Without a column it is what the filter is about. */
export interface Choice {
  readonly column: Column | undefined;
  readonly direction: SortDirection;
  readonly filter: Filter;
  /** Part of a name or a symbol. */
  readonly query: string;
}

export const USUAL: Choice = { column: undefined, direction: 'desc', filter: 'all', query: '' };

/** What a filter is sorted by when the reader did not say. */
export function columnOf({ column, filter }: Choice): Column | undefined {
  if (column !== undefined) return column;
  if (filter === 'gainers' || filter === 'losers') return 'percent_change_24h';
  if (filter === 'top_volume') return 'volume_24h';
  return filter === 'most_volatile' ? undefined : 'rank';
}

/** In which direction the table is sorted, for `columnOf`. */
export function directionOf(choice: Choice): SortDirection {
  if (choice.column !== undefined) return choice.direction;
  return columnOf(choice) === 'rank' || choice.filter === 'losers' ? 'asc' : 'desc';
}

/** The direction a column is sorted in when it is chosen: names and ranks from the beginning, numbers from the top. */
export function firstDirection(column: Column): SortDirection {
  return column === 'name' || column === 'rank' ? 'asc' : 'desc';
}

/** A row of the table while it is being put in order. */
export type Sortable<T> = Figures & { readonly of: T; readonly isFavourite: boolean };

/**
 * What is shown, in its order: filtered and sorted as the server does it, and with a query first those whose symbol it is, then those that
 * begin with it, then those that have it somewhere.
 */
export function inOrder<T>(rows: readonly Sortable<T>[], choice: Choice): T[] {
  const { filter } = choice;
  const kept = filter === 'favourites' ? rows.filter(({ isFavourite }) => isFavourite) : rows;
  const column = columnOf(choice);
  const direction = directionOf(choice);
  const arranged = arrange(kept, {
    filter: filter === 'favourites' ? 'all' : filter,
    sort: column === 'rank' ? undefined : column,
    direction,
  });
  if (column === 'rank') {
    const sign = direction === 'asc' ? 1 : -1;
    // Infinity - Infinity is no number, and those without a rank come last in both directions.
    arranged.sort((a, b) =>
      a.rank === b.rank ? 0 : a.rank === Infinity ? 1 : b.rank === Infinity ? -1 : sign * (a.rank - b.rank),
    );
  }
  return found(arranged, choice.query).map((row) => row.of);
}

function found<R extends Figures>(rows: R[], query: string): R[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return rows;
  const tiers: [R[], R[], R[]] = [[], [], []];
  for (const row of rows) {
    const symbol = row.symbol.toLowerCase();
    const name = row.name.toLowerCase();
    if (symbol === wanted) tiers[0].push(row);
    else if (symbol.startsWith(wanted) || name.startsWith(wanted)) tiers[1].push(row);
    else if (symbol.includes(wanted) || name.includes(wanted)) tiers[2].push(row);
  }
  return tiers.flat();
}
