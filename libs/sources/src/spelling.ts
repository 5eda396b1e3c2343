import type { ListedPair } from './source.js';

/** A venue's code of a currency -> our symbol, both in lower case; only where they differ. */
export type Aliases = Readonly<Record<string, string>>;

const NO_ALIASES: Aliases = {};

/** Our symbol of a venue's currency code. */
export function symbolOf(code: string, aliases: Aliases = NO_ALIASES): string {
  const lower = code.toLowerCase();
  return Object.hasOwn(aliases, lower) ? aliases[lower]! : lower;
}

const TWO_PARTS = /^([^\s-]+)-([^\s-]+)$/;

/** Reads `BTC-USD`. Undefined for anything but two parts: with a third it is a future, a swap or an option. */
export function splitDashed(pair: string, aliases?: Aliases): ListedPair | undefined {
  const parts = TWO_PARTS.exec(pair);
  if (parts === null) return undefined;
  return { pair, symbol: symbolOf(parts[1]!, aliases), quote: symbolOf(parts[2]!, aliases) };
}

/**
 * Assets known well enough to settle where a spelling without separator has to be cut: `BNBUSD` is BNB in USD, not BN in
 * BUSD, and `BATUSD` is BAT in USD, not BA in TUSD.
 */
const WELL_KNOWN = new Set(
  (
    'aave ada algo alpha ant apt arb atom avax axs bal band bat bch bnb bnt btc btt busd celo chz comp crv dai dash dent dgb ' +
    'doge dot egld enj eos etc eth fil flow fdusd ftm gala grt hbar hnt icp iota jup ksm link lpt lrc ltc luna lunc mana matic mkr ' +
    'near neo nft nmr omg one ont op oxt paxg pepe pol pyth qnt qtum ren render rndr rvn sand shib snt snx sol stmx ' +
    'storj sui sushi theta tia ton trx tusd uni usdc usdp usdt ust vet vtho waves wbtc wif xlm xrp xtz yfi zec zen zil zrx'
  ).split(' '),
);

/**
 * Cuts `btcusdt` before the longest quote currency it ends with. Where another cut leaves a well known asset and this one
 * does not, that one is right; where both do, nobody can tell and the answer is undefined.
 * @param quotes lower case, longest first: the currencies this venue quotes in.
 */
export function splitBySuffix(pair: string, quotes: readonly string[]): ListedPair | undefined {
  const spelling = pair.toLowerCase();
  let longest: ListedPair | undefined;
  let known: ListedPair | undefined;
  for (const quote of quotes) {
    if (!spelling.endsWith(quote) || spelling.length === quote.length) continue;
    const cut: ListedPair = { pair, symbol: spelling.slice(0, -quote.length), quote };
    longest ??= cut;
    if (!WELL_KNOWN.has(cut.symbol)) continue;
    if (known !== undefined) return undefined;
    known = cut;
  }
  return known ?? longest;
}

/** The quote currencies of `splitBySuffix`, in the order it needs. */
export function longestFirst(quotes: string): readonly string[] {
  return quotes.split(' ').sort((a, b) => b.length - a.length);
}
