import type { RankedAsset, RankingRequest, SourceDistance } from '@haunt/contracts';
import { type AssetSymbol, type MoverWindow, type PriceUpdate, volatility } from '@haunt/domain';
import type { PartitionState } from './partition.state.js';
import { Slices } from './slices.js';

/** Volatility is computed anew this often at the most: that of a day takes 30 us per asset. */
const VOLATILITY_MS = 10_000;

interface Computed {
  readonly at: number;
  readonly rows: Promise<readonly RankedAsset[]>;
}

/**
 * Ranks the assets of a partition when it is asked to, in slices: prices must not wait because somebody wants to know. `now` is
 * epoch ms, at or behind log time.
 */
export class RankingReader {
  private readonly volatilities = new Map<MoverWindow, Computed>();

  constructor(private readonly state: PartitionState) {}

  async read({ kind, window = '1h', limit }: RankingRequest, now: number): Promise<RankedAsset[]> {
    if (kind === 'agreement') return this.agreement(limit);
    if (kind === 'activity') return this.activity(limit, now);
    return (await this.volatility(window, now)).slice(0, limit);
  }

  private volatility(window: MoverWindow, now: number): Promise<readonly RankedAsset[]> {
    const last = this.volatilities.get(window);
    if (last !== undefined && now - last.at < VOLATILITY_MS) return last.rows;
    const rows = this.computeVolatility(window);
    this.volatilities.set(window, { at: now, rows });
    // A failure is told to those who asked, and not kept.
    rows.catch(() => this.volatilities.delete(window));
    return rows;
  }

  private async computeVolatility(window: MoverWindow): Promise<readonly RankedAsset[]> {
    const { state } = this;
    const slices = new Slices();
    const rows: RankedAsset[] = [];
    for (const { symbol, price, status } of state.prices()) {
      const chart = state.history.get(symbol);
      const found = chart && status !== 'stale' && volatility(chart, price, window, state.logTime);
      if (found) rows.push({ symbol, price, value: found.percent, samples: found.samples });
      await slices.breathe();
    }
    return rows.sort(byValue);
  }

  private agreement(limit: number): RankedAsset[] {
    return this.state
      .prices()
      .filter(({ status, sources }) => status !== 'stale' && sources.length > 1)
      .map((update) => ({ symbol: update.symbol, price: update.price, value: spreadOf(update) }))
      .sort(byValue)
      .slice(0, limit)
      .map((row) => ({ ...row, sources: this.distances(row.symbol, row.price) }));
  }

  private distances(symbol: AssetSymbol, price: number): SourceDistance[] {
    const quotes = this.state.explain(symbol)?.sources ?? [];
    return quotes.flatMap(({ source, pair, priceUsd, counted }) =>
      priceUsd === null ? [] : [{ source, pair, distancePercent: (priceUsd / price - 1) * 100, counted }],
    );
  }

  private async activity(limit: number, now: number): Promise<RankedAsset[]> {
    const slices = new Slices();
    const rows: RankedAsset[] = [];
    for (const symbol of this.state.activeSymbols()) {
      const { updatesLastMinute, totalUpdates } = this.state.counts(symbol, now);
      if (updatesLastMinute > 0) {
        rows.push({ symbol, price: this.state.prices([symbol])[0]?.price, value: updatesLastMinute, totalUpdates });
      }
      await slices.breathe();
    }
    return rows.sort(byValue).slice(0, limit);
  }
}

function spreadOf({ price, spread }: PriceUpdate): number {
  return ((spread.p75 - spread.p25) / price) * 100;
}

function byValue(a: RankedAsset, b: RankedAsset): number {
  return b.value - a.value || (a.symbol < b.symbol ? -1 : 1);
}
