import type { SourceId } from '@haunt/domain';
import { simulatedAsset, type SimulatedAsset } from '../assets.js';
import { noise, Octave, seedOf } from '../noise.js';
import { assetSince } from '../since.js';
import { DAY_MS } from '../tape.js';
import { type RequestRules, type Setting, Venue } from '../venue.js';

/** One asset as an index of many venues knows it, USD. */
export interface IndexEntry {
  readonly asset: SimulatedAsset;
  readonly price: number;
  readonly open24h: number;
  readonly volume24h: number;
  readonly marketCap: number;
  /** Percent over so many ms. */
  change(overMs: number): number;
  /** When the index was computed, epoch ms. */
  readonly updatedAt: number;
}

/** An API that publishes its own average: the market's price of a while ago, hardly off. */
export abstract class IndexVenue extends Venue {
  protected readonly assets: readonly SimulatedAsset[];
  private readonly voices = new Map<string, { readonly seed: number; readonly octave: Octave }>();

  protected constructor(
    id: SourceId,
    setting: Setting,
    requests: RequestRules,
    /** How often the index is computed anew. */
    private readonly everyMs: number,
  ) {
    super(id, setting, requests);
    this.assets = [...new Set([...setting.symbols, 'usdt', 'usdc'])]
      .map(simulatedAsset)
      .sort((a, b) => a.rank - b.rank);
  }

  /** What the index says an asset is worth, USD, at any time, epoch ms; without the faults of live answers. */
  protected priceAt(asset: SimulatedAsset, time: number): number {
    const { market, spread } = this.setting;
    return market.truth(asset.symbol, time) * (1 + 0.5 * spread * this.voice(asset).octave.at(time));
  }

  /** USD traded in the 24 h before `time`. */
  protected volumeAt(asset: SimulatedAsset, time: number): number {
    return asset.volume24h * (1 + 0.03 * noise(this.voice(asset).seed ^ 0x7001, 3_600_000, time));
  }

  /** Midnight from which on the index knows an asset, epoch ms. */
  protected since({ symbol }: SimulatedAsset): number {
    return assetSince(this.setting.seed, symbol, this.setting.began());
  }

  protected seedFor(asset: SimulatedAsset): number {
    return this.voice(asset).seed;
  }

  protected entry(asset: SimulatedAsset): IndexEntry {
    const now = this.setting.now();
    const computed = Math.floor(now / this.everyMs) * this.everyMs;
    const stuck = this.faults.concerns('stuck', asset.symbol) ? this.faults.since('stuck') : undefined;
    const factor = this.faults.concerns('price', asset.symbol) ? (this.faults.get('price')?.factor ?? 1) : 1;
    const at = (time: number): number => this.priceAt(asset, time);
    const price = at(stuck ?? computed) * factor;
    return {
      asset,
      price,
      open24h: at(computed - DAY_MS) * factor,
      volume24h: this.volumeAt(asset, computed),
      marketCap: (asset.marketCap / asset.price) * price,
      change: (overMs) => (price / (at(computed - overMs) * factor) - 1) * 100,
      updatedAt: computed + (this.clock() - now),
    };
  }

  private voice({ symbol }: SimulatedAsset): { readonly seed: number; readonly octave: Octave } {
    let voice = this.voices.get(symbol);
    if (voice === undefined) {
      const seed = seedOf(`${this.setting.seed}/${this.id}/${symbol}`);
      this.voices.set(symbol, (voice = { seed, octave: new Octave(seed, 600_000) }));
    }
    return voice;
  }
}
