import type { LiveError, LiveMovers, LivePrice, MarketUpdate, SeedingProgress, Timeframe } from '@haunt/contracts';
import type { Address } from './address.js';
import { Connection, type ConnectionRules } from './connection.js';
import { HauntError } from './haunt-error.js';
import { Latest } from './latest.js';
import { Listeners } from './listeners.js';
import type { LiveState } from './live-state.js';
import { MoversDesk, type MoversSubscription, type MoversSubscriptionOptions } from './movers-desk.js';
import { PriceSubscription, type PriceSubscriptionOptions } from './price-subscription.js';

/** Assets in one message: a refusal concerns all of one. */
const ASSETS_PER_REQUEST = 100;
/** New assets have a budget that fills up again. */
const REFILL_MS = 5_000;
/** Others have left, and made room. */
const ROOM_MS = 1_000;

/** What `live.on` tells: the server's events, and the connection's. */
export interface LiveEvents {
  /** Every price that is newer than what was known, of all subscriptions, unthrottled by any of them. */
  readonly prices: readonly LivePrice[];
  readonly movers: LiveMovers;
  /** To everybody, whenever the figures of the whole market change. */
  readonly market: MarketUpdate;
  /** Of every asset that somebody subscribed to. */
  readonly seeding: SeedingProgress;
  /** What the server refused. */
  readonly error: LiveError;
  readonly state: LiveState;
}

/**
 * Live prices, movers, seeding and the market over one connection. It opens with the first subscription, comes back by itself, and asks
 * again for everything that is subscribed to. A price is never told after a newer one of the same asset, on whatever connection.
 */
export class HauntLive {
  private readonly connection: Connection;
  private readonly listeners = new Listeners<LiveEvents>();
  private readonly latest = new Latest();
  private readonly subscriptions = new Set<PriceSubscription>();
  private readonly movers = new MoversDesk(() => this.settle());
  /** What was asked of the present connection, refused or not. */
  private asked = new Set<string>();
  /** Those of them that the server has no room for. */
  private refused = new Set<string>();
  private askedMovers = new Map<Timeframe, number>();
  private askedThrottle = 0;
  private settling = false;
  private retrying: ReturnType<typeof setTimeout> | undefined;

  constructor(address: Address, rules: ConnectionRules) {
    this.connection = new Connection(address, rules, {
      changed: (state) => this.listeners.tell('state', state),
      opened: () => this.startAnew(),
    });
    const { socket } = this.connection;
    socket.on('price_update', (price) => this.hear([price]));
    socket.on('price_updates', (prices) => this.hear(prices));
    socket.on('movers_update', (movers) => {
      this.movers.hear(movers);
      this.listeners.tell('movers', movers);
    });
    socket.on('market_update', (market) => this.listeners.tell('market', market));
    socket.on('seeding_progress', (progress) => {
      for (const subscription of this.subscriptions) subscription.seeding(progress);
      this.listeners.tell('seeding', progress);
    });
    socket.on('error', (error) => this.listeners.tell('error', error));
  }

  get state(): LiveState {
    return this.connection.state;
  }

  /** The newest price of every asset that came, by lower-case symbol. Those not subscribed to any more stay as they were. */
  get prices(): ReadonlyMap<string, LivePrice> {
    return this.latest.prices;
  }

  /** Begins to connect, and keeps at it. Subscribing does it too. */
  connect(): void {
    this.connection.open();
  }

  /** Tries at once instead of when the wait is over. */
  reconnectNow(): void {
    this.connection.retryNow();
  }

