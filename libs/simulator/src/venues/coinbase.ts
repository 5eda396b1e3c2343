import type { Connection } from '../connection.js';
import { unit } from '../noise.js';
import { isoMicros, trimmed } from '../spelling.js';
import type { Channel } from '../publisher.js';
import { StreamVenue } from '../stream-venue.js';
import type { Trade } from '../tape.js';
import { json, type Route, type Setting, type VenueAnswer } from '../venue.js';
import type { ListingStyle, VenuePair } from '../venue-pair.js';
import { coinbaseRoutes } from './coinbase.rest.js';

export const COINBASE: ListingStyle = {
  venue: 'coinbase',
  spell: (base, quote) => `${base}-${quote}`.toUpperCase(),
  mainQuote: 'usd',
  otherQuotes: [
    { quote: 'usdt', largest: 12 },
    { quote: 'eur', largest: 30 },
    { quote: 'btc', largest: 15 },
  ],
  // USDC is the dollar here: there is no USDC-USD.
  stablePairs: [
    ['usdt', 'usd'],
    ['usdt', 'usdc'],
  ],
  minDecimals: 2,
  maxDecimals: 8,
  volumeShare: 0.05,
};

const CHANNELS = ['ticker', 'ticker_batch', 'matches', 'heartbeat'];
const CLOSED_CHANNELS = ['level2', 'level3', 'full', 'user'];
const SUBSCRIBE_WITHIN_MS = 5000;
/** Subscriptions to one product and channel that one connection may hold. */
const SAME_SUBSCRIPTIONS = 10;

interface Order {
  readonly type?: unknown;
  readonly product_ids?: unknown;
  readonly channels?: unknown;
}

/** Coinbase Exchange: https://docs.cdp.coinbase.com/exchange/websocket-feed/channels and .../rate-limits */
export class CoinbaseVenue extends StreamVenue {
  protected readonly kinds = {
    matches: {},
    ticker: {},
    ticker_batch: { periodMs: 5000 },
    heartbeat: { periodMs: 1000, life: true },
  };
  protected readonly routes: readonly Route[] = coinbaseRoutes(this);
  private readonly repeats = new WeakMap<Connection, Map<string, number>>();

  constructor(setting: Setting) {
    super(
      COINBASE,
      setting,
      { count: 15, windowMs: 1000 },
      {
        connects: { count: 20, windowMs: 1000 },
        messages: { count: 100, windowMs: 1000 },
      },
    );
  }

  protected opened(): void {}

  protected tend(connection: Connection, now: number): void {
    if (
      connection.subscriptions.size === 0 &&
      !connection.welcomed &&
      now - connection.openedAt > SUBSCRIBE_WITHIN_MS
    ) {
      this.break(connection, 'subscribe-within', 'no subscription within 5 s of connecting');
    }
  }

  protected received(connection: Connection, text: string): void {
    let order: Order;
    try {
      order = JSON.parse(text) as Order;
    } catch {
      return this.fail(connection, 'malformed', 'Malformed JSON', undefined);
    }
    if (order?.type !== 'subscribe' && order?.type !== 'unsubscribe') {
      return this.fail(connection, 'malformed', 'Type has to be either subscribe or unsubscribe', undefined);
    }
    const wanted = this.wanted(order);
    if (typeof wanted === 'string') return this.fail(connection, 'invalid-subscription', 'Failed to subscribe', wanted);
    if (order.type === 'unsubscribe') {
      for (const [name, pair] of wanted) this.unsubscribe(connection, `${name}:${pair.id}`);
      return this.acknowledge(connection);
    }
    const fresh = this.fresh(connection, wanted);
    if (fresh === undefined) return;
    // Whoever subscribed once has kept the 5 s, also when everything is unsubscribed later.
    connection.welcomed = true;
    this.acknowledge(connection);
    for (const [name, pair] of fresh) {
      if (name === 'matches') this.sendData(connection, pair, this.spellMatch(this.lastPublished(pair), 'last_match'));
      if (name === 'ticker') this.sendData(connection, pair, this.spellTicker(this.lastPublished(pair)));
    }
  }

  /** Channels and products of an order, or what is wrong with it: one wrong product refuses all. */
  private wanted(order: Order): [string, VenuePair][] | string {
    if (!Array.isArray(order.channels) || order.channels.length === 0) return 'No channels provided';
    const wanted: [string, VenuePair][] = [];
    for (const channel of order.channels as readonly unknown[]) {
      const own =
        typeof channel === 'object' && channel !== null ? (channel as { name?: unknown; product_ids?: unknown }) : {};
      const name = String(typeof channel === 'string' ? channel : own.name);
      if (CLOSED_CHANNELS.includes(name)) return `${name} requires authentication`;
      if (!CHANNELS.includes(name)) return `${name} is not a valid channel`;
      const ids: unknown = own.product_ids ?? order.product_ids;
      if (!Array.isArray(ids) || ids.length === 0) return 'No product IDs provided';
      for (const id of ids as readonly unknown[]) {
        const pair = this.online(String(id));
        if (pair === undefined) return `${String(id)} is not a valid product`;
        wanted.push([name, pair]);
      }
    }
    return wanted;
  }

