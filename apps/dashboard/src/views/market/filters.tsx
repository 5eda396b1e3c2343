import { listing } from '../../state/assets.js';
import type { Column, Filter } from '../../state/order.js';
import { choice, favourites, ordered, show, sortBy, sortDirection, sortedBy } from '../../state/table.js';
import { StarIcon } from '../../parts/icons.js';

const FILTERS: readonly (readonly [filter: Filter, label: string])[] = [
  ['all', 'All'],
  ['favourites', 'Favourites'],
  ['gainers', 'Gainers'],
  ['losers', 'Losers'],
  ['top_volume', 'Most traded'],
  ['most_volatile', 'Most volatile'],
];

const COLUMNS: readonly (readonly [column: Column, label: string])[] = [
  ['rank', 'Rank'],
  ['name', 'Name'],
  ['price', 'Price'],
  ['percent_change_1h', '1 h change'],
  ['percent_change_24h', '24 h change'],
  ['percent_change_7d', '7 d change'],
  ['volume_24h', 'Volume'],
  ['market_cap', 'Market cap'],
];

/** What the table shows, and, where its head has no room, how it is sorted. */
export function Filters() {
  return (
    <div class="toolbar">
      <div class="chips" role="group" aria-label="Filter">
        {FILTERS.map(([filter, label]) => (
          <button
            key={filter}
            type="button"
            class="chip-button"
            aria-pressed={choice.value.filter === filter}
            onClick={() => show(filter)}
          >
            {filter === 'favourites' && <StarIcon size={14} filled={favourites.value.size > 0} />}
            {label}
          </button>
        ))}
      </div>
      <p class="shown" role="status">
        <Shown />
      </p>
      <SortMenu />
    </div>
  );
}

function Shown() {
  const all = listing.value.assets.length;
  if (all === 0) return null;
  const shown = ordered.value.length;
  return <>{shown === all ? `${all} assets` : `${shown} of ${all} assets`}</>;
}

function SortMenu() {
  const isAscending = sortDirection.value === 'asc';
  return (
    <div class="sort-menu">
      <label>
        <span class="sr">Sort by</span>
        <select value={sortedBy.value ?? ''} onChange={(event) => sortBy(event.currentTarget.value as Column)}>
          {sortedBy.value === undefined && <option value="">Swing</option>}
          {COLUMNS.map(([column, label]) => (
            <option key={column} value={column}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="button"
        aria-label={isAscending ? 'Lowest first; turn round' : 'Highest first; turn round'}
        onClick={() => sortBy(sortedBy.value ?? 'percent_change_24h')}
      >
        {isAscending ? '↑' : '↓'}
      </button>
    </div>
  );
}