  /** Resolves when there is a connection. @throws HauntError when there is none within `timeoutMs` */
  async connected(timeoutMs = 10_000): Promise<void> {
    this.connect();
    if (this.state.status === 'connected') return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        end();
        const why = this.state.status === 'waiting' ? `: ${this.state.reason}` : '';
        reject(new HauntError(0, 'timeout', `no live connection within ${timeoutMs} ms${why}`));
      }, timeoutMs);
      const end = this.on('state', ({ status }) => {
        if (status !== 'connected' && status !== 'closed') return;
        clearTimeout(timer);
        end();
        if (status === 'connected') resolve();
        else reject(new HauntError(0, 'closed', 'the client was closed'));
      });
    });
  }

  /** Ends the connection. Subscriptions stay, and hold again after `connect()`. */
  close(): void {
    clearTimeout(this.retrying);
    this.retrying = undefined;
    this.connection.close();
  }

  /** @returns a function that ends it */
  on<E extends keyof LiveEvents>(event: E, listener: (value: LiveEvents[E]) => void): () => void {
    return this.listeners.on(event, listener);
  }

  /** Symbols in any case; an asset that nobody knows is silent until it has a price. @throws TypeError for what cannot be a symbol */
  subscribe(assets: readonly string[], options: PriceSubscriptionOptions = {}): PriceSubscription {
    const subscription = new PriceSubscription(
      {
        changed: () => this.settle(),
        isBrought: (symbol) => this.asked.has(symbol),
        latest: (symbol) => this.latest.prices.get(symbol),
        ended: (ended) => void this.subscriptions.delete(ended),
      },
      options,
    );
    subscription.add(assets);
    this.subscriptions.add(subscription);
    this.connect();
    return subscription;
  }

  /** @throws TypeError for a limit out of bounds */
  subscribeMovers(options: MoversSubscriptionOptions): MoversSubscription {
    const subscription = this.movers.subscribe(options);
    this.connect();
    return subscription;
  }

  /** @returns ms there and back. @throws HauntError when there is no connection or no answer */
  async ping(): Promise<number> {
    const startedAt = performance.now();
    await this.connection.ask('ping', {});
    return performance.now() - startedAt;
  }

  private hear(prices: readonly LivePrice[]): void {
    const news = this.latest.accept(prices);
    // Also what is not news: a subscription that is new itself may not have heard it.
    const current = prices.flatMap(({ symbol }) => this.latest.prices.get(symbol) ?? []);
    for (const subscription of this.subscriptions) subscription.offer(current);
    if (news.length > 0) this.listeners.tell('prices', news);
  }

  private startAnew(): void {
    this.asked = new Set();
    this.refused = new Set();
    this.askedMovers = new Map();
    this.askedThrottle = 0;
    this.settle();
  }

  /** Brings what is asked for in line with what is wanted, once for all changes of a turn. */
  private settle(): void {
    if (this.settling) return;
    this.settling = true;
    queueMicrotask(() => {
      this.settling = false;
      if (this.state.status !== 'connected') return;
      this.settleThrottle();
      this.settleAssets();
      this.settleMovers();
    });
  }

  /** A connection has one throttle: the shortest that anybody wants. Longer ones are kept by the subscriptions. */
  private settleThrottle(): void {
    const wanted = [...this.subscriptions].map(({ throttleMs }) => throttleMs);
    const throttle = wanted.length === 0 ? 0 : Math.floor(Math.min(...wanted));
    if (throttle === this.askedThrottle) return;
    this.askedThrottle = throttle;
    this.ask(this.connection.ask('set_throttle', { throttle_ms: throttle }));
  }

  private settleAssets(): void {
    const wanted = new Set([...this.subscriptions].flatMap(({ assets }) => assets));
    const ended = [...this.asked].filter((symbol) => !wanted.has(symbol));
    if (ended.length > 0) this.ask(this.connection.ask('unsubscribe', { assets: ended }));
    for (const symbol of ended) this.forget(symbol);
    if (ended.length > 0 && this.refused.size > 0) this.retryRefused(ROOM_MS);
    const missing = [...wanted].filter((symbol) => !this.asked.has(symbol));
    for (let i = 0; i < missing.length; i += ASSETS_PER_REQUEST) {
      const assets = missing.slice(i, i + ASSETS_PER_REQUEST);
      for (const symbol of assets) this.asked.add(symbol);
      // Always as a batch: what comes together is one frame, and both kinds of listener hear it.
      this.ask(this.connection.ask('subscribe', { assets, batch: true }), (error) => this.refuse(assets, error));
    }
  }

  private forget(symbol: string): void {
    this.asked.delete(symbol);
    this.refused.delete(symbol);
  }

  /** Not at once: a server cuts who asks in vain all the time. */
  private retryRefused(inMs: number): void {
    this.retrying ??= setTimeout(() => {
      this.retrying = undefined;
      for (const symbol of this.refused) this.forget(symbol);
      this.settle();
    }, inMs);
  }

  private refuse(assets: readonly string[], error: HauntError): void {
    for (const symbol of assets) this.refused.add(symbol);
    if (error.code === 'too_many_new_assets') return this.retryRefused(REFILL_MS);
    for (const subscription of this.subscriptions) {
      if (assets.some((symbol) => subscription.has(symbol))) subscription.refused(error);
    }
  }

  private settleMovers(): void {
    const wanted = this.movers.wanted();
    for (const [timeframe, limit] of wanted) {
      if (this.askedMovers.get(timeframe) !== limit) {
        this.ask(this.connection.ask('subscribe_movers', { timeframe, limit }));
      }
    }
    for (const timeframe of this.askedMovers.keys()) {
      if (!wanted.has(timeframe)) this.ask(this.connection.ask('unsubscribe_movers', { timeframe }));
    }
    this.askedMovers = wanted;
  }

  /** Without an answer the connection begins anew, and everything is asked again. */
  private ask(answer: Promise<unknown>, refused?: (error: HauntError) => void): void {
    answer.catch((error: unknown) => {
      if (error instanceof HauntError && error.status !== 0) refused?.(error);
    });
  }
}
