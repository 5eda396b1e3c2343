import {
  CandlestickSeries,
  createChartEx,
  CrosshairMode,
  type DeepPartial,
  type IPriceLine,
  LineStyle,
  HistogramSeries,
  type IChartApiBase,
  type ISeriesApi,
  type Time,
  type TimeChartOptions,
} from 'lightweight-charts';
import type { Row } from '../../../state/candles.js';
import { GapBands } from './gap-bands.js';
import { LocalTimes, markText, momentText } from './local-times.js';
import { bandInk, chartOptions, inkOf, markOf, type Palette, paletteOf } from './palette.js';
import { formatOf, marksText } from './price-text.js';
import { type Candle, candleAt, candleOf, candlesOf, factorFor, startOf } from './rolled.js';
import { decimalsFor, emptyRuns, priceData, volumeData } from './series-data.js';

/** How much of the chart is of which kind, in buckets, and how many of them make a candle. */
export interface Drawn {
  readonly factor: number;
  readonly seeded: number;
  readonly interpolated: number;
  readonly missing: number;
}

/** What the reader points at, or the newest candle when at nothing. */
export interface Pointed {
  /** Its number; the last one when nothing is pointed at. */
  readonly n: number;
  /** Start, epoch seconds. */
  readonly time: number;
  readonly candle: Candle | undefined;
  readonly isNewest: boolean;
  readonly decimals: number;
}

