import type { AssetChart } from './chart/asset-chart.js';
import { MOVER_WINDOWS, MOVER_WINDOW_NAMES, type MoverWindow } from './mover-windows.js';
import { closeBefore } from './past-closes.js';
import type { PriceUpdate } from './price.js';
import type { AssetSymbol } from './tick.js';
import { TopList } from './top-list.js';

const MINUTE = 60_000;
/** Gainers of a window, and losers, at the most. */
export const MOVERS_LIMIT = 50;
/** Lists are made anew this often, log time. */
const EVERY_MS = 1_000;
/** A list that stays in its order is told again this often: its numbers move. */
const RETELL_MS = 5_000;
/**
 * What the next minute is compared with is looked up during the one before, a few assets at a time: ms of it, for the windows
 * from `first` on. The minute that the shortest one looks at ends in the middle, and is filled a few seconds later.
 */
const PREPARATIONS = [
  { first: 1, end: 6, fromMs: 0, untilMs: 38_000 },
  { first: 0, end: 1, fromMs: 40_000, untilMs: 55_000 },
] as const;
const SMALLEST = 64;

const WINDOWS = MOVER_WINDOW_NAMES.map((name) => MOVER_WINDOWS[name]);

/** One asset in a list. `changePercent` is of the price since one window ago, neither rounded nor zero. */
export interface MovedAsset {
  readonly symbol: AssetSymbol;
  /** USD. */
  readonly price: number;
  readonly changePercent: number;
  /** Traded over 24 h, USD. */
  readonly volume24h?: number;
}

/** Who rose most and who fell most in a window, at log time `at`. */
export interface WindowMovers {
  readonly window: MoverWindow;
  /** Those that rose, most first. */
  readonly gainers: readonly MovedAsset[];
  /** Those that fell, most first. */
  readonly losers: readonly MovedAsset[];
  readonly at: number;
}

/** Everything that price book and charts do not know; plain JSON. Null: not known. */
export interface MoversSnapshot {
  readonly minute: number;
  readonly prepared: readonly number[];
  readonly at: number;
  /** Per asset what its price is compared with in each window, and with what in the next minute. */
  readonly assets: readonly (readonly [
    symbol: AssetSymbol,
    now: readonly (number | null)[],
    next: readonly (number | null)[],
  ])[];
  readonly told: readonly (readonly [at: number, order: string])[];
}

interface Told {
  at: number;
  order: string;
}

/**
 * Gainers and losers of every window, of the assets whose price is not stale and whose history reaches back one window. A price
 * is compared with the one that stood at the edge of the minute nearest to a window ago: at most half a minute off. What to compare
 * with is looked up once a minute and asset, during the minute before; ranking is one pass over plain numbers. A function of
 * prices and charts as they are told, on the log's clock.
 */
export class Movers {
  readonly #charts: { get(symbol: AssetSymbol): AssetChart | undefined };
  readonly #slots = new Map<AssetSymbol, number>();
  readonly #symbols: AssetSymbol[] = [];
  /** NaN: stale. */
  #prices = new Float64Array(SMALLEST);
  /** NaN: not known. */
  #volumes = new Float64Array(SMALLEST);
  /** Per window and slot; NaN: history does not reach. */
  #bases = newBases(SMALLEST);
  #next = newBases(SMALLEST);
  /** Per preparation, for how many slots it is done. */
  #prepared = PREPARATIONS.map(() => 0);
  /** The edge of the minute (number) that is nearest to log time. */
  #minute = 0;
  #at = -Infinity;
  readonly #risen = WINDOWS.map(() => this.#list());
  readonly #fallen = WINDOWS.map(() => this.#list());
  #told: Told[] = WINDOWS.map(() => ({ at: -Infinity, order: '' }));

  constructor(charts: { get(symbol: AssetSymbol): AssetChart | undefined }) {
    this.#charts = charts;
  }

  /** Takes a price as it changes. */
  take({ symbol, price, status, volume24h }: PriceUpdate): void {
    const slot = this.#slots.get(symbol) ?? this.#enter(symbol);
    this.#prices[slot] = status === 'stale' ? Number.NaN : price;
    this.#volumes[slot] = volume24h ?? Number.NaN;
  }

