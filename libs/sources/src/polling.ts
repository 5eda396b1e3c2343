import { decimal } from './decimal.js';
import { epochMs, isObject, type JsonObject, objectField, positive } from './fields.js';
import { type PollAnswer, type PolledAsset, type PolledTicker, VenueFrameError } from './source.js';

/** An own property: `constructor` and its kin are nothing that an API sent. */
function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The part of an answer under `key`, called `name` in errors. @throws VenueFrameError when the answer left it out. */
export function entryOf(entries: unknown, key: string, name = key): JsonObject {
  const entry = isObject(entries) ? own(entries, key) : undefined;
  if (entry === undefined) throw new VenueFrameError(`the answer left out ${name}`);
  return objectField(entry, name);
}

/** Reads every asset on its own: a fault in one becomes a line of the answer and costs the others nothing. */
export function readEach(assets: readonly PolledAsset[], read: (asset: PolledAsset) => PolledTicker): PollAnswer {
  const tickers: PolledTicker[] = [];
  const refused: { symbol: string; message: string }[] = [];
  for (const asset of assets) {
    try {
      tickers.push(read(asset));
    } catch (error) {
      if (!(error instanceof VenueFrameError)) throw error;
      refused.push({ symbol: asset.symbol, message: error.message });
    }
  }
  return { tickers, refused };
}

/**
 * The price 24 h ago out of today's and the change in percent: `price / (1 + change / 100)`. Undefined without a change,
 * and for one of -100 % or less, which no price above zero can have.
 */
export function openBefore(price: number, changePercent: unknown): number | undefined {
  const change = decimal(changePercent);
  if (change === undefined || change <= -100) return undefined;
  const open = price / (1 + change / 100);
  return open > 0 && open < Infinity ? open : undefined;
}

/** A Unix time in seconds as epoch ms; undefined when absent. @throws VenueFrameError for anything else. */
export function secondsIfAny(value: unknown, field: string): number | undefined {
  return value === undefined || value === null ? undefined : epochMs(positive(value, field) * 1000, field);
}

/** How many requests a round of `assets` needs; at least one. */
export function requestsPerRound(assets: number, perRequest: number): number {
  return Math.max(1, Math.ceil(assets / perRequest));
}

/** The two optional numbers of a ticker, left out where there is nothing to say. */
export function summary(open24h: number | undefined, volume24h: number | undefined): Partial<PolledTicker> {
  return { ...(open24h !== undefined && { open24h }), ...(volume24h !== undefined && { volume24h }) };
}
