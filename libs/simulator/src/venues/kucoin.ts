import type { Connection } from '../connection.js';
import { seedOf } from '../noise.js';
import { trimmed } from '../spelling.js';
import type { Channel } from '../publisher.js';
import { StreamVenue } from '../stream-venue.js';
import type { Trade } from '../tape.js';
import { json, type Route, type Setting, type VenueAnswer } from '../venue.js';
import type { ListingStyle, VenuePair } from '../venue-pair.js';
import { kucoinRoutes } from './kucoin.rest.js';
import { kucoinMatch } from './kucoin.trade.js';

export const KUCOIN: ListingStyle = {
  venue: 'kucoin',
  spell: (base, quote) => `${base}-${quote}`.toUpperCase(),
  mainQuote: 'usdt',
  otherQuotes: [
    { quote: 'usdc', largest: 20 },
    { quote: 'btc', largest: 25 },
  ],
  stablePairs: [['usdc', 'usdt']],
  minDecimals: 1,
  maxDecimals: 10,
  volumeShare: 0.02,
};

export const PING_INTERVAL_MS = 18_000;
export const PING_TIMEOUT_MS = 10_000;
const DAY_MS = 24 * 3_600_000;
const TOPICS = 300;
const BATCH = 100;
const KINDS: Readonly<Record<string, string>> = {
  '/market/match': 'match',
  '/market/ticker': 'ticker',
  '/market/snapshot': 'snapshot',
};

interface Message {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly topic?: unknown;
  readonly response?: unknown;
}

/** https://www.kucoin.com/docs-new/rate-limit */
const WEIGHTS = [
  [/\/(candles|timestamp|histories)$/, 3],
  [/\/(allTickers|stats)$/, 15],
  [/\/bullet-public$/, 10],
  [/./, 4],
] as const;

/** KuCoin spot, public channels: https://www.kucoin.com/docs-new/websocket-api/base-info/introduction */
export class KucoinVenue extends StreamVenue {
  protected readonly kinds = { match: {}, ticker: {}, snapshot: { periodMs: 2000 } };
  protected readonly routes: readonly Route[];
  /** Tokens given out and not used yet: when. */
  private readonly tokens = new Map<string, number>();
  /** What came before the welcome. */
  private readonly early = new WeakMap<Connection, string[]>();
  private issued = 0;

  constructor(setting: Setting) {
    super(
      KUCOIN,
      setting,
      { count: 2000, windowMs: 30_000, costs: WEIGHTS },
      {
        connects: { count: 30, windowMs: 60_000 },
        messages: { count: 100, windowMs: 10_000 },
        maxAgeMs: DAY_MS,
      },
    );
    this.routes = kucoinRoutes(this, (host) => this.ticket(host));
  }

  protected opened(connection: Connection): void {
    const { searchParams } = connection.url;
    const token = searchParams.get('token') ?? '';
    const issuedAt = this.tokens.get(token);
    this.tokens.delete(token);
    const expired = issuedAt !== undefined && this.setting.now() - issuedAt > DAY_MS / this.setting.timeScale;
    if (issuedAt !== undefined && !expired) return;
    const data = expired ? 'token is expired' : 'token is invalid';
    this.send(connection, JSON.stringify({ id: searchParams.get('connectId') ?? '', type: 'error', code: 401, data }));
    this.break(connection, 'token', `${data}: a new one is needed for every connection`);
  }

  protected tend(connection: Connection, now: number): void {
    if (!connection.welcomed && !connection.closing) {
      connection.welcomed = true;
      const id = connection.url.searchParams.get('connectId') ?? connection.id;
      this.send(connection, JSON.stringify({ id, type: 'welcome' }));
      for (const text of this.early.get(connection) ?? []) this.received(connection, text);
      this.early.delete(connection);
    }
    if (now - connection.lastPongAt > PING_INTERVAL_MS + PING_TIMEOUT_MS) {
      this.break(connection, 'keep-alive', `no ping within ${PING_INTERVAL_MS + PING_TIMEOUT_MS} ms`);
    }
  }

