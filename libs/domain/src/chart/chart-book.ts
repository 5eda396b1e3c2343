import type { PriceObserver } from '../price-observer.js';
import type { AssetSymbol } from '../tick.js';
import { AssetChart, type AssetChartHead, type Layer } from './asset-chart.js';
import { UNKNOWN, type CandleBlock, type Provenance } from './candle-block.js';
import type { Candle } from './candle-series.js';
import type { Ohlc } from './ohlc.js';
import { readChart, type ChartData } from './chart-view.js';
import { SERIES, type ChartRange } from './ranges.js';
import { blocksOf } from './series-head.js';
import { ThawCache } from './thaw-cache.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A minute without a price is filled this long after it ended, log time: trades are on their way for that long. */
const FILL_AFTER_MS = 5_000;
/** Ingestors write once a second. Where the log says nothing for this long, nobody watched. */
const SILENCE_MS = 10_000;
/** Entries of the last moment before a gap were on their way. */
const IN_FLIGHT_MS = 2_000;
/** Every asset is tidied once in so many minutes. */
const TIDY_EVERY = 256;
const SPARKLINE_HOURS = 168;

/** A bucket from elsewhere, as it comes: nothing about it is believed yet. */
export interface ForeignCandle extends Ohlc {
  readonly time: number;
  readonly volume?: number;
}

/** What of a chart book fits into JSON: everything but the contents of the blocks. */
export interface ChartBookHead {
  /** The last minute (number) that was looked at for filling. */
  readonly filled: number;
  readonly assets: readonly (readonly [AssetSymbol, AssetChartHead])[];
}

/** A block by its name (see `blockName`); undefined: it is gone. */
export type BlockChange = readonly [name: string, block: CandleBlock | Uint8Array | undefined];

/** The charts of one partition, fed by its price book while that applies the log. */
export class ChartBook implements PriceObserver {
  readonly #charts = new Map<AssetSymbol, AssetChart>();
  readonly #thaws = new ThawCache(256);
  #filled = 0;
  /** Log time; 0 until somebody says it. */
  #now = 0;
  /** Somebody may wait for `resume`. */
  #interrupted = true;

  get(symbol: AssetSymbol): AssetChart | undefined {
    return this.#charts.get(symbol);
  }

  symbols(): IterableIterator<AssetSymbol> {
    return this.#charts.keys();
  }

