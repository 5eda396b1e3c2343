import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AssetView, Envelope, ExplanationView } from '@haunt/contracts';
import { MarketClient } from '../market-client.js';
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
    private readonly envelopes: Envelopes,
  ) {}

  @Get(':id')
  @ApiOperation({ summary: 'One asset with its live price' })
  @AssetId('id')
  @AnswersWith(ASSET)
  @Fails(404, 503)
  asset(@Param('id') id: string): Envelope<AssetView> {
    const { view, asOf } = this.assets.view(id);
    return this.envelopes.wrapCached(view, asOf);
  }

  @Get(':id/explain')
  @ApiOperation({ summary: 'Where the price comes from: every quote, and whether it counted' })
  @AssetId('id')
  @AnswersWith(EXPLANATION)
  @Fails(404, 503, 504)
  async explain(@Param('id') id: string): Promise<Envelope<ExplanationView>> {
    const symbol = this.assets.symbolOf(id);
    const explanation = await this.market.explain(symbol);
    if (explanation === null) throw this.assets.absence(symbol);
    return this.envelopes.wrap(explanation);
  }
}
