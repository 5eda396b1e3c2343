import { randomUUID } from 'node:crypto';
import type { Consumption, Entry, EventBus, Gap, Position } from '@haunt/bus';
import {
  type ChartAnswer,
  type ChartRequest,
  type HistoryBatch,
  type MoversUpdate,
  partitionOf,
  type SeedState,
  type SymbolCounts,
} from '@haunt/contracts';
import {
  type AssetSymbol,
  type Explanation,
  MOVER_WINDOW_NAMES,
  type MoverWindow,
  type TickBatch,
} from '@haunt/domain';
import { type Clock, type Log, type Metrics, noTracing, RareLines, type Tracing } from '@haunt/platform';
import type { KeyValueStore } from '@haunt/storage';
import { ChartArchive } from './chart.archive.js';
import { ChartReader } from './chart.reader.js';
import { CheckpointError, CheckpointStore } from './checkpoint.store.js';
import { PartitionMetrics } from './partition.metrics.js';
import { type LogHole, PartitionState } from './partition.state.js';
import { StatusLines } from './status.lines.js';
import { PricePublisher } from './price.publisher.js';
import { RankingReader } from './ranking.reader.js';
import { SeedTracker } from './seed.tracker.js';
import { Slices } from './slices.js';

/** Without a checkpoint: far enough back that every quote that still counts (30 s) is read again. */
const REPLAY_MS = 60_000;
const METRICS_EVERY_MS = 1_000;
/** Behind the last checkpoint the log is replayed: thousands of entries a second. */
const CHECKPOINT_EVERY_MS = 10_000;
/** What seeders said before this start and is still worth knowing. */
const NEWS_MS = 600_000;
/** A hole in the log is worth seeding when a whole minute is missing. */
const WORTH_SEEDING_MS = 60_000;

export interface WorkerParts {
  readonly bus: EventBus;
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing?: Tracing;
  /** Assets whose saved charts are looked for when there is no checkpoint. */
  readonly symbols: readonly AssetSymbol[];
  /** Who holds the lease. */
  readonly owner: string;
  readonly checkpointEveryMs?: number;
}

/** Reads one partition's logs, publishes its prices, answers for it, and writes its checkpoints. */
export class PartitionWorker {
  private readonly state: PartitionState;
  private readonly checkpoints: CheckpointStore;
  private readonly archive: ChartArchive;
  private readonly reader: ChartReader;
  private readonly rankings: RankingReader;
  private readonly seeds = new SeedTracker();
  private readonly consumptions: Consumption[] = [];
  private readonly prices: PricePublisher;
  private readonly statuses: StatusLines;
  private readonly measured: PartitionMetrics;
  private readonly rare: RareLines;
  private metricsAt = 0;
  private checkpointAt = 0;
  private saving: Promise<void> | undefined;
  private started: Promise<void> | undefined;

  constructor(
    readonly partition: number,
    private readonly partitions: number,
    private readonly parts: WorkerParts,
  ) {
    const { metrics, store, clock, log, owner } = parts;
    this.state = new PartitionState(partition, partitions, (ms) => this.measured.ranked(ms));
    this.rankings = new RankingReader(this.state);
    this.checkpoints = new CheckpointStore(store, partition, owner);
    this.archive = new ChartArchive(
      store,
      () => this.state.history,
      log,
      () => clock.now(),
    );
    this.reader = new ChartReader(() => this.state.history, randomUUID().slice(0, 8));
    this.measured = new PartitionMetrics(metrics, partition, this.state);
    this.statuses = new StatusLines(log, partition);
    this.rare = new RareLines(log);
    const { bus, tracing = noTracing } = parts;
    this.prices = new PricePublisher(partition, { bus, log, rare: this.rare, tracing, measured: this.measured });
  }

  /** Restores the last checkpoint and starts to read behind it. @throws whatever the store throws when it is away */
  start(): Promise<void> {
    this.started ??= this.begin();
    return this.started;
  }

  /** Stops reading and answering, then saves what was read. */
  async stop(): Promise<void> {
    await this.started?.catch(() => undefined);
    this.measured.close();
    await Promise.all(this.consumptions.splice(0).map((consumption) => consumption.close()));
    await this.archive.stop();
    await this.saving;
    await this.save();
  }

