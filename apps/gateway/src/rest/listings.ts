import { Injectable } from '@nestjs/common';
import type { AssetView } from '@haunt/contracts';
import { arrange, type ListingOrder, type ListingRow, pageOf, type RegisteredAsset } from '@haunt/domain';
import { AssetDirectory, Clock } from '@haunt/platform';
import { type AssetParts, assetView, rowOf } from './asset-view.js';
import { Assets } from './assets.js';
import type { EncodedAnswer } from './encoded-answers.js';
import { EncodedBody } from './encoded-body.js';
import { Envelopes } from './envelope.js';

/** How long the further pages of a list go by the order that the first one was shown in: prices move while a client turns pages. */
const HELD_MS = 5_000;
/** How long a page, and the order of a first one, serve everybody who asks the same: a hundred lines are 150 kB of JSON. */
const FRESH_MS = 250;
/** Orders held, one per question; a held one is a list of references. */
const HELD = 32;
/** Pages kept. */
const KEPT = 64;

export interface ListedViews {
  readonly views: AssetView[];
  /** Of all pages together. */
  readonly total: number;
  /** When the oldest listing was answered that a part of this is from, epoch ms; undefined: nothing is from any. */
  readonly asOf: number | undefined;
}

interface Row extends ListingRow {
  readonly parts: AssetParts;
}

interface Held {
  readonly at: number;
  /** Of the registry. */
  readonly revision: number;
  readonly rows: readonly Row[];
}

interface Page extends EncodedAnswer {
  readonly of: Held;
  readonly at: number;
}

interface Candidate {
  readonly asset: RegisteredAsset;
  /** What it is called for short, lower case. */
  readonly symbols: readonly string[];
  readonly name: string;
}

/** Lists of assets with their live prices: everything is filtered and sorted, and only then cut into pages. */
@Injectable()
export class Listings {
  /** Those asked for least recently come first. */
  private readonly held = new Map<string, Held>();
  private readonly pages = new Map<string, Page>();
  private candidates: readonly Candidate[] = [];
  private candidatesOf = -1;

  constructor(
    private readonly assets: Assets,
    private readonly directory: AssetDirectory,
    private readonly envelopes: Envelopes,
    private readonly clock: Clock,
  ) {}

  /**
   * One page of everything in that order, encoded; up to a quarter of a second old.
   * @param start from 1
   */
  page(order: ListingOrder, start: number, limit: number): EncodedAnswer {
    const now = this.clock.now();
    const name = JSON.stringify(order);
    const held = this.inOrder(name, order, start, now);
    const key = `${name} ${start} ${limit}`;
    const known = this.pages.get(key);
    this.pages.delete(key);
    const isFresh = known?.of === held && isWithin(FRESH_MS, known.at, now);
    const page = isFresh && known.simulated === this.envelopes.simulated ? known : this.draw(held, start, limit, now);
    this.pages.set(key, page);
    if (this.pages.size > KEPT) this.pages.delete(this.pages.keys().next().value as string);
    return page;
  }

  /**
   * Assets that `text` may mean: whose symbol it is, then those whose symbol or name begins with it, then those that have it
   * somewhere; the larger first.
   */
  search(text: string, limit: number): ListedViews {
    const wanted = text.toLowerCase();
    const tiers: [Candidate[], Candidate[], Candidate[]] = [[], [], []];
    for (const candidate of this.everybody()) {
      const tier = tierOf(candidate, wanted);
      if (tier !== undefined) tiers[tier].push(candidate);
    }
    const found = tiers.flat();
    return this.show(
      found.slice(0, limit).map(({ asset }) => this.assets.parts(asset)),
      found.length,
    );
  }

  private draw(held: Held, start: number, limit: number, now: number): Page {
    const { rows } = held;
    const { views, total, asOf } = this.show(
      pageOf(rows, start, limit).map(({ parts }) => parts),
      rows.length,
    );
    const envelope = this.envelopes.wrapCached(views, asOf, { total, start, limit });
    const body = new EncodedBody(JSON.stringify(envelope));
    return { of: held, at: now, simulated: envelope.meta.simulated === true, body };
  }

  private show(page: readonly AssetParts[], total: number): ListedViews {
    const times = page.flatMap(({ asset }) => asset?.figures?.at ?? []);
    return {
      views: page.map((parts) => assetView(parts)),
      total,
      asOf: times.length === 0 ? undefined : Math.min(...times),
    };
  }

  private inOrder(key: string, order: ListingOrder, start: number, now: number): Held {
    const held = this.held.get(key);
    this.held.delete(key);
    // A first page begins another walk through the list.
    const { revision } = this.directory;
    const isCurrent = isWithin(start === 1 ? FRESH_MS : HELD_MS, held?.at ?? -Infinity, now);
    const isOther = start === 1 && held?.revision !== revision;
    const current =
      held !== undefined && isCurrent && !isOther ? held : { at: now, revision, rows: this.arranged(order) };
    this.held.set(key, current);
    if (this.held.size > HELD) this.held.delete(this.held.keys().next().value as string);
    return current;
  }

  /** What is listed, and what has a price; without any listing, everything that is built in. */
  private arranged(order: ListingOrder): readonly Row[] {
    const { assets, source } = this.directory.registry;
    const rows: Row[] = [];
    for (const asset of assets) {
      const parts = this.assets.parts(asset);
      if (source !== undefined && asset.figures === undefined && parts.live === undefined) continue;
      rows.push({ ...rowOf(parts), parts });
    }
    return arrange(rows, order);
  }

  private everybody(): readonly Candidate[] {
    const { revision, registry } = this.directory;
    if (this.candidatesOf !== revision) {
      this.candidatesOf = revision;
      this.candidates = registry.assets.map((asset) => ({
        asset,
        symbols: [...new Set([asset.spelling.toLowerCase(), asset.symbol, ...(asset.aliases ?? [])])],
        name: asset.name.toLowerCase(),
      }));
    }
    return this.candidates;
  }
}

/** Also when the clock was set back meanwhile. */
function isWithin(ms: number, at: number, now: number): boolean {
  return Math.abs(now - at) < ms;
}

function tierOf({ symbols, name }: Candidate, wanted: string): 0 | 1 | 2 | undefined {
  if (symbols.includes(wanted)) return 0;
  if (name.startsWith(wanted) || symbols.some((symbol) => symbol.startsWith(wanted))) return 1;
  return name.includes(wanted) || symbols.some((symbol) => symbol.includes(wanted)) ? 2 : undefined;
}
