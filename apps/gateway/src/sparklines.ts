import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Sparkline } from '@haunt/contracts';
import type { AssetSymbol } from '@haunt/domain';
import { Clock, CONFIG, type Config, Log } from '@haunt/platform';
import { MarketClient } from './market-client.js';

const REFRESH_MS = 10_000;
const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;
/** A change over an hour that was true this long ago says nothing any more; hourly closes still do. */
const CHANGES_TRUE_MS = 60_000;

/**
 * Projection of the last seven days of every asset that has a history, asked for every few seconds: nobody who asks for an
 * asset or a list of them waits for it.
 */
@Injectable()
export class Sparklines implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly lines = new Map<AssetSymbol, { readonly at: number; readonly line: Sparkline }>();
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private closed = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly market: MarketClient,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    for (let partition = 0; partition < this.config.partitions; partition++) void this.ask(partition, RETRY_FIRST_MS);
  }

  onModuleDestroy(): void {
    this.closed = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  /** Of a symbol in lower case; undefined where no history is known. The changes are absent when they may have become wrong. */
  of(symbol: AssetSymbol): Sparkline | undefined {
    const heard = this.lines.get(symbol);
    if (heard === undefined || this.clock.now() - heard.at <= CHANGES_TRUE_MS) return heard?.line;
    return { symbol, closes: heard.line.closes };
  }

  private async ask(partition: number, retryMs: number): Promise<void> {
    let nextMs = REFRESH_MS;
    let nextRetryMs = RETRY_FIRST_MS;
    try {
      const lines = await this.market.sparklines(partition);
      const at = this.clock.now();
      for (const line of lines) this.lines.set(line.symbol, { at, line });
    } catch (error) {
      // The aggregator may well start after us, or move: what is known stays.
      this.log.debug({ partition, err: error }, 'the aggregator has not told its sparklines');
      nextMs = retryMs;
      nextRetryMs = Math.min(2 * retryMs, RETRY_MOST_MS);
    }
    if (this.closed) return;
    this.timers.set(
      partition,
      setTimeout(() => void this.ask(partition, nextRetryMs), nextMs),
    );
  }
}
