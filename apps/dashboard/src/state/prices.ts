import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { LivePrice } from '@haunt/client';
import { server } from './server.js';

/** An eye does not follow more than a few changes a second of one number. */
const THROTTLE_MS = 400;
/** Assets that one connection may watch, by default. */
const WATCHED_MAX = 1_000;

const shown = new Map<string, Signal<LivePrice | undefined>>();
const watchers = new Map<string, number>();
let arrived = new Map<string, LivePrice>();
let isScheduled = false;

const subscription = server.live.subscribe([], { throttleMs: THROTTLE_MS, onPrices: take });

/** The live price of an asset (its symbol, in any case); undefined until one came. Changes at most once a frame. */
export function priceOf(symbol: string): ReadonlySignal<LivePrice | undefined> {
  return held(symbol.toLowerCase());
}

/** Has the prices of these assets sent until the returned function is called. */
export function watchPrices(symbols: readonly string[]): () => void {
  const mine = [...new Set(symbols.map((symbol) => symbol.toLowerCase()))].slice(0, WATCHED_MAX);
  for (const symbol of mine) watchers.set(symbol, (watchers.get(symbol) ?? 0) + 1);
  subscription.add(mine);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    subscription.remove(mine.filter((symbol) => release(symbol)));
  };
}

/** @returns whether that was the last who watched. */
function release(symbol: string): boolean {
  const left = (watchers.get(symbol) ?? 1) - 1;
  if (left > 0) watchers.set(symbol, left);
  else watchers.delete(symbol);
  return left <= 0;
}

function held(symbol: string): Signal<LivePrice | undefined> {
  let price = shown.get(symbol);
  if (price === undefined) shown.set(symbol, (price = signal(server.live.prices.get(symbol))));
  return price;
}

/** As many may come as will: each asset is shown once a frame, with the newest, and not at all while the page is hidden. */
function take(prices: readonly LivePrice[]): void {
  for (const price of prices) arrived.set(price.symbol, price);
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(show);
}

function show(): void {
  isScheduled = false;
  const prices = arrived;
  arrived = new Map();
  batch(() => {
    for (const [symbol, price] of prices) held(symbol).value = price;
  });
}