  private async begin(): Promise<void> {
    const { bus, clock } = this.parts;
    const { partition, state } = this;
    const [ticks, history] = await this.resume();
    this.checkpointAt = clock.now();
    const take = (entries: readonly Entry<TickBatch>[]): Promise<void> => this.take(entries);
    const learn = (entries: readonly Entry<HistoryBatch>[]): void => this.learn(entries);
    const learning = bus.consume('history', learn, { partition, from: history });
    const taking = bus.consume('ticks', take, { partition, from: ticks, onGap: (gap) => this.report(gap) });
    this.measured.follow({ ticks: taking, history: learning });
    this.consumptions.push(
      learning,
      taking,
      bus.consume('seed.progress', (entries) => entries.forEach(({ event }) => this.seeds.take(event)), {
        from: { at: 'since', time: clock.now() - NEWS_MS },
      }),
      bus.answer('prices.get', ({ symbols }) => state.prices(symbols), partition),
      bus.answer('price.explain', ({ symbol }) => this.explain(symbol), partition),
      bus.answer('quotes.get', ({ symbol }) => this.state.quotes(symbol), partition),
      bus.answer('symbol.counts', ({ symbol }) => this.counts(symbol), partition),
      bus.answer('chart.get', (request) => this.chart(request), partition),
      bus.answer('history.missing', ({ symbol }) => this.reader.missing(symbol, this.now()), partition),
      bus.answer('movers.get', ({ timeframe }) => this.movers(timeframe), partition),
      bus.answer('market.ranking', (request) => this.rankings.read(request, this.now()), partition),
      bus.answer('seed.status', ({ symbols }) => this.seedStates(symbols), partition),
      bus.answer(
        'sparklines.get',
        ({ symbols }) =>
          this.reader.sparklines(symbols ?? [...state.history.symbols()], (symbol) => this.price(symbol), this.now()),
        partition,
      ),
    );
    this.archive.start();
  }

  /** Until when charts are read. While the log stands still, what it has not told is missing at their end. */
  private now(): number {
    return Math.max(this.state.logTime, this.parts.clock.now());
  }

  private price(symbol: AssetSymbol): number | undefined {
    return this.state.prices([symbol])[0]?.price;
  }

  private async take(entries: readonly Entry<TickBatch>[]): Promise<void> {
    const { bus, clock } = this.parts;
    const { told } = this.prices;
    const began = clock.now();
    for (const entry of entries) told.note(entry, this.state.apply(entry));
    this.measured.took(entries.length);
    if (told.isChanged) {
      await this.prices.publish(entries, began);
      this.measured.published(entries, clock.now());
    }
    await this.publishMovers();
    if (this.state.logTime - this.metricsAt >= METRICS_EVERY_MS) {
      this.metricsAt = this.state.logTime;
      this.statuses.look(this.state.prices(), this.state.excluded(), clock.now());
      await bus.publish('metrics', this.state.metrics()).catch(() => undefined);
    }
    const hole = this.state.takeHole();
    if (hole !== undefined) void this.mend(hole);
    if (clock.now() - this.checkpointAt >= (this.parts.checkpointEveryMs ?? CHECKPOINT_EVERY_MS)) {
      this.checkpointAt = clock.now();
      this.saving ??= this.save().finally(() => (this.saving = undefined));
    }
  }

  private learn(entries: readonly Entry<HistoryBatch>[]): void {
    for (const entry of entries) {
      if (this.state.applyHistory(entry) > 0) this.archive.touch(entry.event.symbol);
    }
  }

  /** Lists that could not be published are told again within seconds. */
  private async publishMovers(): Promise<void> {
    const { bus } = this.parts;
    for (const update of this.state.takeMovers()) {
      await bus
        .publish('movers', update)
        .catch((error: unknown) =>
          this.rare.warn('movers', { err: error, partition: this.partition }, 'movers could not be published'),
        );
    }
  }

  /** With the batch that the price follows from, as far as this process made it. */
  private explain(symbol: AssetSymbol): Explanation | null {
    const explanation = this.state.explain(symbol);
    const cause = this.prices.told.causeOf(symbol);
    return explanation && cause ? { ...explanation, trace: { partition: this.partition, ...cause } } : explanation;
  }

  private movers(timeframe: MoverWindow | undefined): MoversUpdate[] {
    const windows = timeframe === undefined ? MOVER_WINDOW_NAMES : [timeframe];
    return windows.flatMap((window) => this.state.moversOf(window) ?? []);
  }

