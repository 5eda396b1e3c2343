import { Body, Controller, Get, HttpCode, Ip, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Envelope, SeedAnswer, SeedState } from '@haunt/contracts';
import { kind } from '../described.js';
import { ApiTokenGuard } from './api-token.guard.js';
import { AnswersWith, Fails } from './documented.js';
import { Envelopes } from './envelope.js';
import { JsonOnlyGuard } from './json-only.guard.js';
import { ProblemError } from './problem.js';
import { SEED_ANSWER, SEED_ANSWERS, SEED_BATCH_REQUEST, SEED_REQUEST, SEED_STATES } from './schemas.js';
import { Seeding } from './seeding.js';

/** Assets in one batch. */
const BATCH_MAX = 100;
const SYMBOL_MAX = 64;

@ApiTags('seeding')
@Controller('api/crypto/seed')
export class SeedController {
  constructor(
    private readonly seeding: Seeding,
    private readonly envelopes: Envelopes,
  ) {}

  @Get('status')
  @ApiOperation({ summary: 'How the history of every known asset stands' })
  @AnswersWith(SEED_STATES)
  @Fails(504)
  async status(): Promise<Envelope<SeedState[]>> {
    return this.envelopes.wrap(await this.seeding.states());
  }

  @Post()
  @HttpCode(200)
  @UseGuards(ApiTokenGuard, JsonOnlyGuard)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Have the history of an asset fetched' })
  @ApiBody({ schema: SEED_REQUEST })
  @AnswersWith(SEED_ANSWER)
  @Fails(400, 401, 404, 413, 415, 422, 429, 503)
  async seed(@Body() body: unknown, @Ip() address: string): Promise<Envelope<SeedAnswer>> {
    return this.envelopes.wrap(await this.seeding.request(symbolIn(body), address));
  }

  @Post('batch')
  @HttpCode(200)
  @UseGuards(ApiTokenGuard, JsonOnlyGuard)
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Have the history of up to 100 assets fetched; one that is unknown does not stop the others',
  })
  @ApiBody({ schema: SEED_BATCH_REQUEST })
  @AnswersWith(SEED_ANSWERS)
  @Fails(400, 401, 413, 415, 422)
  async batch(@Body() body: unknown): Promise<Envelope<SeedAnswer[]>> {
    return this.envelopes.wrap(await this.seeding.requestBatch(symbolsIn(body)));
  }
}

/** @throws ProblemError 422 */
function symbolIn(body: unknown): string {
  const { symbol } = fieldsOf(body, '{"symbol": "btc"}');
  if (typeof symbol === 'string' && symbol.trim() !== '' && symbol.length <= SYMBOL_MAX) return symbol;
  throw invalid(
    `"symbol" must be a symbol such as "btc" or a CoinMarketCap id such as "1", at most ${SYMBOL_MAX} characters; it is ${kind(symbol)}`,
  );
}

/** @throws ProblemError 422 */
function symbolsIn(body: unknown): unknown[] {
  const { symbols } = fieldsOf(body, '{"symbols": ["btc", "eth"]}');
  if (!Array.isArray(symbols))
    throw invalid(`"symbols" must be an array of symbols such as ["btc", "eth"]; it is ${kind(symbols)}`);
  if (symbols.length >= 1 && symbols.length <= BATCH_MAX) return symbols;
  throw invalid(`"symbols" must have 1 to ${BATCH_MAX} entries; it has ${symbols.length}`);
}

function fieldsOf(body: unknown, example: string): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw invalid(`the body must be a JSON object such as ${example}; it is ${kind(body ?? undefined)}`);
}

function invalid(error: string): ProblemError {
  return new ProblemError(422, 'invalid_body', error);
}
