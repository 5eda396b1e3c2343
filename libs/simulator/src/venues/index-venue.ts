import type { SourceId } from '@haunt/domain';
import { simulatedAsset, type SimulatedAsset } from '../assets.js';
import { noise, seedOf } from '../noise.js';
import { DAY_MS } from '../tape.js';
import { type Setting, Venue } from '../venue.js';

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

  protected constructor(
    id: SourceId,
    setting: Setting,
    requests: { readonly count: number; readonly windowMs: number },
    /** How often the index is computed anew. */
    private readonly everyMs: number,
  ) {
    super(id, setting, requests);
    this.assets = [...new Set([...setting.symbols, 'usdt', 'usdc'])]
      .map(simulatedAsset)
      .sort((a, b) => a.rank - b.rank);
  }

  protected entry(asset: SimulatedAsset): IndexEntry {
    const { market, spread } = this.setting;
    const now = this.setting.now();
    const computed = Math.floor(now / this.everyMs) * this.everyMs;
    const stuck = this.faults.concerns('stuck', asset.symbol) ? this.faults.since('stuck') : undefined;
    const factor = this.faults.concerns('price', asset.symbol) ? (this.faults.get('price')?.factor ?? 1) : 1;
    const seed = seedOf(`${this.setting.seed}/${this.id}/${asset.symbol}`);
    const at = (time: number): number =>
      market.truth(asset.symbol, time) * (1 + 0.5 * spread * noise(seed, 600_000, time));
    const price = at(stuck ?? computed) * factor;
    return {
      asset,
      price,
      open24h: at(computed - DAY_MS) * factor,
      volume24h: asset.volume24h * (1 + 0.03 * noise(seed ^ 0x7001, 3_600_000, computed)),
      marketCap: (asset.marketCap / asset.price) * price,
      change: (overMs) => (price / (at(computed - overMs) * factor) - 1) * 100,
      updatedAt: computed + (this.clock() - now),
    };
  }
}
