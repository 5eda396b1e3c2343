import { simulatedAsset, type SimulatedAsset } from './assets.js';
import { noise, Octave, seedOf } from './noise.js';

const { exp } = Math;

/** Each scale four times the one before, 1 s to seven weeks: the sum wanders like a price at every zoom. */
const SCALES_MS = Array.from({ length: 12 }, (_, step) => 1000 * 4 ** step);
/** Log-price amplitude of the 1 s scale at volatility 1; others grow a little slower than a random walk would. */
const SECOND_AMPLITUDE = 0.0003;
const AMPLITUDES = SCALES_MS.map((scale) => SECOND_AMPLITUDE * (scale / 1000) ** 0.45);

/** What is pegged breathes around its peg: scale and log-price amplitude. */
const PEG_SCALES_MS = [900_000, 45_000];
const PEG_AMPLITUDES = [0.0003, 0.0001];

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
  readonly octaves: readonly Octave[];
}

/**
 * What everything is worth at any moment: a pure function of seed, symbol and time (and of the de-pegs it was told).
 * What is remembered changes no result, so last year's candle and this second's trade come from the same curve.
 */
export class Market {
  private readonly walks = new Map<string, Walk>();
  private readonly depegs: Depeg[] = [];
  /** Counts what changed the past or the future: what was computed before may be wrong after. */
  revision = 0;

  constructor(readonly seed: number) {}

  /** USD per unit of `symbol` (an asset or a fiat currency, lower case) at `time`, epoch ms. */
  truth(symbol: string, time: number): number {
    const fiat = FIAT[symbol];
    if (fiat !== undefined) return symbol === 'usd' ? 1 : fiat * exp(0.001 * noise(this.seed, 3_600_000, time));
    const { asset, octaves } = this.walk(symbol);
    let log = 0;
    if (asset.volatility === 0) {
      for (let step = 0; step < octaves.length; step++) log += (PEG_AMPLITUDES[step] ?? 0) * octaves[step]!.at(time);
    } else {
      for (let step = 0; step < octaves.length; step++) log += (AMPLITUDES[step] ?? 0) * octaves[step]!.at(time);
      log *= asset.volatility;
    }
    return asset.price * exp(log) * this.pegAt(symbol, time);
  }

  /** Lets `symbol` lose its peg (or find it again: rate 1) from `at` on. Rate > 0, epoch ms. */
  depeg(symbol: string, rate: number, at: number, overMs = 0): void {
    if (!(rate > 0) || !Number.isFinite(rate)) throw new RangeError(`depeg rate must be a number above 0, not ${rate}`);
    this.revision++;
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
      const scales = asset.volatility === 0 ? PEG_SCALES_MS : SCALES_MS;
      walk = { asset, octaves: scales.map((scale) => new Octave(seedOf(`${this.seed}/${symbol}/${scale}`), scale)) };
      this.walks.set(symbol, walk);
    }
    return walk;
  }
}
