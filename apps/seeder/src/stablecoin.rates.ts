import type { QuoteCurrency } from '@haunt/domain';
import { BucketLedger, type Page } from './bucket-ledger.js';
import type { HistoryFetcher } from './history.fetcher.js';
import type { Provider } from './provider.js';
import type { ProviderDirectory } from './provider.directory.js';
import { ProviderError } from './provider.error.js';
import type { SeederParts, Urgency } from './seeder.parts.js';

/** USD per unit of a quote currency when a bucket began and when it ended. */
export interface BucketRate {
  readonly open: number;
  readonly close: number;
}

/** Of the bucket that begins at `time`; undefined: nobody knows, and 1 is not assumed. */
export type RateAt = (time: number) => BucketRate | undefined;

const DOLLARS: BucketRate = { open: 1, close: 1 };

/** What nobody knew is asked for again after this. */
const FORGET_MS = 600_000;
/** More is kept of no width. */
const MOST_BUCKETS = 20_000;

class Known {
  readonly rates = new Map<number, BucketRate>();
  /** Asked for in vain, and when. */
  readonly absent = new Map<number, number>();
  /** One at a time: those who come meanwhile mostly want the same. */
  turn: Promise<unknown> = Promise.resolve();
}

/**
 * What stablecoins were worth, from the candles of venues that trade them for dollars. Kept in memory, because every asset that is quoted in one needs the same.
 */
export class StablecoinRates {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly parts: Pick<SeederParts, 'clock'>,
    private readonly directory: ProviderDirectory,
    private readonly fetcher: HistoryFetcher,
  ) {}

  /**
   * Rates of the buckets of a page.
   * @throws ProviderError when there is not one of them; the signal's reason when it is aborted
   */
  async of(quote: QuoteCurrency, bucketMs: number, page: Page, urgency: Urgency, signal: AbortSignal): Promise<RateAt> {
    if (quote === 'usd') return () => DOLLARS;
    const name = `${quote}/${bucketMs}`;
    let known = this.known.get(name);
    if (known === undefined) this.known.set(name, (known = new Known()));
    const filling = known.turn.then(() => this.fill(known, quote, bucketMs, page, urgency, signal));
    known.turn = filling.catch(() => undefined);
    await filling;
    return (time) => known.rates.get(time);
  }

  private async fill(
    known: Known,
    quote: QuoteCurrency,
    bucketMs: number,
    page: Page,
    urgency: Urgency,
    signal: AbortSignal,
  ): Promise<void> {
    const now = this.parts.clock.now();
    const ledger = new BucketLedger(bucketMs, page.from, page.to);
    const settled = (time: number): boolean =>
      known.rates.has(time) || now - (known.absent.get(time) ?? -Infinity) < FORGET_MS;
    const times = Array.from({ length: (page.to - page.from) / bucketMs }, (_, i) => page.from + i * bucketMs);
    ledger.found(times.filter(settled), 'klines');
    const troubles: ProviderError[] = [];
    for (const provider of this.directory.providers) {
      if (!times.some((time) => ledger.lacks(time, 'klines'))) break;
      try {
        await this.ask(provider, known, quote, ledger, page, urgency, signal);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        troubles.push(error);
      }
    }
    if (times.some((time) => known.rates.has(time))) {
      const certain = troubles.every(({ trouble }) => trouble === 'unable');
      if (certain) for (const time of times) if (!known.rates.has(time)) known.absent.set(time, now);
      trim(known.rates);
      trim(known.absent);
      return;
    }
    const reasons = troubles.length === 0 ? '' : ` (${troubles.map(({ message }) => message).join('; ')})`;
    throw new ProviderError('failed', `Nobody knows what ${quote.toUpperCase()} was worth${reasons}`);
  }

  private async ask(
    provider: Provider,
    known: Known,
    quote: QuoteCurrency,
    ledger: BucketLedger,
    page: Page,
    urgency: Urgency,
    signal: AbortSignal,
  ): Promise<void> {
    const { bucketMs } = ledger;
    const resolution = provider.source.resolutions.find((r) => r.bucketMs === bucketMs && r.grade === 'klines');
    if (resolution === undefined) return;
    const since = resolution.reachMs === undefined ? -Infinity : this.parts.clock.now() - resolution.reachMs;
    const pages = ledger.pages(provider.id, 'klines', page, resolution.perRequest, since);
    if (pages.length === 0) return;
    const asset = await this.directory.find(provider, quote);
    if (asset.quote !== 'usd') return;
    for (const part of pages) {
      const candles = await this.fetcher.page(provider, asset, resolution, part, urgency, signal);
      for (const { time, open, close } of candles) {
        if (ledger.lacks(time, 'klines')) known.rates.set(time, { open, close });
      }
      ledger.found(
        candles.map(({ time }) => time),
        'klines',
      );
    }
  }
}

/** Forgets what was put in first. */
function trim(map: Map<number, unknown>): void {
  for (const key of map.keys()) {
    if (map.size <= MOST_BUCKETS) return;
    map.delete(key);
  }
}
