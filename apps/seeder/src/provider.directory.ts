import { type AssetSymbol, SEED_PROVIDERS, type SourceId, SOURCES } from '@haunt/domain';
import { sourceSettings } from '@haunt/platform';
import type { HistoryAsset, ListedPair, Listing } from '@haunt/sources';
import { KEYS } from '@haunt/storage';
import type { HistoryFetcher } from './history.fetcher.js';
import type { Provider } from './provider.js';
import { ProviderError } from './provider.error.js';
import { type SeederParts, URGENCY } from './seeder.parts.js';

interface Known {
  readonly pairs: readonly ListedPair[];
  /** When the venue itself said so, epoch ms; 0: taken from the store. */
  readonly askedAt: number;
}

interface Refusal {
  readonly error: ProviderError;
  readonly until: number;
}

/** A pair that is not in the list may be listed by now; the list is not asked for more often than this. */
const REFRESH_MS = 3_600_000;
/** A venue whose list cannot be had is not asked for it again by every job. */
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
    const { listing } = source;
    if (listing === undefined) return { symbol, quote: 'usd', ...coingecko };
    const names = [symbol, ...(asset?.aliases ?? [])];
    const pair = await this.pair(provider, listing, names);
    if (pair === undefined) throw new ProviderError('unable', `${name} does not list ${symbol.toUpperCase()}`);
    return { symbol, quote: pair.quote, pair: pair.pair, ...coingecko };
  }

  private async pair(
    provider: Provider,
    listing: Listing,
    names: readonly AssetSymbol[],
  ): Promise<ListedPair | undefined> {
    const known = this.known.get(provider.id) ?? (await this.kept(provider.id));
    const pair = known && bestPair(known.pairs, names);
    if (pair !== undefined || (known && this.parts.clock.now() - known.askedAt < REFRESH_MS)) return pair;
    return bestPair((await this.asked(provider, listing)).pairs, names);
  }

  /** What the venue last said to anybody here. */
  private async kept(id: SourceId): Promise<Known | undefined> {
    try {
      const text = await this.parts.store.get(KEYS.products(id).name);
      if (text === undefined) return undefined;
      const known = { pairs: JSON.parse(text.toString('utf8')) as ListedPair[], askedAt: 0 };
      this.known.set(id, known);
      return known;
    } catch {
      // Whatever is wrong with it, the venue knows better.
      return undefined;
    }
  }

  /** One request for all who wait for it. */
  private asked(provider: Provider, listing: Listing): Promise<Known> {
    const { id } = provider;
    const refusal = this.refused.get(id);
    if (refusal !== undefined && this.parts.clock.now() < refusal.until) return Promise.reject(refusal.error);
    const running = this.asking.get(id);
    if (running !== undefined) return running;
    const asking = this.ask(provider, listing).finally(() => this.asking.delete(id));
    this.asking.set(id, asking);
    return asking;
  }

  private async ask(provider: Provider, listing: Listing): Promise<Known> {
    const { id } = provider;
    const { clock, store } = this.parts;
    try {
      const pairs = await this.fetcher.listing(provider, listing, { level: URGENCY.manual }, this.stop);
      const known = { pairs, askedAt: clock.now() };
      this.known.set(id, known);
      const { name, ttlMs } = KEYS.products(id);
      await store.set(name, JSON.stringify(pairs), ttlMs).catch(() => undefined);
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
