import type { SourceId } from '@haunt/domain';
import { HISTORY_SOURCES, type HistoryAsset, type HistoryResolution, type QuotedCandle } from '@haunt/sources';
import { Exchange } from './exchange.js';
import type { Stage } from './spec-client.js';

/** Every source of history in every width. */
export const HISTORY_CASES = HISTORY_SOURCES.flatMap((source) =>
  source.resolutions.map((resolution) => ({ source, resolution, id: source.id, bucketMs: resolution.bucketMs })),
);

export function exchangeOf(stage: Stage, id: SourceId): Exchange {
  const venue = stage.simulator.venues[id];
  if (!(venue instanceof Exchange)) throw new Error(`${id} has no pairs`);
  return venue;
}

/** The asset's first pair in dollars, or its id. */
export function assetOn(stage: Stage, id: SourceId, symbol = 'btc'): HistoryAsset {
  const venue = stage.simulator.venues[id];
  if (!(venue instanceof Exchange)) return { symbol, coingeckoId: 'bitcoin', quote: 'usd' };
  const pair = venue.onlinePairs.find(({ base, quote }) => base === symbol && quote.startsWith('usd'));
  if (pair === undefined) throw new Error(`${id} does not list ${symbol}`);
  return { symbol, pair: pair.id, quote: pair.quote };
}

/** What a seeder does: pages of `perRequest`, oldest first, at a pace the venue allows. */
export async function walk(
  stage: Stage,
  id: SourceId,
  resolution: HistoryResolution,
  from: number,
  to: number,
): Promise<QuotedCandle[]> {
  const source = HISTORY_SOURCES.find((one) => one.id === id);
  if (source === undefined) throw new Error(`${id} has no history`);
  const candles: QuotedCandle[] = [];
  const page = resolution.perRequest * resolution.bucketMs;
  for (let start = from; start < to; start += page) {
    const end = Math.min(start + page, to);
    const { path, headers } = source.request(assetOn(stage, id), resolution, start, end, 'key');
    const answer = await stage.rest(id, path, { headers: { ...headers } });
    candles.push(...source.parse(await answer.json(), resolution, start, end, stage.time));
    stage.time += 500;
  }
  return candles;
}
