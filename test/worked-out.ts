/** What the market is, worked out slowly from candles and quotes by the documented rules; nothing of ours is imported. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const WIDTHS = [MINUTE, 5 * MINUTE, HOUR];
export const WINDOWS = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '4h': 4 * HOUR,
  '24h': 24 * HOUR,
} as const;
export const NAMES = Object.keys(WINDOWS) as (keyof typeof WINDOWS)[];
export const TETHER = 0.9995;
export const SOURCES = ['coinbase', 'kraken', 'okx', 'coingecko'] as const;
export const INDEX = 'coingecko';

/** What the venues say of an asset, and its past; chosen here, so that everything can be worked out here. */
export interface Coin {
  readonly symbol: string;
  /** By width, then by the time a bucket ends. */
  readonly closes: ReadonlyMap<number, Map<number, number>>;
  readonly quotes: readonly Quote[];
}

interface Quote {
  readonly source: (typeof SOURCES)[number];
  readonly weight: number;
  readonly quote: 'usd' | 'usdt';
  readonly rate: number;
  readonly price: number;
  readonly open24h: number;
  readonly volume24h: number;
}

/** A concluded price has ten significant digits. */
const rounded = (value: number): number => Number(value.toPrecision(10));

export const priceOf = ({ quotes }: Coin): number => {
  const weights = quotes.reduce((sum, { weight }) => sum + weight, 0);
  return rounded(quotes.reduce((sum, { weight, price, rate }) => sum + weight * price * rate, 0) / weights);
};
/** What an index counts was counted by the venues already. */
export const volumeOf = ({ quotes }: Coin): number =>
  quotes.reduce((sum, { source, volume24h, rate }) => (source === INDEX ? sum : sum + volume24h * rate), 0);
export const changeOf = ({ quotes }: Coin): number => {
  const weights = quotes.reduce((sum, { weight }) => sum + weight, 0);
  return quotes.reduce((sum, { weight, price, open24h }) => sum + weight * (price / open24h - 1) * 100, 0) / weights;
};

/** Of every bucket no wider than a tenth of the window, or a minute: the close of the one that ended nearest to a window before. */
export function referenceOf({ closes }: Coin, window: number, edge: number): number | undefined {
  const wanted = edge - window;
  const reach = Math.max(window / 20, MINUTE / 2);
  let best: { readonly distance: number; readonly close: number } | undefined;
  for (const width of WIDTHS.filter((each) => each === MINUTE || each <= window / 10)) {
    for (const [end, close] of closes.get(width)!) {
      const distance = Math.abs(end - wanted);
      if (distance <= reach && (best === undefined || distance < best.distance)) best = { distance, close };
    }
  }
  return best?.close;
}

/** The root of the sum of the squared log returns between the closes of the window's buckets and the price. */
export function volatilityOf(
  coin: Coin,
  window: number,
  now: number,
): { percent: number; samples: number } | undefined {
  const width = window < 4 * HOUR ? MINUTE : 5 * MINUTE;
  const last = Math.floor(now / width) * width;
  const ends = Array.from({ length: window / width }, (_, i) => last - (window / width - 1 - i) * width);
  const path = [...ends.flatMap((end) => coin.closes.get(width)!.get(end) ?? []), priceOf(coin)];
  if (path.length - 1 < Math.ceil(0.9 * ends.length)) return undefined;
  const squares = path.slice(1).map((close, i) => Math.log(close / path[i]!) ** 2);
  return { percent: 100 * Math.sqrt(squares.reduce((sum, square) => sum + square, 0)), samples: squares.length };
}

/** Numbers in [0, 1), the same in every run. */
function chance(): () => number {
  let state = 20_261_120;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Each with a past and quotes of its own; among them some that are young, full of holes, without any past, equal to another, or still. */
export function coinsOf(symbols: readonly string[], now: number): Coin[] {
  const random = chance();
  const coins: Coin[] = [];
  for (const [i, symbol] of symbols.entries()) {
    const kind = ['young', 'holes', 'none', 'twin', 'still'][i % 12] ?? 'usual';
    const end = Math.floor(now / MINUTE) * MINUTE;
    const minutes = new Map<number, number>();
    let price = 10 ** ((i % 8) - 3);
    for (let time = end - 26 * HOUR; time <= end; time += MINUTE) {
      if (kind !== 'still') price = rounded(price * (1 + (random() - 0.5) / 200));
      // Around every window's beginning, up to eleven minutes of it.
      const inHole = Object.values(WINDOWS).some((window) => Math.abs(end - window - time) < (window / 120) * random());
      const isThere = kind === 'none' ? false : kind === 'young' ? time > end - 2 * HOUR : kind !== 'holes' || !inHole;
      if (isThere) minutes.set(time, price);
    }
    const closes = new Map([[MINUTE, minutes]]);
    for (const width of WIDTHS.slice(1)) {
      const rolled = [...minutes].filter(([time]) => time % width === 0 && kind !== 'young' && kind !== 'holes');
      closes.set(width, new Map(rolled));
    }
    if (kind === 'twin' && i > 12) {
      coins.push({ ...coins[i - 5]!, symbol });
      continue;
    }
    const said = (source: Quote['source'], weight: number, quote: Quote['quote'] = 'usd'): Quote => {
      const rate = quote === 'usd' ? 1 : TETHER;
      const spot = rounded((kind === 'still' ? price : price * (1 + (random() - 0.5) / 1_000)) / rate);
      const open24h = rounded(spot * (1 + (random() - 0.5) / 5));
      return {
        source,
        weight,
        quote,
        rate,
        price: spot,
        open24h,
        volume24h: Math.round(random() * (source === INDEX ? 1e15 : 1e8)),
      };
    };
    const quotes = [said('coinbase', 1), ...(i % 3 === 0 ? [] : [said('kraken', 0.9)])];
    if (i % 4 === 0 && kind !== 'still') quotes.push(said('okx', 0.8, 'usdt'));
    if (i % 5 === 0) quotes.push(said(INDEX, 0.5));
    coins.push({ symbol, closes, quotes });
  }
  return coins;
}
