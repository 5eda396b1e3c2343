import { Inject, Injectable } from '@nestjs/common';
import type { RankedAsset, RankingKind, Timeframe } from '@haunt/contracts';
import { MOVERS_LIMIT } from '@haunt/domain';
import { CONFIG, type Config } from '@haunt/platform';
import { performance } from 'node:perf_hooks';
import { LatestPrices } from '../latest-prices.js';
import { MarketClient } from '../market-client.js';

/** Lines of a ranking, at the most. */
export const RANKING_LIMIT = MOVERS_LIMIT;
/** How long an answer serves everybody who asks the same. */
const FRESH_MS = 1_000;
/** An aggregator that does not answer is done without for this long. */
const USABLE_MS = 30_000;

interface Kept {
  readonly rows: readonly RankedAsset[];
  /** Ms of a clock that does not go back. */
  readonly at: number;
}

/** Rankings over all partitions as the aggregators told them a moment ago; however many ask, they are asked once. */
@Injectable()
export class Rankings {
  private readonly kept = new Map<string, Kept>();
  private readonly pending = new Map<string, Promise<readonly RankedAsset[]>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly market: MarketClient,
    private readonly prices: LatestPrices,
  ) {}

  /** @throws DeadlineError when a partition does not answer, and has not for half a minute. */
  async get(kind: RankingKind, limit: number, window?: Timeframe): Promise<RankedAsset[]> {
    const rows = await this.rows(kind, window);
    // What was ranked when it was fresh may have gone stale since; how busy an asset is does not need a price.
    const shown = kind === 'activity' ? rows : rows.filter(({ symbol }) => this.prices.get(symbol)?.status !== 'stale');
    return shown.slice(0, limit);
  }

  private async rows(kind: RankingKind, window: Timeframe | undefined): Promise<readonly RankedAsset[]> {
    const key = `${kind}/${window}`;
    const kept = this.kept.get(key);
    if (kept !== undefined && performance.now() - kept.at < FRESH_MS) return kept.rows;
    let pending = this.pending.get(key);
    if (pending === undefined) {
      pending = this.ask(key, kind, window).finally(() => this.pending.delete(key));
      this.pending.set(key, pending);
    }
    try {
      return await pending;
    } catch (error) {
      if (kept !== undefined && performance.now() - kept.at < USABLE_MS) return kept.rows;
      throw error;
    }
  }

  private async ask(key: string, kind: RankingKind, window: Timeframe | undefined): Promise<readonly RankedAsset[]> {
    const request = { kind, limit: RANKING_LIMIT, ...(window !== undefined && { window }) };
    const partitions = Array.from({ length: this.config.partitions }, (_, partition) =>
      this.market.ranking(request, partition),
    );
    const rows = (await Promise.all(partitions))
      .flat()
      .sort((a, b) => b.value - a.value || (a.symbol < b.symbol ? -1 : 1))
      .slice(0, RANKING_LIMIT);
    this.kept.set(key, { rows, at: performance.now() });
    return rows;
  }
}
