import type { AssetBook } from './asset-book.js';
import { USD, USDC, USDT, isFresh } from './quote-lane.js';
import { RANKED_SOURCES } from './source-rank.js';
import type { AssetSymbol } from './tick.js';

const N = RANKED_SOURCES.length;

/** Fresh quotes of the pairs that tell what a stablecoin is worth, by rank of the source; 0: none. */
export class RateQuotes {
  readonly usdtUsd = new Float64Array(N);
  readonly usdcUsd = new Float64Array(N);
  /** USDT per USDC. */
  readonly usdcUsdt = new Float64Array(N);
  readonly btcUsd = new Float64Array(N);
  readonly btcUsdt = new Float64Array(N);
  readonly btcUsdc = new Float64Array(N);
}

/** Fills `quotes` with what is fresh at log time `now`. */
export function gatherRateQuotes(quotes: RateQuotes, assets: ReadonlyMap<AssetSymbol, AssetBook>, now: number): void {
  const btc = assets.get('btc');
  const usdt = assets.get('usdt');
  const usdc = assets.get('usdc');
  fill(quotes.usdtUsd, usdt, USD, now);
  fill(quotes.usdcUsd, usdc, USD, now);
  fill(quotes.usdcUsdt, usdc, USDT, now);
  fill(quotes.btcUsd, btc, USD, now);
  fill(quotes.btcUsdt, btc, USDT, now);
  fill(quotes.btcUsdc, btc, USDC, now);
}

function fill(prices: Float64Array, asset: AssetBook | undefined, kind: number, now: number): void {
  for (let source = 0; source < N; source++) {
    prices[source] = 0;
    const lanes = asset?.lanes[source];
    if (lanes === undefined) continue;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i]!;
      if (lane.kind === kind && isFresh(lane, now)) prices[source] = lane.price;
    }
  }
}
