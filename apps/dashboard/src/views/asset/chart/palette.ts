import type { Candle } from './rolled.js';
import { ColorType, type ChartOptionsBase, type DeepPartial, LineStyle } from 'lightweight-charts';
import type { Ink } from './series-data.js';

/** The page's colours as a canvas needs them: values, not names. */
export interface Palette {
  readonly up: string;
  readonly down: string;
  readonly upVolume: string;
  readonly downVolume: string;
  readonly partVolume: string;
  readonly muted: string;
  /** Text on the colours of up and down. */
  readonly onMark: string;
  readonly text: string;
  readonly label: string;
  readonly labelText: string;
  readonly grid: string;
  readonly line: string;
  readonly hatch: string;
  readonly hatchLine: string;
  readonly font: string;
}

/** Reads the colours that hold for an element now. */
export function paletteOf(host: Element): Palette {
  const style = getComputedStyle(host);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    up: value('--up'),
    down: value('--down'),
    onMark: value('--chart-on-mark'),
    upVolume: value('--chart-up-volume'),
    downVolume: value('--chart-down-volume'),
    partVolume: value('--chart-part-volume'),
    muted: value('--text-3'),
    text: value('--text-3'),
    label: value('--ink-3'),
    labelText: value('--text'),
    grid: value('--chart-grid'),
    line: value('--line'),
    hatch: value('--chart-hatch'),
    hatchLine: value('--chart-hatch-line'),
    font: style.fontFamily,
  };
}

export function inkOf({ up, down, upVolume, downVolume, partVolume, muted }: Palette): Ink {
  return { up, down, upVolume, downVolume, partVolume, muted };
}

export function bandInk({ hatch, hatchLine, text, font }: Palette): {
  fill: string;
  line: string;
  text: string;
  font: string;
} {
  return { fill: hatch, line: hatchLine, text, font: `11px ${font}` };
}

export function chartOptions(palette: Palette): DeepPartial<ChartOptionsBase> {
  const { text, font, grid, line } = palette;
  // The library's logo brings a style element of its own, which the page's policy need not allow: the page links to its makers itself.
  const layout = { background: { type: ColorType.Solid, color: 'rgba(0, 0, 0, 0)' } as const, attributionLogo: false };
  const crosshair = { color: text, style: LineStyle.Dashed, width: 1 as const, labelBackgroundColor: palette.label };
  return {
    layout: { ...layout, textColor: text, fontFamily: font, fontSize: 11 },
    grid: { vertLines: { color: grid }, horzLines: { color: grid } },
    rightPriceScale: { borderColor: line, entireTextOnly: true },
    timeScale: { borderColor: line },
    crosshair: { vertLine: crosshair, horzLine: crosshair },
  };
}

/** The line at the newest price, in the colour of its candle; none when there is no price. */
export function markOf(
  candle: Candle | undefined,
  { up, down, onMark }: Palette,
): { price: number; color: string; axisLabelTextColor: string; lineVisible: boolean; axisLabelVisible: boolean } {
  const isThere = candle !== undefined;
  const color = isThere && candle.close < candle.open ? down : up;
  return {
    price: candle?.close ?? 0,
    color,
    axisLabelTextColor: onMark,
    lineVisible: isThere,
    axisLabelVisible: isThere,
  };
}
