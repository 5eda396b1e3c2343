import { Inject, Injectable } from '@nestjs/common';
import { EventBus } from '@haunt/bus';
import {
  type AnswerOf,
  type ChartAnswer,
  type ChartRequest,
  type MoversUpdate,
  partitionOf,
  type QueryName,
  type RankedAsset,
  type RankingRequest,
  type RequestOf,
  type SeedState,
  type Sparkline,
  type SymbolCounts,
} from '@haunt/contracts';
import type { AssetSymbol, ExplainedQuote, Explanation } from '@haunt/domain';
import { CONFIG, type Config, Metrics } from '@haunt/platform';

/** What this process asks the aggregators: each question goes to the one that owns the asset. */
@Injectable()
export class MarketClient {
  private readonly latency;
  private readonly failures;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly bus: EventBus,
    metrics: Metrics,
  ) {
    this.latency = metrics.histogram('query_duration_seconds');
    this.failures = metrics.counter('query_failures_total');
  }

  /** Null: no quote of it ever came. @throws DeadlineError */
  explain(symbol: AssetSymbol): Promise<Explanation | null> {
    return this.ask('price.explain', { symbol }, partitionOf(symbol, this.config.partitions));
  }

  /** What its sources quote, counted or not. @throws DeadlineError */
  quotes(symbol: AssetSymbol): Promise<readonly ExplainedQuote[]> {
    return this.ask('quotes.get', { symbol }, partitionOf(symbol, this.config.partitions));
  }

  /** @throws DeadlineError */
  counts(symbol: AssetSymbol): Promise<SymbolCounts> {
    return this.ask('symbol.counts', { symbol }, partitionOf(symbol, this.config.partitions));
  }

  /** @throws DeadlineError */
  chart(request: ChartRequest): Promise<ChartAnswer> {
    return this.ask('chart.get', request, partitionOf(request.symbol, this.config.partitions));
  }

  /** How seeding stands for these assets of a partition, or for all it knows. @throws DeadlineError */
  seedStates(partition: number, symbols?: readonly AssetSymbol[]): Promise<readonly SeedState[]> {
    return this.ask('seed.status', symbols === undefined ? {} : { symbols }, partition);
  }

  /** The sparklines of every asset of a partition. @throws DeadlineError */
  sparklines(partition: number): Promise<readonly Sparkline[]> {
    return this.ask('sparklines.get', {}, partition);
  }

  /** The movers of every window of a partition. @throws DeadlineError */
  movers(partition: number): Promise<readonly MoversUpdate[]> {
    return this.ask('movers.get', {}, partition);
  }

  /** Of a partition's assets. @throws DeadlineError */
  ranking(request: RankingRequest, partition: number): Promise<readonly RankedAsset[]> {
    return this.ask('market.ranking', request, partition);
  }

  private async ask<Q extends QueryName>(query: Q, request: RequestOf<Q>, partition: number): Promise<AnswerOf<Q>> {
    const end = this.latency.startTimer({ query });
    try {
      return await this.bus.ask(query, request, partition);
    } catch (error) {
      this.failures.inc({ query });
      throw error;
    } finally {
      end();
    }
  }
}
