import type { SourceId } from '@haunt/domain';
import type { HttpClient, Log } from '@haunt/platform';
import type { ListedPair, Listing } from '@haunt/sources';
import { KEYS, type KeyValueStore } from '@haunt/storage';
import { restAddress } from './addresses.js';
import { Backoff } from './backoff.js';
import { messageOf, retryAfterOf, SIMULATED_HEADER } from './failure.js';

const REFRESH_MS = 60 * 60_000;
/** Refreshes of many processes shall not meet. */
const REFRESH_JITTER = 0.1;
/** The list of a large venue has tens of MB. */
const TIMEOUT_MS = 20_000;
const MAX_BYTES = 64 * 1024 * 1024;

export interface ProductListParts {
  readonly source: SourceId;
  readonly listing: Listing;
  readonly rest: string;
  readonly http: Pick<HttpClient, 'request'>;
  readonly store: Pick<KeyValueStore, 'get' | 'set'>;
  readonly clock: { now(): number };
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly random: () => number;
}

export interface ProductListListener {
  /** A list is there, or a newer one. `fresh`: from the venue just now, not from an earlier run. */
  changed(fresh: boolean): void;
  failed(message: string, nextAttemptAt: number): void;
  simulated(): void;
}

/** Which pairs a source lists: fetched at the start and every hour, tried again until it works, remembered between runs. */
export class ProductList {
  private readonly backoff: Backoff;
  private readonly abort = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private byPair: Map<string, ListedPair> | undefined;

  constructor(
    private readonly parts: ProductListParts,
    private readonly listener: ProductListListener,
  ) {
    this.backoff = new Backoff(parts.random);
  }

  /** Undefined until there is a list. */
  get pairs(): readonly ListedPair[] | undefined {
    return this.byPair && [...this.byPair.values()];
  }

  /** What a venue's spelling stands for; a pair that is not listed (any more) is taken apart where that is beyond doubt. */
  resolve(pair: string): ListedPair | undefined {
    return this.byPair?.get(pair) ?? this.parts.listing.spelled(pair);
  }

  start(): void {
    void this.refresh();
  }

  stop(): void {
    this.abort.abort();
    clearTimeout(this.timer);
  }

  /** Never rejects: what goes wrong is told, and tried again. */
  private async refresh(): Promise<void> {
    try {
      const pairs = await this.fetch();
      if (this.abort.signal.aborted) return;
      this.backoff.reset();
      this.take(pairs, true);
      this.again(REFRESH_MS * (1 + (this.parts.random() - 0.5) * REFRESH_JITTER));
      await this.remember(pairs);
    } catch (error) {
      if (this.abort.signal.aborted) return;
      const waitMs = Math.max(this.backoff.next(), retryAfterOf(error) ?? 0);
      this.listener.failed(`no product list: ${messageOf(error)}`, this.parts.clock.now() + waitMs);
      this.again(waitMs);
      if (this.byPair === undefined) await this.recall();
    }
  }

  private async fetch(): Promise<ListedPair[]> {
    const { http, rest, listing } = this.parts;
    const { method, path, headers } = listing.request;
    const answer = await http.request({
      url: restAddress(rest) + path,
      method,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      signal: this.abort.signal,
      ...(headers && { headers: { ...headers } }),
    });
    if (answer.headers.has(SIMULATED_HEADER)) this.listener.simulated();
    const pairs = listing.parse(answer.body);
    // Whoever lists nothing has a bad day: it is no reason to unsubscribe from everything.
    if (pairs.length === 0) throw new Error('the list is empty');
    return pairs;
  }

  private take(pairs: readonly ListedPair[], fresh: boolean): void {
    this.byPair = new Map(pairs.map((pair) => [pair.pair, pair]));
    this.listener.changed(fresh);
  }

  private again(waitMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), Math.min(waitMs, REFRESH_MS * 24));
  }

  private async remember(pairs: readonly ListedPair[]): Promise<void> {
    try {
      const { name, ttlMs } = KEYS.products(this.parts.source);
      await this.parts.store.set(name, JSON.stringify(pairs), ttlMs);
    } catch (error) {
      const { source, log } = this.parts;
      log.warn({ source, error: messageOf(error) }, 'the product list could not be kept for the next start');
    }
  }

  private async recall(): Promise<void> {
    const { source, log } = this.parts;
    try {
      const kept = await this.parts.store.get(KEYS.products(source).name);
      if (kept === undefined || this.byPair !== undefined || this.abort.signal.aborted) return;
      const pairs = JSON.parse(kept.toString('utf8')) as ListedPair[];
      this.take(pairs, false);
      log.info({ source, pairs: pairs.length }, 'using the product list of an earlier run');
    } catch (error) {
      log.warn({ source, error: messageOf(error) }, 'the product list of an earlier run cannot be read');
    }
  }
}
