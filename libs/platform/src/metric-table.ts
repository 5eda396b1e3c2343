/** What a metric is: its name, without the prefix `haunt_`, is its key in the table. */
export interface MetricRow<L extends string = string> {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Which process has it. */
  readonly of: 'every process' | 'ingestors' | 'aggregator' | 'seeder' | 'gateway';
  readonly help: string;
  readonly labels: readonly L[];
  /** Of a histogram, in the metric's own unit. */
  readonly buckets?: readonly number[];
}

type Of = MetricRow['of'];

const counter = <const L extends string = never>(of: Of, help: string, ...labels: L[]) =>
  ({ kind: 'counter', of, help, labels }) as const satisfies MetricRow;
const gauge = <const L extends string = never>(of: Of, help: string, ...labels: L[]) =>
  ({ kind: 'gauge', of, help, labels }) as const satisfies MetricRow;
const histogram = <const L extends string = never>(of: Of, buckets: readonly number[], help: string, ...labels: L[]) =>
  ({ kind: 'histogram', of, help, labels, buckets }) as const satisfies MetricRow;

const MICRO = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const MILLI = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const NETWORK = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Every metric of Haunt. Names as https://prometheus.io/docs/practices/naming has them: base units, `_total` for what
 * only counts up, a moment as `_timestamp_seconds`, whose age is `time()` minus it. Labels take few values: sources,
 * partitions, topics, templates of routes; never an asset, an address or a path as it was asked for.
 */
