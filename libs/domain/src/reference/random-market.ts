import { SOURCES, type SourceId } from '../source.js';
import type { Tick, TickBatch, Ticker } from '../tick.js';
import { seeded } from './random.js';

/** What a venue does wrong from `at` on, in seconds. */
export interface Fault {
  readonly source: SourceId;
  readonly at: number;
  readonly kind: 'dead' | 'times ten' | 'a tenth' | 'garbage' | 'stuck' | 'ahead' | 'behind' | 'flood' | 'reordered';
}

export interface MarketRules {
  readonly seed: number;
  readonly seconds: number;
  readonly sources: readonly SourceId[];
  readonly faults?: readonly Fault[];
  /** USDT is worth `rate` USD from `at` on; each venue notices within `within` seconds. */
  readonly depeg?: { readonly at: number; readonly rate: number; readonly within: number };
}

export interface MarketEvent {
  readonly batch: TickBatch;
  /** Seconds since the start. */
  readonly at: number;
  /** USD per asset at this moment. */
  readonly truth: Readonly<Record<string, number>>;
}

const { min, sqrt } = Math;

export const MARKET_START = 1_800_000_000_000;

const ASSETS: Readonly<Record<string, number>> = { btc: 50_000, sol: 150, pepe: 0.00000812 };
const DOLLAR: readonly SourceId[] = ['coinbase', 'kraken', 'coingecko', 'coinmarketcap', 'cryptocompare'];
/** Of a year 60 %: what Bitcoin does on a lively day, per square root of a second. */
const VOLATILITY = 0.0001;
const NOISE = 0.00005;

/**
 * A seeded market: assets walk at random, dollar venues and USDT venues quote them with a little noise, in the rhythm
 * of their kind (pushed trades or polls every five seconds), with heartbeats every second. Every event carries the true prices.
 */
export function* randomMarket({ seed, seconds, sources, faults = [], depeg }: MarketRules): Generator<MarketEvent> {
  const random = seeded(seed);
  const truth: Record<string, number> = { ...ASSETS };
  const around = (price: number): number => price * (1 + (random() - 0.5) * 2 * NOISE);
  const notices = new Map(sources.map((source) => [source, (depeg?.at ?? 0) + random() * (depeg?.within ?? 0)]));
  const stuck = new Map<string, number>();
  const due: { source: SourceId; symbol: string; every: number; next: number }[] = [];
  for (const source of sources) {
    const polled = SOURCES[source].feed === 'poll';
    const symbols = [...Object.keys(ASSETS), ...(DOLLAR.includes(source) ? ['usdt'] : ['usdc'])];
    if (source === 'kraken') symbols.push('usdc');
    const offset = random() * 5;
    for (const symbol of symbols) {
      const every = polled ? 5 : symbol === 'btc' ? 0.1 : symbol.startsWith('us') ? 0.3 : 0.4;
      due.push({ source, symbol, every, next: polled ? offset : random() * every });
    }
  }
  let now = 0;
  let beat = 1;
  for (;;) {
    let turn = due[0]!;
    for (const one of due) if (one.next < turn.next) turn = one;
    const at = min(turn.next, beat);
    if (at > seconds) return;
    for (const symbol of Object.keys(truth)) {
      truth[symbol]! *= 1 + (random() - 0.5) * 3.46 * VOLATILITY * sqrt(at - now);
    }
    now = at;
    const receivedAt = MARKET_START + at * 1_000;
    if (beat < turn.next) {
      beat++;
      yield { batch: { source: sources[0]!, receivedAt, ticks: [], tickers: [] }, at, truth };
      continue;
    }
    const { source, symbol } = turn;
    turn.next += SOURCES[source].feed === 'poll' ? turn.every : turn.every * (0.5 + random());
    const fault = faults.find((one) => one.source === source && at >= one.at)?.kind;
    if (fault === 'dead') continue;
    const quote = DOLLAR.includes(source) ? 'usd' : 'usdt';
    const tether = depeg !== undefined && at >= notices.get(source)! ? depeg.rate : 1;
    let price = symbol === 'usdt' ? around(tether) : symbol === 'usdc' ? around(1) : around(truth[symbol]!);
    if (quote === 'usdt') price /= tether;
    if (fault === 'stuck') price = stuck.get(source + symbol) ?? price;
    stuck.set(source + symbol, price);
    if (fault === 'times ten') price *= 10;
    if (fault === 'a tenth') price /= 10;
    if (fault === 'garbage') price = random() < 0.1 ? Number.NaN : price * 10 ** (random() * 8 - 4);
    const skew = fault === 'ahead' ? 10_000 : fault === 'behind' ? -10_000 : -20 * random();
    const time = receivedAt + skew - (fault === 'reordered' ? random() * 500 : 0);
    const copies = fault === 'flood' ? 10 : 1;
    const ticks: Tick[] = [];
    const tickers: Ticker[] = [];
    for (let copy = 0; copy < copies; copy++) {
      if (SOURCES[source].feed === 'poll') tickers.push({ symbol, quote, price, time });
      else ticks.push({ symbol, quote, price, size: 1, time, id: String(copy) });
    }
    yield { batch: { source, receivedAt, ticks, tickers }, at, truth };
  }
}
