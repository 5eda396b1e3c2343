import { type Clock, type Log, type Metrics, noTracing, type Tracing } from '@haunt/platform';
import type { Arrival } from '../latest-prices.js';
import type { FanoutCounts } from './deliveries.js';
import type { Fanout } from './fanout.js';
import type { Format } from './frames.js';
import type { LiveClient } from './roster.js';

const TRANSPORT: Readonly<Record<Format, string>> = { ws: 'ws', io: 'socket.io' };
const FORMATS = Object.keys(TRANSPORT) as readonly Format[];
/** Clients that are cut come in crowds: one line in so long says how many. */
const CUTS_EVERY_MS = 10_000;

export interface LiveMetricsParts {
  readonly metrics: Metrics;
  readonly clients: ReadonlySet<LiveClient>;
  readonly fanout: Pick<Fanout, 'counts' | 'watchedAssets' | 'behind'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracing?: Tracing;
}

/** What is measured, logged and traced of live clients. Nothing is counted per update, which would cost as much as sending it. */
export class LiveMetrics {
  private readonly sent;
  private readonly conflated;
  private readonly cut;
  private readonly sincePublishing;
  private readonly sinceArrival;
  private tallied: FanoutCounts;
  private told = 0;
  private quietUntil = 0;
  /** When the oldest change of this turn arrived; 0 when there is none. */
  private turnStartedAt = 0;
  /** Of this turn, oldest first. */
  private arrivals: Arrival[] = [];

  constructor(private readonly parts: LiveMetricsParts) {
    const { metrics, fanout, clients } = parts;
    this.sent = metrics.counter('gateway_updates_sent_total');
    this.conflated = metrics.counter('gateway_updates_conflated_total');
    this.cut = metrics.counter('gateway_slow_clients_cut_total');
    this.sincePublishing = metrics.histogram('publish_to_socket_seconds');
    this.sinceArrival = metrics.histogram('arrival_to_socket_seconds');
    this.tallied = structuredClone(fanout.counts);
    metrics.collect('gateway_connections', (gauge) => {
      const sizes: Record<Format, number> = { ws: 0, io: 0 };
      for (const { wire } of clients) sizes[wire.format]++;
      for (const format of FORMATS) gauge.set({ transport: TRANSPORT[format] }, sizes[format]);
    });
    metrics.collect('gateway_watched_assets', (gauge) => gauge.set(fanout.watchedAssets));
    metrics.collect('gateway_slow_clients', (gauge) => gauge.set(fanout.behind));
    metrics.collect('gateway_backlog_bytes', (gauge) => {
      let bytes = 0;
      for (const { wire } of clients) bytes += wire.backlog();
      gauge.set(bytes);
    });
  }

  /** A price has changed that somebody watches. `now`: ms of the live clock. */
  changed(arrival: Arrival | undefined, now: number): void {
    if (this.turnStartedAt === 0) this.turnStartedAt = now;
    if (arrival !== undefined && this.arrivals.at(-1) !== arrival) this.arrivals.push(arrival);
  }

  /** The turn is over: what was changed is written to those who get it at once. */
  written(now: number): void {
    if (this.turnStartedAt === 0) return;
    const tookMs = now - this.turnStartedAt;
    this.turnStartedAt = 0;
    this.sinceArrival.observe(tookMs / 1000);
    const [oldest] = this.arrivals;
    if (oldest === undefined) return;
    const wallClock = this.parts.clock.now();
    // The stream's clock may be another machine's, and ahead.
    this.sincePublishing.observe(Math.max(0, wallClock - oldest.publishedAt) / 1000);
    this.follow(tookMs, wallClock);
    this.arrivals = [];
  }

  /** To be called about once a second. */
  tally(now: number): void {
    const { counts } = this.parts.fanout;
    const before = this.tallied;
    for (const format of FORMATS) {
      this.sent.inc({ transport: TRANSPORT[format] }, counts.delivered[format] - before.delivered[format]);
    }
    this.conflated.inc(counts.conflated - before.conflated);
    this.cut.inc(counts.cut - before.cut);
    this.tallied = structuredClone(counts);
    const cut = counts.cut - this.told;
    if (cut === 0 || now < this.quietUntil) return;
    this.told = counts.cut;
    this.quietUntil = now + CUTS_EVERY_MS;
    const { log, clients } = this.parts;
    log.warn({ cut, clients: clients.size }, `${cut} clients were cut because they did not read`);
  }

  private follow(tookMs: number, wallClock: number): void {
    const { log, tracing = noTracing, fanout } = this.parts;
    if (tracing.isOn) {
      for (const { traceparent, entry } of this.arrivals) {
        if (traceparent === undefined) continue;
        tracing.start('deliver prices', { parent: traceparent, at: wallClock - tookMs, fields: { entry } })?.end();
      }
    }
    if (!log.isTracing) return;
    const { watchedAssets } = fanout;
    for (const { entry, follows } of this.arrivals)
      log.trace({ entry, follows, watchedAssets, tookMs }, 'prices delivered');
  }
}
