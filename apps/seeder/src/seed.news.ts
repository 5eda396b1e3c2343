import type { SeedProgress } from '@haunt/contracts';
import type { SeedMarks, SeedOutcome } from './seed.marks.js';
import type { SeederParts } from './seeder.parts.js';

/** Tells how a job goes: in order, never back, and not more often than the number of percent changes. */
export class SeedNews {
  private message = '';
  private told = -1;
  private telling: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: Pick<SeederParts, 'bus' | 'clock' | 'log'>,
    private readonly marks: SeedMarks,
  ) {}

  /** What is being done now. */
  say(message: string): Promise<void> {
    this.message = message;
    return this.tell({ status: 'seeding', progress: Math.floor(this.marks.progress), message });
  }

  /** The marks' progress may have changed. */
  async moved(): Promise<void> {
    const progress = Math.floor(this.marks.progress);
    if (progress > this.told) await this.tell({ status: 'seeding', progress, message: this.message });
  }

  /** The last word. */
  end({ status, progress, message }: Omit<SeedOutcome, 'at'>): Promise<void> {
    return this.tell({ status, progress: Math.floor(progress), message });
  }

  /** Never rejects: what was not told is superseded by the next. */
  private tell(news: Pick<SeedProgress, 'status' | 'progress' | 'message'>): Promise<void> {
    const { bus, clock, log } = this.parts;
    this.told = Math.max(this.told, news.progress);
    const event: SeedProgress = { symbol: this.marks.symbol, ...news, at: clock.now() };
    const told = this.telling.then(() => bus.publish('seed.progress', event));
    this.telling = told.then(
      () => undefined,
      (error: unknown) => log.debug({ err: error, symbol: event.symbol }, 'progress could not be told'),
    );
    return this.telling;
  }
}
