import { MOVER_WINDOW_NAMES, type MoverWindow } from './mover-windows.js';
import { larger, PastCloses, type Charts, type PastClosesSnapshot } from './past-closes.js';
import type { PriceUpdate } from './price.js';
import type { AssetSymbol } from './tick.js';
import { TopList } from './top-list.js';

/** Gainers of a window, and losers, at the most. */
export const MOVERS_LIMIT = 50;
/** Lists are made anew this often, log time: clients, told once a second at the most, are then told what is younger than a second. */
const EVERY_MS = 500;
/** A list that stays in its order is told again this often: its numbers move. */
const RETELL_MS = 5_000;
const SMALLEST = 64;

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

/** Everything that price book and charts do not know; plain JSON. */
export interface MoversSnapshot {
  /** Of the last ranking; null: there was none. */
  readonly at: number | null;
  readonly closes: PastClosesSnapshot;
  /** Per window when its lists were told last (null: never), and in which order. */
  readonly told: readonly (readonly [at: number | null, order: string])[];
}

interface Told {
  readonly at: number;
  readonly order: string;
}

const NONE: readonly WindowMovers[] = [];

/**
 * Gainers and losers of every window, of the assets whose price is not stale and whose history reaches back one window. A price is
 * compared with the one that stood at the edge of the minute nearest to a window ago: at most half a minute off. Ranking is one
 * pass over plain numbers. A function of prices and charts as they are told, on the log's clock.
 */
export class Movers {
  #closes: PastCloses;
  readonly #slots = new Map<AssetSymbol, number>();
  /** By slot. NaN: stale. */
  #prices: Float64Array = new Float64Array(SMALLEST);
  /** By slot. NaN: not known. */
  #volumes: Float64Array = new Float64Array(SMALLEST);
  #at = -Infinity;
  readonly #risen = MOVER_WINDOW_NAMES.map(() => this.#list());
  readonly #fallen = MOVER_WINDOW_NAMES.map(() => this.#list());
  #told: Told[] = MOVER_WINDOW_NAMES.map(() => ({ at: -Infinity, order: '' }));

  constructor(charts: Charts) {
    this.#closes = new PastCloses(charts);
  }

  /** Takes a price as it changes. */
  take({ symbol, price, status, volume24h }: PriceUpdate): void {
    let slot = this.#slots.get(symbol);
    if (slot === undefined) {
      slot = this.#enter(symbol);
      this.#closes.enter(symbol);
    }
    this.#prices[slot] = status === 'stale' ? Number.NaN : price;
    this.#volumes[slot] = volume24h ?? Number.NaN;
  }

  /** The asset's history is another one. */
  learn(symbol: AssetSymbol): void {
    const slot = this.#slots.get(symbol);
    if (slot !== undefined) this.#closes.learn(slot);
  }

  /**
   * Log time is `now`, and every price until then was taken. About twice a second ranks anew, and returns the windows whose lists
   * are others or in another order than last told, or were told five seconds ago.
   */
  passed(now: number): readonly WindowMovers[] {
    this.#closes.passed(now);
    // A list of those that happen to be looked up already would name the wrong ones.
    if (now - this.#at < EVERY_MS || !this.#closes.areKnown) return NONE;
    this.#at = now;
    const told: WindowMovers[] = [];
    for (let w = 0; w < MOVER_WINDOW_NAMES.length; w++) {
      this.#rank(w);
      const order = `${this.#order(this.#risen[w]!)}/${this.#order(this.#fallen[w]!)}`;
      const last = this.#told[w]!;
      if (order === last.order && now - last.at < RETELL_MS) continue;
      this.#told[w] = { at: now, order };
      told.push(this.#read(w));
    }
    return told;
  }

  /** The lists with the prices of now; undefined before they were ranked for the first time, and until what was is looked up. */
  of(window: MoverWindow): WindowMovers | undefined {
    if (this.#at === -Infinity || !this.#closes.areKnown) return undefined;
    const w = MOVER_WINDOW_NAMES.indexOf(window);
    // A price may have gone stale since.
    this.#rank(w);
    return this.#read(w);
  }

  snapshot(): MoversSnapshot {
    const time = (at: number): number | null => (at === -Infinity ? null : at);
    return {
      at: time(this.#at),
      closes: this.#closes.snapshot(),
      told: this.#told.map(({ at, order }) => [time(at), order]),
    };
  }

  /** The movers that `snapshot` was taken of, over the same charts and prices; without one, those that begin with these. */
  static restore(snapshot: MoversSnapshot | undefined, charts: Charts, prices: readonly PriceUpdate[]): Movers {
    const movers = new Movers(charts);
    if (snapshot !== undefined) {
      movers.#closes = PastCloses.restore(snapshot.closes, charts);
      for (const symbol of movers.#closes.symbols) movers.#enter(symbol);
      movers.#at = snapshot.at ?? -Infinity;
      movers.#told = snapshot.told.map(([at, order]) => ({ at: at ?? -Infinity, order }));
    }
    for (const update of prices) movers.take(update);
    return movers;
  }

  #list(): TopList {
    return new TopList(MOVERS_LIMIT, (slot) => this.#closes.symbols[slot]!);
  }

  #enter(symbol: AssetSymbol): number {
    const slot = this.#slots.size;
    if (slot === this.#prices.length) {
      this.#prices = larger(this.#prices);
      this.#volumes = larger(this.#volumes);
    }
    this.#slots.set(symbol, slot);
    this.#prices[slot] = this.#volumes[slot] = Number.NaN;
    return slot;
  }

  #rank(w: number): void {
    const risen = this.#risen[w]!;
    const fallen = this.#fallen[w]!;
    const before = this.#closes.of(w);
    const prices = this.#prices;
    risen.clear();
    fallen.clear();
    for (let slot = 0; slot < this.#slots.size; slot++) {
      const ratio = prices[slot]! / before[slot]!;
      // Neither is true of a price or a past that is not known.
      if (ratio > 1) risen.offer(slot, -ratio);
      else if (ratio < 1) fallen.offer(slot, ratio);
    }
  }

  #order({ slots, size }: TopList): string {
    let joined = '';
    for (let i = 0; i < size; i++) joined += `${this.#closes.symbols[slots[i]!]!},`;
    return joined;
  }

  #read(w: number): WindowMovers {
    const assets = ({ slots, ranks, size }: TopList): MovedAsset[] =>
      Array.from({ length: size }, (_, i): MovedAsset => {
        const slot = slots[i]!;
        const ratio = Math.abs(ranks[i]!);
        const volume24h = this.#volumes[slot]!;
        return {
          symbol: this.#closes.symbols[slot]!,
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
