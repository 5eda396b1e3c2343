import type { Ohlc } from '@haunt/domain';
import type { Market } from './market.js';
import { unit } from './noise.js';
import { RecentMap } from './recent-map.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, rounded, type Tape } from './tape.js';
import type { VenuePair } from './venue-pair.js';

/** One bucket of one pair as its venue knows it: prices in the pair's decimals. */
export interface Kline extends Ohlc {
  /** Start, epoch ms. */
  readonly time: number;
  /** In the base currency. */
  readonly volume: number;
  /** In the quote currency. */
  readonly quoteVolume: number;
  /** Trades; 0: nobody traded, and the prices are the last one before. */
  readonly count: number;
}

const { floor, max, min, sqrt } = Math;

/** So far back from the start of the simulation, and ever since, a minute is made of all its trades, */
const EXACT_MS = HOUR_MS;
/** unless that would be more of them. */
const EXACT_TRADES = 50_000;
/** Before that, of this many of them, spread evenly, the first and the last included. */
const FEW = 4;
/** From here back, where charts have no minutes any more, the price is looked up now and then and straight in between. */
const COARSE_MS = 8 * DAY_MS;
const KNOT_MS = 3 * MINUTE_MS;
const MINUTES_KEPT = 30_000;
const HOURS_KEPT = 30_000;
const DAYS_KEPT = 10_000;

/** The straight line from one knot to the next. */
interface Segment {
  readonly pair: VenuePair;
  readonly number: number;
  readonly from: number;
  readonly to: number;
  /** Of a mean trade, in the base currency. */
  readonly size: number;
}

/**
 * The past of one venue, made of the same trades that its feed tells. Open and close of a minute are its first and last
 * trade. Where somebody can have seen the trades, high, low and volume are those of all of them; up to eight days further
 * back of a few of them, always the same, with the volume that so many trades have on average, give or take; before that,
 * minutes lie on straight lines between prices three minutes apart. Every wider bucket is the sum of its minutes. A bucket
 * that is over never changes, unless the market's past does (a de-peg).
 */
export class Klines {
  private readonly minutes = new RecentMap<Kline>(MINUTES_KEPT);
  private readonly hours = new RecentMap<Kline>(HOURS_KEPT);
  private readonly days = new RecentMap<Kline>(DAYS_KEPT);
  private readonly coarseBefore: number;
  private segment: Segment | undefined;
  private revision = 0;

  /** `began` is the start of the simulation, epoch ms. */
  constructor(
    private readonly market: Market,
    private readonly tape: Tape,
    private readonly began: number,
  ) {
    this.coarseBefore = floor(began / HOUR_MS) * HOUR_MS - COARSE_MS;
  }

  /**
   * The buckets that start at `first` up to and including `last`, multiples of `widthMs`, which is itself a multiple of a
   * minute and divides a day; the one in which `now` lies has what was traded so far. All epoch ms.
   */
  between(pair: VenuePair, widthMs: number, first: number, last: number, now: number): Kline[] {
    if (this.revision !== this.market.revision) {
      for (const kept of [this.minutes, this.hours, this.days]) kept.clear();
      this.segment = undefined;
      this.revision = this.market.revision;
    }
    const klines: Kline[] = [];
    for (let time = first; time <= last; time += widthMs) klines.push(this.bucket(pair, widthMs, time, now));
    return klines;
  }

  private bucket(pair: VenuePair, widthMs: number, time: number, now: number): Kline {
    if (widthMs === MINUTE_MS) return this.minute(pair, time, now);
    const kept = widthMs === HOUR_MS ? this.hours : widthMs === DAY_MS ? this.days : undefined;
    const key = keyOf(pair, time);
    const known = kept?.get(key);
    if (known !== undefined) return known;
    const partMs = widthMs === DAY_MS || (widthMs > HOUR_MS && widthMs % HOUR_MS === 0) ? HOUR_MS : MINUTE_MS;
    const parts: Kline[] = [];
    for (let at = time; at < time + widthMs && at <= now; at += partMs) parts.push(this.bucket(pair, partMs, at, now));
    const kline = rolledUp(time, parts, pair.sizeDecimals);
    return time + widthMs <= now && kept !== undefined ? kept.set(key, kline) : kline;
  }

