import type { LivePrice, SeedingProgress } from '@haunt/contracts';
import type { HauntError } from './haunt-error.js';
import { call } from './listeners.js';

export interface PriceSubscriptionOptions {
  /** Called with every price: first what is known already, then every change. */
  readonly onPrice?: (price: LivePrice) => void;
  /** Called with the prices that came together: one call for many, for whoever draws once. */
  readonly onPrices?: (prices: readonly LivePrice[]) => void;
  /** Of the assets subscribed to. */
  readonly onSeeding?: (progress: SeedingProgress) => void;
  /** Called when the server refuses assets, as too many: those stay silent. */
  readonly onError?: (error: HauntError) => void;
  /** Least ms between two updates of one asset, 0 (none, the default) to 60000. The last of a burst always comes. */
  readonly throttleMs?: number;
}

/** What a subscription needs of whoever brings the prices. */
export interface PriceDesk {
  /** What is asked for has changed. */
  changed(): void;
  /** Whether somebody else has asked for it. */
  isBrought(symbol: string): boolean;
  /** The newest price that came. */
  latest(symbol: string): LivePrice | undefined;
  ended(subscription: PriceSubscription): void;
}

const SYMBOL_MAX = 64;
const THROTTLE_MAX_MS = 60_000;

/** Some assets, for one listener. Survives every reconnect. */
export class PriceSubscription {
  private readonly symbols = new Set<string>();
  /** The version of each asset that the listener has. */
  private readonly heard = new Map<string, number>();
  /** When each asset may be told again, on the clock of `performance.now()`. */
  private readonly nextAt = new Map<string, number>();
  private readonly waiting = new Map<string, LivePrice>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private interval = 0;
  private ended = false;

  constructor(
    private readonly desk: PriceDesk,
    private readonly options: PriceSubscriptionOptions,
  ) {
    this.interval = throttleOf(options.throttleMs ?? 0);
  }

  /** Lower case. */
  get assets(): readonly string[] {
    return [...this.symbols];
  }

  get throttleMs(): number {
    return this.interval;
  }

  get isClosed(): boolean {
    return this.ended;
  }

  has(symbol: string): boolean {
    return this.symbols.has(symbol);
  }

  /** Symbols in any case. @throws TypeError for what cannot be one; then nothing is added */
  add(assets: readonly string[]): void {
    const added = assets.map(symbolOf).filter((symbol) => !this.symbols.has(symbol));
    if (this.ended || added.length === 0) return;
    for (const symbol of added) this.symbols.add(symbol);
    // What another subscription brings is not sent again. Told later, so that whoever subscribes has the subscription by then.
    const known = added.filter((symbol) => this.desk.isBrought(symbol));
    if (known.length > 0) queueMicrotask(() => this.offer(known.flatMap((symbol) => this.desk.latest(symbol) ?? [])));
    this.desk.changed();
  }

  remove(assets: readonly string[]): void {
    for (const symbol of assets.map(symbolOf)) {
      if (!this.symbols.delete(symbol)) continue;
      this.heard.delete(symbol);
      this.nextAt.delete(symbol);
      this.waiting.delete(symbol);
    }
    this.desk.changed();
  }

  /** @throws TypeError for anything but 0 to 60000 */
  throttle(throttleMs: number): void {
    this.interval = throttleOf(throttleMs);
    this.nextAt.clear();
    this.flush();
    this.desk.changed();
  }

  /** Nothing is told any more. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.timer);
    this.symbols.clear();
    this.waiting.clear();
    this.desk.ended(this);
    this.desk.changed();
  }

  /** Takes what is newer than what the listener has, of what it asked for. */
  offer(prices: readonly LivePrice[]): void {
    const now = performance.now();
    const due: LivePrice[] = [];
    for (const price of prices) {
      const { symbol, version } = price;
      if (!this.symbols.has(symbol) || version <= (this.heard.get(symbol) ?? -1)) continue;
      if (this.interval > 0 && now < (this.nextAt.get(symbol) ?? 0)) this.waiting.set(symbol, price);
      else due.push(price);
    }
    this.tell(due, now);
    this.wait(now);
  }

  seeding(progress: SeedingProgress): void {
    if (this.symbols.has(progress.symbol)) call(this.options.onSeeding, progress);
  }

  refused(error: HauntError): void {
    call(this.options.onError, error);
  }

  private flush(): void {
    const now = performance.now();
    const due = [...this.waiting.values()].filter(({ symbol }) => now >= (this.nextAt.get(symbol) ?? 0));
    this.tell(due, now);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wait(now);
  }

  private tell(prices: readonly LivePrice[], now: number): void {
    if (prices.length === 0) return;
    for (const { symbol, version } of prices) {
      this.waiting.delete(symbol);
      this.heard.set(symbol, version);
      if (this.interval > 0) this.nextAt.set(symbol, now + this.interval);
    }
    call(this.options.onPrices, prices);
    if (this.options.onPrice === undefined) return;
    for (const price of prices) if (this.symbols.has(price.symbol)) call(this.options.onPrice, price);
  }

  private wait(now: number): void {
    if (this.waiting.size === 0 || this.timer !== undefined) return;
    const next = Math.min(...[...this.waiting.keys()].map((symbol) => this.nextAt.get(symbol) ?? now));
    this.timer = setTimeout(() => this.flush(), Math.max(1, next - now));
  }
}

/** Numbers are refused: an answer to one comes under the asset's symbol, and nobody could tell whose it is. */
function symbolOf(asset: string): string {
  const symbol = asset.trim().toLowerCase();
  if (symbol === '' || symbol.length > SYMBOL_MAX) {
    throw new TypeError(`an asset must be a symbol of 1 to ${SYMBOL_MAX} characters; it is ${JSON.stringify(asset)}`);
  }
  if (/^\d+$/.test(symbol)) {
    throw new TypeError(`live prices want a symbol such as btc, not the id ${symbol}; rest.asset(${symbol}) names it`);
  }
  return symbol;
}

function throttleOf(value: number): number {
  if (value >= 0 && value <= THROTTLE_MAX_MS) return value;
  throw new TypeError(`throttleMs must be 0 (none) to ${THROTTLE_MAX_MS}; it is ${value}`);
}
