import {
  type AssetSymbol,
  type Candle,
  type ChartBook,
  CHART_RANGES,
  type ChartRange,
  PROVENANCE,
  type Provenance,
  SERIES,
} from '@haunt/domain';
import type { Log } from '@haunt/platform';
import { type KeyValueStore, KEYS, type StoreKey } from '@haunt/storage';

const HOUR = 3_600_000;
const RANGES = Object.keys(CHART_RANGES) as ChartRange[];
/** One document at a time, so that nobody waits for it, with this long between two of them. */
const TURN_MS = 20;
/** When nothing is due, it is looked again after this. */
const LOOK_MS = 1_000;
/** History comes in many pieces: the documents are written when the last one is this old. */
const SETTLED_MS = 3_000;

/** [start (epoch ms), open, high, low, close, volume (-1: unknown), provenance] */
type Row = readonly [number, number, number, number, number, number, Provenance];

/** What is under `haunt:chart:<symbol>:<range>`: every bucket of the range that somebody saw. */
interface ChartDocument {
  readonly symbol: AssetSymbol;
  readonly range: ChartRange;
  readonly bucketMs: number;
  /** Epoch ms. */
  readonly savedAt: number;
  readonly candles: readonly Row[];
}

/** One document: how often it is written, when in that time, and in which period it was last. */
interface Duty {
  readonly symbol: AssetSymbol;
  readonly range: ChartRange | 'sparkline';
  readonly everyMs: number;
  readonly offsetMs: number;
  period: number;
}

/**
 * Charts and sparklines as documents in the store, each written as often as its buckets end, spread over that time. They
 * are for a start that finds no checkpoint, and for whoever looks into the store.
 */
export class ChartArchive {
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private readonly duties = new Map<AssetSymbol, readonly Duty[]>();
  /** When history last came for an asset. */
  private readonly touched = new Map<AssetSymbol, number>();
  private due: Duty[] = [];
  private lookedAt = 0;
  private failing = false;

  constructor(
    private readonly store: KeyValueStore,
    private readonly charts: () => ChartBook,
    private readonly log: Log,
    private readonly now: () => number,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.writing ??= this.turn().finally(() => (this.writing = undefined));
    }, TURN_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
  }

  /** Puts what the documents say of `symbols` into the charts, each bucket at its own time. Returns how many buckets. */
  async restore(symbols: readonly AssetSymbol[]): Promise<number> {
    let taken = 0;
    for (const symbol of symbols) {
      const values = await Promise.all(RANGES.map((range) => this.store.get(KEYS.chart(symbol, range).name)));
      for (const value of values) if (value !== undefined) taken += this.take(symbol, value);
    }
    return taken;
  }

  private take(symbol: AssetSymbol, value: Buffer): number {
    let taken = 0;
    try {
      const { bucketMs, candles } = JSON.parse(value.toString()) as ChartDocument;
      for (const grade of Object.keys(PROVENANCE) as Provenance[]) {
        const rows = candles
          .filter((row) => row[6] === grade)
          .map(([time, open, high, low, close, volume]) => ({ time, open, high, low, close, volume }));
        taken += this.charts().merge(symbol, bucketMs, grade, rows, this.now());
      }
    } catch (error) {
      this.log.warn({ err: error, symbol }, 'a saved chart cannot be read');
    }
    return taken;
  }

  /** History came for an asset: its documents are out of date whatever their period. */
  touch(symbol: AssetSymbol): void {
    this.touched.set(symbol, this.now());
  }

  private async turn(): Promise<void> {
    const now = this.now();
    if (this.due.length === 0 && Math.abs(now - this.lookedAt) >= LOOK_MS) {
      this.lookedAt = now;
      this.due = this.findDue(now);
    }
    const duty = this.due.pop();
    if (duty === undefined) return;
    const text =
      duty.range === 'sparkline' ? this.sparkline(duty.symbol, now) : this.chart(duty.symbol, duty.range, now);
    if (text === undefined) return;
    const { name, ttlMs } = keyOf(duty);
    try {
      await this.store.set(name, text, ttlMs);
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.log.warn({ err: error }, 'charts cannot be saved');
      this.failing = true;
    }
  }

  private findDue(now: number): Duty[] {
    const due: Duty[] = [];
    for (const symbol of this.charts().symbols()) {
      let duties = this.duties.get(symbol);
      if (duties === undefined) this.duties.set(symbol, (duties = dutiesOf(symbol)));
      const touchedAt = this.touched.get(symbol);
      const isOutdated = touchedAt !== undefined && now - touchedAt >= SETTLED_MS;
      if (isOutdated) this.touched.delete(symbol);
      for (const duty of duties) {
        const period = Math.floor((now - duty.offsetMs) / duty.everyMs);
        if (period === duty.period && !isOutdated) continue;
        duty.period = period;
        due.push(duty);
      }
    }
    return due;
  }

  private chart(symbol: AssetSymbol, range: ChartRange, now: number): string | undefined {
    const { bucketMs, points } = CHART_RANGES[range];
    const chart = this.charts().get(symbol);
    const index = SERIES.findIndex((series) => series.bucketMs === bucketMs);
    const last = Math.floor(now / bucketMs);
    const candles: Row[] = [];
    for (let bucket = last - points + 1; bucket <= last; bucket++) {
      const candle = chart?.candle(index, bucket);
      if (candle !== undefined) candles.push(rowOf(candle, bucket === last));
    }
    if (candles.length === 0) return undefined;
    return JSON.stringify({ symbol, range, bucketMs, savedAt: now, candles } satisfies ChartDocument);
  }

  private sparkline(symbol: AssetSymbol, now: number): string | undefined {
    const closes = this.charts().sparkline(symbol, now);
    return closes.length === 0 ? undefined : JSON.stringify({ symbol, savedAt: now, closes });
  }
}

function dutiesOf(symbol: AssetSymbol): Duty[] {
  return ([...RANGES, 'sparkline'] as const).map((range) => {
    const everyMs = range === 'sparkline' ? HOUR : CHART_RANGES[range].bucketMs;
    return { symbol, range, everyMs, offsetMs: spread(`${symbol}:${range}`, everyMs), period: Number.NaN };
  });
}

function keyOf({ symbol, range }: Duty): StoreKey {
  return range === 'sparkline' ? KEYS.sparkline(symbol) : KEYS.chart(symbol, range);
}

/** The bucket that is still open is only a part of what it will be. */
function rowOf({ time, open, high, low, close, volume, provenance }: Candle, isOpen: boolean): Row {
  const isPart = isOpen && PROVENANCE[provenance] > PROVENANCE.partial;
  return [time, open, high, low, close, volume, isPart ? 'partial' : provenance];
}

/** A moment within the period, the same for the same key: not everything is due at the full minute. */
function spread(key: string, everyMs: number): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash % everyMs;
}
