import type { AssetSymbol, Direction, PriceStatus, SourceId } from '@haunt/domain';
import type { SeedProgress } from './topics.js';
import type { RankedMover, Timeframe } from './rest.js';

/** One asset's price as live clients get it: `data` of a `price_update`. Absent optional fields are unknown. */
export interface LivePrice {
  /** The same as `symbol`. */
  readonly id: AssetSymbol;
  /** Lower case. */
  readonly symbol: AssetSymbol;
  /** USD. */
  readonly price: number;
  readonly previousPrice?: number;
  /** Percent over 24 h. */
  readonly change24h?: number;
  /** USD over 24 h. */
  readonly volume24h?: number;
  readonly tradeDirection?: Direction;
  /** Whose quote caused this update. */
  readonly source: SourceId;
  /** Those that counted, heaviest first. */
  readonly sources: readonly SourceId[];
  /**
   * The time this price is true for: that of the freshest quote that counted, epoch ms. It goes back when the source of that quote
   * stops counting; `version` never does.
   */
  readonly timestamp: number;
  readonly assetType: 'crypto';
  /** Grows with every change of the asset; a client never gets a lower one than it had. */
  readonly version: number;
  readonly status: PriceStatus;
}

export interface SubscribeRequest {
  /** Symbols in any case, or numeric CoinMarketCap ids as text; answered in lower-case symbols. */
  readonly assets: readonly string[];
  /** True: these assets come as `price_updates`, an array per flush, instead of one `price_update` each. */
  readonly batch?: boolean;
}

export interface UnsubscribeRequest {
  /** Absent: everything. */
  readonly assets?: readonly string[];
}

export interface ThrottleRequest {
  /** Least ms between two updates of one asset, a whole number, 0 (none) to 60000. */
  readonly throttle_ms: number;
}

export interface SubscribeMoversRequest {
  /** In any case; default `1h`, which also is what an unknown one means. */
  readonly timeframe?: string;
  /** Of either side, 1 to 50; default 10. */
  readonly limit?: number;
}

/** What was subscribed to. One more timeframe does not end the others; another limit of the same one replaces it. */
export interface MoversAnswer {
  readonly timeframe: Timeframe;
  readonly limit: number;
}

export interface UnsubscribeMoversRequest {
  /** As in `subscribe_movers`; absent: every one. */
  readonly timeframe?: string;
}

/** What had been subscribed to. */
export interface MoversEndedAnswer {
  readonly timeframes: readonly Timeframe[];
}

/** Answer to `subscribe`: only what is new with it. Answer to `unsubscribe`: only what had been subscribed. */
export interface AssetsAnswer {
  readonly assets: readonly AssetSymbol[];
}

export interface ThrottleAnswer {
  readonly throttle_ms: number;
}

export interface Pong {
  /** Epoch ms. */
  readonly timestamp: number;
}

export type LiveErrorCode =
  | 'invalid_json'
  | 'invalid_message'
  | 'unknown_type'
  | 'invalid_assets'
  | 'invalid_throttle'
  | 'too_many_assets'
  | 'too_many_new_assets'
  | 'invalid_timeframe'
  | 'invalid_limit'
  | 'too_slow'
  | 'too_many_errors';

/** Why a message is refused, or why this connection is being closed. */
export interface LiveError {
  /** What was wrong and what is allowed, a sentence. */
  readonly error: string;
  readonly code: LiveErrorCode;
  /** The same sentence, under the name other clients read. */
  readonly message: string;
}

export interface MarketUpdate {
  readonly totalMarketCap: number;
  readonly totalVolume24h: number;
  readonly btcDominance: number;
  /** Epoch ms. */
  readonly timestamp: number;
}

export interface LiveMovers {
  readonly timeframe: Timeframe;
  readonly gainers: readonly RankedMover[];
  readonly losers: readonly RankedMover[];
  /** Epoch ms. */
  readonly timestamp: number;
}

export type SeedingProgress = Pick<SeedProgress, 'symbol' | 'status' | 'progress' | 'message'>;

/**
 * The server ends and closes this connection next, on `/ws` with code 1012. Everything that was to be sent has been sent. Other
 * servers of the installation serve on: whoever comes back later than it was asked to only waits longer for its next price.
 */
export interface Restarting {
  /** Ms to wait before connecting again: spread over the clients, so that they do not all come back at once. */
  readonly retryAfterMs: number;
}

/** Called with the answer, or with why there is none. */
export type Acknowledge<A> = (answer: A | LiveError) => void;

/** What a Socket.IO client hears on the default namespace. */
export interface ServerToClientEvents {
  subscribed: (answer: AssetsAnswer) => void;
  unsubscribed: (answer: AssetsAnswer) => void;
  throttle_set: (answer: ThrottleAnswer) => void;
  subscribed_movers: (answer: MoversAnswer) => void;
  unsubscribed_movers: (answer: MoversEndedAnswer) => void;
  pong: (answer: Pong) => void;
  price_update: (price: LivePrice) => void;
  price_updates: (prices: LivePrice[]) => void;
  seeding_progress: (progress: SeedingProgress) => void;
  market_update: (market: MarketUpdate) => void;
  movers_update: (movers: LiveMovers) => void;
  restarting: (notice: Restarting) => void;
  error: (error: LiveError) => void;
}

/** What a Socket.IO client may say. Every acknowledgement is optional; the answer comes as an event in any case. */
export interface ClientToServerEvents {
  subscribe: (request: SubscribeRequest, acknowledge?: Acknowledge<AssetsAnswer>) => void;
  unsubscribe: (request?: UnsubscribeRequest, acknowledge?: Acknowledge<AssetsAnswer>) => void;
  set_throttle: (request: ThrottleRequest, acknowledge?: Acknowledge<ThrottleAnswer>) => void;
  subscribe_movers: (request?: SubscribeMoversRequest, acknowledge?: Acknowledge<MoversAnswer>) => void;
  unsubscribe_movers: (request?: UnsubscribeMoversRequest, acknowledge?: Acknowledge<MoversEndedAnswer>) => void;
  ping: (request?: object, acknowledge?: Acknowledge<Pong>) => void;
}

/** What a client of `/ws` may send, as JSON in a text frame. */
export type LiveRequest =
  | ({ readonly type: 'subscribe' } & SubscribeRequest)
  | ({ readonly type: 'unsubscribe' } & UnsubscribeRequest)
  | ({ readonly type: 'set_throttle' } & ThrottleRequest)
  | ({ readonly type: 'subscribe_movers' } & SubscribeMoversRequest)
  | ({ readonly type: 'unsubscribe_movers' } & UnsubscribeMoversRequest)
  | { readonly type: 'ping' };

/** What a client of `/ws` gets: answers flat beside `type`, everything else under `data`. */
export type LiveMessage =
  | ({ readonly type: 'subscribed' | 'unsubscribed' } & AssetsAnswer)
  | ({ readonly type: 'throttle_set' } & ThrottleAnswer)
  | ({ readonly type: 'subscribed_movers' } & MoversAnswer)
  | ({ readonly type: 'unsubscribed_movers' } & MoversEndedAnswer)
  | ({ readonly type: 'pong' } & Pong)
  | ({ readonly type: 'error' } & LiveError)
  | { readonly type: 'price_update'; readonly data: LivePrice }
  | { readonly type: 'price_updates'; readonly data: readonly LivePrice[] }
  | { readonly type: 'seeding_progress'; readonly data: SeedingProgress }
  | { readonly type: 'market_update'; readonly data: MarketUpdate }
  | { readonly type: 'movers_update'; readonly data: LiveMovers }
  | { readonly type: 'restarting'; readonly data: Restarting };