  /** The asset's history is another one. */
  learn(symbol: AssetSymbol): void {
    const slot = this.#slots.get(symbol);
    if (slot === undefined || this.#minute === 0) return;
    for (let w = 0; w < WINDOWS.length; w++) this.#look(this.#bases, w, slot, this.#minute);
    for (const [i, done] of this.#prepared.entries()) if (slot < done) this.#prepareSlot(i, slot);
  }

  /**
   * Log time is `now`, and every price until then was taken. About once a second ranks anew, and returns the windows whose lists
   * are others or in another order than last told, or were told five seconds ago.
   */
  passed(now: number): readonly WindowMovers[] {
    const minute = Math.round(now / MINUTE);
    if (minute !== this.#minute) this.#turn(minute);
    this.#prepare(now - (minute - 0.5) * MINUTE);
    if (now - this.#at < EVERY_MS) return NONE;
    this.#at = now;
    const told: WindowMovers[] = [];
    for (let w = 0; w < WINDOWS.length; w++) {
      this.#rank(w);
      const order = this.#order(w);
      const last = this.#told[w]!;
      if (order === last.order && now - last.at < RETELL_MS) continue;
      this.#told[w] = { at: now, order };
      told.push(this.#read(w));
    }
    return told;
  }

  /** The lists with the prices of now; undefined before they were ranked for the first time. */
  of(window: MoverWindow): WindowMovers | undefined {
    if (this.#at === -Infinity) return undefined;
    const w = MOVER_WINDOW_NAMES.indexOf(window);
    // A price may have gone stale since.
    this.#rank(w);
    return this.#read(w);
  }

  snapshot(): MoversSnapshot {
    const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
    const isPrepared = (w: number, slot: number): boolean => slot < this.#prepared[w === 0 ? 1 : 0]!;
    return {
      minute: this.#minute,
      prepared: [...this.#prepared],
      at: this.#at === -Infinity ? 0 : this.#at,
      assets: this.#symbols.map((symbol, slot) => [
        symbol,
        this.#bases.map((values) => known(values[slot]!)),
        this.#next.map((values, w) => (isPrepared(w, slot) ? known(values[slot]!) : null)),
      ]),
      told: this.#told.map(({ at, order }) => [at === -Infinity ? 0 : at, order]),
    };
  }

  /** The movers that `snapshot` was taken of, over the same charts and prices; without one, those that begin with these. */
  static restore(
    snapshot: MoversSnapshot | undefined,
    charts: { get(symbol: AssetSymbol): AssetChart | undefined },
    prices: readonly PriceUpdate[],
  ): Movers {
    const movers = new Movers(charts);
    for (const [symbol, now, next] of snapshot?.assets ?? []) {
      const slot = movers.#enter(symbol);
      for (let w = 0; w < WINDOWS.length; w++) {
        movers.#bases[w]![slot] = now[w] ?? Number.NaN;
        movers.#next[w]![slot] = next[w] ?? Number.NaN;
      }
    }
    for (const update of prices) movers.take(update);
    if (snapshot === undefined || snapshot.minute === 0) return movers;
    movers.#minute = snapshot.minute;
    movers.#prepared = [...snapshot.prepared];
    movers.#at = snapshot.at;
    movers.#told = WINDOWS.map((_, w) => {
      const [at, order] = snapshot.told[w] ?? [0, ''];
      return { at, order };
    });
    return movers;
  }

  #list(): TopList {
    return new TopList(MOVERS_LIMIT, (slot) => this.#symbols[slot]!);
  }

  #enter(symbol: AssetSymbol): number {
    const slot = this.#symbols.length;
    if (slot === this.#prices.length) this.#grow();
    this.#symbols.push(symbol);
    this.#slots.set(symbol, slot);
    this.#prices[slot] = this.#volumes[slot] = Number.NaN;
    for (let w = 0; w < WINDOWS.length; w++) {
      this.#bases[w]![slot] = this.#next[w]![slot] = Number.NaN;
      if (this.#minute > 0) this.#look(this.#bases, w, slot, this.#minute);
    }
    return slot;
  }

  #grow(): void {
    const larger = (values: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(2 * values.length);
      grown.set(values);
      return grown;
    };
    this.#prices = larger(this.#prices);
    this.#volumes = larger(this.#volumes);
    this.#bases = this.#bases.map(larger);
    this.#next = this.#next.map(larger);
  }

  #look(bases: Float64Array[], w: number, slot: number, minute: number): void {
    const chart = this.#charts.get(this.#symbols[slot]!);
    bases[w]![slot] = chart === undefined ? Number.NaN : closeBefore(chart, WINDOWS[w]!, minute * MINUTE);
  }

  /** Another edge of a minute is the nearest one. */
  #turn(minute: number): void {
    const isNext = minute === this.#minute + 1;
    if (isNext) {
      this.#prepare(MINUTE);
      [this.#bases, this.#next] = [this.#next, this.#bases];
    }
    this.#minute = minute;
    this.#prepared.fill(0);
    if (isNext) return;
    // At the start, or after a hole in the log: nothing was prepared.
    for (let slot = 0; slot < this.#symbols.length; slot++) {
      for (let w = 0; w < WINDOWS.length; w++) this.#look(this.#bases, w, slot, minute);
    }
  }

  /** Prepares as much of the next minute as should be done this long after the turn. */
  #prepare(elapsedMs: number): void {
    for (const [i, { fromMs, untilMs }] of PREPARATIONS.entries()) {
      if (elapsedMs < fromMs) continue;
      const end = Math.ceil(this.#symbols.length * Math.min(1, (elapsedMs - fromMs) / (untilMs - fromMs)));
      for (let slot = this.#prepared[i]!; slot < end; slot++) this.#prepareSlot(i, slot);
      this.#prepared[i] = Math.max(this.#prepared[i]!, end);
    }
  }

  #prepareSlot(preparation: number, slot: number): void {
    const { first, end } = PREPARATIONS[preparation]!;
    for (let w = first; w < end; w++) this.#look(this.#next, w, slot, this.#minute + 1);
  }

  #rank(w: number): void {
    const risen = this.#risen[w]!;
    const fallen = this.#fallen[w]!;
    const bases = this.#bases[w]!;
    const prices = this.#prices;
    risen.clear();
    fallen.clear();
    for (let slot = 0; slot < this.#symbols.length; slot++) {
      const ratio = prices[slot]! / bases[slot]!;
      // Neither is true of a price or a past that is not known.
      if (ratio > 1) risen.offer(slot, -ratio);
      else if (ratio < 1) fallen.offer(slot, ratio);
    }
  }

  #order(w: number): string {
    const names = ({ slots, size }: TopList): string => {
      let joined = '';
      for (let i = 0; i < size; i++) joined += `${this.#symbols[slots[i]!]!},`;
      return joined;
    };
    return `${names(this.#risen[w]!)}/${names(this.#fallen[w]!)}`;
  }

  #read(w: number): WindowMovers {
    const assets = ({ slots, ranks, size }: TopList): MovedAsset[] =>
      Array.from({ length: size }, (_, i): MovedAsset => {
        const slot = slots[i]!;
        const ratio = Math.abs(ranks[i]!);
        const volume24h = this.#volumes[slot]!;
        return {
          symbol: this.#symbols[slot]!,
          price: this.#prices[slot]!,
          changePercent: (ratio - 1) * 100,
          ...(volume24h >= 0 && { volume24h }),
        };
      });
    return {
      window: MOVER_WINDOW_NAMES[w]!,
      gainers: assets(this.#risen[w]!),
      losers: assets(this.#fallen[w]!),
      at: this.#at,
    };
  }
}

const NONE: readonly WindowMovers[] = [];

function newBases(capacity: number): Float64Array<ArrayBuffer>[] {
  return WINDOWS.map(() => new Float64Array(capacity));
}
