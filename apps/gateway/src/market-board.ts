import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Consumption, EventBus } from '@haunt/bus';
import type { MarketNews, MarketSubject, MarketUpdate, Told } from '@haunt/contracts';
import type { FearGreed, GlobalFigures } from '@haunt/domain';
import { Log } from '@haunt/platform';
import { KEYS, KeyValueStore } from '@haunt/storage';

export type MarketListener = (update: MarketUpdate) => void;

/** Projection of `market`: what was told last of the whole market and its mood, and why there is nothing newer. */
@Injectable()
export class MarketBoard implements OnModuleInit, OnModuleDestroy {
  private news: MarketNews = { troubles: {} };
  private heard = false;
  private changes = 0;
  private figures: MarketUpdate | undefined;
  private readonly listeners: MarketListener[] = [];
  private tail: Consumption | undefined;

  constructor(
    private readonly bus: EventBus,
    private readonly store: KeyValueStore,
    private readonly log: Log,
  ) {}

  /** `listener` hears of every change of the figures. */
  onChange(listener: MarketListener): void {
    this.listeners.push(listener);
  }

  /** Grows with everything that is told. */
  get revision(): number {
    return this.changes;
  }

  /** The figures of the whole market as live clients get them, the same object until they change; undefined before there are any. */
  get update(): MarketUpdate | undefined {
    return this.figures;
  }

  get global(): Told<GlobalFigures> | undefined {
    return this.news.global;
  }

  get fearGreed(): Told<FearGreed> | undefined {
    return this.news.fearGreed;
  }

  /** Why the last attempt gave nothing; undefined when it went well, or there was none. */
  troubleWith(subject: MarketSubject): string | undefined {
    return this.news.troubles[subject]?.message;
  }

  onModuleInit(): void {
    this.tail = this.bus.consume('market', (entries) => entries.forEach(({ event }) => this.hear(event)), {
      from: { at: 'now' },
      onGap: () => void this.restore(),
    });
    void this.restore();
  }

  async onModuleDestroy(): Promise<void> {
    await this.tail?.close();
  }

  hear(news: MarketNews): void {
    const before = this.news.global?.value;
    this.heard = true;
    this.changes++;
    this.news = news;
    const now = news.global?.value;
    if (now === undefined || (before !== undefined && !differs(before, now))) return;
    this.figures = updateOf(now);
    for (const listener of this.listeners) listener(this.figures);
  }

  /** What was known before this process. A store that does not answer costs nothing but that. */
  private async restore(): Promise<void> {
    try {
      const kept = await this.store.get(KEYS.market().name);
      if (kept === undefined || this.heard) return;
      this.news = JSON.parse(kept.toString('utf8')) as MarketNews;
      this.changes++;
      this.figures = this.news.global && updateOf(this.news.global.value);
    } catch (error) {
      this.log.warn({ err: error }, 'the state of the market as it was kept cannot be read');
    }
  }
}

function updateOf({ totalMarketCap, totalVolume24h, btcDominance, updatedAt }: GlobalFigures): MarketUpdate {
  return { totalMarketCap, totalVolume24h, btcDominance, timestamp: updatedAt };
}

function differs(a: GlobalFigures, b: GlobalFigures): boolean {
  return (
    a.totalMarketCap !== b.totalMarketCap || a.totalVolume24h !== b.totalVolume24h || a.btcDominance !== b.btcDominance
  );
}
