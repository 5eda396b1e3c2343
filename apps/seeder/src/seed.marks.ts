import { SEED_PHASES, seedWindowAt } from '@haunt/domain';
import { KEYS } from '@haunt/storage';
import { BucketLedger, type LedgerSnapshot } from './bucket-ledger.js';
import type { SeederParts } from './seeder.parts.js';

/** How a job ended. */
export interface SeedOutcome {
  readonly status: 'seeded' | 'failed';
  /** 100 unless it failed. */
  readonly progress: number;
  readonly message: string;
  /** `charts`: no more was wanted. */
  readonly upTo?: 'charts';
  readonly at: number;
}

interface Saved {
  readonly format: 1;
  readonly now: number;
  readonly progress: number;
  readonly providers: readonly string[];
  readonly ledgers: readonly LedgerSnapshot[];
  readonly outcome?: SeedOutcome;
}

type MarkParts = Pick<SeederParts, 'store' | 'clock' | 'log'>;

/**
 * How far the seeding of one asset came: kept in the store, so that whoever goes on after a crash asks for no page twice and
 * its progress does not go back.
 */
export class SeedMarks {
  /** 0..100 */
  progress = 0;
  /** Those whose candles were taken, by their names for people. */
  readonly providers = new Set<string>();
  outcome: SeedOutcome | undefined;
  private saving: Promise<void> = Promise.resolve();
  /** A write that has not begun: it will have the state of then, and serves all who ask meanwhile. */
  private next: Promise<void> | undefined;

  private constructor(
    private readonly parts: MarkParts,
    readonly symbol: string,
    /** When the job began, epoch ms: its windows end there, however often it is resumed. */
    readonly now: number,
    private readonly ledgers: ReadonlyMap<number, BucketLedger>,
    /** Somebody began, and did not come to the end. */
    readonly resumed: boolean,
  ) {}

  /** What was left by whoever worked on it last, done or not. Marks that cannot be read are none. @throws when the store cannot be asked. */
  static async load(parts: MarkParts, symbol: string): Promise<SeedMarks | undefined> {
    const text = await parts.store.get(KEYS.seedJob(symbol).name);
    if (text === undefined) return undefined;
    try {
      const saved = JSON.parse(text.toString('utf8')) as Saved;
      if (saved.format !== 1) throw new Error(`format ${String(saved.format)} is not 1`);
      const ledgers = new Map(saved.ledgers.map((ledger) => [ledger.bucketMs, BucketLedger.restore(ledger)]));
      const marks = new SeedMarks(parts, symbol, saved.now, ledgers, saved.outcome === undefined);
      marks.progress = saved.progress;
      marks.outcome = saved.outcome;
      for (const provider of saved.providers) marks.providers.add(provider);
      return marks;
    } catch (error) {
      parts.log.warn({ err: error, symbol }, 'the marks of a seeding job cannot be read; it begins anew');
      return undefined;
    }
  }

  /** Of a job that begins now, with everything missing. */
  static begin(parts: MarkParts, symbol: string): SeedMarks {
    const now = parts.clock.now();
    const ledgers = new Map<number, BucketLedger>();
    for (const window of SEED_PHASES.flatMap(({ windows }) => windows)) {
      const { from, to } = seedWindowAt(window, now);
      const known = ledgers.get(window.bucketMs);
      if (known === undefined || from < known.from)
        ledgers.set(window.bucketMs, new BucketLedger(window.bucketMs, from, to));
    }
    return new SeedMarks(parts, symbol, now, ledgers, false);
  }

  /** @throws RangeError for a width that is not in the plan. */
  ledger(bucketMs: number): BucketLedger {
    const ledger = this.ledgers.get(bucketMs);
    if (ledger === undefined) throw new RangeError(`no buckets of ${bucketMs} ms are kept`);
    return ledger;
  }

  /**
   * Writes them down; resolves when the state of now, or a later one, is written. One write at a time. A store that is away
   * costs at most a second fetch of what was not written.
   */
  save(): Promise<void> {
    this.next ??= this.saving.then(() => {
      this.next = undefined;
      this.saving = this.write();
      return this.saving;
    });
    return this.next;
  }

  private async write(): Promise<void> {
    const { store, log } = this.parts;
    const saved: Saved = {
      format: 1,
      now: this.now,
      progress: this.progress,
      providers: [...this.providers],
      ledgers: this.outcome === undefined ? [...this.ledgers.values()].map((ledger) => ledger.snapshot()) : [],
      ...(this.outcome && { outcome: this.outcome }),
    };
    const { name, ttlMs } = KEYS.seedJob(this.symbol);
    try {
      await store.set(name, JSON.stringify(saved), ttlMs);
    } catch (error) {
      log.warn({ err: error, symbol: this.symbol }, 'the marks of a seeding job could not be written');
    }
  }
}