  private minute(pair: VenuePair, time: number, now: number): Kline {
    if (time < this.coarseBefore) return this.coarse(pair, time);
    const known = this.minutes.get(keyOf(pair, time));
    if (known !== undefined) return known;
    const { tape } = this;
    const open = time + MINUTE_MS > now;
    const first = tape.slotBefore(pair, time) + 1;
    const last = open ? tape.lastSlot(pair, now) : tape.slotBefore(pair, time + MINUTE_MS);
    const count = last - first + 1;
    if (count <= 0) {
      const price = tape.price(pair, first - 1);
      return { time, open: price, high: price, low: price, close: price, volume: 0, quoteVolume: 0, count: 0 };
    }
    const exactMs = min(EXACT_MS, EXACT_TRADES * tape.slotMs(pair));
    if (count > FEW && time < this.began - exactMs) return this.few(pair, time, first, count);
    const kline = this.all(pair, time, first, last);
    return open || count <= FEW ? kline : this.minutes.set(keyOf(pair, time), kline);
  }

  private all(pair: VenuePair, time: number, first: number, last: number): Kline {
    const { tape } = this;
    const open = tape.price(pair, first);
    let [high, low, close, volume, quoteVolume] = [open, open, open, 0, 0];
    for (let slot = first; slot <= last; slot++) {
      const size = tape.size(pair, slot);
      close = tape.price(pair, slot);
      if (close > high) high = close;
      if (close < low) low = close;
      volume += size;
      quoteVolume += size * close;
    }
    volume = rounded(volume, pair.sizeDecimals);
    return { time, open, high, low, close, volume, quoteVolume, count: last - first + 1 };
  }

  private few(pair: VenuePair, time: number, first: number, count: number): Kline {
    const { tape } = this;
    const open = tape.price(pair, first);
    let [high, low, close, sum] = [open, open, open, open];
    for (let step = 1; step < FEW; step++) {
      close = tape.price(pair, first + floor(((count - 1) * step) / (FEW - 1)));
      if (close > high) high = close;
      if (close < low) low = close;
      sum += close;
    }
    const average = sum / FEW;
    const size = this.meanSize(pair, time, average, count);
    const volume = rounded(count * size, pair.sizeDecimals);
    return { time, open, high, low, close, volume, quoteVolume: volume * average, count };
  }

  private coarse(pair: VenuePair, time: number): Kline {
    const number = floor(time / KNOT_MS);
    let { segment } = this;
    if (segment?.number !== number || segment.pair !== pair) {
      const start = number * KNOT_MS;
      const known = segment?.number === number - 1 && segment.pair === pair ? segment.to : undefined;
      const from = known ?? this.tape.mid(pair, start);
      const to = this.tape.mid(pair, start + KNOT_MS);
      const size = this.meanSize(pair, start, (from + to) / 2, (KNOT_MS / 1000) * pair.perSecond);
      this.segment = segment = { pair, number, from, to, size };
    }
    const rise = (segment.to - segment.from) / KNOT_MS;
    const at = time - number * KNOT_MS;
    const open = rounded(segment.from + rise * at, pair.priceDecimals);
    // The next knot itself: what it comes to on a line can differ in the last bit.
    const end = at + MINUTE_MS < KNOT_MS ? segment.from + rise * (at + MINUTE_MS) : segment.to;
    const close = rounded(end, pair.priceDecimals);
    // Somebody trades every minute, so that no minute differs from the line.
    const perMinute = max(1, pair.perSecond * 60);
    const minute = time / MINUTE_MS;
    const count = floor((minute + 1) * perMinute) - floor(minute * perMinute);
    const volume = rounded(perMinute * segment.size, pair.sizeDecimals);
    const quoteVolume = (volume * (open + close)) / 2;
    return { time, open, high: max(open, close), low: min(open, close), close, volume, quoteVolume, count };
  }

  /** Base currency a trade, as far from the mean as the average of `count` trades usually is, and never nothing. */
  private meanSize(pair: VenuePair, time: number, price: number, count: number): number {
    const luck = 1 + (unit(pair.seed ^ 0x3017, time / MINUTE_MS) - 0.5) * min(1.8, 6.2 / sqrt(max(1, count)));
    return (pair.notional * luck) / (price * this.market.truth(pair.quote, time));
  }
}

/** Neighbours as one bucket: parts without a trade add nothing to it. */
function rolledUp(time: number, parts: readonly Kline[], sizeDecimals: number): Kline {
  let [open, high, low, close, volume, quoteVolume, count] = [0, 0, Infinity, 0, 0, 0, 0];
  for (const part of parts) {
    if (part.count === 0) continue;
    if (count === 0) open = part.open;
    if (part.high > high) high = part.high;
    if (part.low < low) low = part.low;
    close = part.close;
    volume += part.volume;
    quoteVolume += part.quoteVolume;
    count += part.count;
  }
  const [before] = parts;
  if (count === 0 && before !== undefined) return { ...before, time };
  return { time, open, high, low, close, volume: rounded(volume, sizeDecimals), quoteVolume, count };
}

function keyOf(pair: VenuePair, time: number): number {
  return pair.index * 0x1_0000_0000 + time / MINUTE_MS;
}
