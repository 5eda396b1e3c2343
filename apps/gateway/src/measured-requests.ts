import { type Metrics, type Span, type Tracing } from '@haunt/platform';
import type { FastifyInstance, FastifyRequest, onResponseHookHandler } from 'fastify';
import { QUOTES_PATH } from './rest/quotes-route.js';

type Observe = (seconds: number) => void;

/** Times every request by its route's template. Not those of the quotes route: what is measured takes longer than they do. */
export function measureRequests(instance: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram('http_request_duration_seconds');
  instance.addHook('onRoute', (route) => {
    if (route.url === QUOTES_PATH) return;
    const known = new Map<string, Observe>();
    const observeOf = (method: string, status: number): Observe => {
      const key = `${method} ${status}`;
      let observe = known.get(key);
      if (observe === undefined) {
        const child = seconds.labels({ method, route: route.url, status: String(status) });
        observe = (value) => child.observe(value);
        known.set(key, observe);
      }
      return observe;
    };
    const measure: onResponseHookHandler = (request, reply, done) => {
      observeOf(request.method, reply.statusCode)(reply.elapsedTime / 1000);
      done();
    };
    route.onResponse = [measure, ...[route.onResponse ?? []].flat()];
  });
}

/** A span for every request that is traced: because its `traceparent` says so, or, where there is none, by chance. */
export function traceRequests(instance: FastifyInstance, tracing: Tracing): void {
  if (!tracing.isOn) return;
  const spans = new WeakMap<FastifyRequest, Span>();
  instance.addHook('onRequest', (request, _reply, done) => {
    const { traceparent } = request.headers;
    const parent = typeof traceparent === 'string' ? traceparent : undefined;
    const fields = { 'http.request.method': request.method, 'http.route': request.routeOptions.url };
    const name = `${request.method} ${request.routeOptions.url ?? 'unknown route'}`;
    const span = tracing.start(name, { parent, kind: 'server', fields });
    if (span === undefined) return done();
    spans.set(request, span);
    return tracing.within(span, done);
  });
  instance.addHook('onResponse', (request, { statusCode }, done) => {
    const failure = statusCode >= 500 ? `HTTP ${statusCode}` : undefined;
    spans.get(request)?.end({ 'http.response.status_code': statusCode }, failure);
    done();
  });
}