export const METRICS = {
  build_info: gauge('every process', 'Always 1; the labels say what runs.', 'version', 'node'),
  redis_connected: gauge(
    'every process',
    'Whether Redis can be used, 1 or 0, per connection (bus, store); absent without REDIS_URL.',
    'connection',
  ),
  bus_incidents_total: counter(
    'every process',
    'What went wrong on the way of an event and was survived.',
    'kind',
    'topic',
  ),
  bus_queue_entries: gauge('every process', 'Commands that wait for Redis, or for its answer.'),
  bus_queue_bytes: gauge('every process', 'Payload that waits for Redis, or for its answer.'),
  bus_lag_entries: gauge(
    'every process',
    'Entries between the end of a stream and what its reader here is done with; for a work queue, those nobody is done with.',
    'topic',
    'partition',
  ),
  bus_lag_seconds: gauge(
    'every process',
    'Between the newest entry of a stream and the newest that its reader here is done with.',
    'topic',
    'partition',
  ),

  source_state: gauge('ingestors', '1 for the state that a source is in, 0 for the others.', 'source', 'state'),
  source_last_data_timestamp_seconds: gauge('ingestors', 'When data of any pair last came from a source.', 'source'),
  source_assets: gauge('ingestors', 'Assets asked for that a source lists.', 'source'),
  source_silent_assets: gauge('ingestors', 'Subscribed assets of which a source has said nothing for long.', 'source'),
  ingest_ticks_total: counter('ingestors', 'Trades taken from a source.', 'source'),
  ingest_tickers_total: counter('ingestors', 'Tickers taken from a source.', 'source'),
  ingest_bad_frames_total: counter('ingestors', 'Frames of a source that could not be read.', 'source'),
  ingest_duplicates_total: counter('ingestors', 'Trades that a source sent more than once.', 'source'),
  ingest_dropped_total: counter('ingestors', 'Items dropped because the bus refused them for too long.', 'source'),
  ingest_unresolved_total: counter('ingestors', 'Frames of pairs that nobody can place.', 'source'),
  ingest_reconnects_total: counter('ingestors', 'Connections that took the place of another one.', 'source'),
  ingest_failures_total: counter('ingestors', 'Connections that broke, and attempts and polls that failed.', 'source'),
  ingest_queue_items: gauge('ingestors', 'Ticks and tickers on their way into the log.', 'source'),
  ingest_venue_delay_seconds: histogram(
    'ingestors',
    NETWORK,
    "From the venue's own time of a trade to its arrival; one trade per batch. What a fast venue clock makes negative counts as 0.",
    'source',
  ),

  partition_held: gauge('aggregator', 'Whether this process works on a partition, 1 or 0.', 'partition'),
  log_entries_total: counter('aggregator', 'Entries taken from the tick log.'),
  log_timestamp_seconds: gauge('aggregator', "The log's clock.", 'partition'),
  price_updates_total: counter('aggregator', 'Price updates published.'),
  venue_to_publish_seconds: histogram(
    'aggregator',
    NETWORK,
    "From the venue's own time of a batch's last trade to the publishing of the prices it made.",
    'source',
  ),
  ingest_to_publish_seconds: histogram(
    'aggregator',
    MILLI,
    'From the sealing of a batch by its ingestor to the publishing of the prices it made.',
  ),
  source_excluded_quotes: gauge('aggregator', 'Quotes of a source that were excluded as too far off.', 'source'),
  movers_ranking_seconds: histogram('aggregator', MICRO, 'How long a ranking of all movers took.'),
  checkpoint_timestamp_seconds: gauge('aggregator', 'When the last checkpoint was written.', 'partition'),
  checkpoint_bytes: gauge('aggregator', 'What the last checkpoint wrote.', 'partition'),
  checkpoint_seconds: histogram('aggregator', MILLI, 'How long a checkpoint took to be taken and written.'),
  checkpoint_stall_seconds: histogram('aggregator', MICRO, 'How long ticks waited while a checkpoint was taken.'),
  checkpoint_failures_total: counter('aggregator', 'Checkpoints that could not be written.'),

  seed_jobs_total: counter('seeder', 'Seeding jobs that ended.', 'status'),
  seed_jobs_running: gauge('seeder', 'Seeding jobs of this process.'),
  seed_job_seconds: histogram('seeder', [1, 2.5, 5, 10, 30, 60, 120, 300, 600], 'How long a seeding job took.'),
  history_requests_total: counter('seeder', 'Requests for past candles.', 'provider', 'outcome'),
  history_request_seconds: histogram('seeder', NETWORK, 'How long a request for past candles took.', 'provider'),

  gateway_connections: gauge('gateway', 'Connected live clients.', 'transport'),
  gateway_connections_refused_total: counter('gateway', 'Live clients turned away because a limit was reached.'),
  gateway_watched_assets: gauge('gateway', 'Assets that some live client watches.'),
  gateway_updates_sent_total: counter('gateway', 'Price updates written to live clients.', 'transport'),
  gateway_updates_conflated_total: counter('gateway', 'Updates that a later one replaced before they were sent.'),
  gateway_slow_clients: gauge('gateway', 'Live clients that are behind and get only the latest of each asset.'),
  gateway_slow_clients_cut_total: counter('gateway', 'Live clients cut because they did not read.'),
  gateway_backlog_bytes: gauge('gateway', 'Written to live clients and not yet taken by the system, in all.'),
  gateway_prices: gauge('gateway', 'Assets per status of their price, as they are shown now.', 'status'),
  gateway_freshest_price_timestamp_seconds: gauge('gateway', 'The time that the freshest price is true for.'),
  publish_to_socket_seconds: histogram(
    'gateway',
    MILLI,
    'From the publishing of prices to their last write to a socket, per turn of the event loop.',
  ),
  arrival_to_socket_seconds: histogram(
    'gateway',
    MICRO,
    'From the arrival of prices to their last write to a socket, per turn of the event loop.',
  ),
  http_request_duration_seconds: histogram(
    'gateway',
    MICRO.concat(2.5),
    'From a request to the end of its answer; the quotes route is only counted.',
    'method',
    'route',
    'status',
  ),
  http_quotes_total: counter('gateway', 'Answers of the quotes route.'),
  query_duration_seconds: histogram(
    'gateway',
    MILLI,
    'From a question to the aggregator to its answer, or to the end of the wait.',
    'query',
  ),
  query_failures_total: counter('gateway', 'Questions to the aggregator that were not answered.', 'query'),
} as const satisfies Readonly<Record<string, MetricRow>>;

type Table = typeof METRICS;
type Named<K extends MetricRow['kind']> = {
  [N in keyof Table]: Table[N]['kind'] extends K ? N : never;
}[keyof Table];

export type CounterName = Named<'counter'>;
export type GaugeName = Named<'gauge'>;
export type HistogramName = Named<'histogram'>;
export type LabelsOf<N extends keyof Table> = Table[N]['labels'][number];
