import { ASSETS, DEFAULT_SYMBOLS } from './catalogue.js';
import type { AssetListing, ListingEntry } from './listing.js';
import { OWN_IDS, type RegisteredAsset, type RegisteredFigures } from './registered-asset.js';
import { assignNames } from './registry-names.js';
import type { SourceId } from './source.js';
import type { AssetSymbol } from './tick.js';

/** Who is who. */
export interface Registry {
  /** By rank. */
  readonly assets: readonly RegisteredAsset[];
  /** What is followed when the user names nothing. */
  readonly tracked: readonly AssetSymbol[];
  /** The last listing that went in, and when it was answered; absent: this is the built-in catalogue. */
  readonly source?: SourceId;
  readonly at?: number;
}

/** Followed by default. */
export const TRACKED_COUNT = 500;
/** Who is followed stays so down to here: otherwise every listing would move a few across the edge and back. */
const TRACKED_TO = 550;
/** A line of the last seven days is shown for so long when no newer one comes. */
const SPARKLINE_LIFE_MS = 6 * 3600 * 1000;
/** A coin that no listing had for so long is forgotten. */
const FORGET_MS = 7 * 24 * 3600 * 1000;

const pictureOf = (id: number): string => `https://s2.coinmarketcap.com/static/img/coins/64x64/${id}.png`;

/** Coins that became others one for one, and that listings still carry under their former ids. */
const SUCCESSORS: ReadonlyMap<number | string, number> = new Map<number | string, number>([
  // MATIC -> POL, KLAY -> KAIA, EOS -> A, FTM -> S
  ...([
    [3890, 28321],
    [4256, 32880],
    [1765, 36462],
    [3513, 32684],
  ] as const),
  ...([
    ['matic-network', 28321],
    ['klay-token', 32880],
    ['eos', 36462],
    ['fantom', 32684],
  ] as const),
]);

/** What is known without asking anybody. */
export const BUILT_IN: Registry = {
  assets: ASSETS.map((asset) => ({ ...asset, spelling: asset.symbol.toUpperCase(), image: pictureOf(asset.id) })),
  tracked: DEFAULT_SYMBOLS,
};

const BUILT_IN_IDS: ReadonlySet<number> = new Set(ASSETS.map(({ id }) => id));

/**
 * The registry after a listing. Who is who goes by ids, never by symbols: a coin keeps the name it is kept under when its
 * symbol changes, and of two with the same symbol the higher ranked has it. Assets that a complete listing leaves out lose
 * their figures; those it was not asked for keep what an earlier one said.
 */
export function mergeListing(registry: Registry, listing: AssetListing): Registry {
  const met = meet(registry.assets, listing);
  const others = registry.assets.filter(({ id }) => !met.known.has(id)).flatMap((asset) => unlisted(asset, listing));
  const named = assignNames(met.assets, others, listing.complete);
  const assets = inOrder(named);
  return { assets, tracked: follow(assets, registry.tracked), source: listing.source, at: listing.at };
}

/** The registry with what a second listing has that the first has not: the ids of its API, and the line of the week. */
export function linkListing(registry: Registry, listing: AssetListing): Registry {
  const identify = identifier(registry.assets);
  const lines = new Map<number, ListingEntry>();
  for (const entry of listing.entries) {
    const asset = identify(entry);
    if (asset !== undefined && !lines.has(asset.id)) lines.set(asset.id, entry);
  }
  const assets = registry.assets.map((asset) => {
    const entry = lines.get(asset.id);
    if (entry === undefined) return asset;
    const coingeckoId = asset.coingeckoId ?? entry.coingeckoId;
    const { figures } = asset;
    return {
      ...asset,
      ...(coingeckoId !== undefined && { coingeckoId }),
      ...(figures && { figures: { ...figures, ...sparklineOf(entry, asset, listing.at) } }),
    };
  });
  return { ...registry, assets };
}

interface Met {
  readonly assets: RegisteredAsset[];
  /** Ids under which they were known before. */
  readonly known: ReadonlySet<number>;
}

/** Every entry as an asset; the first of several that mean the same counts. */
function meet(before: readonly RegisteredAsset[], listing: AssetListing): Met {
  const identify = identifier(before);
  const known = new Set<number>();
  const assets = new Map<number, RegisteredAsset>();
  // A successor's own line beats the one of what it was before.
  const lines = [...listing.entries].sort((a, b) => Number(isFormer(a)) - Number(isFormer(b)));
  for (const entry of lines) {
    const was = identify(entry);
    const id = idOf(entry, was);
    if (assets.has(id) || (was !== undefined && known.has(was.id))) continue;
    if (was !== undefined) known.add(was.id);
    assets.set(id, listed(id, entry, was, listing));
  }
  return { assets: [...assets.values()], known };
}

function listed(
  id: number,
  entry: ListingEntry,
  was: RegisteredAsset | undefined,
  { source, at }: AssetListing,
): RegisteredAsset {
  const coingeckoId = was?.coingeckoId ?? entry.coingeckoId;
  return {
    id,
    symbol: was?.symbol ?? '',
    name: entry.name,
    spelling: entry.symbol,
    rank: entry.rank ?? was?.rank ?? Infinity,
    image: id < OWN_IDS ? pictureOf(id) : (entry.image ?? was?.image ?? ''),
    ...(coingeckoId !== undefined && { coingeckoId }),
    ...(was?.aliases && { aliases: was.aliases }),
    figures: { ...entry.figures, ...sparklineOf(entry, was, at), source, at },
    listedAt: at,
  };
}

