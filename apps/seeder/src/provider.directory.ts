import { type AssetSymbol, SEED_PROVIDERS, type SourceId, SOURCES } from '@haunt/domain';
import { sourceSettings } from '@haunt/platform';
import type { CoinList, HistoryAsset, HttpRequest, ListedPair, Listing } from '@haunt/sources';
import { KEYS } from '@haunt/storage';
import type { HistoryFetcher } from './history.fetcher.js';
import type { Provider } from './provider.js';
import { ProviderError } from './provider.error.js';
import { type SeederParts, URGENCY } from './seeder.parts.js';

/** What a provider has at all, as it is kept in the store: a venue's pairs, or the names of an index's coins. */
type Has = readonly ListedPair[] | readonly string[];

interface Known<T extends Has = Has> {
  readonly has: T;
  /** When the provider itself said so, epoch ms; 0: taken from the store. */
  readonly askedAt: number;
}

interface List<T extends Has> {
  readonly request: HttpRequest;
  readonly parse: (body: unknown) => T;
}

interface Refusal {
  readonly error: ProviderError;
  readonly until: number;
}

/** What is not in the list may be by now; the list is not asked for more often than this. */
const REFRESH_MS = 3_600_000;
/** Nor takes it more than one in so many of the requests that the provider allows. */
const REQUESTS_PER_LIST = 60;
/** A provider whose list cannot be had is not asked for it again by every job. */
const REFUSED_MS = 60_000;
/** Real dollars before tokens that promise to be worth one, the more traded token first. */
const QUOTES = ['usd', 'usdt', 'usdc'];

type DirectoryParts = Pick<SeederParts, 'assets' | 'config' | 'sources' | 'store' | 'clock'>;

/** Which providers there are, and how each of them finds an asset. */
export class ProviderDirectory {
  /** In the order in which they are asked. */
  readonly providers: readonly Provider[];
  private readonly known = new Map<SourceId, Known>();
  private readonly refused = new Map<SourceId, Refusal>();
  private readonly asking = new Map<SourceId, Promise<Known>>();

  constructor(
    private readonly parts: DirectoryParts,
    private readonly fetcher: HistoryFetcher,
    /** Ends what is asked on behalf of many; whoever asked first may be gone sooner. */
    private readonly stop: AbortSignal,
  ) {
    const { config, sources } = parts;
    const rank = ({ id }: Provider): number =>
      SEED_PROVIDERS.includes(id) ? SEED_PROVIDERS.indexOf(id) : SEED_PROVIDERS.length;
    this.providers = sources
      .filter(({ id }) => config.sources.includes(id))
      .map((source) => {
        const { id } = source;
        const key = config.keys[id];
        const { rest = source.rest, ...budget } = source.budget(key);
        const address = (config.addresses[id]?.rest ?? rest).replace(/\/+$/, '');
        return { id, name: SOURCES[id].name, source, rest: address, key, budget };
      })
      .sort((a, b) => rank(a) - rank(b));
  }

  /**
   * How the provider is asked for an asset.
   * @throws ProviderError when it cannot be: no key, not listed, or its list of pairs cannot be had.
   */
  async find(provider: Provider, symbol: AssetSymbol): Promise<HistoryAsset> {
    const { id, name, source, key } = provider;
    if (source.needsKey && key === undefined) {
      throw new ProviderError('unable', `${name} needs a key (${sourceSettings(id).key?.env ?? 'none can be set'})`);
    }
    const asset = this.parts.assets.kept(symbol);
    const coingecko = asset?.coingeckoId === undefined ? {} : { coingeckoId: asset.coingeckoId };
    const { listing, coins } = source;
    const names = [symbol, ...(asset?.aliases ?? [])];
    const pair = listing && (await this.pair(provider, listing, names));
    const isThere = listing ? pair !== undefined : !coins || (await this.hasCoin(provider, coins, symbol, coingecko));
    if (!isThere) throw new ProviderError('unable', `${name} does not list ${symbol.toUpperCase()}`);
    return { symbol, quote: pair?.quote ?? 'usd', ...(pair && { pair: pair.pair }), ...coingecko };
  }

  /** Whether a venue trades it, so that nobody's quota is needed for its history. */
  async isOnVenue(symbol: AssetSymbol): Promise<boolean> {
    for (const provider of this.providers) {
      if (provider.source.listing === undefined) continue;
      try {
        await this.find(provider, symbol);
        return true;
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
      }
    }
    return false;
  }

