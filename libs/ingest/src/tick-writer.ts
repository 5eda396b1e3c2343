import { randomUUID } from 'node:crypto';
import type { EventBus } from '@haunt/bus';
import { partitionOf } from '@haunt/contracts';
import { RATE_SYMBOLS, type SourceId, type Tick, type Ticker } from '@haunt/domain';
import type { Log } from '@haunt/platform';
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
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** The log takes nothing; the message says why. */
  readonly onTrouble?: (message: string) => void;
  readonly onDropped?: (items: number) => void;
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
    const { source, bus, time } = this.parts;
    return new BatchLane({
      source,
      writer: this.writer,
      time,
      publish: (batch) => bus.publish('ticks', batch, partition),
      trouble: (message) => this.trouble(partition, message),
      dropped: (items) => {
        this.lost += items;
        this.parts.onDropped?.(items);
      },
    });
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
