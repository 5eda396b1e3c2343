import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from './config.js';
import { Health, type HealthReport } from './health.js';
import { Metrics } from './metrics.js';

interface Simulated {
  readonly simulated?: true;
}

/** What an app without an API of its own tells orchestrators and Prometheus. */
@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('health')
  report(): HealthReport & Simulated {
    return { ...this.health.report(), ...this.simulated() };
  }

  /** That the process answers at all. */
  @Get('health/live')
  live(): { status: 'ok' } & Simulated {
    return { status: 'ok', ...this.simulated() };
  }

  /** 503 with the reasons while it cannot do its work. */
  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const readiness = this.health.readiness();
    await reply.status(readiness.ready ? 200 : 503).send({ ...readiness, ...this.simulated() });
  }

  @Get('metrics')
  async scrape(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(this.metrics.contentType).send(await this.metrics.text());
  }

  private simulated(): Simulated {
    return this.config.simulated ? { simulated: true } : {};
  }
}
