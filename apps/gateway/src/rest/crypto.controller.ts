import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AssetView, Envelope, ExplanationView } from '@haunt/contracts';
import type { Explanation } from '@haunt/domain';
import { MarketClient } from '../market-client.js';
import { Absence } from './absence.js';
import { Assets } from './assets.js';
import { AnswersWith, AssetId, Fails } from './documented.js';
import { Envelopes } from './envelope.js';
import { ASSET, EXPLANATION } from './schemas.js';

@ApiTags('crypto')
@Controller('api/crypto')
export class CryptoController {
  constructor(
    private readonly market: MarketClient,
    private readonly assets: Assets,
    private readonly absence: Absence,
    private readonly envelopes: Envelopes,
  ) {}

  @Get(':id')
  @ApiOperation({ summary: 'One asset with its live price' })
  @AssetId('id')
  @AnswersWith(ASSET)
  @Fails(404, 503)
  async asset(@Param('id') id: string): Promise<Envelope<AssetView>> {
    const seen = this.assets.view(id);
    if (seen === undefined) throw await this.absence.of(id);
    return this.envelopes.wrapCached(seen.view, seen.asOf);
  }

  @Get(':id/explain')
  @ApiOperation({ summary: 'Where the price comes from: every quote, and whether it counted' })
  @AssetId('id')
  @AnswersWith(EXPLANATION)
  @Fails(404, 503, 504)
  async explain(@Param('id') id: string): Promise<Envelope<ExplanationView>> {
    const symbol = this.assets.symbolOf(id);
    const explanation = await this.market.explain(symbol);
    if (explanation === null) throw await this.absence.of(symbol);
    return this.envelopes.wrap(explanationView(explanation));
  }
}

/** Log time has fractions of a millisecond; nobody is served by them. */
function explanationView(explanation: Explanation): ExplanationView {
  const { asOf, sources } = explanation;
  return {
    ...explanation,
    asOf: Math.floor(asOf),
    sources: sources.map((quote) => ({ ...quote, ageMs: Math.round(quote.ageMs) })),
  };
}
