import type { Market } from './market.js';
import { noise, normal, Octave, unit } from './noise.js';
import type { VenuePair } from './venue-pair.js';

/** One trade as the venue's matching engine knows it; the dialects spell it. */
export interface Trade {
  readonly pair: VenuePair;
  /** Counts up within the pair, gaps possible. */
  readonly id: number;
  readonly price: number;
  /** `price` with the pair's decimals: `Number(priceText) === price`. */
  readonly priceText: string;
  readonly size: number;
  readonly sizeText: string;
  /** Epoch ms with microseconds behind the point. */
  readonly time: number;
  readonly takerBuys: boolean;
}

/** The last 24 hours of a pair. */
export interface Day {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  /** In the base currency. */
  readonly volume: number;
  /** In the quote currency. */
  readonly quoteVolume: number;
  /** Trades. */
  readonly count: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
const { exp, floor, max, round } = Math;
const DAY_SAMPLES = 48;
/** Spread of trade values: of the logarithm. */
const SIZE_SIGMA = 1.2;

/** How a pair strays from the market's price. */
interface Voice {
  readonly fast: Octave;
  readonly slow: Octave;
  readonly bias: number;
}

/**
 * What trades on one venue: for any pair and time, the trades, the last one and the day. Pure: trade number k lies at a
 * random place of the k-th slot of 1/perSecond seconds, so that any stretch of the past can be asked for in any order.
 */
export class Tape {
  private readonly voices = new Map<number, Voice>();
  private readonly days = new Map<number, { readonly minute: number; readonly high: number; readonly low: number }>();

  /** `spread` is how far venues disagree, as a share of the price (0.0003 = 3 bps). */
  constructor(
    private readonly market: Market,
    private readonly spread: number,
  ) {}

  /** Mid price in the pair's quote currency, not rounded. */
  mid(pair: VenuePair, time: number): number {
    let voice = this.voices.get(pair.seed);
    if (voice === undefined) {
      const [fast, slow] = [new Octave(pair.seed, 40_000), new Octave(pair.seed ^ 0x55, 900_000)];
      this.voices.set(pair.seed, (voice = { fast, slow, bias: 0.4 * unit(pair.seed, 7) - 0.2 }));
    }
    const own = 0.4 * voice.fast.at(time) + 0.4 * voice.slow.at(time) + voice.bias;
    return (this.market.truth(pair.base, time) / this.market.truth(pair.quote, time)) * (1 + this.spread * own);
  }

  slotMs(pair: VenuePair): number {
    return 1000 / pair.perSecond;
  }

  /** When trade number `slot` happens, epoch ms to the microsecond. */
  timeOf(pair: VenuePair, slot: number): number {
    return round((slot + unit(pair.seed ^ 0x7121, slot)) * this.slotMs(pair) * 1000) / 1000;
  }

  /** Number of the last trade at or before `time`. */
  lastSlot(pair: VenuePair, time: number): number {
    const slot = floor(time / this.slotMs(pair));
    return this.timeOf(pair, slot) <= time ? slot : slot - 1;
  }

  /** Number of the last trade before `time`. */
  slotBefore(pair: VenuePair, time: number): number {
    const slot = this.lastSlot(pair, time);
    return this.timeOf(pair, slot) < time ? slot : slot - 1;
  }

  /**
   * Trade number `slot`. `pricedAt` replaces its time where its price is looked up (a price that is stuck), `factor`
   * multiplies the price, `twin` makes another trade of the same moment (a flood).
   */
  trade(pair: VenuePair, slot: number, pricedAt?: number, factor = 1, twin = 0): Trade {
    const time = this.timeOf(pair, slot);
    const luck = pair.seed ^ Math.imul(twin, 0x2545f491);
    const takerBuys = buys(luck, slot);
    const mid = this.mid(pair, pricedAt ?? time) * factor;
    const price = rounded(pricedAt === undefined ? crossed(mid, takerBuys) : mid, pair.priceDecimals);
    const size = this.size(pair, slot, time, luck);
    const [priceText, sizeText] = [price.toFixed(pair.priceDecimals), size.toFixed(pair.sizeDecimals)];
    return { pair, id: slot, price, priceText, size, sizeText, time, takerBuys };
  }

