import type { FearGreed, GlobalFigures, ListingEntry, SourceId } from '@haunt/domain';
import type { HttpRequest } from './source.js';

/** How often something may be asked within the published budget, and where (pro hosts). */
export interface Pace {
  readonly everyMs: number;
  /** Instead of the usual address. */
  readonly rest?: string;
}

interface Upstream {
  readonly addresses: { readonly rest: string };
  /** The page this dialect was written from. */
  readonly documentation: string;
}

interface Figures<T> extends Upstream {
  readonly id: SourceId;
  /** It cannot be asked without a key. */
  readonly needsKey: boolean;
  pace(key: string | undefined): Pace;
  request(key: string | undefined): HttpRequest;
  /** @throws VenueFrameError when the body is an error, or its numbers cannot be true. */
  parse(body: unknown, receivedAt: number): T;
}

/** An API that tells the state of the whole market. Pure: describes the request, reads the answer. */
export type GlobalSource = Figures<GlobalFigures>;

/** An API that lists assets with their figures, largest first. Pure. */
export interface ListingSource extends Upstream {
  readonly id: SourceId;
  readonly needsKey: boolean;
  /**
   * How a round is paced. Where the budget does not allow all assets every time, an ordinary round asks for the first `top`
   * and one every `fullEveryMs` for all.
   */
  pace(key: string | undefined): Pace & { readonly top: number; readonly fullEveryMs: number };
  /** Assets in one request. */
  readonly pageSize: number;
  /** `count` assets from the `start`-th on, counted from 1; `start` is one more than a multiple of `pageSize`. */
  request(start: number, count: number, key: string | undefined): HttpRequest;
  /**
   * What a page lists; lines that cannot be read are left out.
   * @throws VenueFrameError when the body is an error, or most of its lines have no price or no market capitalisation:
   * zeros and nulls are how an API in trouble looks, not what the market is worth.
   */
  parse(body: unknown, receivedAt: number): ListedPage;
}

export interface ListedPage {
  readonly entries: readonly ListingEntry[];
  /** Lines there were, those that could not be read among them. */
  readonly lines: number;
}

/** An API that tells the mood of the market. Pure. */
export interface MoodSource extends Upstream {
  readonly name: string;
  readonly everyMs: number;
  readonly request: HttpRequest;
  /** @throws VenueFrameError */
  parse(body: unknown): FearGreed;
}
