import { MemoryBus } from '@haunt/bus';
import type { HistoryCandle, HistoryGaps, HistoryGrade, SeedProgress, SeedRequest } from '@haunt/contracts';
import { BUILT_IN, indexAssets, type Registry, SERIES, SOURCE_IDS, type SourceId } from '@haunt/domain';
import { type Config, Metrics, silentLog } from '@haunt/platform';
import { Seeder } from '../src/seeder.js';
import type { SeederParts } from '../src/seeder.parts.js';
import { type FakeProvider, FakeHistory } from './fake-history.js';
import { FakeTime } from './fake-time.js';
import { MemoryStore } from './memory-store.js';

export interface Kept extends HistoryCandle {
  readonly provider: string;
  readonly grade: HistoryGrade;
}

export interface HouseOptions {
  /** What is followed; undefined: what the registry says. Absent: nothing. */
  readonly symbols?: readonly string[] | undefined;
  readonly keys?: Config['keys'];
  /** False: nobody answers what is missing. */
  readonly aggregator?: boolean;
  readonly latencyMs?: number;
}

/** Bus, store and providers around seeders, and an aggregator that keeps what it is sent. */
export class House {
  readonly time = new FakeTime();
  readonly bus: MemoryBus;
  readonly store = new MemoryStore(this.time);
  readonly history: FakeHistory;
  readonly news: SeedProgress[] = [];
  /** By symbol/width, then by time. */
  readonly kept = new Map<string, Map<number, Kept>>();
  /** Who is who, as the last listing said. */
  registry: Registry = BUILT_IN;
  /** How often a bucket was sent that had been sent before. */
  repeats = 0;
  private readonly seeders: Seeder[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(
    providers: readonly FakeProvider[],
    private readonly options: HouseOptions = {},
  ) {
    const { time } = this;
    this.history = new FakeHistory(time, providers, options.latencyMs);
    const backoff = { firstMs: 1, maxMs: 1 };
    this.bus = new MemoryBus({
      now: () => time.now(),
      backoff,
      deadlines: { 'history.missing': options.aggregator === false ? 1 : 5_000 },
    });
    this.bus.consume('seed.progress', (entries) => {
      for (const { event } of entries) this.news.push(event);
      for (const look of this.waiting) look();
    });
    this.bus.consume('history', (entries) => {
      for (const { event } of entries) {
        const kept = this.series(event.symbol, event.bucketMs);
        for (const candle of event.candles) {
          if (kept.has(candle.time)) this.repeats++;
          kept.set(candle.time, { ...candle, provider: event.provider, grade: event.grade });
        }
      }
    });
    if (options.aggregator !== false) this.bus.answer('history.missing', ({ symbol }) => this.gaps(symbol));
  }

  series(symbol: string, bucketMs: number): Map<number, Kept> {
    const name = `${symbol}/${bucketMs}`;
    let kept = this.kept.get(name);
    if (kept === undefined) this.kept.set(name, (kept = new Map<number, Kept>()));
    return kept;
  }

  /** What a seeder of this house is made of. */
  parts(me = 'one'): SeederParts {
    const { time, bus, store, history, options } = this;
    const { keys = {} } = options;
    const symbols = 'symbols' in options ? options.symbols : [];
    const registry = (): Registry => this.registry;
    return {
      assets: {
        get registry() {
          return registry();
        },
        find: (name) => indexAssets(registry().assets).find(name),
        kept: (symbol) => registry().assets.find((asset) => asset.symbol === symbol),
      },
      config: { symbols, sources: SOURCE_IDS, partitions: 1, addresses: {}, keys },
      bus,
      store,
      http: history.http,
      clock: time,
      log: silentLog,
      metrics: new Metrics(),
      sources: history.sources,
      sleep: time.sleep,
      random: () => 0.5,
      me,
    };
  }

  seeder(me = 'one'): Seeder {
    const seeder = new Seeder(this.parts(me));
    seeder.onApplicationBootstrap();
    this.seeders.push(seeder);
    return seeder;
  }

  async request(symbol: string, reason: SeedRequest['reason'] = 'manual', upTo?: 'charts'): Promise<void> {
    await this.bus.publish(reason === 'batch' ? 'seed.deferred' : 'seed.requested', {
      symbol,
      reason,
      ...(upTo && { upTo }),
      requestedAt: this.time.now(),
    });
  }

  /** Lets time pass until there was news like this since `from`. */
  async heard(match: (news: SeedProgress) => boolean, from = 0): Promise<SeedProgress> {
    const found = (): SeedProgress | undefined => this.news.slice(from).find(match);
    await this.time.until(
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (found() === undefined) return;
          this.waiting.delete(look);
          resolve();
        };
        this.waiting.add(look);
        look();
      }),
    );
    return found()!;
  }

  /** Asks for an asset and waits for the end of its job. */
  async seeded(symbol: string, reason: SeedRequest['reason'] = 'manual', upTo?: 'charts'): Promise<SeedProgress> {
    const from = this.news.length;
    await this.request(symbol, reason, upTo);
    return this.heard((news) => news.symbol === symbol && news.status !== 'seeding', from);
  }

  /** Share of a series that has candles. */
  completeness(symbol: string, bucketMs: number): number {
    const { buckets } = SERIES.find((series) => series.bucketMs === bucketMs)!;
    return this.series(symbol, bucketMs).size / buckets;
  }

  async close(): Promise<void> {
    await this.time.until(Promise.all(this.seeders.map((seeder) => seeder.onModuleDestroy())));
    await this.bus.close();
  }

  private gaps(symbol: string): HistoryGaps[] {
    return SERIES.map(({ bucketMs, buckets }) => {
      const to = Math.floor(this.time.now() / bucketMs) * bucketMs;
      const from = to - buckets * bucketMs;
      const kept = this.series(symbol, bucketMs);
      const missing: [number, number][] = [];
      for (let time = from; time < to; time += bucketMs) {
        if (kept.has(time)) continue;
        const last = missing.at(-1);
        if (last?.[1] === time) last[1] += bucketMs;
        else missing.push([time, time + bucketMs]);
      }
      return { bucketMs, from, to, missing, weak: [] };
    });
  }
}

/** A venue that lists these assets in this currency. */
export function venue(id: SourceId, symbols: readonly string[], quote = 'usd'): Pick<FakeProvider, 'id' | 'pairs'> {
  return { id, pairs: symbols.map((symbol) => ({ pair: `${symbol}-${quote}`, symbol, quote })) };
}
