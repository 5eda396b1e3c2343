import type { RegisteredAsset } from './registered-asset.js';
import type { AssetSymbol } from './tick.js';

/** A name changes hands only for a coin ranked so many times as high: two of like size must not take turns. */
const TAKEOVER = 2;

interface Claim {
  asset: RegisteredAsset;
  readonly rank: number;
}

/**
 * Gives every asset the name it is kept under. Whoever has one keeps it, and goes by the symbol it has now as well; a name
 * that somebody has is lost only to a much higher ranked coin of that symbol. Of newcomers with the same symbol the highest
 * ranked gets it, the others are kept as `name#id`.
 * @param complete the listed ones are all there are: what is not among them does not defend a name.
 */
export function assignNames(
  listed: readonly RegisteredAsset[],
  others: readonly RegisteredAsset[],
  complete: boolean,
): RegisteredAsset[] {
  const claims: Claim[] = [
    ...listed.map((asset) => ({ asset, rank: asset.rank })),
    ...others.map((asset) => ({ asset, rank: complete ? Infinity : asset.rank })),
  ];
  const holders = new Map<AssetSymbol, Claim>();
  for (const claim of claims) if (hasName(claim.asset)) holders.set(claim.asset.symbol, claim);
  for (const claim of claims) {
    for (const name of claim.asset.aliases ?? []) if (!holders.has(name)) holders.set(name, claim);
  }
  const byRank = [...claims].sort((a, b) => (a.rank === b.rank ? a.asset.id - b.asset.id : a.rank - b.rank));
  for (const claim of byRank) {
    const name = claim.asset.spelling.toLowerCase();
    const holder = holders.get(name);
    if (holder === claim) continue;
    if (holder === undefined || (claim.rank < holder.rank && claim.rank * TAKEOVER <= holder.rank)) {
      if (holder !== undefined) holder.asset = without(holder.asset, name);
      claim.asset = withName(claim.asset, name);
      holders.set(name, claim);
    } else if (!hasName(claim.asset)) claim.asset = { ...claim.asset, symbol: `${name}#${claim.asset.id}` };
  }
  return claims.map(({ asset }) => asset);
}

function hasName({ symbol }: RegisteredAsset): boolean {
  return symbol !== '' && !symbol.includes('#');
}

/** The name it is kept under, or one more that it goes by. */
function withName(asset: RegisteredAsset, name: AssetSymbol): RegisteredAsset {
  if (!hasName(asset)) return { ...asset, symbol: name };
  return { ...asset, aliases: [...(asset.aliases ?? []), name] };
}

function without(asset: RegisteredAsset, name: AssetSymbol): RegisteredAsset {
  if (asset.symbol === name) return { ...asset, symbol: `${name}#${asset.id}` };
  return { ...asset, aliases: (asset.aliases ?? []).filter((alias) => alias !== name) };
}
