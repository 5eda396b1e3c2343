import { Inject, Injectable } from '@nestjs/common';
import { DeadlineError, EventBus } from '@haunt/bus';
import { partitionOf, type Problem, type SeedAnswer, type SeedRequest, type SeedState } from '@haunt/contracts';
import type { AssetSymbol } from '@haunt/domain';
import { Clock, CONFIG, type Config, Log } from '@haunt/platform';
import { kind } from '../described.js';
import { MarketClient } from '../market-client.js';
import { type Queued, SeedBoard } from '../seed-board.js';
import { Assets } from './assets.js';
import { ProblemError } from './problem.js';
import { SeedTurns } from './seed-turns.js';

type Reason = Extract<SeedRequest['reason'], 'manual' | 'batch'>;

/** Requests by hand that may wait behind others; together they take a quarter of an hour. */
const MOST_WAITING = 100;

/** Has history fetched when somebody asks for it, and says how far that is. */
@Injectable()
export class Seeding {
  private readonly turns = new SeedTurns();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly bus: EventBus,
    private readonly market: MarketClient,
    private readonly board: SeedBoard,
    private readonly assets: Assets,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * @param id a symbol or CoinMarketCap id
   * @param asker whose request this is: a few of each go before all that has time, those beyond behind it
   * @throws ProblemError 404 for an unknown asset, 429 when too many wait, 503 when nobody can be asked.
   */
  async request(id: string, asker: string): Promise<SeedAnswer> {
    const symbol = this.assets.symbolOf(id.trim());
    const answer = (await this.requestAll([symbol], 'manual', asker)).get(symbol) as SeedAnswer;
    if (answer.status === 'failed') throw new ProblemError(503, 'not_ready', answer.message);
    return answer;
  }

  /** An answer for every entry, in that order; one that names no asset is `failed` and says why. */
  async requestBatch(entries: readonly unknown[]): Promise<SeedAnswer[]> {
    const named = entries.map((entry, index) => this.named(entry, index));
    const symbols = named.flatMap((name) => (typeof name === 'string' ? [name] : []));
    const answers = await this.requestAll([...new Set(symbols)], 'batch');
    return named.map((name) => (typeof name === 'string' ? (answers.get(name) as SeedAnswer) : name));
  }

  /** How seeding stands for every known asset, the largest first. @throws DeadlineError when a partition does not answer. */
  async states(): Promise<SeedState[]> {
    const told = await Promise.all(
      Array.from({ length: this.config.partitions }, (_, partition) => this.market.seedStates(partition)),
    );
    const states = new Map(told.flat().map((state) => [state.symbol, state]));
    const rank = (symbol: AssetSymbol): number => this.assets.rankOf(symbol);
    const symbols = [...new Set([...this.assets.symbols(), ...states.keys()])].sort((a, b) =>
      rank(a) === rank(b) ? (a < b ? -1 : 1) : rank(a) - rank(b),
    );
    return symbols.map((symbol) => {
      // What clients are told as it happens, they must not be told otherwise when they ask.
      const running = this.board.running(symbol);
      if (running !== undefined) return { ...running, status: 'seeding' };
      return (
        states.get(symbol) ?? {
          symbol,
          status: 'not_seeded',
          progress: 0,
          message: 'No history, and no job of it is known',
        }
      );
    });
  }

  private async requestAll(
    symbols: readonly AssetSymbol[],
    reason: Reason,
    asker = '',
  ): Promise<Map<AssetSymbol, SeedAnswer>> {
    const idle = symbols.filter((symbol) => this.board.running(symbol) === undefined);
    const states = await this.statesOf(idle);
    const answers = symbols.map(async (symbol): Promise<[AssetSymbol, SeedAnswer]> => {
      const running = this.board.running(symbol);
      if (running !== undefined) {
        // Whoever asks for it by hand does not wait behind a batch that has it too.
        const moves = reason === 'manual' && this.isBehind(symbol) && this.turns.take(asker, this.clock.now());
        if (moves) return [symbol, await this.publish(symbol, reason, 'next')];
        return [symbol, { symbol, status: 'seeding', message: running.message }];
      }
      const state = states.get(symbol);
      if (state?.status === 'seeding' || state?.status === 'seeded')
        return [symbol, { symbol, status: state.status, message: state.message }];
      return [symbol, await this.publish(symbol, reason, reason === 'batch' ? 'batch' : this.placeOf(asker))];
    });
    return new Map(await Promise.all(answers));
  }

  private isBehind(symbol: AssetSymbol): boolean {
    const queued = this.board.queued(symbol);
    return queued === 'deferred' || queued === 'batch';
  }

  /** @throws ProblemError 429 */
  private placeOf(asker: string): Queued {
    if (this.turns.take(asker, this.clock.now())) return 'next';
    const waiting = this.board.waiting('deferred');
    if (waiting < MOST_WAITING) return 'deferred';
    throw new ProblemError(
      429,
      'too_many_requests',
      `${waiting} seeding requests are waiting already, at most ${MOST_WAITING} may; try again in a few seconds`,
    );
  }

  private async publish(symbol: AssetSymbol, reason: Reason, queued: Queued): Promise<SeedAnswer> {
    const name = this.assets.nameOf(symbol);
    const queue = queued === 'next' ? 'seed.requested' : 'seed.deferred';
    try {
      await this.bus.publish(queue, { symbol, reason, requestedAt: this.clock.now() });
    } catch (error) {
      this.log.warn({ err: error, symbol }, 'a seeding request could not be published');
      return {
        symbol,
        status: 'failed',
        message: `no seeder can be asked for ${name} now; try again in a few seconds`,
      };
    }
    this.board.queue(symbol, queued);
    const when = queued === 'next' ? 'as soon as a seeder is free' : 'when those that were asked for before are done';
    return { symbol, status: 'seeding', message: `The history of ${name} will be fetched ${when}` };
  }

  /** What the aggregator says of these. Where it does not, asking a seeder once too often does no harm. */
  private async statesOf(symbols: readonly AssetSymbol[]): Promise<Map<AssetSymbol, SeedState>> {
    const partitions = new Map<number, AssetSymbol[]>();
    for (const symbol of symbols) {
      const partition = partitionOf(symbol, this.config.partitions);
      partitions.set(partition, [...(partitions.get(partition) ?? []), symbol]);
    }
    const told = await Promise.all(
      Array.from(partitions, async ([partition, its]) => {
        try {
          return await this.market.seedStates(partition, its);
        } catch (error) {
          if (!(error instanceof DeadlineError)) throw error;
          this.log.debug({ partition }, 'the aggregator does not say how seeding stands');
          return [];
        }
      }),
    );
    return new Map(told.flat().map((state) => [state.symbol, state]));
  }

  private named(entry: unknown, index: number): AssetSymbol | SeedAnswer {
    if (typeof entry !== 'string' || entry.trim() === '') {
      const message = `"symbols[${index}]" must be a symbol such as "btc"; it is ${kind(entry)}`;
      return { symbol: typeof entry === 'string' ? entry : JSON.stringify(entry), status: 'failed', message };
    }
    try {
      return this.assets.symbolOf(entry.trim());
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { symbol: entry, status: 'failed', message: (error.getResponse() as Problem).error };
    }
  }
}
