import type { AssetSymbol, QuoteCurrency } from '@haunt/domain';
import type { ListedPair } from '@haunt/sources';

/** One pair per asset: real dollars before tokens that promise to be worth one, the more traded token first. */
const QUOTES: readonly QuoteCurrency[] = ['usd', 'usdt', 'usdc'];

/** Subscribed wherever they are listed: what one stablecoin is worth must come from venues, not from a promise. */
const RATES: readonly (readonly [AssetSymbol, QuoteCurrency])[] = [
  ['usdt', 'usd'],
  ['usdc', 'usd'],
  ['usdc', 'usdt'],
];

export interface DesiredPairs {
  /** In the order of the symbols, the stablecoin rates behind them. */
  readonly pairs: readonly ListedPair[];
  /** Asked for, and quoted by the venue in none of usd, usdt, usdc. */
  readonly unlisted: readonly AssetSymbol[];
}

/** Other symbols under which a venue may list an asset, one unit for one. */
export type AliasesOf = (symbol: AssetSymbol) => readonly AssetSymbol[];

/**
 * What to subscribe to so that every listed symbol has one pair and every rate that the venue knows is known. A symbol
 * that is not listed is looked for under its aliases; its pair then carries the symbol that was asked for.
 */
export function desiredPairs(
  symbols: readonly AssetSymbol[],
  listing: readonly ListedPair[],
  aliasesOf: AliasesOf = () => [],
): DesiredPairs {
  const listed = new Map<string, ListedPair>();
  for (const pair of listing) {
    const name = `${pair.symbol}/${pair.quote}`;
    if (!listed.has(name)) listed.set(name, pair);
  }
  const pairs = new Map<string, ListedPair>();
  const unlisted: AssetSymbol[] = [];
  for (const symbol of new Set(symbols)) {
    const names = [symbol, ...aliasesOf(symbol)].flatMap((name) => QUOTES.map((quote) => `${name}/${quote}`));
    const pair = names.map((name) => listed.get(name)).find((found) => found !== undefined);
    if (pair) pairs.set(pair.pair, { ...pair, symbol });
    else unlisted.push(symbol);
  }
  for (const [symbol, quote] of RATES) {
    const pair = listed.get(`${symbol}/${quote}`);
    if (pair && !pairs.has(pair.pair)) pairs.set(pair.pair, pair);
  }
  return { pairs: [...pairs.values()], unlisted };
}

/** The pairs of one socket. */
export type Shard = readonly ListedPair[];

/**
 * Spreads pairs over sockets of at most `perSocket`. A pair that is already on a socket stays there, because moving it
 * would cost two frames and a hole; new ones fill the free places, then open sockets. Shards keep their index; one
 * that lost all its pairs is empty.
 */
export function reshard(current: readonly Shard[], desired: readonly ListedPair[], perSocket: number): Shard[] {
  const wanted = new Map(desired.map((pair) => [pair.pair, pair]));
  const shards = current.map((shard) => {
    const kept: ListedPair[] = [];
    for (const { pair } of shard) {
      const still = wanted.get(pair);
      if (still && kept.length < perSocket) {
        kept.push(still);
        wanted.delete(pair);
      }
    }
    return kept;
  });
  let index = 0;
  for (const pair of wanted.values()) {
    while (shards[index] !== undefined && shards[index]!.length >= perSocket) index++;
    (shards[index] ??= []).push(pair);
  }
  return shards;
}

/** Runs of at most `size`, in order. */
export function inGroups<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; start += size) groups.push(items.slice(start, start + size));
  return groups;
}