  /** How far apart the requests are that the scarcest index allows, ms; 0: there is none that can be asked. */
  get indexIntervalMs(): number {
    const indices = this.providers.filter(
      ({ source, key }) => source.listing === undefined && !(source.needsKey && key === undefined),
    );
    return Math.max(0, ...indices.map(({ budget: { windowMs, count } }) => windowMs / count));
  }

  private async pair(
    provider: Provider,
    listing: Listing,
    names: readonly AssetSymbol[],
  ): Promise<ListedPair | undefined> {
    const list = { request: listing.request, parse: (body: unknown) => listing.parse(body) };
    return this.look<readonly ListedPair[], ListedPair>(provider, list, (pairs) => bestPair(pairs, names));
  }

  /** Where its list cannot be had, the index itself will know. */
  private async hasCoin(
    provider: Provider,
    coins: CoinList,
    symbol: AssetSymbol,
    coingecko: Pick<HistoryAsset, 'coingeckoId'>,
  ): Promise<boolean> {
    const name = coins.nameOf({ symbol, ...coingecko });
    if (name === undefined) return false;
    const list = { request: coins.request(provider.key), parse: (body: unknown) => coins.parse(body) };
    try {
      return (
        (await this.look<readonly string[], true>(provider, list, (all) => all.includes(name) || undefined)) ?? false
      );
    } catch (error) {
      if (error instanceof ProviderError) return true;
      throw error;
    }
  }

  /** What is found in the list of a provider: the one that is known, and where that has not got it, a new one. */
  private async look<T extends Has, F>(
    provider: Provider,
    list: List<T>,
    find: (has: T) => F | undefined,
  ): Promise<F | undefined> {
    const { windowMs, count } = provider.budget;
    const known = (this.known.get(provider.id) ?? (await this.kept(provider.id))) as Known<T> | undefined;
    const found = known && find(known.has);
    const fresh = Math.max(REFRESH_MS, (REQUESTS_PER_LIST * windowMs) / count);
    if (found !== undefined || (known && this.parts.clock.now() - known.askedAt < fresh)) return found;
    return find((await this.asked(provider, list)).has);
  }

  /** What the provider last said to anybody here. */
  private async kept(id: SourceId): Promise<Known | undefined> {
    try {
      const text = await this.parts.store.get(KEYS.products(id).name);
      if (text === undefined) return undefined;
      const known = { has: JSON.parse(text.toString('utf8')) as Has, askedAt: 0 };
      this.known.set(id, known);
      return known;
    } catch {
      // Whatever is wrong with it, the provider knows better.
      return undefined;
    }
  }

  /** One request for all who wait for it. */
  private asked<T extends Has>(provider: Provider, list: List<T>): Promise<Known<T>> {
    const { id } = provider;
    const refusal = this.refused.get(id);
    if (refusal !== undefined && this.parts.clock.now() < refusal.until) return Promise.reject(refusal.error);
    const running = this.asking.get(id) as Promise<Known<T>> | undefined;
    if (running !== undefined) return running;
    const asking = this.ask(provider, list).finally(() => this.asking.delete(id));
    this.asking.set(id, asking);
    return asking;
  }

  private async ask<T extends Has>(provider: Provider, { request, parse }: List<T>): Promise<Known<T>> {
    const { id } = provider;
    const { clock, store } = this.parts;
    try {
      const has = await this.fetcher.list(provider, request, parse, { level: URGENCY.manual }, this.stop);
      const known = { has, askedAt: clock.now() };
      this.known.set(id, known);
      const { name, ttlMs } = KEYS.products(id);
      await store.set(name, JSON.stringify(has), ttlMs).catch(() => undefined);
      return known;
    } catch (error) {
      if (error instanceof ProviderError) this.refused.set(id, { error, until: clock.now() + REFUSED_MS });
      throw error;
    }
  }
}

function bestPair(pairs: readonly ListedPair[], names: readonly AssetSymbol[]): ListedPair | undefined {
  for (const name of names) {
    const own = pairs.filter(({ symbol }) => symbol === name);
    for (const quote of QUOTES) {
      const pair = own.find((candidate) => candidate.quote === quote);
      if (pair !== undefined) return pair;
    }
  }
  return undefined;
}
