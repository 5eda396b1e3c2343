import type { AssetListing, ListingEntry } from '@haunt/domain';
import type { HttpRequest, ListedPage, ListingSource } from '@haunt/sources';

const SPACING_MS = 1_000;
/** As with any pace: a round that comes a little early is a round. */
const EARLY = 0.95;

export interface ListingParts {
  readonly key: string | undefined;
  /** Assets wanted in all. */
  readonly count: number;
  readonly now: () => number;
  /** Resolves to the parsed body. */
  readonly request: (request: HttpRequest) => Promise<unknown>;
  readonly sleep: (ms: number) => Promise<void>;
  /** What came of a listing that broke off is still used. */
  readonly onBrokenOff: (error: unknown) => void;
}

/** Asks one API for its listing, page by page: all of it, or only the top when its budget wants that. */
export class ListingRound {
  private wholeAt = -Infinity;

  constructor(
    private readonly source: ListingSource,
    private readonly parts: ListingParts,
  ) {}

  /** @throws whatever the first page fails with; an Error when it is empty. */
  async ask(): Promise<AssetListing> {
    const { key, count, now } = this.parts;
    const { top, fullEveryMs } = this.source.pace(key);
    const at = now();
    const whole = top >= count || at - this.wholeAt >= fullEveryMs * EARLY;
    const { entries, complete } = await this.pages(whole ? count : top);
    if (whole && complete) this.wholeAt = at;
    return { source: this.source.id, at: now(), entries, complete: whole && complete };
  }

  private async pages(count: number): Promise<{ entries: ListingEntry[]; complete: boolean }> {
    const { pageSize } = this.source;
    const entries: ListingEntry[] = [];
    let complete = true;
    for (let start = 1; start <= count; start += pageSize) {
      const size = Math.min(pageSize, count - start + 1);
      try {
        if (start > 1) await this.parts.sleep(SPACING_MS);
        const page = await this.page(start, size);
        entries.push(...page.entries);
        complete &&= page.entries.length === page.lines;
        if (page.lines < size) break;
      } catch (error) {
        if (entries.length === 0) throw error;
        this.parts.onBrokenOff(error);
        complete = false;
        break;
      }
    }
    if (entries.length === 0) throw new Error('the listing is empty');
    // The last page may have more than was asked for.
    return { entries: entries.slice(0, count), complete };
  }

  private async page(start: number, size: number): Promise<ListedPage> {
    const body = await this.parts.request(this.source.request(start, size, this.parts.key));
    return this.source.parse(body, this.parts.now());
  }
}
