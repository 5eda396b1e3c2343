import { type CanActivate, type ExecutionContext, Injectable, UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** Refuses bodies that are not JSON: any page in a browser may send a form here, but JSON only where it is allowed to. */
@Injectable()
export class JsonOnlyGuard implements CanActivate {
  /** @throws UnsupportedMediaTypeException */
  canActivate(context: ExecutionContext): true {
    const { 'content-type': type } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    if (type !== undefined && !JSON_TYPE.test(type)) throw new UnsupportedMediaTypeException();
    return true;
  }
}
