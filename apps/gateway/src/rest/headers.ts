import helmet from '@fastify/helmet';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Config } from '@haunt/platform';

/**
 * What browsers are told about every page and answer. The dashboard and the documentation load nothing from elsewhere, and
 * talk to this server over HTTP and WebSocket. Served over plain HTTP in many homes: browsers must not be told to insist
 * on HTTPS.
 */
const HELMET = {
  contentSecurityPolicy: {
    directives: {
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'", 'data:'],
      // The chart and the documentation write styles of their own; neither loads any.
      'style-src': ["'self'", "'unsafe-inline'"],
      'connect-src': ["'self'", 'ws:', 'wss:'],
      'upgrade-insecure-requests': null,
    },
  },
  strictTransportSecurity: false,
  // The API is there to be read by other pages.
  crossOriginResourcePolicy: { policy: 'cross-origin' as const },
};

const FOR_DATA: readonly string[] = ['x-content-type-options', 'x-frame-options', 'cross-origin-resource-policy'];

const EXPOSED = 'etag, retry-after, x-haunt-simulated';

/** Headers that do not depend on the answer. Helmet is asked once, not for every request: its answer is always the same. */
export class FixedHeaders {
  private constructor(
    private readonly security: Readonly<Record<string, string>>,
    private readonly origins: '*' | readonly string[],
  ) {}

  static async prepare(config: Config): Promise<FixedHeaders> {
    const probe = fastify();
    await probe.register(helmet, HELMET);
    const security: Record<string, string> = {};
    probe.get('/', (_request, reply) => {
      for (const [name, value] of Object.entries(reply.raw.getHeaders())) security[name] = String(value);
      return '';
    });
    await probe.inject('/');
    await probe.close();
    return new FixedHeaders(security, config.corsOrigins);
  }

  /** By name, for a request from a page of `origin`. */
  of(origin: string | undefined, simulated: boolean): Record<string, string> {
    return {
      ...this.security,
      ...this.cors(origin),
      ...(simulated && { 'x-haunt-simulated': '1' }),
    };
  }

  /** Of the security headers those that say something about data; the others speak to documents, and cost every answer. */
  ofData(simulated: boolean): Record<string, string> {
    const all = this.of(undefined, simulated);
    for (const name of Object.keys(this.security)) if (!FOR_DATA.includes(name)) delete all[name];
    return all;
  }

  /** Every origin is allowed the same: the headers of one answer do for all. */
  get areConstant(): boolean {
    return this.origins === '*';
  }

  /** What a page of `origin` is allowed. */
  cors(origin: string | undefined): Record<string, string> {
    if (this.origins === '*') return { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED };
    if (origin === undefined || !this.origins.includes(origin)) return { vary: 'Origin' };
    return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'Origin' };
  }
}

const COMPRESSIBLE = /^(text\/|application\/(json|javascript))|\+(json|xml)/;

type HeadersOf = (origin: string | undefined) => Record<string, string>;
const DECORATOR = 'fixedHeaders';

/** Puts the fixed headers on everything that goes through Fastify's hooks. What has `compressFrom` bytes varies by encoding, compressed or not. */
export function sendFixedHeaders(
  instance: FastifyInstance,
  headers: FixedHeaders,
  isSimulated: () => boolean,
  compressFrom: number,
): void {
  const headersOf: HeadersOf = (origin) => headers.of(origin, isSimulated());
  instance.decorate(DECORATOR, headersOf);
  instance.addHook('onSend', (request, reply, payload, done) => {
    for (const [name, value] of Object.entries(headersOf(request.headers.origin))) {
      if (name === 'vary') vary(reply, value);
      else void reply.header(name, value);
    }
    const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
    if (isText && payload.length >= compressFrom && COMPRESSIBLE.test(String(reply.getHeader('content-type'))))
      vary(reply, 'accept-encoding');
    done(null, payload);
  });
}

/** Of an answer that is given past the hooks, to a request that Fastify itself refuses. */
export function fixedHeadersOf({ server, headers }: FastifyRequest): Record<string, string> {
  return server.getDecorator<HeadersOf>(DECORATOR)(headers.origin);
}

function vary(reply: FastifyReply, by: string): void {
  const before = reply.getHeader('vary');
  if (before === undefined) void reply.header('vary', by);
  else if (!String(before).toLowerCase().includes(by.toLowerCase()))
    void reply.header('vary', `${String(before)}, ${by}`);
}
