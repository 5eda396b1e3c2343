import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import {
  type ConfidenceView,
  type Envelope,
  type ExchangeView,
  type SourceStatsView,
  type StatsView,
} from '@haunt/contracts';
import { confidence, type PriceUpdate } from '@haunt/domain';
import { Clock } from '@haunt/platform';
import { LatestPrices } from '../latest-prices.js';
import { MarketClient } from '../market-client.js';
import { percent, SourceBoard } from '../source-board.js';
import { Assets } from './assets.js';
import { AnswersWith, Fails } from './documented.js';
import { Envelopes } from './envelope.js';
import { CONFIDENCE, EXCHANGES, SOURCE_STATS, STATS } from './schemas.js';

@ApiTags('market')
@Controller('api/market')
export class MarketController {
  constructor(
    private readonly market: MarketClient,
    private readonly prices: LatestPrices,
    private readonly sources: SourceBoard,
    private readonly assets: Assets,
    private readonly envelopes: Envelopes,
    private readonly clock: Clock,
  ) {}

  @Get('exchanges')
  @ApiOperation({ summary: 'Every configured source and how it fares' })
  @AnswersWith(EXCHANGES)
  exchanges(): Envelope<ExchangeView[]> {
    return this.envelopes.wrap(this.sources.exchanges());
  }

  @Get('stats')
  @ApiOperation({ summary: 'Totals over all sources' })
  @AnswersWith(STATS)
  stats(): Envelope<StatsView> {
    return this.envelopes.wrap(this.sources.stats(this.prices.active()));
  }

  @Get('source-stats/:symbol')
  @ApiOperation({ summary: 'Which sources tell the price of an asset, and how often' })
  @ApiParam({ name: 'symbol', example: 'btc' })
  @AnswersWith(SOURCE_STATS)
  @Fails(504)
  async sourceStats(@Param('symbol') name: string): Promise<Envelope<SourceStatsView>> {
    const symbol = this.assets.spelled(name);
    const counts = await this.market.counts(symbol);
    const totalUpdates = counts.sources.reduce((sum, { updateCount }) => sum + updateCount, 0);
    return this.envelopes.wrap({
      symbol,
      sources: counts.sources.map(({ source, updateCount }) => ({
        source,
        updateCount,
        updatePercent: percent(updateCount, totalUpdates),
        online: this.sources.isOnline(source),
      })),
      totalUpdates,
      timestamp: this.seconds(),
    });
  }

  @Get('confidence/:symbol')
  @ApiOperation({ summary: 'How much the price of an asset can be trusted, and why' })
  @ApiParam({ name: 'symbol', example: 'btc' })
  @AnswersWith(CONFIDENCE)
  @Fails(504)
  async confidence(@Param('symbol') name: string): Promise<Envelope<ConfidenceView>> {
    const symbol = this.assets.spelled(name);
    const counts = await this.market.counts(symbol);
    const price = this.prices.get(symbol);
    const counted = price === undefined || price.status === 'stale' ? [] : price.update.sources;
    const priceSpreadPercent = price === undefined || counted.length < 2 ? null : spreadPercent(price.update);
    const secondsSinceUpdate =
      price === undefined ? null : Math.max(0, Math.round((this.clock.now() - price.update.asOf) / 100) / 10);
    return this.envelopes.wrap({
      symbol,
      confidence: {
        ...confidence({
          countedSources: counted.length,
          updatesLastMinute: counts.updatesLastMinute,
          secondsSinceUpdate,
          priceSpreadPercent,
        }),
        sourceCount: counts.sources.length,
        onlineSources: counts.sources.filter(({ source }) => this.sources.isOnline(source)).length,
        totalUpdates: counts.totalUpdates,
        currentPrice: price?.update.price ?? null,
        priceSpreadPercent,
        secondsSinceUpdate,
      },
      chartDataPoints: counts.chartDataPoints ?? 0,
      timestamp: this.seconds(),
    });
  }

  private seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

/** Interquartile distance of the counted sources, percent of the price. */
function spreadPercent({ price, spread }: PriceUpdate): number {
  return ((spread.p75 - spread.p25) / price) * 100;
}
