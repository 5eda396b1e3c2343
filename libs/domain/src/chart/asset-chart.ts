import { PROVENANCE } from './candle-block.js';
import { CandleSeries, COOL, type Candle } from './candle-series.js';
import { SERIES, type BucketMs } from './ranges.js';
import type { SeriesHead } from './series-head.js';
import type { ThawCache } from './thaw-cache.js';

const MINUTE = SERIES[0].bucketMs;
/** A price that long ago may be known this much less exactly: by a tenth of it in its bucket's width, a twentieth in a gap. */
const WIDTH_SHARE = 10;
const GAP_SHARE = 20;

const { floor, max } = Math;

/** Of `closes`, while it runs. */
let ranks = new Uint8Array(0);

/** What of a chart fits into JSON: everything but the contents of its blocks. */
export interface AssetChartHead {
  /** Null: not watched; -1: from the next entry of the log on. */
  readonly watchedSince: number | null;
  readonly standing: number;
  readonly live: readonly SeriesHead[];
  readonly seeded: readonly SeriesHead[];
}

/**
 * The history of one asset: three resolutions, each in two layers. `live` is made of the log alone, `seeded` of what history
 * providers say alone; a reader sees, per bucket, the stronger of the two. Kept apart, it does not matter which of the
 * two logs was read how far when: the same entries give the same chart.
 */
export class AssetChart {
  readonly live: readonly CandleSeries[];
  /** Goes up with every change. */
  version = 0;
  #seeded: readonly CandleSeries[] | undefined;
  readonly #thaws: ThawCache;
  /** Log time since which nothing was missed; NaN: not watched, Infinity: from the next entry of the log on. */
  #watchedSince = Number.NaN;
  /** The price that stood when watching began, until the first one is folded. */
  #standing = 0;
  /** Past prices by how long ago, found once a minute; see `priceAt`. */
  readonly #past = new Map<number, { readonly minute: number; readonly version: number; readonly price: number }>();
  /** Goes up when something other than the young end changed. */
  #pastVersion = 0;

  constructor(thaws: ThawCache) {
    this.#thaws = thaws;
    this.live = newSeries(thaws);
  }

  get seeded(): readonly CandleSeries[] {
    return this.#seeded ?? [];
  }

