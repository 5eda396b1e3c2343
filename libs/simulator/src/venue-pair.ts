import { DEFAULT_SYMBOLS, type SourceId } from '@haunt/domain';
import { simulatedAsset } from './assets.js';
import { seedOf, unit } from './noise.js';

/** One pair as one venue lists it. */
export interface VenuePair {
  /** Position in the venue's list. */
  readonly index: number;
  /** The venue's spelling. */
  readonly id: string;
  /** Lower case. */
  readonly base: string;
  readonly quote: string;
  /** False: listed, but not traded (delisted, suspended). */
  readonly online: boolean;
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  /** Mean trades per second; 0 when not online. */
  readonly perSecond: number;
  /** Mean value of a trade, USD. */
  readonly notional: number;
  readonly seed: number;
}

/** How a venue lists: its spelling, its quote currencies, how finely it prices. */
export interface ListingStyle {
  readonly venue: SourceId;
  readonly spell: (base: string, quote: string) => string;
  /** The quote currency that nearly every asset is traded in here. */
  readonly mainQuote: string;
  /** Further quote currencies, for so many of the largest assets. */
  readonly otherQuotes: readonly { readonly quote: string; readonly largest: number }[];
  /** Stablecoin pairs, base first. */
  readonly stablePairs: readonly (readonly [string, string])[];
  readonly minDecimals: number;
  readonly maxDecimals: number;
  /** Share of the world's volume traded here. */
  readonly volumeShare: number;
}

/** Assets that only some venues list; the rest are listed nearly everywhere. */
const ONLY_ON: Readonly<Record<string, readonly SourceId[]>> = {
  leo: ['okx'],
  kcs: ['kucoin'],
  okb: ['okx'],
  bgb: ['kucoin'],
  gt: ['huobi'],
  cro: ['coinbase', 'okx', 'kucoin'],
  bnb: ['binance', 'kucoin', 'okx', 'coinbase', 'huobi', 'bybit'],
  xmr: ['kraken', 'kucoin', 'huobi'],
  usde: ['binance', 'kucoin', 'bybit'],
  usdd: ['huobi', 'kucoin'],
  rlusd: ['kraken', 'binance'],
  u: ['binance'],
  usdg: ['kraken', 'okx'],
  pyusd: ['coinbase', 'kraken'],
  usd1: ['binance', 'huobi', 'kucoin'],
};

const STABLE = new Set(['usdt', 'usdc']);
/** Listed by everybody, traded by nobody any more. */
const DELISTED = ['matic', 'luna'];

function lists(seed: number, venue: SourceId, symbol: string): boolean {
  const only = ONLY_ON[symbol];
  if (only !== undefined) return only.includes(venue);
  if (simulatedAsset(symbol).rank < 30) return true;
  return unit(seedOf(`${seed}/lists/${venue}/${symbol}`), 0) > 0.08;
}

/**
 * The pairs a venue lists for these assets.
 * @param shareOfTrades trades per second per unit of weight; weights fall with the asset's rank and grow with the venue.
 */
export function listPairs(
  seed: number,
  style: ListingStyle,
  symbols: readonly string[],
  shareOfTrades: number,
): VenuePair[] {
  const wanted: { base: string; quote: string; main: boolean; online: boolean }[] = [];
  for (const [base, quote] of style.stablePairs) wanted.push({ base, quote, main: true, online: true });
  for (const base of symbols) {
    if (STABLE.has(base) || !lists(seed, style.venue, base)) continue;
    wanted.push({ base, quote: style.mainQuote, main: true, online: true });
    for (const { quote, largest } of style.otherQuotes) {
      if (quote !== base && simulatedAsset(base).rank < largest)
        wanted.push({ base, quote, main: false, online: true });
    }
  }
  for (const base of DELISTED) {
    if (!symbols.includes(base)) wanted.push({ base, quote: style.mainQuote, main: false, online: false });
  }
  return wanted.map(({ base, quote, main, online }, index) => {
    const asset = simulatedAsset(base);
    const price = asset.price / (quote === 'btc' ? simulatedAsset('btc').price : 1);
    const magnitude = Math.floor(Math.log10(price));
    const perSecond = online ? shareOfTrades * weightOf(style, base) * (main ? 1 : 0.15) : 0;
    const volume = asset.volume24h * style.volumeShare * (main ? 1 : 0.15);
    return {
      index,
      id: style.spell(base, quote),
      base,
      quote,
      online,
      priceDecimals: Math.min(style.maxDecimals, Math.max(style.minDecimals, 4 - magnitude)),
      sizeDecimals: Math.min(8, Math.max(0, 3 + magnitude)),
      perSecond,
      notional: perSecond > 0 ? Math.max(5, volume / 86_400 / perSecond) : 0,
      seed: seedOf(`${seed}/${style.venue}/${base}/${quote}`),
    };
  });
}

/** How many of a venue's trades are in this asset, relative to others. */
function weightOf(style: ListingStyle, base: string): number {
  return (style.volumeShare * 10) / (simulatedAsset(base).rank + 3) ** 0.9;
}

/** Trades per second per unit of weight, so that the main pairs of these venues make `total` trades per second. */
export function shareFor(
  seed: number,
  styles: readonly ListingStyle[],
  symbols: readonly string[],
  total: number,
): number {
  let sum = 0;
  for (const style of styles) {
    for (const [base] of style.stablePairs) sum += weightOf(style, base);
    for (const base of symbols) if (!STABLE.has(base) && lists(seed, style.venue, base)) sum += weightOf(style, base);
  }
  return sum > 0 ? total / sum : 0;
}

/** `symbols`, lower case and unique; absent: the first hundred. */
export function chosenSymbols(symbols: readonly string[] | undefined): string[] {
  return [...new Set((symbols ?? DEFAULT_SYMBOLS).map((symbol) => symbol.trim().toLowerCase()))].filter(Boolean);
}
