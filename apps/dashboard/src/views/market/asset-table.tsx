import { useEffect, useState } from 'preact/hooks';
import type { Asset } from '../../state/assets.js';
import type { Column } from '../../state/order.js';
import { isHeld, sortBy, sortDirection, sortedBy } from '../../state/table.js';
import { Arrow } from '../../parts/icons.js';
import { AssetRow } from './asset-row.js';

/** Rows in the first frame; the others follow while nothing else is to be done. */
const FIRST_ROWS = 24;
const MORE_ROWS = 40;

const COLUMNS: readonly {
  readonly column: Column;
  readonly label: string;
  readonly spoken: string;
  readonly kind: string;
}[] = [
  { column: 'rank', label: '#', spoken: '#, rank', kind: 'rank' },
  { column: 'name', label: 'Name', spoken: 'Name', kind: 'name' },
  { column: 'price', label: 'Price', spoken: 'Price', kind: 'price' },
  { column: 'percent_change_1h', label: '1 h', spoken: '1 h change', kind: 'h1' },
  { column: 'percent_change_24h', label: '24 h', spoken: '24 h change', kind: 'h24' },
  { column: 'volume_24h', label: 'Volume 24 h', spoken: 'Volume 24 h', kind: 'volume' },
  { column: 'market_cap', label: 'Market cap', spoken: 'Market cap', kind: 'cap' },
  { column: 'percent_change_7d', label: 'Last 7 days', spoken: 'Last 7 days, change', kind: 'line' },
];

/**
 * The table of the market. Rows are grids, because browsers leave out what is off the screen of a grid and not of a table row; a changed
 * `display` takes a table's meaning away in some, so the roles are written out.
 */
export function AssetTable({ assets }: { readonly assets: readonly Asset[] }) {
  const rows = useGrowing(assets.length);
  return (
    <table class="assets" role="table">
      <caption class="sr">Assets with their live prices in USD. The buttons in the head sort.</caption>
      <thead role="rowgroup">
        <tr role="row" class="market-grid">
          <th role="columnheader" class="star">
            <span class="sr">Favourite</span>
          </th>
          {COLUMNS.map((column) => (
            <HeadCell key={column.column} {...column} />
          ))}
        </tr>
      </thead>
      <tbody
        role="rowgroup"
        onPointerEnter={holdForPointer}
        onPointerLeave={release}
        onFocusCapture={holdForFocus}
        onBlurCapture={release}
      >
        {assets.slice(0, rows).map((asset, i) => (
          <AssetRow key={asset.id} asset={asset} index={i} />
        ))}
      </tbody>
    </table>
  );
}

function HeadCell({ column, label, spoken, kind }: (typeof COLUMNS)[number]) {
  const isSorted = sortedBy.value === column;
  const direction = sortDirection.value;
  const sort = isSorted ? (direction === 'asc' ? 'ascending' : 'descending') : 'none';
  return (
    <th role="columnheader" class={kind} aria-sort={sort}>
      <button type="button" onClick={() => sortBy(column)} aria-label={spoken}>
        {label}
        {isSorted && <Arrow to={direction === 'asc' ? 'up' : 'down'} />}
      </button>
    </th>
  );
}

/** Hundreds of rows at once would hold the page up for longer than an eye forgives. */
function useGrowing(all: number): number {
  const [rows, setRows] = useState(FIRST_ROWS);
  useEffect(() => {
    if (rows >= all) return undefined;
    const timer = setTimeout(() => setRows(rows + MORE_ROWS), 60);
    return () => clearTimeout(timer);
  }, [rows, all]);
  return Math.min(rows, all);
}

function holdForPointer({ pointerType }: PointerEvent): void {
  // A finger leaves no pointer behind: the rows would be held for ever.
  if (pointerType === 'mouse') isHeld.value = true;
}

function holdForFocus({ target }: FocusEvent): void {
  // What was clicked keeps the focus; only who goes by keys is in a row.
  if (target instanceof Element && target.matches(':focus-visible')) isHeld.value = true;
}

function release(): void {
  isHeld.value = false;
}