  get isWatched(): boolean {
    return !Number.isNaN(this.#watchedSince);
  }

  /** From log time `now` on nothing is missed; `price` stands. */
  watch(price: number, now: number): void {
    this.#watchedSince = now;
    this.#standing = price;
  }

  /** Nothing is known from `since` on, until `watch`. */
  lost(since: number): void {
    this.#doubt(since);
    this.#watchedSince = Number.NaN;
  }

  /** Something may be missing between `since` and the next entry of the log. */
  interrupt(since: number): void {
    if (!this.isWatched || this.#watchedSince === Infinity) return;
    this.#doubt(since);
    this.#watchedSince = Infinity;
  }

  resume(now: number): void {
    if (this.#watchedSince === Infinity) this.#watchedSince = now;
  }

  /** One price, into the bucket of its own time in all three resolutions. */
  fold(price: number, time: number): void {
    const [minutes] = this.live as [CandleSeries];
    const bucket = floor(time / MINUTE);
    const isNew = minutes.rank(bucket) === 0;
    const places = isNew || minutes.knows(bucket);
    for (let i = 0; i < this.live.length; i++) {
      const series = this.live[i]!;
      series.fold(price, time, this.#watchedSince <= floor(time / series.bucketMs) * series.bucketMs, places);
    }
    if (isNew && bucket <= minutes.newest - COOL) this.#spanCoarse(time);
    if (bucket <= minutes.newest - COOL) this.#pastVersion++;
    this.version++;
  }

  /** Counts what was traded, after the price of that trade was folded; nothing where there is no bucket. */
  trade(usd: number, time: number): void {
    for (let i = 0; i < this.live.length; i++) this.live[i]!.trade(usd, time);
    this.version++;
  }

  /** The minute `bucket` has passed: without any price in it, the one before still stood. */
  fill(bucket: number): void {
    const [minutes] = this.live as [CandleSeries];
    if (!(this.#watchedSince <= bucket * MINUTE) || minutes.rank(bucket) !== 0) return;
    const price = minutes.close(bucket - 1) ?? this.#standing;
    if (price > 0) this.fold(price, bucket * MINUTE);
  }

  /** Buckets of a width from elsewhere; a width that is not kept is left. Returns how many were taken. */
  merge(bucketMs: number, candles: readonly Candle[]): number {
    const index = SERIES.findIndex((series) => series.bucketMs === bucketMs);
    const live = this.live[index];
    if (live === undefined || candles.length === 0) return 0;
    this.#seeded ??= newSeries(this.#thaws);
    const wanted = candles.filter(({ time }) => {
      const bucket = time / bucketMs;
      return !(bucket <= live.newest - COOL && live.rank(bucket) === PROVENANCE.live);
    });
    const taken = this.#seeded[index]!.merge(wanted);
    if (taken > 0) {
      this.version++;
      this.#pastVersion++;
    }
    return taken;
  }

  /** Lets go of seeded blocks that live ones have replaced. Changes nothing that can be read. */
  tidy(): void {
    this.#seeded?.forEach((series, i) => series.dropCovered(this.live[i]!));
  }

  /** PROVENANCE of a bucket (its start / width) as it is seen. */
  rank(index: number, bucket: number): number {
    return max(this.live[index]!.rank(bucket), this.#seeded?.[index]?.rank(bucket) ?? 0);
  }

  /** A bucket (its start / width) as it is seen: the stronger of live and seeded. */
  candle(index: number, bucket: number): Candle | undefined {
    const live = this.live[index]!;
    const rank = live.rank(bucket);
    const seeded = rank === PROVENANCE.live ? undefined : this.#seeded?.[index];
    return seeded !== undefined && seeded.rank(bucket) > rank ? seeded.candle(bucket) : live.candle(bucket);
  }

  /**
   * Closes of the buckets from number `first` on as they are seen, into `closes`; NaN where one is missing. For whoever passes many
   * charts and wants few numbers of each: it allocates nothing and leaves nothing thawed.
   */
  closes(index: number, first: number, closes: Float64Array): void {
    if (ranks.length < closes.length) ranks = new Uint8Array(closes.length);
    closes.fill(Number.NaN);
    ranks.fill(PROVENANCE.missing, 0, closes.length);
    this.live[index]!.overlay(first, closes, ranks);
    this.#seeded?.[index]!.overlay(first, closes, ranks);
  }

  /** A bucket of the last two before `now` (log time) that has no price of its own yet, as it will be filled; undefined: unwatched. */
  open(index: number, bucket: number, now: number): Candle | undefined {
    const width = SERIES[index]!.bucketMs;
    if (!(this.#watchedSince <= now && this.#watchedSince < (bucket + 1) * width)) return undefined;
    const price = this.candle(index, bucket - 1)?.close ?? this.candle(index, bucket - 2)?.close ?? this.#standing;
    if (!(price > 0)) return undefined;
    const flat = { open: price, high: price, low: price, close: price, volume: 0 };
    return { time: bucket * width, ...flat, provenance: 'live' };
  }

  /**
   * The price `msAgo` before `now`, from the finest resolution that reaches back there, to within a tenth of that distance or
   * a minute; undefined when history does not reach. `liveOnly`: from the log alone. Found once a minute.
   */
  priceAt(msAgo: number, now: number, liveOnly = false): number | undefined {
    const key = liveOnly ? -msAgo : msAgo;
    const minute = floor(now / MINUTE);
    const known = this.#past.get(key);
    if (known !== undefined && known.minute === minute && known.version === this.#pastVersion) {
      return Number.isNaN(known.price) ? undefined : known.price;
    }
    const price = this.#find(msAgo, minute * MINUTE, liveOnly);
    this.#past.set(key, { minute, version: this.#pastVersion, price: price ?? Number.NaN });
    return price;
  }

  /** Column data held, object overhead left out. */
  get bytes(): number {
    return [...this.live, ...this.seeded].reduce((sum, series) => sum + series.bytes, 0);
  }

  head(): AssetChartHead {
    return {
      watchedSince: this.isWatched ? (this.#watchedSince === Infinity ? -1 : this.#watchedSince) : null,
      standing: this.#standing,
      live: this.live.map((series) => series.head()),
      seeded: this.seeded.map((series) => series.head()),
    };
  }

  /** `load` gives a block of a layer, a resolution (0..2) and a number. */
  restore(head: AssetChartHead, load: (layer: Layer, index: number, number: number) => Uint8Array | undefined): void {
    this.#watchedSince = head.watchedSince === -1 ? Infinity : (head.watchedSince ?? Number.NaN);
    this.#standing = head.standing;
    if (head.seeded.length > 0) this.#seeded = newSeries(this.#thaws);
    head.live.forEach((one, i) => this.live[i]?.restore(one, (number) => load('live', i, number)));
    head.seeded.forEach((one, i) => this.#seeded?.[i]?.restore(one, (number) => load('seeded', i, number)));
  }

  #doubt(since: number): void {
    for (const series of this.live) series.doubt(since);
    this.version++;
  }

  /** After a late price opened an old minute: it may be the first or the last one of the wider buckets around it. */
  #spanCoarse(time: number): void {
    const [minutes, ...coarse] = this.live as [CandleSeries, ...CandleSeries[]];
    for (const series of coarse) {
      const bucket = floor(time / series.bucketMs);
      if (series.rank(bucket) === 0 || series.knows(bucket)) continue;
      const within = series.bucketMs / MINUTE;
      const closes: number[] = [];
      for (let minute = bucket * within; minute < (bucket + 1) * within; minute++) {
        const candle = minutes.candle(minute);
        if (candle !== undefined) closes.push(candle.open, candle.close);
      }
      if (closes.length > 0) series.span(bucket, closes[0]!, closes.at(-1)!);
    }
  }

  #find(msAgo: number, now: number, liveOnly: boolean): number | undefined {
    const time = now - msAgo;
    for (const [i, { bucketMs, buckets }] of SERIES.entries()) {
      if (i > 0 && bucketMs * WIDTH_SHARE > msAgo) break;
      if (msAgo > bucketMs * buckets) continue;
      const bucket = floor(time / bucketMs);
      const lookback = max(1, floor(msAgo / GAP_SHARE / bucketMs));
      const get = (b: number): Candle | undefined => (liveOnly ? this.live[i]!.candle(b) : this.candle(i, b));
      const here = get(bucket);
      if (here !== undefined) return time - here.time < bucketMs / 2 ? here.open : here.close;
      for (let b = bucket - 1; b >= bucket - lookback; b--) {
        const candle = get(b);
        if (candle !== undefined) return candle.close;
      }
    }
    return undefined;
  }
}

export type Layer = 'live' | 'seeded';

function newSeries(thaws: ThawCache): CandleSeries[] {
  return SERIES.map(({ bucketMs, buckets }: { readonly bucketMs: BucketMs; readonly buckets: number }) => {
    return new CandleSeries(bucketMs, buckets, thaws);
  });
}
