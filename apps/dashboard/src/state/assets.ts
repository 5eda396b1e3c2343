import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { AssetView, Envelope, LivePrice, Meta } from '@haunt/client';
import { priceOf, watchPrices } from './prices.js';
import { ask, onReopened, sentenceOf, server } from './server.js';

/** Of one request, and in all. */
const PAGE = 100;
const ASSETS_MAX = 1_000;
/** Ranks, names, lines and capitalisations move slowly; prices come by themselves. */
const REFRESH_MS = 60_000;
const RETRY_MS = 5_000;
/** A server that has just started learns the lines of the week one after the other. */
const LEARNING_MS = 12_000;

/** One listed asset: what the list says of it, and its live price. The same object as long as the page lives. */
export interface Asset {
  readonly id: number;
  /** What its address and its live prices are called by: the symbol in lower case, for a namesake of a larger one the id. */
  readonly key: string;
  readonly facts: ReadonlySignal<AssetView>;
  /** Of a namesake always undefined: live prices know only the larger one. */
  readonly live: ReadonlySignal<LivePrice | undefined>;
}

export interface Listing {
  readonly assets: readonly Asset[];
  readonly meta?: Meta;
  /** When the list was answered, epoch ms; undefined before the first time. */
  readonly at?: number;
  /** Why the last attempt failed, a sentence. */
  readonly failure?: string;
}

const nothing = signal<LivePrice | undefined>(undefined);
const known = new Map<number, Asset & { readonly facts: Signal<AssetView> }>();
const current = signal<Listing>({ assets: [] });
let endWatch: (() => void) | undefined;
let timer: number | undefined;
let isLoading = false;

/** Every listed asset, largest first. */
export const listing: ReadonlySignal<Listing> = current;

/** Loads the list, and keeps it. */
export async function loadListing(): Promise<void> {
  if (isLoading) return;
  isLoading = true;
  window.clearTimeout(timer);
  let wait = REFRESH_MS;
  try {
    const { data, meta } = await everyPage();
    show(data, meta);
    if (data.filter(({ sparkline }) => sparkline.length < 2).length > data.length / 2) wait = LEARNING_MS;
  } catch (error) {
    wait = RETRY_MS;
    current.value = { ...current.value, failure: sentenceOf(error) };
  }
  isLoading = false;
  timer = window.setTimeout(() => void loadListing(), wait);
}

onReopened(() => void loadListing());

async function everyPage(): Promise<Envelope<AssetView[]>> {
  const first = await ask(server.rest.listings({ start: 1, limit: PAGE }));
  const total = Math.min(first.meta.total ?? first.data.length, ASSETS_MAX);
  const views = [...first.data];
  // What there is, is shown while the rest comes.
  if (current.value.at === undefined) show(views, first.meta);
  for (let start = PAGE + 1; start <= total; start += PAGE) {
    views.push(...(await ask(server.rest.listings({ start, limit: PAGE }))).data);
  }
  return { data: views, meta: first.meta };
}

function show(views: readonly AssetView[], meta: Meta): void {
  const taken = new Set<string>();
  const ids = new Set<number>();
  const assets: Asset[] = [];
  for (const view of views) {
    const symbol = view.symbol.toLowerCase();
    const isNamesake = taken.has(symbol);
    const id = view.id === 0 ? -hash(symbol) : view.id;
    // Pages are asked for one after the other: somebody may have moved from one to the next.
    if (ids.has(id)) continue;
    ids.add(id);
    taken.add(symbol);
    assets.push(assetOf(id, view, isNamesake ? String(view.id) : symbol, isNamesake));
  }
  const before = current.value.assets;
  const isSame = before.length === assets.length && before.every((asset, i) => asset === assets[i]);
  current.value = { assets: isSame ? before : assets, meta, at: Date.now() };
  if (isSame) return;
  const endBefore = endWatch;
  endWatch = watchPrices(assets.filter(({ live }) => live !== nothing).map(({ key }) => key));
  endBefore?.();
}

function assetOf(id: number, view: AssetView, key: string, isNamesake: boolean): Asset {
  const before = known.get(id);
  if (before?.key === key) {
    before.facts.value = view;
    return before;
  }
  const asset = { id, key, facts: signal(view), live: isNamesake ? nothing : priceOf(key) };
  known.set(id, asset);
  return asset;
}

/** A number for an asset that has none. */
function hash(text: string): number {
  let value = 1;
  for (const letter of text) value = (Math.imul(value, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return value + 1;
}
