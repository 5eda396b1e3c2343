import { Klines, type Kline } from './klines.js';
import { pairSince } from './since.js';
import { type Day, Tape, type Trade } from './tape.js';
import { type RequestRules, type Setting, Venue } from './venue.js';
import { listPairs, type ListingStyle, type VenuePair } from './venue-pair.js';

export interface KlineRange {
  /** Epoch ms, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly most: number;
  readonly keep: 'oldest' | 'newest';
}

/** A venue with pairs of its own. */
export abstract class Exchange extends Venue {
  readonly pairs: readonly VenuePair[];
  protected readonly byId: ReadonlyMap<string, VenuePair>;
  protected readonly tape: Tape;
  private past: Klines | undefined;

  protected constructor(style: ListingStyle, setting: Setting, requests: RequestRules) {
    super(style.venue, setting, requests);
    this.pairs = listPairs(setting.seed, style, setting.symbols, setting.shareOfTrades);
    this.byId = new Map(this.pairs.map((pair) => [pair.id, pair]));
    this.tape = new Tape(setting.market, setting.spread);
  }

  /** A pair by the venue's spelling. */
  pair(id: string): VenuePair | undefined {
    return this.byId.get(id);
  }

  protected online(id: string): VenuePair | undefined {
    const pair = this.byId.get(id);
    return pair?.online === true ? pair : undefined;
  }

  get onlinePairs(): readonly VenuePair[] {
    return this.pairs.filter((pair) => pair.online);
  }

  /** The last trade so far, as the venue tells it now (its faults included). */
  last(pair: VenuePair): Trade {
    return this.traded(pair, this.tape.lastSlot(pair, this.setting.now()));
  }

  /** The last `count` trades, oldest first. */
  recent(pair: VenuePair, count: number): Trade[] {
    const last = this.tape.lastSlot(pair, this.setting.now());
    return Array.from({ length: count }, (_, at) => this.traded(pair, last - count + 1 + at));
  }

  day(pair: VenuePair): Day {
    const day = this.tape.day(pair, this.pricedAt(pair) ?? this.setting.now());
    const factor = this.factor(pair);
    return factor === 1 ? day : { ...day, open: day.open * factor, high: day.high * factor, low: day.low * factor };
  }

  book(pair: VenuePair): ReturnType<Tape['book']> {
    return this.tape.book(pair, this.pricedAt(pair) ?? this.setting.now());
  }

  /** Midnight from which on this pair is traded here, epoch ms. */
  listedAt({ base, quote }: VenuePair): number {
    return pairSince(this.setting.seed, this.id, base, quote, this.setting.began());
  }

  /** Start of the bucket that trades now, epoch ms. */
  openBucket(widthMs: number): number {
    return Math.floor(this.setting.now() / widthMs) * widthMs;
  }

  /**
   * The buckets that start in [from, to], oldest first, the one that still trades included, none from before the pair was
   * listed, those without a trade flat. Of more than `most` the `oldest` or `newest` are kept. A price or a clock that is
   * at fault concerns live data alone. All times epoch ms.
   */
  klines(pair: VenuePair, widthMs: number, { from, to, most, keep }: KlineRange): Kline[] {
    const now = this.setting.now();
    let first = Math.ceil(Math.max(from, this.listedAt(pair)) / widthMs) * widthMs;
    let last = Math.floor(Math.min(to, now) / widthMs) * widthMs;
    if (keep === 'oldest') last = Math.min(last, first + (most - 1) * widthMs);
    else first = Math.max(first, last - (most - 1) * widthMs);
    this.past ??= new Klines(this.setting.market, this.tape, this.setting.began());
    return this.past
      .between(pair, widthMs, first, last, now)
      .filter(({ time }) => !this.hole(pair.seed, time / widthMs));
  }

  protected traded(pair: VenuePair, slot: number, twin = 0): Trade {
    const trade = this.tape.trade(pair, slot, this.pricedAt(pair), this.factor(pair), twin);
    const skew = this.faults.get('clock')?.skewMs ?? 0;
    return skew === 0 ? trade : { ...trade, time: trade.time + skew };
  }

  private pricedAt(pair: VenuePair): number | undefined {
    return this.faults.concerns('stuck', pair.base) ? this.faults.since('stuck') : undefined;
  }

  private factor(pair: VenuePair): number {
    return this.faults.concerns('price', pair.base) ? (this.faults.get('price')?.factor ?? 1) : 1;
  }
}
