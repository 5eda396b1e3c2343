import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { AssetView, Envelope } from '@haunt/contracts';
import { LISTING_FILTERS, LISTING_SORTS } from '@haunt/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnswersWith, Fails } from './documented.js';
import { EncodedAnswers } from './encoded-answers.js';
import { Envelopes } from './envelope.js';
import { Listings } from './listings.js';
import { choiceOf, integerOf, numberOf, type Query as Values, textOf } from './query-values.js';
import { ProblemError } from './problem.js';
import { ASSETS } from './schemas.js';

const DIRECTIONS = ['desc', 'asc'] as const;
/** What there may be beside crypto assets one day; a list of them is empty. */
const OURS = ['all', 'crypto'];

const PAGE = { most: 100, usual: 20 };
const FOUND = { most: 50, usual: 10 };
const TEXT_MAX = 64;

/** Lists of assets. Its routes come before `/api/crypto/:id`. */
@ApiTags('crypto')
@Controller('api/crypto')
export class ListingController {
  constructor(
    private readonly listings: Listings,
    private readonly envelopes: Envelopes,
    private readonly answers: EncodedAnswers,
  ) {}

  @Get('listings')
  @ApiOperation({ summary: 'Every known asset, filtered and sorted as a whole, by pages' })
  @ApiQuery({
    name: 'start',
    required: false,
    schema: { type: 'integer', minimum: 0, default: 1 },
    description: 'From 1; 0 is taken for it',
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: PAGE.most, default: PAGE.usual },
  })
  @ApiQuery({
    name: 'sort',
    required: false,
    enum: LISTING_SORTS,
    description: 'By default what the filter is about, or market_cap',
  })
  @ApiQuery({ name: 'sort_dir', required: false, enum: DIRECTIONS })
  @ApiQuery({
    name: 'filter',
    required: false,
    enum: LISTING_FILTERS,
    description: 'most_volatile and top_volume: the top quarter',
  })
  @ApiQuery({ name: 'asset_type', required: false, description: 'all or crypto; there are none of another type' })
  @ApiQuery({ name: 'min_change', required: false, type: Number, description: 'Of change24h, inclusive' })
  @ApiQuery({ name: 'max_change', required: false, type: Number, description: 'Of change24h, inclusive' })
  @AnswersWith(ASSETS)
  @Fails(400)
  list(@Query() query: Values, @Req() request: FastifyRequest, @Res() reply: FastifyReply): unknown {
    const start = Math.max(1, integerOf(query, 'start', 0, Number.MAX_SAFE_INTEGER, 1));
    const limit = integerOf(query, 'limit', 1, PAGE.most, PAGE.usual);
    const order = {
      sort: choiceOf(query, 'sort', LISTING_SORTS),
      direction: choiceOf(query, 'sort_dir', DIRECTIONS) ?? 'desc',
      filter: choiceOf(query, 'filter', LISTING_FILTERS) ?? 'all',
      minChange: numberOf(query, 'min_change'),
      maxChange: numberOf(query, 'max_change'),
    };
    if (!OURS.includes(textOf(query, 'asset_type')?.toLowerCase() ?? 'all')) {
      return reply.send(this.envelopes.wrapCached([], undefined, { total: 0, start, limit }));
    }
    return this.answers.send(request, reply, this.listings.page(order, start, limit));
  }

  @Get('search')
  @ApiOperation({
    summary: 'Assets by symbol or name: the symbol itself first, then what begins with the text, then what has it',
  })
  @ApiQuery({ name: 'q', schema: { type: 'string', minLength: 1, maxLength: TEXT_MAX }, example: 'bit' })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: FOUND.most, default: FOUND.usual },
  })
  @AnswersWith(ASSETS)
  @Fails(400)
  search(@Query() query: Values): Envelope<AssetView[]> {
    const limit = integerOf(query, 'limit', 1, FOUND.most, FOUND.usual);
    const text = textOf(query, 'q') ?? '';
    if (text === '' || text.length > TEXT_MAX) {
      throw new ProblemError(
        400,
        'invalid_q',
        `q must be a part of a symbol or a name, 1 to ${TEXT_MAX} characters, such as q=bit`,
      );
    }
    const { views, total, asOf } = this.listings.search(text, limit);
    return this.envelopes.wrapCached(views, asOf, { total, limit, query: text });
  }
}
