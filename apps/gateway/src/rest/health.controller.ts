import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HealthView } from '@haunt/contracts';
import { Health, Metrics } from '@haunt/platform';
import type { FastifyReply } from 'fastify';
import { SourceBoard } from '../source-board.js';
import { ProblemError } from './problem.js';
import { HEALTH } from './schemas.js';

type ProbeView = Pick<HealthView, 'simulated'> & { readonly status: 'ok' };

@ApiTags('health')
@Controller()
export class GatewayHealthController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
    private readonly sources: SourceBoard,
  ) {}

  @Get(['health', 'api/health'])
  @ApiOperation({ summary: 'Whether prices flow' })
  @ApiOkResponse({ schema: HEALTH })
  report(): HealthView {
    return { ...this.health.report(), ...this.simulated() };
  }

  @Get('health/live')
  @ApiOperation({ summary: 'That the process answers at all' })
  live(): ProbeView {
    return { status: 'ok', ...this.simulated() };
  }

  @Get('health/ready')
  @ApiOperation({ summary: '503 with the reasons until prices are fresh' })
  ready(): ProbeView {
    const { ready, checks } = this.health.readiness();
    if (ready) return { status: 'ok', ...this.simulated() };
    const reasons = Object.entries(checks).filter((check) => check[1] !== true);
    const sentence = reasons.map(([name, reason]) => `${name}: ${String(reason)}`).join('; ');
    throw new ProblemError(503, 'not_ready', sentence, { checks, ...this.simulated() });
  }

  @Get('metrics')
  @ApiExcludeEndpoint()
  async scrape(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.text());
  }

  private simulated(): Pick<HealthView, 'simulated'> {
    return this.sources.isSimulated() ? { simulated: true } : {};
  }
}
