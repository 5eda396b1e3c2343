import { CHART_RANGES, type ChartRange, isChartRange } from '@haunt/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Charts, KeptChart } from './charts.js';
import type { Assets } from './assets.js';
import { type Encoding, encodingOf, isKnown } from './encoded-body.js';
import type { FixedHeaders } from './headers.js';
import { ProblemError } from './problem.js';

export const CHART_PATH = '/api/crypto/:id/chart';

const DEFAULT_RANGE: ChartRange = '1d';
const RANGES = Object.keys(CHART_RANGES);

interface Question {
  Params: { id: string };
  Querystring: { range?: unknown };
}
type Ask = FastifyRequest<Question>;
type Kind = Encoding | 'unchanged';

/**
 * GET /api/crypto/:id/chart?range=. Up to 80 kB that change a few times a second, asked for by everybody at once: the bytes are
 * made once and written as they are, past the hooks and interceptors that every other route goes through.
 */
export function chartRoute(instance: FastifyInstance, assets: Assets, charts: Charts, fixed: FixedHeaders): void {
  const prepared = new WeakMap<KeptChart, Partial<Record<Kind, string[]>>>();

  const headersOf = (chart: KeptChart, kind: Kind, length: number): string[] => {
    const known = prepared.get(chart) ?? {};
    prepared.set(chart, known);
    return (known[kind] ??= prepare(chart, kind, length));
  };

  const prepare = ({ simulated, body: { etag } }: KeptChart, kind: Kind, length: number): string[] => {
    const headers = fixed.ofData(simulated);
    const vary = [headers['vary'] ?? [], 'accept-encoding'].flat().join(', ');
    const made = Object.entries({ ...headers, vary, etag }).flat();
    if (kind === 'unchanged') return made;
    if (kind !== 'identity') made.push('content-encoding', kind);
    return [...made, 'content-type', 'application/json; charset=utf-8', 'content-length', String(length)];
  };

  const write = (request: Ask, reply: FastifyReply, chart: KeptChart, kind: Kind, bytes: string | Buffer): void => {
    reply.hijack();
    const { raw } = reply;
    const { method, headers } = request.raw;
    if (!fixed.areConstant)
      for (const [name, value] of Object.entries(fixed.cors(headers.origin))) raw.setHeader(name, value);
    const length = typeof bytes === 'string' ? chart.body.bytes : bytes.length;
    raw.writeHead(kind === 'unchanged' ? 304 : 200, headersOf(chart, kind, length));
    raw.end(kind === 'unchanged' || method === 'HEAD' ? undefined : bytes);
  };

  const answer = (request: Ask, reply: FastifyReply, chart: KeptChart): Promise<void> | undefined => {
    const { body } = chart;
    const { 'accept-encoding': accepted, 'if-none-match': known } = request.raw.headers;
    if (isKnown(known, body.etag)) {
      write(request, reply, chart, 'unchanged', '');
      return undefined;
    }
    const encoding = body.encodingFor(encodingOf(accepted));
    const bytes = body.in(encoding);
    if (typeof bytes !== 'string' && !Buffer.isBuffer(bytes))
      return bytes.then((made) => write(request, reply, chart, encoding, made));
    write(request, reply, chart, encoding, bytes);
    return undefined;
  };

  instance.get<Question>(CHART_PATH, (request, reply) => {
    const range = rangeOf(request.query.range);
    const symbol = assets.symbolOf(request.params.id);
    const chart = charts.get(symbol, range);
    if (chart instanceof Promise) return chart.then((told) => answer(request, reply, told));
    return answer(request, reply, chart);
  });
}

/** @throws ProblemError 400 for anything but a range; absent it is a day. */
function rangeOf(range: unknown): ChartRange {
  if (range === undefined) return DEFAULT_RANGE;
  if (typeof range === 'string' && isChartRange(range)) return range;
  const given = JSON.stringify(typeof range === 'string' && range.length > 40 ? `${range.slice(0, 40)}…` : range);
  throw new ProblemError(
    400,
    'invalid_range',
    `range must be one of ${RANGES.join(', ')} (default ${DEFAULT_RANGE}); it is ${given}`,
  );
}
