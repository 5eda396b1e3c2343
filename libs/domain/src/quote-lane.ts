import { FRESH_MS, isUsable } from './consensus.js';
import type { QuoteCurrency, Tick, Ticker } from './tick.js';

/** A ticker moves a price only when the pair's last trade is older than it by this: venues conflate their tickers. */
export const TICKER_LAG_MS = 5_000;

/** What a pair is quoted in, best first: a dollar needs no conversion, a stablecoin needs a rate, others have none. */
export const USD = 0;
export const USDT = 1;
export const USDC = 2;
export const FOREIGN = 3;

/** One source's quote of one pair, and what its ticker said. Times are epoch ms of the venue, never ahead of the log; 0: none yet. */
export interface QuoteLane {
  readonly source: number;
  readonly quote: QuoteCurrency;
  readonly kind: number;
  price: number;
  /** When the price was true: what its age is measured from. */
  time: number;
  tradeTime: number;
  /** Log time of the last message. */
  heardAt: number;
  /** Log time of the last trade, or of a ticker with another price; what only repeats a price proves nothing about a rate. */
  takenAt: number;
  /** A quote that waits to be believed; 0: none. */
  doubtfulPrice: number;
  doubtfulTime: number;
  statsTime: number;
  /** Price 24 h ago; 0: unknown. */
  open24h: number;
  /** Of 24 h, in the quote currency; -1: unknown. */
  volume24h: number;
}

export function kindOf(quote: QuoteCurrency): number {
  if (quote === 'usd') return USD;
  if (quote === 'usdt') return USDT;
  return quote === 'usdc' ? USDC : FOREIGN;
}

export function newLane(source: number, quote: QuoteCurrency): QuoteLane {
  return {
    source,
    quote,
    kind: kindOf(quote),
    price: 0,
    time: 0,
    tradeTime: 0,
    heardAt: 0,
    takenAt: 0,
    doubtfulPrice: 0,
    doubtfulTime: 0,
    statsTime: 0,
    open24h: 0,
    volume24h: -1,
  };
}

export function isFresh(lane: QuoteLane, now: number): boolean {
  return lane.price > 0 && now - lane.time <= FRESH_MS;
}

/** What became of a message: the quote stands, it moved, or the new one waits to be believed. */
export type Taken = 'left' | 'moved' | 'doubted';

/**
 * Takes a trade, unless it is late or no number. At equal times the later one in the log wins. When it is not `believed` it
 * waits in `doubtfulPrice`.
 */
export function takeTrade(lane: QuoteLane, tick: Tick, receivedAt: number, now: number, believed: boolean): Taken {
  // A clock that runs ahead must neither make a quote immortal nor lock out those that follow it.
  const time = Math.min(tick.time, receivedAt);
  if (!isUsable(tick.price) || !(time > 0)) return 'left';
  lane.heardAt = now;
  if (time < lane.tradeTime || time < lane.time - TICKER_LAG_MS) return 'left';
  lane.tradeTime = time;
  return move(lane, tick.price, time, now, believed);
}

/**
 * Takes a ticker: its 24 h figures, and its price when the pair's own trades are older by TICKER_LAG_MS (it proves that
 * the price still stands) or there are none. What goes back in time is dropped: some REST tickers alternate stale and fresh.
 */
export function takeTicker(lane: QuoteLane, ticker: Ticker, receivedAt: number, now: number, believed: boolean): Taken {
  const time = Math.min(ticker.time, receivedAt);
  if (!isUsable(ticker.price) || !(time > 0)) return 'left';
  lane.heardAt = now;
  if (time >= lane.statsTime) {
    lane.statsTime = time;
    if (ticker.open24h !== undefined && isUsable(ticker.open24h)) lane.open24h = ticker.open24h;
    if (ticker.volume24h !== undefined && ticker.volume24h >= 0 && ticker.volume24h < Infinity) {
      lane.volume24h = ticker.volume24h;
    }
  }
  if (time < lane.time || (lane.tradeTime > 0 && time < lane.tradeTime + TICKER_LAG_MS)) return 'left';
  if (lane.price === ticker.price) {
    lane.time = time;
    lane.doubtfulPrice = 0;
    return 'moved';
  }
  return move(lane, ticker.price, time, now, believed);
}

/** The quote that waited is believed now. */
export function believe(lane: QuoteLane, now: number): void {
  move(lane, lane.doubtfulPrice, lane.doubtfulTime, now, true);
}

function move(lane: QuoteLane, price: number, time: number, now: number, believed: boolean): Taken {
  if (!believed) {
    lane.doubtfulPrice = price;
    lane.doubtfulTime = time;
    return 'doubted';
  }
  lane.price = price;
  lane.time = time;
  lane.takenAt = now;
  lane.doubtfulPrice = 0;
  return 'moved';
}
