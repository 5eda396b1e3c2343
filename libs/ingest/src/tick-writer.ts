import { randomUUID } from 'node:crypto';
import type { EventBus } from '@haunt/bus';
import { partitionOf } from '@haunt/contracts';
import { batchId, RATE_SYMBOLS, type SourceId, type Tick, type TickBatch, type Ticker } from '@haunt/domain';
import { type Log, noTracing, type Tracing } from '@haunt/platform';
import { BatchLane } from './batch-lane.js';
import type { LogTime } from './log-time.js';

const BEAT_MS = 1_000;
/** A bus that neither takes nor refuses must not keep the process from ending. */
const FLUSH_MS = 2_000;

export interface WriterParts {
  readonly source: SourceId;
  readonly partitions: number;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly time: LogTime;
  readonly log: Pick<Log, 'info' | 'warn'> & Partial<Pick<Log, 'trace' | 'isTracing'>>;
  readonly tracing?: Tracing;
  /** The log takes nothing; the message says why. */
  readonly onTrouble?: (message: string) => void;
  readonly onDropped?: (items: number) => void;
  /** From the venue's own time to ours, ms; told of one trade per batch. */
  readonly onDelay?: (ms: number) => void;
}

/**
 * Writes one source's ticks and tickers to the log, in batches, each to the partition of its asset; those that the
 * stablecoin rates come from to every partition. Once a second, a partition that got nothing gets an empty batch.
 */
export class TickWriter {
  private readonly lanes: readonly BatchLane[];
  private readonly writer = randomUUID();
  private timer: NodeJS.Timeout | undefined;
  private lost = 0;

  constructor(private readonly parts: WriterParts) {
    this.lanes = Array.from({ length: parts.partitions }, (_, partition) => this.lane(partition));
  }

  /** Items on their way into the log. */
  get queued(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.queued, 0);
  }

  /** Items given up so far because the bus refused them for too long. */
  get dropped(): number {
    return this.lost;
  }

  /** Starts the heartbeat. */
  start(): void {
    this.timer = setInterval(() => {
      for (const lane of this.lanes) lane.beat();
    }, BEAT_MS);
  }

  tick(tick: Tick): void {
    if (RATE_SYMBOLS.has(tick.symbol)) for (const lane of this.lanes) lane.tick(tick);
    else this.lanes[partitionOf(tick.symbol, this.lanes.length)]!.tick(tick);
  }

  ticker(ticker: Ticker): void {
    if (RATE_SYMBOLS.has(ticker.symbol)) for (const lane of this.lanes) lane.ticker(ticker);
    else this.lanes[partitionOf(ticker.symbol, this.lanes.length)]!.ticker(ticker);
  }

  /** Stops the heartbeat and sends what there is; resolves within 2 s even if the bus does not answer. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    let giveUp: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      giveUp = setTimeout(resolve, FLUSH_MS);
    });
    await Promise.race([Promise.all(this.lanes.map((lane) => lane.flush())), late]);
    clearTimeout(giveUp);
  }

  private lane(partition: number): BatchLane {
    const { source, time } = this.parts;
    return new BatchLane({
      source,
      writer: this.writer,
      time,
      publish: (batch) => this.publish(batch, partition),
      trouble: (message) => this.trouble(partition, message),
      dropped: (items) => {
        this.lost += items;
        this.parts.onDropped?.(items);
      },
    });
  }

  private publish(batch: TickBatch, partition: number): Promise<unknown> {
    const { bus, log, onDelay, tracing = noTracing } = this.parts;
    const last = batch.ticks.at(-1);
    if (last !== undefined) onDelay?.(batch.receivedAt - last.time);
    if (!tracing.isOn && log.isTracing !== true) return bus.publish('ticks', batch, partition);
    return this.publishTraced(batch, partition, tracing);
  }

  private async publishTraced(batch: TickBatch, partition: number, tracing: Tracing): Promise<void> {
    const { source, bus, log } = this.parts;
    const { ticks, tickers, receivedAt } = batch;
    const fields = { source, partition, batch: batchId(batch), ticks: ticks.length, tickers: tickers.length };
    // A heartbeat says nothing of a price.
    const isEmpty = ticks.length + tickers.length === 0;
    const span = isEmpty ? undefined : tracing.start('ingest batch', { kind: 'producer', at: receivedAt, fields });
    const traceparent = span?.traceparent;
    try {
      const entry = await bus.publish(
        'ticks',
        batch,
        partition,
        traceparent === undefined ? undefined : { traceparent },
      );
      span?.end({ entry });
      if (!isEmpty) log.trace?.({ ...fields, entry, symbols: symbolsOf(batch), traceparent }, 'batch written');
    } catch (error) {
      span?.end({}, error);
      throw error;
    }
  }

  private trouble(partition: number, message: string | undefined): void {
    const { source, log, onTrouble } = this.parts;
    if (message === undefined) {
      log.info({ source, partition, dropped: this.lost }, `the log takes the ticks of ${source} again`);
      return;
    }
    log.warn({ source, partition, error: message }, `the log refuses the ticks of ${source}; the newest are kept`);
    onTrouble?.(`ticks cannot be published: ${message}`);
  }
}

function symbolsOf({ ticks, tickers }: TickBatch): string[] {
  return [...new Set([...ticks, ...tickers].map(({ symbol }) => symbol))];
}
