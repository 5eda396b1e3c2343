import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problem.js';

/**
 * Answers a request that no route takes before its body is read: 405 with Allow where the path exists, OPTIONS where it
 * does, else 404. To be called before any route is registered.
 */
export function answerUnrouted(instance: FastifyInstance): void {
  const exact = new Map<string, Set<string>>();
  const patterns = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  instance.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const known = url.includes(':') ? patterns.get(url)?.methods : exact.get(url);
    const methods = known ?? new Set();
    for (const each of [method].flat()) methods.add(each);
    if (url.includes(':')) patterns.set(url, { pattern: patternOf(url), methods });
    else exact.set(url, methods);
  });

  /** What is taken at a path; a path that is spelled out is no parameter of another. */
  const methodsAt = (path: string): ReadonlySet<string> =>
    exact.get(path) ??
    new Set([...patterns.values()].flatMap(({ pattern, methods }) => (pattern.test(path) ? [...methods] : [])));

  instance.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request.raw.url ?? '/');
    // A route of parameters takes what is spelled out for another method.
    if (!request.is404 && exact.get(path)?.has(request.method) !== false) return done();
    const methods = methodsAt(path);
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

/** Without the query and a slash at the end. */
function pathOf(url: string): string {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
  return new RegExp(`^${escaped}$`);
}
