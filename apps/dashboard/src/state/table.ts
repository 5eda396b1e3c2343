import { computed, effect, signal } from '@preact/signals';
import { type Asset, listing } from './assets.js';
import { figuresOf } from './figures.js';
import { keep, recall } from './kept.js';
import {
  type Choice,
  type Column,
  columnOf,
  directionOf,
  type Filter,
  firstDirection,
  inOrder,
  USUAL,
} from './order.js';

/** Prices move all the time; rows that did, too, could not be read. */
const REORDER_MS = 3_000;

/** What the table shows. */
export const choice = signal<Choice>(USUAL);
/** Numbers of the assets with a star. */
export const favourites = signal<ReadonlySet<number>>(recalled());
/** Somebody points at a row, or is in one: it must not move away under the finger. */
export const isHeld = signal(false);
/** Goes up when it is time to put the rows in order anew. */
const beat = signal(0);

export const sortedBy = computed(() => columnOf(choice.value));
export const sortDirection = computed(() => directionOf(choice.value));

let last: readonly Asset[] = [];

/** The assets in the order of the table. The same array while it is the same order. */
export const ordered = computed<readonly Asset[]>(() => {
  void beat.value;
  const stars = favourites.value;
  const rows = listing.value.assets.map((asset) => ({
    ...figuresOf(asset.facts.peek(), asset.live.peek()),
    of: asset,
    isFavourite: stars.has(asset.id),
  }));
  const next = inOrder(rows, choice.value);
  if (next.length !== last.length || next.some((asset, i) => asset !== last[i])) last = next;
  return last;
});

/** Sorts by `column`; the one that is sorted by already, the other way round. */
export function sortBy(column: Column): void {
  const isSame = sortedBy.value === column;
  const direction = isSame ? (sortDirection.value === 'asc' ? 'desc' : 'asc') : firstDirection(column);
  choice.value = { ...choice.value, column, direction };
}

/** Shows what passes `filter`, in the order that goes with it. */
export function show(filter: Filter): void {
  choice.value = { ...choice.value, filter, column: undefined };
}

export function search(query: string): void {
  choice.value = { ...choice.value, query };
}

/** Gives an asset its star, or takes it. */
export function toggleFavourite(id: number): void {
  const next = new Set(favourites.value);
  if (!next.delete(id)) next.add(id);
  favourites.value = next;
  keep('favourites', JSON.stringify([...next]));
}

/** Keeps the order up to date until the returned function is called. */
export function keepOrdered(): () => void {
  const timer = setInterval(() => {
    if (!isHeld.value && document.visibilityState === 'visible') beat.value++;
  }, REORDER_MS);
  const stop = effect(() => void ordered.value);
  return () => {
    clearInterval(timer);
    stop();
    // A table that goes away does not say that the pointer has left it.
    isHeld.value = false;
  };
}

function recalled(): ReadonlySet<number> {
  try {
    const list: unknown = JSON.parse(recall('favourites') ?? '[]');
    return new Set(Array.isArray(list) ? list.filter((id) => typeof id === 'number') : []);
  } catch {
    return new Set();
  }
}
