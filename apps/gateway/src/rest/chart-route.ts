import { CHART_RANGES, type ChartRange, isChartRange } from '@haunt/domain';
import type { FastifyInstance } from 'fastify';
import type { Charts } from './charts.js';
import type { Assets } from './assets.js';
import type { EncodedAnswers } from './encoded-answers.js';
import { invalid, type Query, textOf } from './query-values.js';

export const CHART_PATH = '/api/crypto/:id/chart';

const DEFAULT_RANGE: ChartRange = '1d';
const RANGES = Object.keys(CHART_RANGES);

interface Question {
  Params: { id: string };
  Querystring: Query;
}

/**
 * GET /api/crypto/:id/chart?range=. Up to 80 kB that change a few times a second, asked for by everybody at once.
 */
export function chartRoute(instance: FastifyInstance, assets: Assets, charts: Charts, answers: EncodedAnswers): void {
  instance.get<Question>(CHART_PATH, (request, reply) => {
    const range = rangeOf(request.query);
    const symbol = assets.symbolOf(request.params.id);
    const chart = charts.get(symbol, range);
    if (chart instanceof Promise) return chart.then((told) => answers.send(request, reply, told));
    return answers.send(request, reply, chart);
  });
}

/** Spelled as it is: elsewhere `1M` is a month and `1m` a minute. @throws ProblemError 400 for anything but a range; absent it is a day. */
function rangeOf(query: Query): ChartRange {
  const range = textOf(query, 'range') ?? DEFAULT_RANGE;
  if (isChartRange(range)) return range;
  throw invalid('range', `one of ${RANGES.join(', ')} (default ${DEFAULT_RANGE})`, range);
}
