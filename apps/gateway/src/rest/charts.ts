import { Injectable } from '@nestjs/common';
import type { AssetSymbol, ChartRange } from '@haunt/domain';
import { performance } from 'node:perf_hooks';
import { MarketClient } from '../market-client.js';
import type { EncodedAnswer } from './encoded-answers.js';
import { EncodedBody } from './encoded-body.js';
import { Envelopes } from './envelope.js';

/** How long an answer serves everybody who asks the same. */
const FRESH_MS = 100;
/** Answers kept, so that the aggregator need not tell a chart again that has not changed; a long one has some 80 kB. */
const KEPT = 256;

/** A chart, encoded for everybody who asks for it. */
export interface KeptChart extends EncodedAnswer {
  readonly revision: string;
  /** When the aggregator said so, ms of a clock that does not go back. */
  askedAt: number;
}

/** Charts as the aggregator told them a moment ago. However many ask for the same one, it is asked once, and encoded once. */
@Injectable()
export class Charts {
  /** Those asked for least recently come first. */
  private readonly kept = new Map<string, KeptChart>();
  private readonly pending = new Map<string, Promise<KeptChart>>();

  constructor(
    private readonly market: MarketClient,
    private readonly envelopes: Envelopes,
  ) {}

  /** At once if it was told just now, otherwise when the aggregator has. The promise rejects with its DeadlineError. */
  get(symbol: AssetSymbol, range: ChartRange): KeptChart | Promise<KeptChart> {
    const key = `${symbol}/${range}`;
    const kept = this.kept.get(key);
    if (kept !== undefined && performance.now() - kept.askedAt < FRESH_MS && this.isValid(kept)) return kept;
    const pending = this.pending.get(key);
    if (pending !== undefined) return pending;
    const asking = this.ask(key, symbol, range).finally(() => this.pending.delete(key));
    this.pending.set(key, asking);
    return asking;
  }

  private async ask(key: string, symbol: AssetSymbol, range: ChartRange): Promise<KeptChart> {
    const before = this.kept.get(key);
    const known = before !== undefined && this.isValid(before) ? before : undefined;
    const { revision, chart } = await this.market.chart({ symbol, range, ...(known && { known: known.revision }) });
    const askedAt = performance.now();
    if (chart === undefined) {
      if (known === undefined) throw new Error(`the aggregator left out a chart that was not known: ${key}`);
      known.askedAt = askedAt;
      this.keep(key, known);
      return known;
    }
    const envelope = this.envelopes.wrap(chart);
    const body = new EncodedBody(JSON.stringify(envelope));
    const kept = { revision, simulated: envelope.meta.simulated === true, body, askedAt };
    this.keep(key, kept);
    return kept;
  }

  private isValid({ simulated }: KeptChart): boolean {
    return simulated === this.envelopes.simulated;
  }

  private keep(key: string, chart: KeptChart): void {
    this.kept.delete(key);
    this.kept.set(key, chart);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value as string);
  }
}