  private fresh(connection: Connection, wanted: readonly [string, VenuePair][]): [string, VenuePair][] | undefined {
    const repeats = this.repeats.get(connection) ?? new Map<string, number>();
    this.repeats.set(connection, repeats);
    const fresh: [string, VenuePair][] = [];
    for (const [name, pair] of wanted) {
      const key = `${name}:${pair.id}`;
      const times = (repeats.get(key) ?? 0) + 1;
      repeats.set(key, times);
      if (times > SAME_SUBSCRIPTIONS) {
        this.fail(connection, 'repeated-subscription', 'Failed to subscribe', `too many subscriptions to ${key}`);
        return undefined;
      }
      if (this.subscribe(connection, key, name, pair)) fresh.push([name, pair]);
    }
    return fresh;
  }

  private acknowledge(connection: Connection): void {
    const channels = CHANNELS.map((name) => ({
      name,
      product_ids: [...connection.subscriptions]
        .filter((key) => key.startsWith(`${name}:`))
        .map((key) => key.split(':')[1]),
      account_ids: null,
    }));
    this.send(
      connection,
      JSON.stringify({ type: 'subscriptions', channels: channels.filter((c) => c.product_ids.length > 0) }),
    );
  }

  private fail(connection: Connection, rule: string, message: string, reason: string | undefined): void {
    this.violation(rule, reason === undefined ? message : `${message}: ${reason}`);
    this.send(connection, JSON.stringify({ type: 'error', message, reason }));
  }

  protected override tooManyMessages(connection: Connection): void {
    this.send(connection, JSON.stringify({ type: 'error', message: 'Rate limit exceeded' }));
    super.tooManyMessages(connection);
  }

  protected spellTrades(channel: Channel, trades: readonly Trade[]): string[] {
    return trades.map((trade) =>
      channel.kind === 'matches' ? this.spellMatch(trade, 'match') : this.spellTicker(trade),
    );
  }

  protected spellPeriodic({ kind, pair }: Channel): string {
    const last = this.last(pair);
    if (kind !== 'heartbeat') return this.spellTicker(last);
    const time = isoMicros(this.clock());
    return `{"type":"heartbeat","last_trade_id":${last.id},"product_id":"${pair.id}","sequence":${sequence(last)},"time":"${time}"}`;
  }

  /** `side` is that of the maker, whose order was there first. */
  private spellMatch(trade: Trade, type: 'match' | 'last_match'): string {
    const { pair, id, takerBuys, sizeText, priceText, time } = trade;
    return (
      `{"type":"${type}","trade_id":${id},"maker_order_id":"${uuid(pair.seed, id)}","taker_order_id":"${uuid(~pair.seed, id)}",` +
      `"side":"${takerBuys ? 'sell' : 'buy'}","size":"${trimmed(sizeText)}","price":"${trimmed(priceText)}",` +
      `"product_id":"${pair.id}","sequence":${sequence(trade)},"time":"${isoMicros(time)}"}`
    );
  }

  /** `side` is that of the taker here. */
  private spellTicker(trade: Trade): string {
    const { pair, id, takerBuys, sizeText, priceText, time } = trade;
    const day = this.day(pair);
    const { bid, ask, bidSize, askSize } = this.book(pair);
    const plain = (value: number): string => trimmed(value.toFixed(pair.priceDecimals));
    return (
      `{"type":"ticker","sequence":${sequence(trade)},"product_id":"${pair.id}","price":"${trimmed(priceText)}",` +
      `"open_24h":"${plain(day.open)}","volume_24h":"${day.volume.toFixed(8)}","low_24h":"${plain(day.low)}",` +
      `"high_24h":"${plain(day.high)}","volume_30d":"${(day.volume * 29.6).toFixed(8)}","best_bid":"${bid}",` +
      `"best_bid_size":"${bidSize}","best_ask":"${ask}","best_ask_size":"${askSize}","side":"${takerBuys ? 'buy' : 'sell'}",` +
      `"time":"${isoMicros(time)}","trade_id":${id},"last_size":"${trimmed(sizeText)}"}`
    );
  }

  protected notFound(): VenueAnswer {
    return json({ message: 'NotFound' }, 404);
  }

  protected tooOften(): VenueAnswer {
    return json({ message: 'Public rate limit exceeded' }, 429);
  }
}

/** Per product; several book changes lie between two trades. */
function sequence(trade: Trade): number {
  return trade.id * 7 + 11;
}

function uuid(seed: number, counter: number): string {
  const part = (salt: number, digits: number): string =>
    Math.floor(unit(seed ^ salt, counter) * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${part(1, 8)}-${part(2, 4)}-4${part(3, 3)}-9${part(4, 3)}-${part(5, 6)}${part(6, 6)}`;
}
