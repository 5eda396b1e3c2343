import type { AssetChart } from './chart/asset-chart.js';
import { SERIES } from './chart/ranges.js';
import { MOVER_WINDOWS, MOVER_WINDOW_NAMES } from './mover-windows.js';
import type { AssetSymbol } from './tick.js';

const MINUTE = SERIES[0].bucketMs;
/** A price a window ago is known when a bucket ended this near to it: a twentieth of the window, or half a minute. */
const NEAR_SHARE = 20;
/**
 * What the next minute is compared with is looked up during the one before, a few assets at a time: ms of it, for the windows
 * from `first` on. The minute that the shortest one looks at ends in the middle, and is filled a few seconds later.
 */
const PREPARATIONS = [
  { first: 1, end: 6, fromMs: 0, untilMs: 38_000 },
  { first: 0, end: 1, fromMs: 40_000, untilMs: 55_000 },
] as const;
/** Assets looked up in one go, where many are due: after a hole in the log, or when they all come at once. */
const AT_ONCE = 50;
const SMALLEST = 64;

const WINDOWS = MOVER_WINDOW_NAMES.map((name) => MOVER_WINDOWS[name]);

const { abs, ceil, max, min, round } = Math;

export interface Charts {
  get(symbol: AssetSymbol): AssetChart | undefined;
}

/** Plain JSON. Per asset a close per window, now and for the next minute; null: not known. */
export interface PastClosesSnapshot {
  readonly minute: number;
  /** Per preparation how many assets it is done for, in the minute that is and for the next. */
  readonly done: readonly number[];
  readonly prepared: readonly number[];
  readonly assets: readonly (readonly [
    symbol: AssetSymbol,
    now: readonly (number | null)[],
    next: readonly (number | null)[],
  ])[];
}

/**
 * The price that stood one window (ms) before `end`, the edge of a minute: the close of the bucket that ended nearest to that
 * moment, of a minute or as wide as a tenth of the window; of two that are as near, the finer, then the earlier. NaN when none
 * ended within a twentieth of the window of it (for windows of up to ten minutes: at that very minute). That is what "enough
 * history" means for a change.
 */
export function closeBefore(chart: AssetChart, windowMs: number, end: number): number {
  const time = end - windowMs;
  const near = max(windowMs / NEAR_SHARE, MINUTE / 2);
  let price = Number.NaN;
  // From here on it is too far.
  let nearest = near + 1;
  for (let i = 0; i < SERIES.length; i++) {
    const { bucketMs } = SERIES[i]!;
    // It would have an end near enough only now and then, and the asset would come and go.
    if (bucketMs / 2 > near) break;
    const middle = round(time / bucketMs);
    for (let away = 0; (away - 0.5) * bucketMs < nearest; away++) {
      for (let edge = middle - away; edge <= middle + away; edge += max(1, 2 * away)) {
        const distance = abs(time - edge * bucketMs);
        if (distance >= nearest) continue;
        chart.closes(i, edge - 1, found);
        if (Number.isNaN(found[0]!)) continue;
        price = found[0]!;
        nearest = distance;
      }
    }
  }
  return price;
}

const found = new Float64Array(1);

/** What all assets cost one window before the edge of a minute. */
class Lookups {
  /** By window, then by slot. NaN: history does not reach. */
  values: readonly Float64Array[] = WINDOWS.map(() => new Float64Array(SMALLEST));
  /** Per preparation for how many slots it is done. */
  readonly done = PREPARATIONS.map(() => 0);

  reach(slot: number): void {
    if (slot === this.values[0]!.length) this.values = this.values.map(larger);
  }
}

/**
 * What every asset cost one window ago, for each window, as of the edge of the minute nearest to log time. Looked up once a minute
 * and asset, during the minute before: past prices lie in frozen blocks, and thousands at once would keep ticks waiting. Assets
 * are known by slots, in the order in which they came.
 */
export class PastCloses {
  readonly symbols: AssetSymbol[] = [];
  readonly #charts: Charts;
  #now = new Lookups();
  #next = new Lookups();
  /** The edge of the minute (number) that is nearest to log time; 0 before the first. */
  #minute = 0;

  constructor(charts: Charts) {
    this.#charts = charts;
  }

