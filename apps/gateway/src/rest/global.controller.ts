import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Envelope, FearGreedView, GlobalView, MarketSubject, Told } from '@haunt/contracts';
import type { FearGreed, GlobalFigures } from '@haunt/domain';
import { MarketBoard } from '../market-board.js';
import { AnswersWith, Fails } from './documented.js';
import { Envelopes } from './envelope.js';
import { ProblemError } from './problem.js';
import { FEAR_GREED, GLOBAL } from './schemas.js';

/** What others say of the whole market, as they said it last. */
@ApiTags('market')
@Controller('api/market')
export class GlobalController {
  constructor(
    private readonly board: MarketBoard,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('global')
  @ApiOperation({ summary: 'The state of the whole market' })
  @AnswersWith(GLOBAL)
  @Fails(502)
  global(): Envelope<GlobalView> {
    const { global } = this.board;
    if (global === undefined) throw this.nothing('global', 'the state of the market');
    return this.envelopes.wrapCached(globalView(global), global.at);
  }

  @Get('fear-greed')
  @ApiOperation({ summary: 'The fear and greed index of today' })
  @AnswersWith(FEAR_GREED)
  @Fails(502)
  fearGreed(): Envelope<FearGreedView> {
    const { fearGreed } = this.board;
    if (fearGreed === undefined) throw this.nothing('fearGreed', 'the fear and greed index');
    return this.envelopes.wrapCached(fearGreedView(fearGreed.value), fearGreed.at);
  }

  private nothing(subject: MarketSubject, what: string): ProblemError {
    const why = this.board.troubleWith(subject) ?? 'no answer of an upstream has come yet';
    return new ProblemError(502, 'upstream_failed', `${what} is not known, and never was: ${why}`);
  }
}

function globalView({ value, source }: Told<GlobalFigures>): GlobalView {
  const unknown: string[] = [];
  const number = (
    field: 'activeCryptocurrencies' | 'activeExchanges' | 'marketCapChange24h' | 'volumeChange24h',
  ): number => {
    if (value[field] === undefined) unknown.push(field);
    return value[field] ?? 0;
  };
  return {
    totalMarketCap: value.totalMarketCap,
    totalVolume24h: value.totalVolume24h,
    btcDominance: value.btcDominance,
    ethDominance: value.ethDominance,
    activeCryptocurrencies: number('activeCryptocurrencies'),
    activeExchanges: number('activeExchanges'),
    marketCapChange24h: number('marketCapChange24h'),
    volumeChange24h: number('volumeChange24h'),
    lastUpdated: new Date(value.updatedAt).toISOString(),
    source,
    unknown,
  };
}

function fearGreedView({ value, classification, time, previous }: FearGreed): FearGreedView {
  return {
    value,
    classification,
    timestamp: String(Math.floor(time / 1000)),
    ...(previous !== undefined && { previousClose: previous, change: value - previous }),
  };
}
