import { markdownTable } from './markdown-table.js';
import { METRICS, type MetricRow } from './metric-table.js';
import { METRIC_PREFIX } from './metrics.js';

const HEAD = `# Metrics

\`GET /metrics\` of every process, in the text format of Prometheus; one process that does everything (\`npm start\`) has all of
them on one page. Beside these there are the \`process_*\` and \`nodejs_*\` metrics of [prom-client](https://github.com/siimon/prom-client),
among them the lag of the event loop (\`nodejs_eventloop_lag_p99_seconds\`). The age of a \`..._timestamp_seconds\` is \`time()\` minus
it. A dashboard, alert rules and a scrape configuration lie in [ops/](../ops).

This page is written from the table in \`libs/platform/src/metric-table.ts\` by \`node tools/docs.mjs\`.
`;

const PROCESSES: readonly MetricRow['of'][] = ['every process', 'ingestors', 'aggregator', 'seeder', 'gateway'];

function section(process: MetricRow['of']): string {
  const rows = Object.entries<MetricRow>(METRICS)
    .filter(([, { of }]) => of === process)
    .map(([name, { kind, labels, help }]) => [`\`${METRIC_PREFIX}${name}\``, kind, labels.join(', '), help]);
  const title = process[0]!.toUpperCase() + process.slice(1);
  return `## ${title}\n\n${markdownTable([['name', 'kind', 'labels', 'what it says'], ...rows])}`;
}

/** The page docs/METRICS.md. */
export function describeMetrics(): string {
  return [HEAD, ...PROCESSES.map(section)].join('\n');
}