  private counts(symbol: AssetSymbol): SymbolCounts {
    return { ...this.state.counts(symbol, this.now()), chartDataPoints: this.reader.dayPoints(symbol, this.now()) };
  }

  private async chart(request: ChartRequest): Promise<ChartAnswer> {
    const { symbol, range } = request;
    const now = this.now();
    const completeness = this.reader.completeness(symbol, range, now);
    if (this.seeds.wants(symbol, completeness, now)) await this.askForSeeding(symbol, 'chart');
    return this.reader.answer(request, this.seeds.of(symbol, completeness, now), now);
  }

  private async seedStates(symbols: readonly AssetSymbol[] | undefined): Promise<SeedState[]> {
    const { state, seeds, reader } = this;
    const slices = new Slices();
    const states: SeedState[] = [];
    // Who has neither prices nor charts can still have had a job; what seeders say is not told by partition.
    const own = [...seeds.symbols()].filter((symbol) => partitionOf(symbol, this.partitions) === this.partition);
    const all = new Set([...state.history.symbols(), ...state.prices().map(({ symbol }) => symbol), ...own]);
    for (const symbol of symbols ?? all) {
      const now = this.now();
      states.push(seeds.state(symbol, reader.dayCompleteness(symbol, now), now));
      await slices.breathe();
    }
    return states;
  }

  private async askForSeeding(symbol: AssetSymbol, reason: 'chart' | 'gap'): Promise<void> {
    const { bus, clock, log } = this.parts;
    this.seeds.ask(symbol, this.now());
    // A hole in the log is one in every chart: whoever looks at one of them does not wait behind all the others.
    const queue = reason === 'chart' ? 'seed.requested' : 'seed.deferred';
    try {
      await bus.publish(queue, { symbol, reason, requestedAt: clock.now() });
    } catch (error) {
      this.seeds.withdraw(symbol);
      log.warn({ err: error, symbol }, 'seeding could not be asked for');
    }
  }

  /** Where to read on, in the log of ticks and in that of history. */
  private async resume(): Promise<readonly [ticks: Position, history: Position]> {
    const { clock, log } = this.parts;
    const { partition, state, checkpoints } = this;
    try {
      if (await checkpoints.load(state)) {
        log.info({ partition, position: state.position }, 'partition goes on behind its checkpoint');
      }
    } catch (error) {
      // Of a store that is away nobody knows whether it has one: starting afresh would write over it.
      if (!(error instanceof CheckpointError)) throw error;
      log.warn({ err: error, partition }, 'the checkpoint cannot be used; the last minute of the log is read instead');
    }
    if (state.position === undefined) {
      const buckets = await this.archive.restore(this.parts.symbols);
      if (buckets > 0) log.info({ partition, buckets }, 'charts restored from what was saved of them');
    }
    return [
      state.position === undefined
        ? { at: 'since', time: clock.now() - REPLAY_MS }
        : { at: 'after', id: state.position },
      state.historyPosition === undefined ? { at: 'start' } : { at: 'after', id: state.historyPosition },
    ];
  }

  private async save(): Promise<void> {
    const { log, clock } = this.parts;
    const { partition, state, measured } = this;
    if (state.position === undefined && state.historyPosition === undefined) return;
    const began = performance.now();
    try {
      const saving = await this.checkpoints.save(state);
      if (saving === false)
        return log.warn({ partition }, 'the lease is lost: the checkpoint is left to the new owner');
      measured.saved(saving, performance.now() - began, clock.now());
      log.debug({ partition, ...saving }, 'checkpoint');
    } catch (error) {
      measured.unsaved();
      this.rare.warn('checkpoint', { err: error, partition }, 'the checkpoint could not be written');
    }
  }

  private report(gap: Gap): void {
    this.state.interrupt();
    this.parts.log.warn({ ...gap }, 'the log was trimmed before it was read: ticks are missing from candles');
  }

  /** Asks for what is missing now. Never rejects. */
  private async mend(hole: LogHole): Promise<void> {
    const seconds = Math.round((hole.to - hole.from) / 1000);
    this.parts.log.warn({ partition: this.partition, ...hole }, `nothing is known of ${seconds} s of the log`);
    if (hole.to - hole.from < WORTH_SEEDING_MS) return;
    for (const symbol of Array.from(this.state.history.symbols())) await this.askForSeeding(symbol, 'gap');
  }
}
