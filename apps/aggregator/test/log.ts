/** A tick log and a log of history for tests: seeded, therefore the same every time. */
import type { EntryId } from '@haunt/bus';
import type { HistoryBatch } from '@haunt/contracts';
import {
  type AssetSymbol,
  type Candle,
  SERIES,
  SOURCE_IDS,
  type Tick,
  type TickBatch,
  type Ticker,
} from '@haunt/domain';
import type { PartitionState } from '../src/partition.state.js';

const MINUTE = 60_000;
export const SYMBOLS: readonly AssetSymbol[] = ['btc', 'eth', 'usdt', 'usdc', 'pepe'];
const PRICES: Readonly<Record<AssetSymbol, number>> = {
  btc: 97_000,
  eth: 3_100,
  usdt: 1,
  usdc: 0.9998,
  pepe: 0.000_012_34,
};
/** What every source trades in, as venues do: dollars here, tether there. */
const QUOTES = ['usd', 'usdt', 'usdt', 'usdt', 'usdt', 'usd'] as const;

export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * `count` batches from `start` (epoch ms), a few hundred milliseconds apart: six venues, late and reordered trades, tickers, a batch
 * written twice now and then, half a minute of silence, a venue that is far off.
 */
export function tickLog(count: number, start: number, seed = 1): TickBatch[] {
  const random = seeded(seed);
  const prices = { ...PRICES };
  const batches: TickBatch[] = [];
  let now = start;
  for (let i = 0; i < count; i++) {
    now += Math.floor(random() * 700) + (random() < 0.002 ? 35_000 : 0);
    const venue = Math.floor(random() * QUOTES.length);
    const source = SOURCE_IDS[venue]!;
    const ticks: Tick[] = [];
    const tickers: Ticker[] = [];
    for (let n = Math.floor(random() * 5); n > 0; n--) {
      const symbol = SYMBOLS[Math.floor(random() * SYMBOLS.length)]!;
      prices[symbol] = Number((prices[symbol]! * (1 + (random() - 0.5) / 2_000)).toPrecision(7));
      const quote = symbol === 'usdt' || symbol === 'usdc' ? 'usd' : QUOTES[venue]!;
      const price = prices[symbol] * (venue === 4 && i % 1_000 < 100 ? 1.1 : 1);
      const time = Math.floor(now - 2_000 * random() - (random() < 0.02 ? 200_000 * random() : 0));
      if (random() < 0.85)
        ticks.push({ symbol, quote, price, size: Number(random().toFixed(4)), time, id: `${i}.${n}` });
      else tickers.push({ symbol, quote, price, time, open24h: price * 0.98, volume24h: 1e6 });
    }
    batches.push({ source, origin: { writer: source, seq: i }, receivedAt: now, ticks, tickers });
    if (random() < 0.02) batches.push(batches.at(-1)!);
  }
  return batches;
}

/** Batches of history around `start`: some of it beside live buckets, some of it twice. */
export function historyLog(count: number, start: number, seed = 2): HistoryBatch[] {
  const random = seeded(seed);
  const grades = ['klines', 'hourly'] as const;
  return Array.from({ length: count }, (_, i) => {
    const { bucketMs } = SERIES[Math.floor(random() * 3)]!;
    const symbol = SYMBOLS[Math.floor(random() * SYMBOLS.length)]!;
    const first = Math.floor(start / bucketMs) - Math.floor(random() * 800);
    const candles = Array.from({ length: 300 }, (_row, n) => {
      const price = PRICES[symbol]! * (1 + random() / 100);
      return {
        time: (first + n) * bucketMs,
        open: price,
        high: price * 1.001,
        low: price,
        close: price,
        volume: random() * 1e6,
      };
    });
    return { symbol, provider: `p${i % 2}`, grade: grades[i % 2]!, bucketMs, candles };
  });
}

/** Redis' kind of id for the n-th entry. */
export function idAt(time: number, n: number): EntryId {
  return `${Math.floor(time)}-${n}`;
}

/**
 * Everything a state says, whatever it was read from: the whole of what ticks made, and every bucket that can be seen. Not the
 * movers: what they compare prices with is the history as far as it had been read.
 */
export function dump(state: PartitionState): unknown {
  // Windows of a minute forget what is older when they are read.
  state.metrics();
  const { history: _history, movers: _movers, charts, ...head } = state.head();
  void _history;
  void _movers;
  const assets = [...charts.assets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([symbol, { seeded: _seeded, ...asset }]) => {
      void _seeded;
      const chart = state.history.get(symbol)!;
      const candles = SERIES.map((_series, index) => {
        const newest = Math.max(chart.live[index]!.newest, chart.seeded[index]?.newest ?? -Infinity);
        const seen: Candle[] = [];
        for (let bucket = newest; bucket > newest - 3_000; bucket--) {
          const candle = chart.candle(index, bucket);
          if (candle !== undefined) seen.push(candle);
        }
        return seen;
      });
      return { symbol, ...asset, candles };
    });
  return JSON.parse(JSON.stringify({ ...head, filled: charts.filled, assets }));
}

export { MINUTE };
