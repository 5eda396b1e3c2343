import { dropSilent, laneOf, newAssetBook, type AssetBook } from './asset-book.js';
import { FRESH_MS } from './consensus.js';
import { Doubts, type Doubt } from './doubts.js';
import { explainAsset } from './explanation.js';
import { restoreAsset, snapshotAsset, type PriceBookSnapshot } from './price-book-snapshot.js';
import type { Explanation, ExplainedQuote, PriceUpdate } from './price.js';
import type { PriceObserver } from './price-observer.js';
import { Pricer } from './pricer.js';
import { FOREIGN, USD, believe, isFresh, takeTicker, takeTrade, type QuoteLane } from './quote-lane.js';
import { RATE_AGREEMENT } from './rate-observations.js';
import { RATE_SYMBOLS } from './rate-symbols.js';
import { RateQuotes, gatherRateQuotes } from './rate-quotes.js';
import { StablecoinRates, type StablecoinRate } from './rates.js';
import type { SourceId } from './source.js';
import { RANK, RANKED_SOURCES } from './source-rank.js';
import { tellChange, tellTrade } from './telling.js';
import type { AssetSymbol, TickBatch } from './tick.js';

/** Quotes that age out and rates that moved are looked for this often, in log time. */
const SWEEP_MS = 250;
/** A pair silent for this long is forgotten. */
const FORGET_MS = 3_600_000;
const FORGET_EVERY_MS = 60_000;
/** A rate that moved less than this share does not by itself move the prices of assets that do not trade. */
const RATE_STEP = 0.0001;

export interface PriceBookOptions {
  /** Which assets get a price here: those of this partition. Default: all. */
  readonly owns?: (symbol: AssetSymbol) => boolean;
  /** Told everything that happens to the assets owned, and asked what it has seen of the last 24 h. */
  readonly observer?: PriceObserver;
}

/**
 * The prices of one partition: a deterministic state machine over the tick log. The same batches in the same order give
 * the same updates, to the last bit, also when it was snapshotted and restored in between. Its only clock is the log's, the
 * largest `receivedAt` seen.
 */
export class PriceBook {
  readonly #assets = new Map<AssetSymbol, AssetBook>();
  readonly #owns: (symbol: AssetSymbol) => boolean;
  readonly #rates = new StablecoinRates();
  readonly #pricer: Pricer;
  readonly #observer: PriceObserver | undefined;
  readonly #rateQuotes = new RateQuotes();
  #doubts = new Doubts();
  #now = 0;
  #sweptAt = 0;
  #forgotAt = 0;
  #updates: PriceUpdate[] = [];

  constructor(options: PriceBookOptions = {}) {
    this.#owns = options.owns ?? (() => true);
    this.#observer = options.observer;
    this.#pricer = new Pricer(this.#rates, options.observer);
  }

  /** The log's clock, epoch ms; 0 before the first batch. */
  get now(): number {
    return this.#now;
  }

  /** What a stablecoin is worth, for display; `rate` 0 means that nothing is converted. */
  rateOf(coin: 'usdt' | 'usdc'): Readonly<StablecoinRate> {
    return coin === 'usdt' ? this.#rates.usdt : this.#rates.usdc;
  }

