import type { ExplanationView } from '@haunt/client';

type Quote = ExplanationView['sources'][number];

/** A source's quote and what it does to the price. */
export interface QuoteLine extends Quote {
  /** Percent of the price that this quote makes; 0 when it does not count. */
  readonly sharePercent: number;
  /** How far it lies from the price, percent of it, signed; undefined when it cannot be converted. */
  readonly distancePercent: number | undefined;
}

/** A stablecoin as the quotes of an asset are converted with it. */
export interface RateLine {
  readonly coin: 'usdt' | 'usdc';
  /** USD per coin; undefined: none is trusted. */
  readonly rate: number | undefined;
  /** Sources whose quote is in this coin. */
  readonly quotes: readonly Quote['source'][];
}

/** The quotes of an asset with their shares and distances, in the order they came. */
export function quoteLines({ price, sources }: Pick<ExplanationView, 'price' | 'sources'>): QuoteLine[] {
  const total = sources.reduce((sum, { counted, weight }) => sum + (counted ? weight : 0), 0);
  return sources.map((quote) => ({
    ...quote,
    sharePercent: quote.counted && total > 0 ? (quote.weight / total) * 100 : 0,
    distancePercent: quote.priceUsd === null || !(price > 0) ? undefined : (quote.priceUsd / price - 1) * 100,
  }));
}

/** Which stablecoins the quotes are in, and what they were converted with. */
export function rateLines(sources: ExplanationView['sources']): RateLine[] {
  return (['usdt', 'usdc'] as const).flatMap((coin) => {
    const quotes = sources.filter(({ quote }) => quote === coin);
    if (quotes.length === 0) return [];
    const rate = quotes.find(({ conversionRate }) => conversionRate !== null)?.conversionRate ?? undefined;
    return [{ coin, rate, quotes: quotes.map(({ source }) => source) }];
  });
}

/** Width of the middle half of the counted quotes, percent of the price; undefined when fewer than two count. */
export function spreadPercent({ price, spread, sources }: ExplanationView): number | undefined {
  if (!(price > 0) || sources.filter(({ counted }) => counted).length < 2) return undefined;
  return ((spread.p75 - spread.p25) / price) * 100;
}

/** p25 and p75 with as many decimals as tell them apart; `usual` at the least. */
export function spreadDecimals(explanation: ExplanationView, usual: number): number {
  return decimalsWithin(explanation.price, spreadPercent(explanation) ?? 0, usual);
}

/** Agreement in a word; the limits are those that confidence is scored by. */
export function agreementWord(percent: number | undefined): string {
  if (percent === undefined) return 'nothing to compare';
  if (percent < 0.1) return 'tight';
  if (percent < 0.5) return 'good';
  if (percent < 1) return 'loose';
  return 'wide apart';
}

/** Where a quote stands on a scale around the price. */
export interface Dot {
  readonly source: Quote['source'];
  readonly pair: string;
  readonly counted: boolean;
  readonly distancePercent: number;
  /** 0 (left end) to 1. */
  readonly place: number;
  /** It lies beyond the end of the scale it is drawn at. */
  readonly isBeyond: boolean;
}

export interface DotPlot {
  /** Half of the scale, percent of the price. */
  readonly reachPercent: number;
  readonly dots: readonly Dot[];
  /** The band from p25 to p75, 0 to 1. */
  readonly band: readonly [from: number, to: number];
}

/** Decimals that tell quotes apart which lie within `reachPercent` of `price`; `usual` at the least. */
export function decimalsWithin(price: number, reachPercent: number, usual: number): number {
  const reach = (price * reachPercent) / 100;
  return reach > 0 ? Math.min(Math.max(usual, Math.ceil(-Math.log10(reach)) + 1), 15) : usual;
}

/** A scale narrower than this (percent) would show noise in the tenth digit as a quarrel. */
const LEAST_REACH = 0.002;
/** What does not count is drawn at its place up to this many times the reach of what does. */
const STRETCH = 2;

/** Every convertible quote on one scale around the price. What counts sets the scale; far outliers stand at its ends. */
export function dotPlot(explanation: ExplanationView): DotPlot {
  const { price, spread } = explanation;
  const lines = quoteLines(explanation).flatMap((line) =>
    line.distancePercent === undefined ? [] : [{ ...line, distancePercent: line.distancePercent }],
  );
  const ends = [spread.p25, spread.p75].map((end) => (price > 0 ? (end / price - 1) * 100 : 0));
  const far = (distances: number[]): number => Math.max(0, ...distances.map(Math.abs));
  const counted = far([...lines.filter((line) => line.counted).map((line) => line.distancePercent), ...ends]);
  const others = far(lines.filter((line) => !line.counted).map((line) => line.distancePercent));
  const inner = Math.max(counted, LEAST_REACH);
  const reachPercent = 1.1 * Math.max(inner, others <= inner * STRETCH ? others : 0);
  const place = (distance: number): number => Math.min(Math.max(0.5 + distance / reachPercent / 2, 0), 1);
  return {
    reachPercent,
    dots: lines.map(({ source, pair, counted: counts, distancePercent }) => ({
      source,
      pair,
      counted: counts,
      distancePercent,
      place: place(distancePercent),
      isBeyond: Math.abs(distancePercent) > reachPercent,
    })),
    band: [place(ends[0]!), place(ends[1]!)],
  };
}
