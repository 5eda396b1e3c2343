import { simulatedAsset, type SimulatedAsset } from './assets.js';
import { noise, seedOf } from './noise.js';

/** Each scale four times the one before, 1 s to seven weeks: the sum wanders like a price at every zoom. */
const SCALES_MS = Array.from({ length: 12 }, (_, step) => 1000 * 4 ** step);
/** Log-price amplitude of the 1 s scale at volatility 1; others grow a little slower than a random walk would. */
const SECOND_AMPLITUDE = 0.0003;
const AMPLITUDES = SCALES_MS.map((scale) => SECOND_AMPLITUDE * (scale / 1000) ** 0.45);

/** Fiat currencies that pairs are quoted in, USD each. */
const FIAT: Readonly<Record<string, number>> = { usd: 1, eur: 1.17, gbp: 1.36 };

/** From `at`, the asset is worth `rate` times what it was; reached in a straight line over `overMs`. */
export interface Depeg {
  readonly symbol: string;
  /** USD per unit for what is pegged to it. */
  readonly rate: number;
  readonly at: number;
  readonly overMs: number;
}

interface Walk {
  readonly asset: SimulatedAsset;
  readonly seeds: readonly number[];
}

/**
 * What everything is worth at any moment: a pure function of seed, symbol and time (and of the de-pegs it was told).
 * Nothing is remembered, so last year's candle and this second's trade come from the same curve.
 */
export class Market {
  private readonly walks = new Map<string, Walk>();
  private readonly depegs: Depeg[] = [];

  constructor(readonly seed: number) {}

  /** USD per unit of `symbol` (an asset or a fiat currency, lower case) at `time`, epoch ms. */
  truth(symbol: string, time: number): number {
    const fiat = FIAT[symbol];
    if (fiat !== undefined) return symbol === 'usd' ? 1 : fiat * Math.exp(0.001 * noise(this.seed, 3_600_000, time));
    const { asset, seeds } = this.walk(symbol);
    let log = 0;
    if (asset.volatility === 0) {
      log = 0.0003 * noise(seeds[4] ?? 0, 900_000, time) + 0.0001 * noise(seeds[2] ?? 0, 45_000, time);
    } else {
      for (let step = 0; step < SCALES_MS.length; step++) {
        log += (AMPLITUDES[step] ?? 0) * noise(seeds[step] ?? 0, SCALES_MS[step] ?? 1, time);
      }
      log *= asset.volatility;
    }
    return asset.price * Math.exp(log) * this.pegAt(symbol, time);
  }

  /** Lets `symbol` lose its peg (or find it again: rate 1) from `at` on. Rate > 0, epoch ms. */
  depeg(symbol: string, rate: number, at: number, overMs = 0): void {
    if (!(rate > 0) || !Number.isFinite(rate)) throw new RangeError(`depeg rate must be a number above 0, not ${rate}`);
    this.depegs.push({ symbol: symbol.toLowerCase(), rate, at, overMs });
  }

  private pegAt(symbol: string, time: number): number {
    let rate = 1;
    for (const step of this.depegs) {
      if (step.symbol !== symbol || time < step.at) continue;
      const share = step.overMs > 0 ? Math.min(1, (time - step.at) / step.overMs) : 1;
      rate += (step.rate - rate) * share;
    }
    return rate;
  }

  private walk(symbol: string): Walk {
    let walk = this.walks.get(symbol);
    if (walk === undefined) {
      const asset = simulatedAsset(symbol);
      walk = { asset, seeds: SCALES_MS.map((scale) => seedOf(`${this.seed}/${symbol}/${scale}`)) };
      this.walks.set(symbol, walk);
    }
    return walk;
  }
}