  /** The price of `trade` alone. */
  price(pair: VenuePair, slot: number): number {
    const mid = this.mid(pair, this.timeOf(pair, slot));
    return rounded(crossed(mid, buys(pair.seed, slot)), pair.priceDecimals);
  }

  /** The size of `trade` alone, in the base currency. */
  size(pair: VenuePair, slot: number, time = this.timeOf(pair, slot), luck = pair.seed): number {
    const usd = pair.notional * exp(SIZE_SIGMA * normal(luck ^ 0x512e, slot) - (SIZE_SIGMA * SIZE_SIGMA) / 2);
    return rounded(usd / this.market.truth(pair.base, time), pair.sizeDecimals);
  }

  last(pair: VenuePair, time: number): Trade {
    return this.trade(pair, this.lastSlot(pair, time));
  }

  /** The last `count` trades up to `time`, oldest first. */
  recent(pair: VenuePair, time: number, count: number): Trade[] {
    const last = this.lastSlot(pair, time);
    return Array.from({ length: count }, (_, at) => this.trade(pair, last - count + 1 + at));
  }

  /** Best bid and ask around the mid, in the pair's decimals. */
  book(pair: VenuePair, time: number): { bid: string; ask: string; bidSize: string; askSize: string } {
    const mid = this.mid(pair, time);
    const tick = 10 ** -pair.priceDecimals;
    const bid = rounded(floor((mid * 0.99995) / tick) * tick, pair.priceDecimals);
    const ask = rounded(max(Math.ceil((mid * 1.00005) / tick) * tick, bid + tick), pair.priceDecimals);
    const depth = (3 * pair.notional) / this.market.truth(pair.base, time);
    const second = floor(time / 1000);
    return {
      bid: bid.toFixed(pair.priceDecimals),
      ask: ask.toFixed(pair.priceDecimals),
      bidSize: rounded(depth * (0.2 + unit(pair.seed ^ 0xb1d, second)), pair.sizeDecimals).toFixed(pair.sizeDecimals),
      askSize: rounded(depth * (0.2 + unit(pair.seed ^ 0xa5c, second)), pair.sizeDecimals).toFixed(pair.sizeDecimals),
    };
  }

  /** The 24 h before `time`; high and low from half-hourly samples, kept for a minute. */
  day(pair: VenuePair, time: number): Day {
    const minute = floor(time / 60_000);
    let range = this.days.get(pair.index);
    if (range?.minute !== minute) {
      let high = 0;
      let low = Infinity;
      for (let sample = 0; sample <= DAY_SAMPLES; sample++) {
        const price = this.mid(pair, time - (DAY_MS * sample) / DAY_SAMPLES);
        high = max(high, price);
        low = Math.min(low, price);
      }
      range = { minute, high, low };
      this.days.set(pair.index, range);
    }
    const now = this.mid(pair, time);
    const open = this.mid(pair, time - DAY_MS);
    const busy = 1 + 0.03 * noise(pair.seed ^ 0x7001, 3_600_000, time);
    const volume = ((pair.notional * pair.perSecond * 86_400) / this.market.truth(pair.base, time)) * busy;
    return {
      open: rounded(open, pair.priceDecimals),
      high: rounded(max(range.high, now), pair.priceDecimals),
      low: rounded(Math.min(range.low, now), pair.priceDecimals),
      volume: rounded(volume, pair.sizeDecimals),
      quoteVolume: rounded(volume * ((open + now) / 2), 8),
      count: Math.round(pair.perSecond * 86_400 * busy),
    };
  }
}

/** Whether the taker of a trade buys. */
function buys(luck: number, slot: number): boolean {
  return unit(luck ^ 0x51de, slot) < 0.5;
}

/** What a taker pays or gets. */
function crossed(mid: number, takerBuys: boolean): number {
  return takerBuys ? mid + mid * 0.00005 : mid - mid * 0.00005;
}

const POWERS = Array.from({ length: 16 }, (_, decimals) => 10 ** decimals);

/** To so many decimals, at least one unit of the last: a price or size of zero does not trade. `toFixed` gives its text. */
export function rounded(value: number, decimals: number): number {
  const power = POWERS[decimals] ?? 1;
  return max(round(value * power), 1) / power;
}
