import type { LiveErrorCode, LiveRequest, Timeframe } from '@haunt/contracts';
import { type AssetSymbol, MOVER_WINDOW_NAMES, moverWindowOf, MOVERS_LIMIT } from '@haunt/domain';
import { excerpt, kind } from '../described.js';

/** What a client asked for, checked. */
export type Command =
  | { readonly type: 'subscribe'; readonly symbols: readonly AssetSymbol[]; readonly batch: boolean }
  /** Absent `symbols`: everything. */
  | { readonly type: 'unsubscribe'; readonly symbols: readonly AssetSymbol[] | undefined }
  | { readonly type: 'set_throttle'; readonly throttleMs: number }
  | { readonly type: 'subscribe_movers'; readonly timeframe: Timeframe; readonly limit: number }
  /** Absent `timeframe`: every one. */
  | { readonly type: 'unsubscribe_movers'; readonly timeframe: Timeframe | undefined }
  | { readonly type: 'ping' };

export type RequestType = LiveRequest['type'];

export const REQUEST_TYPES = Object.keys({
  subscribe: true,
  unsubscribe: true,
  set_throttle: true,
  subscribe_movers: true,
  unsubscribe_movers: true,
  ping: true,
} satisfies Record<RequestType, true>) as readonly RequestType[];

/** A message that is not what the contract allows; the message names the fault and what is allowed. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  constructor(
    readonly code: LiveErrorCode,
    message: string,
  ) {
    super(message);
  }
}

const THROTTLE_MAX_MS = 60_000;
const SYMBOL_MAX = 64;
const MOVERS_USUAL = 10;

/** What a client calls an asset, in lower case; for a numeric CoinMarketCap id its symbol. */
export type Spelling = (text: string) => AssetSymbol;

/** Reads a text frame of `/ws`. @throws RequestError */
export function readFrame(text: string, spell: Spelling): Command {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new RequestError('invalid_json', `the message is not JSON: ${excerpt(text)}`);
  }
  if (!isObject(message)) {
    throw new RequestError('invalid_message', `a message must be a JSON object with a "type", not ${kind(message)}`);
  }
  const { type } = message;
  if (typeof type !== 'string') {
    throw new RequestError(
      'invalid_message',
      `"type" must be a string, one of ${REQUEST_TYPES.join(', ')}; it is ${kind(type)}`,
    );
  }
  return readRequest(type, message, spell);
}

/** Reads a message whose type is already known. @throws RequestError */
export function readRequest(type: string, body: unknown, spell: Spelling): Command {
  switch (type as RequestType) {
    case 'subscribe': {
      const request = bodyOf(type, body);
      const batch = request['batch'] ?? false;
      if (typeof batch !== 'boolean') {
        throw new RequestError('invalid_message', `"batch" must be true or false; it is ${kind(batch)}`);
      }
      return { type: 'subscribe', symbols: symbolsOf(type, request['assets'], spell), batch };
    }
    case 'unsubscribe': {
      // Some clients write an absent list as null.
      const assets = optionalBodyOf(type, body)['assets'] ?? undefined;
      return { type: 'unsubscribe', symbols: assets === undefined ? undefined : symbolsOf(type, assets, spell) };
    }
    case 'set_throttle':
      return { type: 'set_throttle', throttleMs: throttleOf(bodyOf(type, body)['throttle_ms']) };
    case 'subscribe_movers': {
      const { timeframe, limit } = optionalBodyOf(type, body);
      return {
        type: 'subscribe_movers',
        timeframe: timeframeOf(timeframe ?? '1h'),
        limit: limitOf(limit ?? MOVERS_USUAL),
      };
    }
    case 'unsubscribe_movers': {
      const { timeframe } = optionalBodyOf(type, body);
      return {
        type: 'unsubscribe_movers',
        timeframe: timeframe === undefined || timeframe === null ? undefined : timeframeOf(timeframe),
      };
    }
    case 'ping':
      return { type: 'ping' };
    default:
      throw new RequestError('unknown_type', `unknown type ${excerpt(type)}; allowed are ${REQUEST_TYPES.join(', ')}`);
  }
}

function symbolsOf(type: string, assets: unknown, spell: Spelling): AssetSymbol[] {
  if (!Array.isArray(assets)) {
    throw new RequestError(
      'invalid_assets',
      `"assets" of ${type} must be an array of symbols such as ["btc"]; it is ${kind(assets)}`,
    );
  }
  const symbols = new Set<AssetSymbol>();
  for (const [i, asset] of assets.entries()) {
    const text = typeof asset === 'string' ? asset.trim() : '';
    if (text === '' || text.length > SYMBOL_MAX) {
      throw new RequestError(
        'invalid_assets',
        `"assets[${i}]" must be a symbol of 1 to ${SYMBOL_MAX} characters; it is ${kind(asset)}`,
      );
    }
    symbols.add(spell(text));
  }
  return [...symbols];
}

function throttleOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= THROTTLE_MAX_MS) return value;
  throw new RequestError(
    'invalid_throttle',
    `"throttle_ms" must be a whole number of milliseconds, 0 (none) to ${THROTTLE_MAX_MS}; it is ${kind(value)}`,
  );
}

/** A text that names no timeframe means an hour, as it does over REST: clients rely on it. */
function timeframeOf(value: unknown): Timeframe {
  if (typeof value === 'string') return moverWindowOf(value) ?? '1h';
  throw new RequestError(
    'invalid_timeframe',
    `"timeframe" must be one of ${MOVER_WINDOW_NAMES.join(', ')}; it is ${kind(value)}`,
  );
}

function limitOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOVERS_LIMIT) return value;
  throw new RequestError('invalid_limit', `"limit" must be a whole number, 1 to ${MOVERS_LIMIT}; it is ${kind(value)}`);
}

function optionalBodyOf(type: string, body: unknown): Record<string, unknown> {
  return body === undefined || body === null ? {} : bodyOf(type, body);
}

function bodyOf(type: string, body: unknown): Record<string, unknown> {
  if (isObject(body)) return body;
  throw new RequestError('invalid_message', `${type} wants an object; it got ${kind(body)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
