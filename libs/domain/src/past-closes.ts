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
const SMALLEST = 64;

const WINDOWS = MOVER_WINDOW_NAMES.map((name) => MOVER_WINDOWS[name]);

const { abs, ceil, floor, max, min, round } = Math;

export interface Charts {
  get(symbol: AssetSymbol): AssetChart | undefined;
}

/** Plain JSON. Per asset a close per window, now and for the next minute; null: not known. */
export interface PastClosesSnapshot {
  readonly minute: number;
  readonly prepared: readonly number[];
  readonly assets: readonly (readonly [
    symbol: AssetSymbol,
    now: readonly (number | null)[],
    next: readonly (number | null)[],
  ])[];
}

/**
 * The price that stood one window (ms) before `end`, the edge of a minute: the close of the bucket, of any width, that ended
 * nearest to that moment. NaN when none ended within a twentieth of the window of it (for windows of up to ten minutes: at that
 * very minute). That is what "enough history" means for a change.
 */
export function closeBefore(chart: AssetChart, windowMs: number, end: number): number {
  const time = end - windowMs;
  const near = max(windowMs / NEAR_SHARE, MINUTE / 2);
  let price = Number.NaN;
  let nearest = Infinity;
  for (let i = 0; i < SERIES.length; i++) {
    const { bucketMs } = SERIES[i]!;
    if (bucketMs / 2 > near) break;
    const first = round(time / bucketMs);
    for (let edge = first; edge >= first - floor(near / bucketMs); edge--) {
      const distance = abs(time - edge * bucketMs);
      if (distance >= nearest || distance > near) break;
      const close = chart.candle(i, edge - 1)?.close;
      if (close === undefined) continue;
      price = close;
      nearest = distance;
    }
    if (nearest === 0) break;
  }
  return price;
}

/**
 * What every asset cost one window ago, for each window, as of the edge of the minute nearest to log time. Looked up once a minute
 * and asset, during the minute before: past prices lie in blocks that must be thawed, and thousands at once would keep ticks
 * waiting. Assets are known by slots, in the order in which they came.
 */
export class PastCloses {
  readonly symbols: AssetSymbol[] = [];
  readonly #charts: Charts;
  #now = columns(SMALLEST);
  #next = columns(SMALLEST);
  /** Per preparation, for how many slots it is done. */
  #prepared = PREPARATIONS.map(() => 0);
  /** The edge of the minute (number) that is nearest to log time; 0 before the first. */
  #minute = 0;

  constructor(charts: Charts) {
    this.#charts = charts;
  }

  /** Of a window (its place among their names), by slot. NaN: history does not reach. To be read at once: it is replaced. */
  of(window: number): Float64Array {
    return this.#now[window]!;
  }

  /** One more asset, in the next slot. */
  enter(symbol: AssetSymbol): void {
    const slot = this.symbols.push(symbol) - 1;
    if (slot === this.#now[0]!.length) {
      this.#now = this.#now.map(larger);
      this.#next = this.#next.map(larger);
    }
    if (this.#minute > 0) this.#lookUp(slot);
    else for (const values of this.#now) values[slot] = Number.NaN;
  }

  /** The history of a slot is another one. */
  learn(slot: number): void {
    if (this.#minute === 0) return;
    this.#lookUp(slot);
    for (const [i, done] of this.#prepared.entries()) if (slot < done) this.#prepareSlot(i, slot);
  }

  /** Log time is `now`. */
  passed(now: number): void {
    const minute = round(now / MINUTE);
    if (minute !== this.#minute) this.#turn(minute);
    this.#prepare(now - (minute - 0.5) * MINUTE);
  }

  snapshot(): PastClosesSnapshot {
    const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
    const isPrepared = (w: number, slot: number): boolean => slot < this.#prepared[w === 0 ? 1 : 0]!;
    return {
      minute: this.#minute,
      prepared: [...this.#prepared],
      assets: this.symbols.map((symbol, slot) => [
        symbol,
        this.#now.map((values) => known(values[slot]!)),
        this.#next.map((values, w) => (isPrepared(w, slot) ? known(values[slot]!) : null)),
      ]),
    };
  }

  static restore(snapshot: PastClosesSnapshot, charts: Charts): PastCloses {
    const closes = new PastCloses(charts);
    for (const [slot, [symbol, now, next]] of snapshot.assets.entries()) {
      closes.enter(symbol);
      for (let w = 0; w < WINDOWS.length; w++) {
        closes.#now[w]![slot] = now[w] ?? Number.NaN;
        closes.#next[w]![slot] = next[w] ?? Number.NaN;
      }
    }
    closes.#minute = snapshot.minute;
    closes.#prepared = [...snapshot.prepared];
    return closes;
  }

  #look(into: Float64Array[], w: number, slot: number, minute: number): void {
    const chart = this.#charts.get(this.symbols[slot]!);
    into[w]![slot] = chart === undefined ? Number.NaN : closeBefore(chart, WINDOWS[w]!, minute * MINUTE);
  }

  #lookUp(slot: number): void {
    for (let w = 0; w < WINDOWS.length; w++) this.#look(this.#now, w, slot, this.#minute);
  }

  /** Another edge of a minute is the nearest one. */
  #turn(minute: number): void {
    const isNext = minute === this.#minute + 1;
    if (isNext) {
      this.#prepare(MINUTE);
      [this.#now, this.#next] = [this.#next, this.#now];
    }
    this.#minute = minute;
    this.#prepared.fill(0);
    // At the start, or after a hole in the log: nothing was prepared.
    if (!isNext) for (let slot = 0; slot < this.symbols.length; slot++) this.#lookUp(slot);
  }

  /** Prepares as much of the next minute as should be done this long after the turn. */
  #prepare(elapsedMs: number): void {
    for (const [i, { fromMs, untilMs }] of PREPARATIONS.entries()) {
      if (elapsedMs < fromMs) continue;
      const end = ceil(this.symbols.length * min(1, (elapsedMs - fromMs) / (untilMs - fromMs)));
      for (let slot = this.#prepared[i]!; slot < end; slot++) this.#prepareSlot(i, slot);
      this.#prepared[i] = max(this.#prepared[i]!, end);
    }
  }

  #prepareSlot(preparation: number, slot: number): void {
    const { first, end } = PREPARATIONS[preparation]!;
    for (let w = first; w < end; w++) this.#look(this.#next, w, slot, this.#minute + 1);
  }
}

function columns(capacity: number): Float64Array[] {
  return WINDOWS.map(() => new Float64Array(capacity));
}

/** The same numbers with room for twice as many. */
export function larger(values: Float64Array): Float64Array {
  const grown = new Float64Array(2 * values.length);
  grown.set(values);
  return grown;
}
