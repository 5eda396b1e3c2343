import type { EventBus } from '@haunt/bus';
import {
  type AssetSymbol,
  BUILT_IN,
  findAsset,
  idsOf,
  type RegisteredAsset,
  type SourceId,
  type SourceStatus,
} from '@haunt/domain';
import type { AssetDirectory, Clock, Config, HttpClient, Log, Metrics, Tracing } from '@haunt/platform';
import { type PolledAsset, type Source, SOURCES_BY_ID } from '@haunt/sources';
import type { KeyValueStore } from '@haunt/storage';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { measureSource, type SourceMetrics } from './ingest-metrics.js';
import { LogTime } from './log-time.js';
import { PollRunner } from './poll-runner.js';
import { SourceHealth } from './source-health.js';
import { StatusReporter } from './status-reporter.js';
import { StreamRunner } from './stream-runner.js';
import { TickWriter } from './tick-writer.js';

export interface IngestorParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly http: Pick<HttpClient, 'request'>;
  readonly metrics: Metrics;
  readonly tracing?: Tracing;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly store: Pick<KeyValueStore, 'get' | 'set'>;
  /** Who is who; default the built-in catalogue. */
  readonly directory?: Pick<AssetDirectory, 'find' | 'registry' | 'onChange'>;
  /** Gives [0, 1); default Math.random. */
  readonly random?: () => number;
}

/** One source and all that runs it. */
interface Intake {
  readonly health: SourceHealth;
  readonly writer: TickWriter;
  readonly runner: Runner | undefined;
}

/** Of the built-in catalogue or of the registry. */
type KnownAsset = Omit<RegisteredAsset, 'spelling' | 'image'>;

interface Runner {
  start(symbols: readonly AssetSymbol[]): void;
  setSymbols(symbols: readonly AssetSymbol[]): void;
  stop(): void;
}

/** Runs sources of this process: from their sockets and polls to the tick log and the status topic. */
export class Ingestor {
  private readonly intakes: readonly Intake[];
  private readonly reporter: StatusReporter;
  private stopping: Promise<void> | undefined;

  constructor(
    ids: readonly SourceId[],
    private readonly parts: IngestorParts,
  ) {
    const { clock, bus, log, metrics, tracing } = parts;
    const measured = new Map<SourceHealth, SourceMetrics>();
    this.reporter = new StatusReporter(bus, log, (health) => measured.get(health)?.status());
    const instance = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
    const time = new LogTime(clock);
    this.intakes = ids.map((source) => {
      const health = new SourceHealth({
        source,
        instance,
        clock,
        log,
        onChange: (changed) => this.reporter.publish(changed),
      });
      const writer = new TickWriter({
        source,
        partitions: parts.config.partitions,
        bus,
        time,
        log,
        onTrouble: (message) => health.trouble(message),
        onDropped: (items) => counts.dropped(items),
        onDelay: (ms) => counts.delay(ms),
        ...(tracing && { tracing }),
      });
      const counts = measureSource(health, metrics, () => writer.queued);
      measured.set(health, counts);
      this.reporter.add(health);
      const enabled = parts.config.sources.includes(source);
      if (!enabled) health.disable('not in SOURCES');
      const runner = enabled
        ? this.runner(SOURCES_BY_ID[source], health, writer, () => counts.unresolved())
        : undefined;
      return { health, writer, runner };
    });
  }

  /** What is said about every source of this process, now. */
  statuses(): SourceStatus[] {
    return this.intakes.map(({ health }) => health.report());
  }

  start(): void {
    this.reporter.start();
    const symbols = this.canonical(this.wanted());
    this.parts.directory?.onChange(() => this.setSymbols(this.wanted()));
    for (const { runner, writer } of this.intakes) {
      if (!runner) continue;
      writer.start();
      runner.start(symbols);
    }
  }

  /** From now on these assets; subscriptions that stay are not touched. */
  setSymbols(symbols: readonly AssetSymbol[]): void {
    const wanted = this.canonical(symbols);
    for (const { runner } of this.intakes) runner?.setSymbols(wanted);
  }

  /** Sockets and polls first, then the last ticks to the log. Idempotent. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  /** Nest calls it when every module is made: who consumes the log was there first. */
  onApplicationBootstrap(): void {
    this.start();
  }

  /** Nest calls it first on the way down, while the bus still works. */
  onModuleDestroy(): Promise<void> {
    return this.stop();
  }

  /** What the user names, else the top of the list as it is now. */
  private wanted(): readonly AssetSymbol[] {
    return this.parts.config.symbols ?? (this.parts.directory?.registry ?? BUILT_IN).tracked;
  }

  /** The name it is kept under; an asset that nobody knows is followed all the same. */
  private canonical(symbols: readonly AssetSymbol[]): AssetSymbol[] {
    return [...new Set(symbols.map((symbol) => this.find(symbol)?.symbol ?? symbol))];
  }

  private find(symbol: AssetSymbol): KnownAsset | undefined {
    const { directory } = this.parts;
    return directory ? directory.find(symbol) : findAsset(symbol);
  }

  /** The ids by which APIs find an asset. */
  private describe(symbol: AssetSymbol): Omit<PolledAsset, 'symbol'> {
    const asset = this.find(symbol);
    return asset ? idsOf(asset) : {};
  }

  private async end(): Promise<void> {
    this.reporter.stop();
    for (const { runner } of this.intakes) runner?.stop();
    await Promise.all(this.intakes.map(({ writer }) => writer.close()));
  }

  private runner(source: Source, health: SourceHealth, writer: TickWriter, onUnresolved: () => void): Runner {
    const { config, clock, log, http, store, random = Math.random } = this.parts;
    const shared = {
      clock,
      log,
      http,
      store,
      random,
      health,
      writer,
      addresses: config.addresses[source.id] ?? {},
      aliasesOf: (symbol: AssetSymbol) => this.find(symbol)?.aliases ?? [],
    };
    if (source.kind === 'stream') return new StreamRunner(source, { ...shared, onUnresolved });
    const keyVariable = `${source.id.toUpperCase()}_API_KEY`;
    return new PollRunner(source, {
      ...shared,
      key: config.keys[source.id],
      keyVariable,
      describe: (symbol) => this.describe(symbol),
    });
  }
}