  /** The last buckets of a range at `now`, at or behind log time; of an unknown asset, nothing but a gap. */
  read(symbol: AssetSymbol, range: ChartRange, now: number): ChartData {
    return readChart(this.#charts.get(symbol), range, now, now - this.#now <= SILENCE_MS);
  }

  /** The price `msAgo` before `now`, or undefined when history does not reach: see AssetChart.priceAt. */
  priceAt(symbol: AssetSymbol, msAgo: number, now: number): number | undefined {
    return this.#charts.get(symbol)?.priceAt(msAgo, now);
  }

  /** Percent from `windowMs` before `now` to `price`; undefined when history does not reach. */
  change(symbol: AssetSymbol, price: number, windowMs: number, now: number): number | undefined {
    return percent(this.priceAt(symbol, windowMs, now), price);
  }

  /** From what the log itself says, so that two readers of the same log agree to the last bit. */
  change24h(symbol: AssetSymbol, price: number, now: number): number | undefined {
    return percent(this.#charts.get(symbol)?.priceAt(DAY, now, true), price);
  }

  /** Hourly closes of the last seven days, oldest first; hours that nobody saw are left out. */
  sparkline(symbol: AssetSymbol, now: number): number[] {
    const chart = this.#charts.get(symbol);
    if (chart === undefined) return [];
    const last = Math.floor(now / HOUR);
    const closes: number[] = [];
    for (let hour = last - SPARKLINE_HOURS + 1; hour <= last; hour++) {
      const close = chart.candle(2, hour)?.close;
      if (close !== undefined) closes.push(close);
    }
    return closes;
  }

  /**
   * Takes buckets from elsewhere into the series of their width. Left out: what is not sane, off the grid, or had not ended
   * at `notAfter` (epoch ms, when they were said). Returns how many were taken: none of a width that is not kept.
   */
  merge(
    symbol: AssetSymbol,
    width: number,
    grade: Provenance,
    rows: readonly ForeignCandle[],
    notAfter: number,
  ): number {
    if (!SERIES.some(({ bucketMs }) => bucketMs === width)) return 0;
    const candles = rows.filter((row) => isSane(row) && row.time % width === 0 && row.time + width <= notAfter);
    return this.#of(symbol).merge(
      width,
      candles.map((row): Candle => ({ ...row, volume: volumeOf(row), provenance: grade })),
    );
  }

  watched(symbol: AssetSymbol, price: number, now: number): void {
    this.#of(symbol).watch(price, now);
  }

  lost(symbol: AssetSymbol, since: number): void {
    this.#of(symbol).lost(since);
  }

  traded(symbol: AssetSymbol, price: number, time: number, usd: number): void {
    const chart = this.#of(symbol);
    if (price > 0) chart.fold(price, time);
    if (usd > 0) chart.trade(usd, time);
  }

  moved(symbol: AssetSymbol, price: number, time: number): void {
    this.#of(symbol).fold(price, time);
  }

  passed(before: number, now: number): void {
    this.#now = now;
    if (before > 0 && now - before > SILENCE_MS) this.interrupt(before);
    const minute = Math.floor((now - FILL_AFTER_MS) / MINUTE) - 1;
    const isFirst = this.#filled === 0;
    if (this.#interrupted) for (const chart of this.#charts.values()) chart.resume(now);
    this.#interrupted = false;
    if (minute <= this.#filled) return;
    // Nobody can have been watched for longer than the log was silent.
    const from = isFirst ? minute : Math.max(this.#filled + 1, minute - 1);
    this.#filled = minute;
    let i = 0;
    for (const chart of this.#charts.values()) {
      for (let m = from; m <= minute; m++) chart.fill(m);
      if ((minute + i++) % TIDY_EVERY === 0) chart.tidy();
    }
  }

  /** Entries of the log behind log time `since` are missing. */
  interrupt(since: number): void {
    this.#interrupted = true;
    for (const chart of this.#charts.values()) chart.interrupt(since - IN_FLIGHT_MS);
  }

  /** Column data held, object overhead left out. */
  get bytes(): number {
    let sum = 0;
    for (const chart of this.#charts.values()) sum += chart.bytes;
    return sum;
  }

  /** Everything but the contents of blocks, and the blocks that changed since the last call. Copies nothing: see CandleSeries.take. */
  take(): { readonly head: ChartBookHead; readonly blocks: readonly BlockChange[] } {
    const blocks: BlockChange[] = [];
    for (const [symbol, chart] of this.#charts) {
      for (const layer of ['live', 'seeded'] as const) {
        for (const [index, series] of chart[layer].entries()) {
          const { changed, gone } = series.take();
          for (const [number, block] of changed) blocks.push([blockName(symbol, layer, index, number), block]);
          for (const number of gone) blocks.push([blockName(symbol, layer, index, number), undefined]);
        }
      }
    }
    return { head: this.head(), blocks };
  }

  head(): ChartBookHead {
    return { filled: this.#filled, assets: Array.from(this.#charts, ([symbol, chart]) => [symbol, chart.head()]) };
  }

  /** The book that `head` was taken of; `load` gives a block by its name as `freeze` wrote it, undefined when it is lost. */
  static restore(head: ChartBookHead, load: (name: string) => Uint8Array | undefined): ChartBook {
    const book = new ChartBook();
    book.#filled = head.filled;
    for (const [symbol, asset] of head.assets) {
      book.#of(symbol).restore(asset, (layer, index, number) => load(blockName(symbol, layer, index, number)));
    }
    return book;
  }

  #of(symbol: AssetSymbol): AssetChart {
    let chart = this.#charts.get(symbol);
    if (chart === undefined) this.#charts.set(symbol, (chart = new AssetChart(this.#thaws)));
    return chart;
  }
}

/** Under which a block is saved: the same for the same buckets, so that a newer content replaces an older one. */
export function blockName(symbol: AssetSymbol, layer: Layer, index: number, number: number): string {
  return `${symbol}:${layer}:${SERIES[index]!.bucketMs / MINUTE}m:${number}`;
}

/** Names of all blocks of a book. */
export function blockNames(head: ChartBookHead): string[] {
  return head.assets.flatMap(([symbol, asset]) =>
    (['live', 'seeded'] as const).flatMap((layer) =>
      asset[layer].flatMap((series, index) =>
        blocksOf(series).map((number) => blockName(symbol, layer, index, number)),
      ),
    ),
  );
}

function percent(before: number | undefined, price: number): number | undefined {
  return before === undefined ? undefined : (price / before - 1) * 100;
}

function isSane({ open, high, low, close }: ForeignCandle): boolean {
  return low > 0 && high < Infinity && low <= Math.min(open, close) && high >= Math.max(open, close);
}

function volumeOf({ volume }: ForeignCandle): number {
  return volume !== undefined && volume >= 0 && volume < Infinity ? volume : UNKNOWN;
}
