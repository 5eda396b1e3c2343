import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type {
  ActivityView,
  AgreementView,
  Envelope,
  MoversView,
  Timeframe,
  VolatilityView,
  VolumeLeaderView,
} from '@haunt/contracts';
import { MOVER_WINDOW_NAMES, MOVER_WINDOWS, moverWindowOf } from '@haunt/domain';
import { LatestPrices } from '../latest-prices.js';
import { MoversBoard } from '../movers-board.js';
import { AnswersWith, Fails } from './documented.js';
import { Envelopes } from './envelope.js';
import { ProblemError } from './problem.js';
import { choiceOf, integerOf, type Query as Values, textOf } from './query-values.js';
import { RANKING_LIMIT, Rankings } from './rankings.js';
import { ACTIVITIES, AGREEMENTS, MOVERS, VOLATILITIES, VOLUME_LEADERS } from './schemas.js';

const USUAL = 10;
const YEAR_MS = 365 * MOVER_WINDOWS['24h'];
const OURS = ['all', 'crypto'];

const Limit: MethodDecorator = ApiQuery({
  name: 'limit',
  required: false,
  schema: { type: 'integer', minimum: 1, maximum: RANKING_LIMIT, default: USUAL },
});

const limitOf = (query: Values): number => integerOf(query, 'limit', 1, RANKING_LIMIT, USUAL);

/** Who moves most, trades most, is agreed on least, and is heard of most. */
@ApiTags('market')
@Controller('api/market')
export class MoversController {
  constructor(
    private readonly movers: MoversBoard,
    private readonly rankings: Rankings,
    private readonly prices: LatestPrices,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('movers')
  @ApiOperation({ summary: 'Who rose and who fell most' })
  @ApiQuery({
    name: 'timeframe',
    required: false,
    schema: { type: 'string', enum: [...MOVER_WINDOW_NAMES], default: '1h' },
    description: 'In any case; an unknown one means 1h',
  })
  @Limit
  @ApiQuery({ name: 'asset_type', required: false, description: 'all or crypto; there are none of another type' })
  @AnswersWith(MOVERS)
  @Fails(400, 503)
  list(@Query() query: Values): Envelope<MoversView> {
    const timeframe: Timeframe = moverWindowOf(textOf(query, 'timeframe') ?? '') ?? '1h';
    const limit = limitOf(query);
    const isOurs = OURS.includes(textOf(query, 'asset_type')?.toLowerCase() ?? 'all');
    const movers = this.movers.get(timeframe);
    if (movers === undefined) {
      throw new ProblemError(
        503,
        'not_ready',
        'the aggregator has not told its movers yet; try again in a few seconds',
      );
    }
    const some = isOurs ? limit : 0;
    return this.envelopes.wrap({
      timeframe,
      gainers: movers.gainers.slice(0, some),
      losers: movers.losers.slice(0, some),
      timestamp: Math.floor(movers.at / 1000),
    });
  }

  @Get('volume-leaders')
  @ApiOperation({ summary: 'What was traded most within 24 h' })
  @Limit
  @AnswersWith(VOLUME_LEADERS)
  @Fails(400)
  volumeLeaders(@Query() query: Values): Envelope<VolumeLeaderView[]> {
    const limit = limitOf(query);
    const leaders = this.prices.fresh().flatMap(({ update: { symbol, price, volume24h, change24h } }) => {
      if (volume24h === undefined) return [];
      return { symbol: symbol.toUpperCase(), price, volume24h, ...(change24h !== undefined && { change24h }) };
    });
    leaders.sort((a, b) => b.volume24h - a.volume24h || (a.symbol < b.symbol ? -1 : 1));
    return this.envelopes.wrap(leaders.slice(0, limit));
  }

  @Get('volatility')
  @ApiOperation({
    summary: 'Whose price moves about most',
    description:
      'Realized volatility: the root of the sum of the squared logarithmic returns within the window, from minute to minute up to ' +
      '1h, from five minutes to five minutes beyond. In percent over the window, and for a year like it.',
  })
  @ApiQuery({
    name: 'window',
    required: false,
    schema: { type: 'string', enum: [...MOVER_WINDOW_NAMES], default: '1h' },
  })
  @Limit
  @AnswersWith(VOLATILITIES)
  @Fails(400, 504)
  async volatility(@Query() query: Values): Promise<Envelope<VolatilityView[]>> {
    const window = choiceOf(query, 'window', MOVER_WINDOW_NAMES) ?? '1h';
    const rows = await this.rankings.get('volatility', limitOf(query), window);
    const years = Math.sqrt(YEAR_MS / MOVER_WINDOWS[window]);
    return this.envelopes.wrap(
      rows.map(({ symbol, price = 0, value, samples = 0 }) => ({
        symbol: symbol.toUpperCase(),
        price,
        window,
        volatilityPercent: value,
        annualizedPercent: value * years,
        samples,
      })),
    );
  }

  @Get('agreement')
  @ApiOperation({
    summary: 'Whose sources agree least',
    description:
      'Assets of which two or more sources count, the widest spread first, with the distance of every source.',
  })
  @Limit
  @AnswersWith(AGREEMENTS)
  @Fails(400, 504)
  async agreement(@Query() query: Values): Promise<Envelope<AgreementView[]>> {
    const rows = await this.rankings.get('agreement', limitOf(query));
    return this.envelopes.wrap(
      rows.map(({ symbol, price = 0, value, sources = [] }) => ({
        symbol: symbol.toUpperCase(),
        price,
        spreadPercent: value,
        sources,
      })),
    );
  }

  @Get('activity')
  @ApiOperation({ summary: 'What the sources speak of most' })
  @Limit
  @AnswersWith(ACTIVITIES)
  @Fails(400, 504)
  async activity(@Query() query: Values): Promise<Envelope<ActivityView[]>> {
    const rows = await this.rankings.get('activity', limitOf(query));
    return this.envelopes.wrap(
      rows.map(({ symbol, price, value, totalUpdates = 0 }) => ({
        symbol: symbol.toUpperCase(),
        ...(price !== undefined && { price }),
        updatesPerMinute: value,
        totalUpdates,
      })),
    );
  }
}
