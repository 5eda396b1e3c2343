import {
  type AssetListing,
  type FearGreed,
  type GlobalFigures,
  type SourceId,
  SOURCES,
  TRACKED_COUNT,
} from '@haunt/domain';
import type { Clock, Config, HttpClient, Log } from '@haunt/platform';
import { fearGreed, GLOBAL_SOURCES, type HttpRequest, LISTING_SOURCES } from '@haunt/sources';
import { restAddress } from './addresses.js';
import type { Candidate } from './candidates.js';
import { messageOf, SIMULATED_HEADER } from './failure.js';
import { ListingRound } from './listing-round.js';

const TIMEOUT_MS = 10_000;

export interface UpstreamParts {
  readonly config: Pick<Config, 'sources' | 'keys' | 'addresses' | 'fearGreedRestUrl'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly http: Pick<HttpClient, 'request'>;
}

interface Addressed {
  readonly id: SourceId;
  readonly addresses: { readonly rest: string };
  readonly needsKey: boolean;
}

/** Who can be asked for listings and the state of the market, as the settings have it. */
export class MarketUpstreams {
  /** Somebody said that the figures are made up. */
  isSimulated = false;
  readonly listings: readonly Candidate<AssetListing>[];
  readonly globals: readonly Candidate<GlobalFigures>[];
  readonly moods: readonly Candidate<FearGreed>[];

  constructor(
    private readonly parts: UpstreamParts,
    private readonly signal: AbortSignal,
  ) {
    this.listings = this.listingCandidates();
    this.globals = this.globalCandidates();
    this.moods = [this.moodCandidate()];
  }

  private listingCandidates(): Candidate<AssetListing>[] {
    const { clock, log, config } = this.parts;
    return LISTING_SOURCES.filter((source) => this.isUsable(source)).map((source) => {
      const key = config.keys[source.id];
      const { name } = SOURCES[source.id];
      const { everyMs, rest } = source.pace(key);
      const round = new ListingRound(source, {
        key,
        count: TRACKED_COUNT,
        now: () => clock.now(),
        request: (request) => this.request(this.restOf(source, rest), request),
        sleep: (ms) => this.sleep(ms),
        onBrokenOff: (error) =>
          log.warn({ upstream: name, error: messageOf(error) }, `the listing of ${name} broke off`),
      });
      return { name, everyMs, ask: () => round.ask() };
    });
  }

  private globalCandidates(): Candidate<GlobalFigures>[] {
    const { clock, config } = this.parts;
    return GLOBAL_SOURCES.filter((source) => this.isUsable(source)).map((source) => {
      const key = config.keys[source.id];
      const { everyMs, rest } = source.pace(key);
      const ask = async (): Promise<GlobalFigures> =>
        source.parse(await this.request(this.restOf(source, rest), source.request(key)), clock.now());
      return { name: SOURCES[source.id].name, everyMs, ask };
    });
  }

  private moodCandidate(): Candidate<FearGreed> {
    const rest = this.parts.config.fearGreedRestUrl ?? fearGreed.addresses.rest;
    const ask = async (): Promise<FearGreed> => fearGreed.parse(await this.request(rest, fearGreed.request));
    return { name: fearGreed.name, everyMs: fearGreed.everyMs, ask };
  }

  private isUsable({ id, needsKey }: Addressed): boolean {
    const { sources, keys } = this.parts.config;
    return sources.includes(id) && (!needsKey || keys[id] !== undefined);
  }

  private restOf({ id, addresses }: Addressed, rest: string | undefined): string {
    return this.parts.config.addresses[id]?.rest ?? rest ?? addresses.rest;
  }

  private async request(rest: string, { method, path, headers }: HttpRequest): Promise<unknown> {
    const answer = await this.parts.http.request({
      url: restAddress(rest) + path,
      method,
      timeoutMs: TIMEOUT_MS,
      signal: this.signal,
      ...(headers && { headers }),
    });
    this.isSimulated ||= answer.headers.has(SIMULATED_HEADER);
    return answer.body;
  }

  private sleep(ms: number): Promise<void> {
    const { signal } = this;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    });
  }
}
