import type { AssetSymbol, QuoteCurrency, SourceId, Ticker } from '@haunt/domain';

/** A pair as a venue lists it and as we know it. */
export interface ListedPair {
  /** The venue's spelling, as its frames carry it: `BTC-USD`, `BTCUSDT`, `btcusdt`. */
  readonly pair: string;
  readonly symbol: AssetSymbol;
  readonly quote: QuoteCurrency;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, appended to the source's REST address. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What one frame said. A frame of another channel, an ack or a null says nothing: no message at all. */
export type VenueMessage =
  /** One trade. `pair` in the venue's spelling. Price and size are finite and > 0. Time in epoch ms. */
  | {
      readonly type: 'trade';
      readonly pair: string;
      readonly price: number;
      readonly size: number;
      readonly time: number;
      readonly id: string;
    }
  | {
      readonly type: 'ticker';
      readonly pair: string;
      readonly price: number;
      readonly time: number;
      readonly open24h?: number;
      /** In the pair's quote currency. */
      readonly volume24h?: number;
    }
  /** The venue asked for an answer on the same socket (its ping): send `frame`. */
  | { readonly type: 'reply'; readonly frame: string }
  /** Proof of life without data: pong, heartbeat, welcome. `welcome` says that subscribing is allowed from now on. */
  | { readonly type: 'alive'; readonly welcome?: boolean }
  /** A subscription was refused; absent `pairs`: the venue does not say which. */
  | { readonly type: 'refused'; readonly message: string; readonly pairs?: readonly string[] }
  /** The venue wants us to come back on a new connection (`serverShutdown`, notice 64008). */
  | { readonly type: 'reconnect'; readonly reason: string };

/** A frame that is not what the venue documents. `message` says what was wrong; the engine counts and samples it. */
export class VenueFrameError extends Error {
  override readonly name = 'VenueFrameError';
}

/** A venue's rules, as data: the engine obeys them, the simulator enforces them. */
export interface StreamLimits {
  /** Pairs on one socket (not channels: the dialect multiplies). */
  readonly pairsPerSocket: number;
  /** Pairs in one subscribe frame. */
  readonly pairsPerFrame: number;
  /** Frames we may send, per rolling window; pongs and pings included. */
  readonly sends: { readonly count: number; readonly windowMs: number };
  /** Connection attempts, per rolling window. */
  readonly connects: { readonly count: number; readonly windowMs: number };
  /** The venue ends a connection at this age; rotate before it, with overlap. Absent: it does not. */
  readonly maxAgeMs?: number;
  /** Subscribe within this of opening or be cut. */
  readonly subscribeWithinMs?: number;
}

/**
 * How both sides know that the socket lives. `client-frame`: we send a frame. `client-ping`: we send a WebSocket ping.
 * `server`: the venue talks by itself (its pings, its heartbeats) at least every `silenceMs`.
 * In every case, nothing at all received for `silenceMs` means that the socket is dead, whatever the pairs trade.
 */
export type KeepAlive =
  | {
      readonly by: 'client-frame';
      readonly everyMs: number;
      readonly frame: (now: number) => string;
      readonly silenceMs: number;
    }
  | { readonly by: 'client-ping'; readonly everyMs: number; readonly silenceMs: number }
  | { readonly by: 'server'; readonly silenceMs: number };

interface Addresses {
  /** `https://…`, no trailing slash; overridden by `<VENUE>_REST_URL`. */
  readonly rest: string;
}

/** Which pairs a source has. Pure: describes the request, reads the answer. */
export interface Listing {
  readonly request: HttpRequest;
  /** Tradable pairs only. @throws VenueFrameError when the body is not a product list. */
  parse(body: unknown): ListedPair[];
  /**
   * Splits a spelling that is not in the product list, where the spelling leaves no doubt (`BTC-USD`), else undefined.
   * Used for frames alone, never to decide what to subscribe to.
   */
  spelled(pair: string): ListedPair | undefined;
}

/** One venue with a WebSocket feed: data and pure functions. The engine owns the socket, the clock and the retries. */
export interface StreamSource {
  readonly kind: 'stream';
  readonly id: SourceId;
  readonly addresses: Addresses & {
    /** `wss://…`; overridden by `<VENUE>_WS_URL`. For a venue that hands out its address, the fallback is unused. */
    readonly ws: string;
  };
  /** The page of the venue's documentation this dialect was written from. */
  readonly documentation: string;
  readonly limits: StreamLimits;
  readonly keepAlive: KeepAlive;
  readonly listing: Listing;
  /** For a venue that gives a token or an address before every connect. */
  readonly ticket?: {
    readonly request: HttpRequest;
    /** `connectId` is unique per connection. @throws VenueFrameError when the body has no ticket. */
    address(
      body: unknown,
      connectId: string,
      wsOverride: string | undefined,
    ): { readonly url: string; readonly pingEveryMs?: number };
  };
  /** True: do not send anything before an `alive` message with `welcome`. */
  readonly waitForWelcome?: boolean;
  /** Frames that subscribe (or unsubscribe) these pairs; at most `limits.pairsPerFrame` of them are given. */
  subscribe(pairs: readonly ListedPair[], nextId: () => number): string[];
  unsubscribe(pairs: readonly ListedPair[], nextId: () => number): string[];
  /** Bytes to text; default UTF-8. Huobi: gunzip. */
  decode?(raw: Buffer): string;
  /**
   * What a frame says, in the order it says it, oldest trade first. An empty list when it is not for us.
   * @throws VenueFrameError when it claims to be for us and is malformed.
   */
  parse(text: string): VenueMessage[];
}

export interface PolledTicker extends Ticker {
  /** The source's spelling of the asset or pair, for error messages. */
  readonly pair: string;
}

/** What a polled answer said: what could be read, and which assets could not, with the reason. */
export interface PollAnswer {
  readonly tickers: readonly PolledTicker[];
  readonly refused: readonly { readonly symbol: AssetSymbol; readonly message: string }[];
}

/** The parts of an asset that a polled API needs to find it. */
export interface PolledAsset {
  readonly symbol: AssetSymbol;
  readonly coingeckoId?: string;
  readonly cmcId?: number;
  /** From `listing`, where the source has one. */
  readonly pair?: string;
  readonly quote?: QuoteCurrency;
}

/** An API that is asked again and again. */
export interface PollSource {
  readonly kind: 'poll';
  readonly id: SourceId;
  readonly addresses: Addresses;
  readonly documentation: string;
  /** Absent: every asset is simply asked for. */
  readonly listing?: Listing;
  /** The API cannot be used without a key: the source is disabled. */
  readonly needsKey: boolean;
  /**
   * How often one round may be asked within the published budget, and where (pro hosts), given the key and how many
   * assets a round asks for; without a number, as many as one request takes.
   */
  plan(key: string | undefined, assets?: number): { readonly everyMs: number; readonly rest?: string };
  /** Assets per request. */
  readonly assetsPerRequest: number;
  request(assets: readonly PolledAsset[], key: string | undefined): HttpRequest;
  /**
   * `body` is parsed JSON of an answer with a 2xx status; `receivedAt` stands in for a time the API does not give.
   * @throws VenueFrameError when the body is an error or not what was asked for (some send errors with status 200).
   */
  parse(body: unknown, assets: readonly PolledAsset[], receivedAt: number): PollAnswer;
}

export type Source = StreamSource | PollSource;
