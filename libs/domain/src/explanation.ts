import { rateUsed, type AssetBook } from './asset-book.js';
import { FRESH_MS, REENTRY, TOLERANCE } from './consensus.js';
import type { ExplainedQuote } from './price.js';
import { FOREIGN, USD, USDT, isFresh, type QuoteLane } from './quote-lane.js';
import { STRAY, type StablecoinRates } from './rates.js';
import { RANKED_SOURCES, RANKED_WEIGHTS } from './source-rank.js';
import { SOURCES } from './source.js';

/**
 * Every quote of an asset as the last evaluation saw it, heaviest source first, and what became of it. Ages are of log
 * time `now`.
 */
export function explainAsset(asset: AssetBook, rates: StablecoinRates, now: number): ExplainedQuote[] {
  const lines: ExplainedQuote[] = [];
  for (const lanes of asset.lanes) {
    for (const lane of lanes) {
      if (lane.price === 0) continue;
      const rate = rateUsed(asset, lane);
      const counted = asset.used[lane.source] === lane && (asset.counted & (1 << lane.source)) !== 0;
      const reason = counted ? remark(asset, lane, rates) : fault(asset, lane, rates, now);
      lines.push({
        source: RANKED_SOURCES[lane.source]!,
        pair: `${asset.symbol}/${lane.quote}`,
        quote: lane.quote,
        quotePrice: lane.price,
        conversionRate: rate === 0 ? null : rate,
        priceUsd: rate === 0 ? null : lane.price * rate,
        ageMs: Math.max(0, now - lane.time),
        weight: RANKED_WEIGHTS[lane.source]!,
        counted,
        ...(reason === '' ? {} : { reason }),
      });
    }
  }
  return lines;
}

function fault(asset: AssetBook, lane: QuoteLane, rates: StablecoinRates, now: number): string {
  const coin = lane.quote.toUpperCase();
  if (lane.kind === FOREIGN) return `no trusted USD rate for ${coin}`;
  if (!isFresh(lane, now)) return `quote is ${seconds(now - lane.time)} old, older than ${seconds(FRESH_MS)}`;
  const used = asset.used[lane.source];
  if (used !== undefined && used !== lane) {
    return `${SOURCES[RANKED_SOURCES[lane.source]!].name}'s ${asset.symbol}/${used.quote} is used instead`;
  }
  if (rateUsed(asset, lane) === 0) {
    const why = (lane.kind === USDT ? rates.usdt : rates.usdc).reason;
    return `no trusted USD rate for ${coin}${why === '' ? '' : `: ${why}`}`;
  }
  if (used === undefined) return misfit(asset, lane, rates);
  if (asset.median === 0) return 'excluded before, and no other quote has a trusted USD rate to compare it with';
  const allowed = asset.threshold / asset.median;
  const distance = Math.abs(lane.price * rateUsed(asset, lane) - asset.median) / asset.median;
  const from = popcount(asset.counted) === 1 ? 'the only other quote' : 'the weighted median';
  const verdict =
    distance > allowed ? `more than ${percent(allowed)} allowed; excluded` : 'excluded before, and stays so';
  return `${percent(distance)} from ${from}, ${verdict} until within ${percent(allowed * REENTRY)}`;
}

/** There is a rate, but the quote was not converted with it. */
function misfit(asset: AssetBook, lane: QuoteLane, rates: StablecoinRates): string {
  const coin = lane.quote.toUpperCase();
  if (lane.takenAt < (lane.kind === USDT ? rates.usdt : rates.usdc).jumpedAt) {
    return `quoted before ${coin} moved to ${rateUsed(asset, lane)} USD`;
  }
  const { name } = SOURCES[RANKED_SOURCES[lane.source]!];
  return `${name}'s own BTC/${coin} strays from the others' by more than ${percent(STRAY)}: the ${coin} rate does not fit`;
}

function remark(asset: AssetBook, lane: QuoteLane, rates: StablecoinRates): string {
  const remarks: string[] = [];
  if ((asset.verdicts & (1 << lane.source)) !== 0) {
    remarks.push('excluded before; counts because no other fresh quote is left to judge it by');
  }
  if (asset.disagreement) {
    remarks.push(`the counted quotes differ by more than ${percent(TOLERANCE)}, and nobody can tell who is wrong`);
  }
  if (lane.kind !== USD) {
    const coin = lane.kind === USDT ? rates.usdt : rates.usdc;
    if (coin.held) remarks.push(`the ${lane.quote.toUpperCase()} rate is the last trusted one: ${coin.reason}`);
  }
  return remarks.join('; ');
}

function popcount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1_000)} s`;
}

/** Two digits that mean something: 0.25 %, 1.8 %, 900 %. */
function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