/** Candles and volume on a canvas: the only place that talks to the chart library. Nothing here makes the page render. */
export class CandleChart {
  readonly #chart: IChartApiBase;
  readonly #prices: ISeriesApi<'Candlestick'>;
  readonly #volumes: ISeriesApi<'Histogram'>;
  readonly #bands: GapBands;
  readonly #mark: IPriceLine;
  readonly #host: HTMLElement;
  #palette: Palette;
  #row: Row | undefined;
  #factor = 1;
  #decimals = 2;
  #candles: (Candle | undefined)[] = [];
  #pointed: number | undefined;
  /** Told of what is pointed at, and of each change of it. */
  onPointed: (pointed: Pointed | undefined) => void = () => {};
  /** Told when the reader has moved or zoomed away from the whole range, and back. */
  onMoved: (moved: boolean) => void = () => {};
  /** Told how many buckets make one candle, and how many buckets are not what somebody saw. */
  onDrawn: (drawn: Drawn) => void = () => {};

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#palette = paletteOf(host);
    const options: DeepPartial<TimeChartOptions> = {
      ...chartOptions(this.#palette),
      autoSize: true,
      crosshair: { mode: CrosshairMode.Normal },
      localization: { timeFormatter: momentText, tickmarksPriceFormatter: marksText },
      timeScale: { timeVisible: true, tickMarkFormatter: markText, minBarSpacing: 1, rightOffset: 1 },
      // The page scrolls past the chart; zooming takes a pinch, Ctrl and the wheel, or a drag along an axis.
      handleScroll: { vertTouchDrag: false },
    };
    this.#chart = createChartEx<Time, LocalTimes>(host, new LocalTimes(), options);
    // The library's own mark would stand at the last candle in sight; ours stays at the newest price.
    this.#prices = this.#chart.addSeries(CandlestickSeries, { lastValueVisible: false, priceLineVisible: false });
    this.#mark = this.#prices.createPriceLine({
      ...markOf(undefined, this.#palette),
      lineStyle: LineStyle.Dotted,
      lineWidth: 1,
    });
    this.#volumes = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#prices.priceScale().applyOptions({ scaleMargins: { top: 0.14, bottom: 0.24 } });
    this.#volumes.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    this.#bands = new GapBands(bandInk(this.#palette));
    this.#prices.attachPrimitive(this.#bands);
    this.#paint();
    this.#chart.subscribeCrosshairMove(({ time, logical }) => {
      this.#pointed = time === undefined || logical === undefined ? undefined : Number(logical);
      this.#tell();
    });
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange(() => this.onMoved(this.#isMoved()));
    host.addEventListener('wheel', this.#wheel, { capture: true });
  }

  /** Draws a row from the beginning; `fit` shows all of it, otherwise the reader stays where they are. */
  draw(row: Row, fit: boolean): void {
    const isWhole = fit || !this.#isMoved();
    this.#row = row;
    this.#factor = factorFor(row.step, row.places.length, this.#plotWidth());
    this.#candles = candlesOf(row, this.#factor);
    this.#decimals = decimalsFor(this.#candles);
    const ink = inkOf(this.#palette);
    const { minMove, formatter } = formatOf(this.#decimals);
    this.#prices.applyOptions({ priceFormat: { type: 'custom', minMove, formatter } });
    this.#prices.setData(this.#candles.map((candle, n) => priceData(this.timeOf(n), candle, ink)));
    this.#volumes.setData(this.#candles.map((candle, n) => volumeData(this.timeOf(n), candle, ink)));
    if (isWhole) this.showAll();
    this.#account();
  }

  /** Draws places of the row that changed. */
  update(changed: readonly number[]): void {
    const row = this.#row;
    if (row === undefined) return;
    const ink = inkOf(this.#palette);
    const before = this.#candles.length;
    let isOther = false;
    for (const n of new Set(changed.map((place) => candleOf(row, this.#factor, place)))) {
      if (n < 0) continue;
      for (let i = Math.min(n, this.#candles.length); i <= n; i++) {
        const candle = candleAt(row, this.#factor, i);
        const old = this.#candles[i];
        isOther ||= old?.seen !== candle?.seen || i >= this.#candles.length;
        const late = i < this.#candles.length - 1;
        this.#candles[i] = candle;
        this.#prices.update(priceData(this.timeOf(i), candle, ink), late);
        this.#volumes.update(volumeData(this.timeOf(i), candle, ink), late);
      }
    }
    if (isOther) this.#account();
    if (this.#candles.length > before && !this.#isScrolledBack()) this.#chart.timeScale().scrollToRealTime();
    this.#tell();
  }

  showAll(): void {
    this.#chart.timeScale().setVisibleLogicalRange({ from: -0.6, to: this.#candles.length - 1 + 1.4 });
    this.#chart.priceScale('right').applyOptions({ autoScale: true });
    this.onMoved(false);
  }

  /** Points at a candle by its number, or at nothing. */
  point(n: number | undefined): void {
    const candle = n === undefined ? undefined : this.#candles[n];
    this.#pointed = n;
    if (n === undefined) this.#chart.clearCrosshairPosition();
    else if (candle !== undefined) {
      this.#chart.setCrosshairPosition(candle.close, this.timeOf(n) as Time, this.#prices);
    }
    this.#tell();
  }

  get count(): number {
    return this.#candles.length;
  }

  /** Oldest first; undefined where there is none. */
  get candles(): readonly (Candle | undefined)[] {
    return this.#candles;
  }

  get decimals(): number {
    return this.#decimals;
  }

  /** Start of a candle, epoch seconds. */
  timeOf(n: number): number {
    return this.#row === undefined ? 0 : startOf(this.#row, this.#factor, n);
  }

  /** After the colours of the page have changed. */
  repaint(): void {
    this.#palette = paletteOf(this.#host);
    this.#paint();
    if (this.#row !== undefined) this.draw(this.#row, false);
  }

  /** After the width has changed: as many buckets per candle as fit now. */
  resized(): void {
    const row = this.#row;
    if (row === undefined) return;
    if (factorFor(row.step, row.places.length, this.#plotWidth()) !== this.#factor) this.draw(row, true);
    else if (!this.#isMoved()) this.showAll();
  }

  remove(): void {
    this.#host.removeEventListener('wheel', this.#wheel, { capture: true });
    this.#chart.remove();
  }

  readonly #wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.metaKey && Math.abs(event.deltaY) >= Math.abs(event.deltaX)) event.stopPropagation();
  };

  #paint(): void {
    const { up, down } = this.#palette;
    this.#chart.applyOptions(chartOptions(this.#palette));
    this.#prices.applyOptions({
      upColor: up,
      downColor: down,
      borderUpColor: up,
      borderDownColor: down,
      wickUpColor: up,
      wickDownColor: down,
    });
  }

  #account(): void {
    const isEmpty = this.#candles.every((candle) => candle === undefined);
    // Of a chart that is all empty the page says why.
    this.#bands.show(emptyRuns(this.#candles), bandInk(this.#palette), !isEmpty);
    const places = this.#row?.places ?? [];
    this.onDrawn({
      factor: this.#factor,
      seeded: places.filter((bar) => bar?.seeded === true).length,
      interpolated: places.filter((bar) => bar?.interpolated === true).length,
      missing: places.filter((bar) => bar === undefined).length,
    });
    this.#tell();
  }

  #tell(): void {
    const last = this.#candles.length - 1;
    this.#mark.applyOptions(markOf(this.#candles[last], this.#palette));
    if (this.#row === undefined || last < 0) {
      this.onPointed(undefined);
      return;
    }
    const n = Math.min(Math.max(this.#pointed ?? last, 0), last);
    const isNewest = this.#pointed === undefined;
    this.onPointed({ n, time: this.timeOf(n), candle: this.#candles[n], isNewest, decimals: this.#decimals });
  }

  #plotWidth(): number {
    return Math.max(this.#host.clientWidth - 72, 120);
  }

  #isMoved(): boolean {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range === null || this.#candles.length === 0) return false;
    return Math.abs(range.from + 0.6) > 2.5 || Math.abs(range.to - this.#candles.length - 0.4) > 2.5;
  }

  #isScrolledBack(): boolean {
    return this.#chart.timeScale().scrollPosition() < -1;
  }
}
