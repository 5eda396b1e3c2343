import type {
  IChartApiBase,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
} from 'lightweight-charts';

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0];

/** Stretches without any candle: numbers of the first and the last place of each, as the time scale counts them. */
export type Band = readonly [first: number, last: number];

interface BandInk {
  readonly fill: string;
  readonly line: string;
  readonly text: string;
  readonly font: string;
}

const HATCH = 7;
const LABEL = 'no data';
/** A stretch narrower than this (CSS pixels) has no room for words. */
const LABEL_FROM = 64;

/** Hatches the stretches of a chart that are missing, so that emptiness is not taken for calm. */
export class GapBands implements ISeriesPrimitive {
  #bands: readonly Band[] = [];
  #ink: BandInk;
  #isLabelled = true;
  #chart: IChartApiBase | undefined;
  #redraw: (() => void) | undefined;
  readonly #views: readonly IPrimitivePaneView[];

  constructor(ink: BandInk) {
    this.#ink = ink;
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.#draw(target) };
    this.#views = [{ zOrder: () => 'bottom', renderer: () => renderer }];
  }

  attached({ chart, requestUpdate }: SeriesAttachedParameter): void {
    this.#chart = chart;
    this.#redraw = requestUpdate;
  }

  detached(): void {
    this.#chart = undefined;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  show(bands: readonly Band[], ink: BandInk, isLabelled: boolean): void {
    this.#bands = bands;
    this.#ink = ink;
    this.#isLabelled = isLabelled;
    this.#redraw?.();
  }

  #draw(target: Target): void {
    const scale = this.#chart?.timeScale();
    if (scale === undefined || this.#bands.length === 0) return;
    const half = scale.options().barSpacing / 2;
    target.useMediaCoordinateSpace(({ context, mediaSize: { width, height } }) => {
      for (const [first, last] of this.#bands) {
        const [a, b] = [scale.logicalToCoordinate(first as Logical), scale.logicalToCoordinate(last as Logical)];
        if (a === null || b === null) continue;
        const left = Math.max(a - half, 0);
        const right = Math.min(b + half, width);
        if (right > left) {
          hatch(context, left, right, height, this.#ink);
          if (this.#isLabelled && right - left >= LABEL_FROM) label(context, (left + right) / 2, height / 2, this.#ink);
        }
      }
    });
  }
}

function hatch(context: CanvasRenderingContext2D, left: number, right: number, height: number, ink: BandInk): void {
  context.save();
  context.beginPath();
  context.rect(left, 0, right - left, height);
  context.clip();
  context.fillStyle = ink.fill;
  context.fillRect(left, 0, right - left, height);
  context.strokeStyle = ink.line;
  context.lineWidth = 1;
  context.beginPath();
  // From a fixed grid, so that the lines do not swim when the chart is moved by less than one of them.
  for (let x = Math.floor((left - height) / HATCH) * HATCH; x < right; x += HATCH) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}

function label(context: CanvasRenderingContext2D, x: number, y: number, ink: BandInk): void {
  context.fillStyle = ink.text;
  context.font = ink.font;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(LABEL, x, y);
}
