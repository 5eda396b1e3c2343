import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problem.js';

/**
 * Answers a request that no route takes before its body is read: 405 with Allow where the path exists, OPTIONS where it
 * does, else 404. To be called before any route is registered.
 */
export function answerUnrouted(instance: FastifyInstance): void {
  const paths = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  instance.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const path = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const each of [method].flat()) path.methods.add(each);
    paths.set(url, path);
  });

  instance.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const path = (request.raw.url ?? '/').split('?', 1)[0] as string;
    const methods = new Set<string>();
    for (const known of paths.values())
      if (known.pattern.test(path)) for (const method of known.methods) methods.add(method);
    if (methods.size === 0) {
      throw new ProblemError(
        404,
        'unknown_route',
        `there is no ${request.method} ${path}; the routes are listed at /docs`,
      );
    }
    const allow = [...methods, 'OPTIONS'].join(', ');
    void reply.header('allow', allow);
    if (request.method === 'OPTIONS') {
      const { 'access-control-request-headers': headers } = request.headers;
      void reply.header('access-control-allow-methods', allow).header('access-control-max-age', '86400');
      if (headers !== undefined) void reply.header('access-control-allow-headers', headers);
      void reply.status(204).send();
      return;
    }
    throw new ProblemError(405, 'method_not_allowed', `${path} does not take ${request.method}; it takes ${allow}`);
  });
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
  return new RegExp(`^${escaped}/?$`);
}