  protected received(connection: Connection, text: string): void {
    if (!connection.welcomed) return this.hold(connection, text);
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      return this.fail(connection, undefined, 400, 'message is not valid JSON');
    }
    const { id, type, topic } = message ?? {};
    if (type === 'ping') {
      connection.lastPongAt = this.setting.now();
      return this.send(connection, JSON.stringify({ id, type: 'pong', timestamp: Math.floor(this.clock() * 1000) }));
    }
    if (type !== 'subscribe' && type !== 'unsubscribe') return this.fail(connection, id, 415, 'type is not supported');
    const wanted = this.wanted(String(topic));
    if (typeof wanted === 'string') return this.fail(connection, id, 404, wanted);
    if (wanted.length > BATCH) {
      return this.fail(connection, id, 509, `exceed max subscription count limitation of ${BATCH} per time`);
    }
    if (type === 'unsubscribe') {
      for (const [key] of wanted) this.unsubscribe(connection, key);
    } else {
      const fresh = wanted.filter(([key]) => !connection.subscriptions.has(key));
      if (connection.subscriptions.size + fresh.length > TOPICS) {
        return this.fail(connection, id, 509, `exceed max subscription count limitation of ${TOPICS} per session`);
      }
      for (const [key, kind, pair] of fresh) this.subscribe(connection, key, kind, pair);
    }
    if (message.response === true) this.send(connection, JSON.stringify({ id: String(id), type: 'ack' }));
  }

  /** Too early is against the rules and does no harm: clients that do not wait (ccxt) are served all the same. */
  private hold(connection: Connection, text: string): void {
    this.violation('welcome', 'a message before the welcome');
    this.early.set(connection, [...(this.early.get(connection) ?? []), text]);
  }

  private wanted(topic: string): [key: string, kind: string, pair: VenuePair][] | string {
    const [name = '', list = ''] = topic.split(':');
    const kind = KINDS[name];
    if (kind === undefined) return `topic ${topic} is not found`;
    const names = list.split(',');
    const pairs = names.map((symbol) => this.online(symbol));
    const missing = names.find((_, at) => pairs[at] === undefined);
    if (missing !== undefined) return `topic ${name}:${missing} is not found`;
    return pairs.flatMap((pair) => (pair === undefined ? [] : [[`${name}:${pair.id}`, kind, pair]]));
  }

  private fail(connection: Connection, id: unknown, code: number, data: string): void {
    this.violation(code === 404 ? 'unlisted' : code === 509 ? 'topics' : 'invalid-request', data);
    // Ids come back as text, whatever they were.
    const own = typeof id === 'string' || typeof id === 'number' ? { id: `${id}` } : {};
    this.send(connection, JSON.stringify({ ...own, type: 'error', code, data }));
  }

  protected override tooManyMessages(connection: Connection): void {
    this.violation('messages', 'more than 100 messages in 10 s');
    this.send(connection, JSON.stringify({ type: 'error', code: 509, data: 'exceed max permits per 10 seconds' }));
  }

  /** The answer of bullet-public: a token for one connection, and where to take it. */
  private ticket(host: string): object {
    const now = this.setting.now();
    const token = `2neAiuYvAU61ZDXANAGAsiL4-${seedOf(`${this.setting.seed}/${++this.issued}/${now}`).toString(36)}_${this.issued.toString(36)}==.simulated`;
    this.tokens.set(token, now);
    return {
      token,
      instanceServers: [
        {
          endpoint: `ws://${host}/kucoin/endpoint`,
          encrypt: false,
          protocol: 'websocket',
          pingInterval: PING_INTERVAL_MS,
          pingTimeout: PING_TIMEOUT_MS,
        },
      ],
    };
  }

  protected spellTrades({ kind, pair }: Channel, trades: readonly Trade[]): string[] {
    if (kind === 'match') return trades.map(kucoinMatch);
    const last = trades.at(-1);
    if (last === undefined) return [];
    const { bid, ask, bidSize, askSize } = this.book(pair);
    return [
      `{"topic":"/market/ticker:${pair.id}","type":"message","subject":"trade.ticker","data":{"bestAsk":"${trimmed(ask)}",` +
        `"bestAskSize":"${trimmed(askSize)}","bestBid":"${trimmed(bid)}","bestBidSize":"${trimmed(bidSize)}","price":"${trimmed(last.priceText)}",` +
        `"sequence":"${last.id * 3}","size":"${trimmed(last.sizeText)}","time":${Math.floor(last.time)}}}`,
    ];
  }

  protected spellPeriodic({ pair }: Channel): string {
    const day = this.day(pair);
    const last = this.last(pair);
    const { bid, ask, bidSize, askSize } = this.book(pair);
    const [base, quote] = [pair.base.toUpperCase(), pair.quote.toUpperCase()];
    const time = Math.floor(this.clock());
    const change = Number((last.price - day.open).toFixed(pair.priceDecimals));
    const rate = Number((last.price / day.open - 1).toFixed(4));
    const window = { changePrice: change, changeRate: rate, high: day.high, low: day.low, open: day.open };
    const volume = { vol: day.volume, volValue: day.quoteVolume };
    return JSON.stringify({
      topic: `/market/snapshot:${pair.id}`,
      type: 'message',
      subject: 'trade.snapshot',
      data: {
        sequence: String(last.id * 3),
        data: {
          askSize: Number(askSize),
          averagePrice: Number(((day.high + day.low) / 2).toPrecision(8)),
          baseCurrency: base,
          bidSize: Number(bidSize),
          board: 0,
          buy: Number(bid),
          changePrice: change,
          changeRate: rate,
          close: last.price,
          datetime: time,
          high: day.high,
          lastTradedPrice: last.price,
          low: day.low,
          makerCoefficient: 1,
          makerFeeRate: 0.001,
          marginTrade: false,
          mark: 0,
          market: quote,
          marketChange24h: { ...window, ...volume },
          markets: [quote],
          open: day.open,
          quoteCurrency: quote,
          sell: Number(ask),
          sort: 100,
          symbol: pair.id,
          symbolCode: pair.id,
          takerCoefficient: 1,
          takerFeeRate: 0.001,
          trading: true,
          ...volume,
        },
      },
    });
  }

  protected notFound(): VenueAnswer {
    return json({ code: '404', msg: 'Not Found' }, 404);
  }

  protected tooOften(): VenueAnswer {
    return json({ code: '429000', msg: 'Too many requests in a short period of time, please retry later' }, 429);
  }
}