  /**
   * Takes the next entry of the log. Returns every update it causes, in order: each change of a price or of its status,
   * and refreshes of steady prices. Several may be of one asset.
   */
  apply(batch: TickBatch): PriceUpdate[] {
    this.#updates = [];
    const { receivedAt, ticks, tickers } = batch;
    const before = this.#now;
    if (receivedAt > this.#now && receivedAt < Infinity) this.#now = receivedAt;
    // Time passes before what it brought is read: a price that ran out is stale before it comes back.
    if (this.#now >= this.#sweptAt + SWEEP_MS) this.#sweep();
    this.#observer?.passed(before, this.#now);
    const source = RANK[batch.source];
    for (let i = 0; i < ticks.length; i++) {
      const tick = ticks[i]!;
      const asset = this.#assetOf(tick.symbol);
      if (asset === undefined) continue;
      const lane = laneOf(asset, source, tick.quote);
      const { price, time } = lane;
      const taken = takeTrade(lane, tick, receivedAt, this.#now, this.#believes(asset, lane, tick.price));
      if (taken === 'moved') this.#moved(asset, lane, price, time, Number.NaN);
      else if (taken === 'doubted') this.#doubt(asset, lane);
      if (this.#observer !== undefined) {
        tellTrade(this.#observer, this.#pricer, asset, lane, tick, receivedAt, taken, this.#now);
      }
    }
    for (let i = 0; i < tickers.length; i++) {
      const ticker = tickers[i]!;
      const asset = this.#assetOf(ticker.symbol);
      if (asset === undefined) continue;
      const lane = laneOf(asset, source, ticker.quote);
      const { price, time } = lane;
      const taken = takeTicker(lane, ticker, receivedAt, this.#now, this.#believes(asset, lane, ticker.price));
      if (taken === 'moved') this.#moved(asset, lane, price, time, lane.time);
      else if (taken === 'doubted') this.#doubt(asset, lane);
    }
    return this.#updates;
  }

  /** The last update of an asset, if there has been one. */
  get(symbol: AssetSymbol): PriceUpdate | undefined {
    return this.#assets.get(symbol)?.update;
  }

  /** The last update of every asset that has had a price. */
  all(): PriceUpdate[] {
    const updates: PriceUpdate[] = [];
    for (const asset of this.#assets.values()) if (asset.update !== undefined) updates.push(asset.update);
    return updates;
  }

  /** Assets known here and those of them whose price is not stale. */
  counts(): { readonly knownSymbols: number; readonly activeSymbols: number } {
    let knownSymbols = 0;
    let activeSymbols = 0;
    for (const asset of this.#assets.values()) {
      if (!asset.owned) continue;
      knownSymbols++;
      if (asset.counted !== 0) activeSymbols++;
    }
    return { knownSymbols, activeSymbols };
  }

  /** Of how many assets owned here each source's quote is under a verdict; a source without any is in it, too. */
  excluded(): ReadonlyMap<SourceId, number> {
    const counts = new Map<SourceId, number>(RANKED_SOURCES.map((source) => [source, 0]));
    for (const { owned, verdicts } of this.#assets.values()) {
      if (!owned || verdicts === 0) continue;
      for (const [rank, source] of RANKED_SOURCES.entries()) {
        if ((verdicts & (1 << rank)) !== 0) counts.set(source, counts.get(source)! + 1);
      }
    }
    return counts;
  }

  /**
   * Where a price comes from, quote by quote, heaviest source first: Σ weight·priceUsd / Σ weight of the counted ones, to ten
   * significant digits, is the price. Null when there has not been a price.
   */
  explain(symbol: AssetSymbol): Explanation | null {
    const asset = this.#assets.get(symbol);
    if (asset?.update === undefined) return null;
    const { price, status, version } = asset.update;
    const spread = { p25: asset.p25, p75: asset.p75 };
    return { symbol, price, status, asOf: asset.asOf, version, spread, sources: this.quotes(symbol) };
  }

  /** The lines of `explain` alone, also for an asset that has no price because none of its quotes counts. */
  quotes(symbol: AssetSymbol): ExplainedQuote[] {
    const asset = this.#assets.get(symbol);
    return asset === undefined ? [] : explainAsset(asset, this.#rates, this.#now);
  }

  /** The whole state as plain JSON data, sharing nothing with the book. */
  snapshot(): PriceBookSnapshot {
    const { usdt, usdc } = this.#rates;
    return {
      now: this.#now,
      sweptAt: this.#sweptAt,
      forgotAt: this.#forgotAt,
      usdt: { ...usdt, anchor: { ...usdt.anchor } },
      usdc: { ...usdc, anchor: { ...usdc.anchor } },
      doubts: this.#doubts.snapshot(),
      assets: Array.from(this.#assets.values(), snapshotAsset),
    };
  }

  /** The book that `snapshot` was taken of: it goes on as that one would have, to the last bit. */
  static restore(snapshot: PriceBookSnapshot, options: PriceBookOptions = {}): PriceBook {
    const book = new PriceBook(options);
    book.#now = snapshot.now;
    book.#sweptAt = snapshot.sweptAt;
    book.#forgotAt = snapshot.forgotAt;
    book.#rates.usdt = { ...snapshot.usdt, anchor: { ...snapshot.usdt.anchor } };
    book.#rates.usdc = { ...snapshot.usdc, anchor: { ...snapshot.usdc.anchor } };
    book.#doubts = Doubts.restore(snapshot.doubts);
    for (const asset of snapshot.assets) book.#assets.set(asset.symbol, restoreAsset(asset, book.#owns(asset.symbol)));
    return book;
  }

  #assetOf(symbol: AssetSymbol): AssetBook | undefined {
    let asset = this.#assets.get(symbol);
    if (asset === undefined) {
      const owned = this.#owns(symbol);
      if (!owned && !RATE_SYMBOLS.has(symbol)) return undefined;
      asset = newAssetBook(symbol, owned);
      this.#assets.set(symbol, asset);
    }
    return asset;
  }

  /** A lane took a new quote; `price` and `time` are its former ones. The observer is told at `at`; NaN: a trade, told by itself. */
  #moved(asset: AssetBook, lane: QuoteLane, price: number, time: number, at: number): void {
    const changed = lane.price !== price;
    // The rates come first: in a de-peg, the quote that moved must not be converted at the rate it has just disproved.
    if ((changed || this.#now - time > FRESH_MS) && asset.isEvidence) this.#refreshRates();
    if (!this.#doubts.isEmpty && asset.symbol === 'btc' && lane.kind !== USD) {
      this.#believe(this.#doubts.of(RANKED_SOURCES[lane.source]!, lane.quote));
    }
    if (!asset.owned) return;
    const needed = changed || asset.used[lane.source] !== lane;
    const was = asset.update;
    const update = needed
      ? this.#pricer.evaluate(asset, lane.source, this.#now)
      : this.#pricer.confirm(asset, lane, this.#now);
    this.#conclude(asset, update, was, at);
  }

  #conclude(asset: AssetBook, update: PriceUpdate | undefined, was: PriceUpdate | undefined, at: number): void {
    if (update === undefined) return;
    this.#updates.push(update);
    if (this.#observer !== undefined) tellChange(this.#observer, asset, was, at, this.#now);
  }

  /** Whether a price may be used at once: it does not jump, or a jump of its currency would show in Bitcoin first. */
  #believes(asset: AssetBook, lane: QuoteLane, price: number): boolean {
    if (lane.kind === USD || lane.kind === FOREIGN) return true;
    if (Math.abs(price - lane.price) <= RATE_AGREEMENT * lane.price) return true;
    if (!isFresh(lane, this.#now) || asset.isEvidence) return true;
    const bitcoin = this.#assets.get('btc')?.lanes[lane.source]?.find(({ quote }) => quote === lane.quote);
    return bitcoin === undefined || bitcoin.heardAt === this.#now;
  }

  #doubt({ symbol }: AssetBook, { source, quote }: QuoteLane): void {
    this.#doubts.add({ symbol, source: RANKED_SOURCES[source]!, quote, since: this.#now });
  }

  #believe(doubts: readonly Doubt[]): void {
    for (const { symbol, source, quote } of doubts) {
      const asset = this.#assets.get(symbol);
      const lane = asset?.lanes[RANK[source]]?.find((one) => one.quote === quote);
      if (asset === undefined || lane === undefined || lane.doubtfulPrice === 0) continue;
      const { price, time } = lane;
      believe(lane, this.#now);
      this.#moved(asset, lane, price, time, lane.time);
    }
  }

  #sweep(): void {
    const now = this.#now;
    this.#sweptAt = now;
    if (!this.#doubts.isEmpty) this.#believe(this.#doubts.expired(now));
    const forget = now >= this.#forgotAt + FORGET_EVERY_MS;
    if (forget) this.#forgotAt = now;
    this.#refreshRates();
    const { usdt, usdc } = this.#rates;
    for (const asset of this.#assets.values()) {
      if (forget) this.#forget(asset);
      if (!asset.owned) continue;
      if (!(now > asset.expiresAt || hasMoved(usdt, asset.usdt) || hasMoved(usdc, asset.usdc))) continue;
      const was = asset.update;
      this.#conclude(asset, this.#pricer.evaluate(asset, -1, now), was, now);
    }
  }

  #forget(asset: AssetBook): void {
    dropSilent(asset, this.#now - FORGET_MS);
    if (asset.update === undefined && asset.lanes.every((lanes) => lanes.length === 0))
      this.#assets.delete(asset.symbol);
  }

  #refreshRates(): void {
    gatherRateQuotes(this.#rateQuotes, this.#assets, this.#now);
    this.#rates.refresh(this.#rateQuotes, this.#now);
  }
}

function hasMoved(coin: StablecoinRate, used: number): boolean {
  return coin.rate === 0 || used === 0 ? coin.rate !== used : Math.abs(coin.rate - used) > RATE_STEP * used;
}