  /** False: some are still to be looked up, because many became due at once. */
  get areKnown(): boolean {
    return this.#now.done.every((done) => done === this.symbols.length);
  }

  /** Of a window (its place among their names), by slot. NaN: history does not reach. To be read at once: it is replaced. */
  of(window: number): Float64Array {
    return this.#now.values[window]!;
  }

  /** One more asset, in the next slot. */
  enter(symbol: AssetSymbol): void {
    const slot = this.symbols.push(symbol) - 1;
    this.#now.reach(slot);
    this.#next.reach(slot);
  }

  /** The history of a slot is another one. */
  learn(slot: number): void {
    this.#lookUpAgain(this.#now, slot, this.#minute);
    this.#lookUpAgain(this.#next, slot, this.#minute + 1);
  }

  /** Log time is `now`. */
  passed(now: number): void {
    const minute = round(now / MINUTE);
    if (minute !== this.#minute) this.#turn(minute);
    const elapsedMs = now - (minute - 0.5) * MINUTE;
    for (const [i, { fromMs, untilMs }] of PREPARATIONS.entries()) {
      this.#lookUp(this.#now, i, minute, 1);
      this.#lookUp(this.#next, i, minute + 1, (elapsedMs - fromMs) / (untilMs - fromMs));
    }
  }

  snapshot(): PastClosesSnapshot {
    const known = ({ values, done }: Lookups, slot: number): (number | null)[] =>
      values.map((column, w) => {
        const value = column[slot]!;
        return slot < done[preparationOf(w)]! && !Number.isNaN(value) ? value : null;
      });
    return {
      minute: this.#minute,
      done: [...this.#now.done],
      prepared: [...this.#next.done],
      assets: this.symbols.map((symbol, slot) => [symbol, known(this.#now, slot), known(this.#next, slot)]),
    };
  }

  static restore({ minute, done, prepared, assets }: PastClosesSnapshot, charts: Charts): PastCloses {
    const closes = new PastCloses(charts);
    closes.#minute = minute;
    for (const [slot, [symbol, now, next]] of assets.entries()) {
      closes.enter(symbol);
      for (let w = 0; w < WINDOWS.length; w++) {
        closes.#now.values[w]![slot] = now[w] ?? Number.NaN;
        closes.#next.values[w]![slot] = next[w] ?? Number.NaN;
      }
    }
    for (let i = 0; i < PREPARATIONS.length; i++) {
      // Absent in older checkpoints: then they are looked up anew.
      closes.#now.done[i] = done?.[i] ?? 0;
      closes.#next.done[i] = prepared[i] ?? 0;
    }
    return closes;
  }

  /** Another edge of a minute is the nearest one. What was not prepared for it, after a hole in the log nothing, is looked up from now on. */
  #turn(minute: number): void {
    if (minute === this.#minute + 1) [this.#now, this.#next] = [this.#next, this.#now];
    else this.#now.done.fill(0);
    this.#next.done.fill(0);
    this.#minute = minute;
  }

  /** Goes on until so much of a preparation is done, a little at a time. */
  #lookUp(lookups: Lookups, preparation: number, minute: number, share: number): void {
    const done = lookups.done[preparation]!;
    const end = min(ceil(this.symbols.length * min(1, share)), done + AT_ONCE);
    for (let slot = done; slot < end; slot++) this.#look(lookups, preparation, slot, minute);
    lookups.done[preparation] = max(done, end);
  }

  #lookUpAgain(lookups: Lookups, slot: number, minute: number): void {
    for (const [i, done] of lookups.done.entries()) if (slot < done) this.#look(lookups, i, slot, minute);
  }

  #look({ values }: Lookups, preparation: number, slot: number, minute: number): void {
    const { first, end } = PREPARATIONS[preparation]!;
    const chart = this.#charts.get(this.symbols[slot]!);
    for (let w = first; w < end; w++) {
      values[w]![slot] = chart === undefined ? Number.NaN : closeBefore(chart, WINDOWS[w]!, minute * MINUTE);
    }
  }
}

const preparationOf = (window: number): number =>
  PREPARATIONS.findIndex(({ first, end }) => window >= first && window < end);

/** The same numbers with room for twice as many. */
export function larger(values: Float64Array): Float64Array {
  const grown = new Float64Array(2 * values.length);
  grown.set(values);
  return grown;
}
