import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '@haunt/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemError } from './problem.js';

const BEARER = /^bearer +(\S+) *$/i;

/** Lets in whoever knows `API_TOKEN`, and everybody where none is set. */
@Injectable()
export class ApiTokenGuard implements CanActivate {
  private readonly wanted: Buffer | undefined;

  constructor(@Inject(CONFIG) { apiToken }: Config) {
    this.wanted = apiToken === undefined ? undefined : digest(apiToken);
  }

  /** @throws ProblemError 401 */
  canActivate(context: ExecutionContext): true {
    const { wanted } = this;
    if (wanted === undefined) return true;
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const given = [BEARER.exec(headers.authorization ?? '')?.[1], headers['x-api-token']].filter(isText);
    if (given.some((token) => timingSafeEqual(digest(token), wanted))) return true;
    const isWrong = given.length > 0;
    const challenge = `Bearer realm="haunt"${isWrong ? ', error="invalid_token"' : ''}`;
    void context.switchToHttp().getResponse<FastifyReply>().header('www-authenticate', challenge);
    throw new ProblemError(
      401,
      'unauthorized',
      `this spends the quota of others, and wants the API token of this server, as "Authorization: Bearer <token>" or "x-api-token: <token>"; ${isWrong ? 'the one given is wrong' : 'none was given'}`,
    );
  }
}

/** Of one length whatever the token's, so that comparing tells nothing about it. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