/** The line of a listing that has one; otherwise the last one there was, unless it is too old. */
function sparklineOf(
  { figures: { sparkline } }: ListingEntry,
  was: RegisteredAsset | undefined,
  at: number,
): Pick<RegisteredFigures, 'sparkline' | 'sparklineAt'> {
  if (sparkline !== undefined) return { sparkline, sparklineAt: at };
  const before = was?.figures;
  if (before?.sparkline === undefined || at - (before.sparklineAt ?? 0) > SPARKLINE_LIFE_MS) return {};
  return { sparkline: before.sparkline, sparklineAt: before.sparklineAt };
}

/** An asset that the listing does not have; nothing when it can be forgotten. */
function unlisted(asset: RegisteredAsset, { at, complete }: AssetListing): RegisteredAsset[] {
  if (!complete) return [asset];
  if (!BUILT_IN_IDS.has(asset.id) && at - (asset.listedAt ?? at) > FORGET_MS) return [];
  const { figures: _, ...rest } = asset;
  return [rest];
}

/** Finds the asset that an entry means: by id, and where the ids of two APIs have not met yet, by symbol and name. */
function identifier(assets: readonly RegisteredAsset[]): (entry: ListingEntry) => RegisteredAsset | undefined {
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  const byCoingecko = new Map(assets.map((asset) => [asset.coingeckoId, asset]));
  const byName = new Map<string, RegisteredAsset>();
  for (const asset of assets) {
    const key = nameKey(asset.spelling, asset.name);
    if (!byName.has(key)) byName.set(key, asset);
  }
  return (entry) => {
    const { cmcId, coingeckoId } = entry;
    const successor = SUCCESSORS.get(cmcId ?? coingeckoId ?? '');
    const found =
      (successor === undefined ? undefined : byId.get(successor)) ??
      (cmcId === undefined ? undefined : byId.get(cmcId)) ??
      (coingeckoId === undefined ? undefined : byCoingecko.get(coingeckoId));
    if (found !== undefined) return found;
    const namesake = byName.get(nameKey(entry.symbol, entry.name));
    if (namesake === undefined) return undefined;
    // It must lack the id by which it would have been found: two coins with different ids are two coins.
    const lacks = cmcId === undefined ? namesake.coingeckoId === undefined : namesake.id >= OWN_IDS;
    return lacks ? namesake : undefined;
  };
}

const nameKey = (symbol: string, name: string): string =>
  `${symbol.toLowerCase()}/${name.toLowerCase().replace(/[^a-z0-9]/g, '')}`;

function isFormer({ cmcId, coingeckoId }: ListingEntry): boolean {
  return SUCCESSORS.has(cmcId ?? coingeckoId ?? '');
}

function idOf({ cmcId, coingeckoId = '' }: ListingEntry, was: RegisteredAsset | undefined): number {
  if (was !== undefined && was.id < OWN_IDS) return was.id;
  return cmcId ?? was?.id ?? ownId(coingeckoId);
}

/** FNV-1a (32 bit) of CoinGecko's id, above every number that CoinMarketCap gives out. */
function ownId(coingeckoId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < coingeckoId.length; i++) {
    hash ^= coingeckoId.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return OWN_IDS + ((hash >>> 0) % OWN_IDS);
}

/** The listed ones by rank, the others behind them in the order they had. */
function inOrder(assets: readonly RegisteredAsset[]): RegisteredAsset[] {
  const isListed = ({ figures }: RegisteredAsset): boolean => figures !== undefined;
  const byRank = (a: RegisteredAsset, b: RegisteredAsset): number =>
    a.rank === b.rank ? a.id - b.id : a.rank - b.rank;
  const first = assets.filter(isListed).sort(byRank);
  const last = first.reduce((most, { rank }) => (Number.isFinite(rank) ? Math.max(most, rank) : most), 0);
  const rest = [
    ...first.filter(({ rank }) => !Number.isFinite(rank)),
    ...assets.filter((a) => !isListed(a)).sort(byRank),
  ];
  return [
    ...first.filter(({ rank }) => Number.isFinite(rank)),
    ...rest.map((asset, index) => ({ ...asset, rank: last + 1 + index })),
  ];
}

function follow(assets: readonly RegisteredAsset[], before: readonly AssetSymbol[]): AssetSymbol[] {
  const followed = new Set(before);
  const tradable = assets.filter(({ figures, symbol }) => figures !== undefined && !symbol.includes('#'));
  const stay = tradable
    .filter(({ symbol }, place) => place < TRACKED_TO && followed.has(symbol))
    .slice(0, TRACKED_COUNT);
  const chosen = new Set(stay.map(({ symbol }) => symbol));
  for (const { symbol } of tradable) {
    if (chosen.size >= TRACKED_COUNT) break;
    chosen.add(symbol);
  }
  return tradable.filter(({ symbol }) => chosen.has(symbol)).map(({ symbol }) => symbol);
}
