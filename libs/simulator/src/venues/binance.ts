import type { Connection } from '../connection.js';
import type { Channel } from '../publisher.js';
import { StreamVenue } from '../stream-venue.js';
import type { Trade } from '../tape.js';
import type { FaultKind } from '../faults.js';
import { json, type Route, type Setting, type VenueAnswer, type VenueRequest } from '../venue.js';
import type { ListingStyle, VenuePair } from '../venue-pair.js';
import { Bans } from './binance.ban.js';
import { binanceRoutes } from './binance.rest.js';

export const BINANCE: ListingStyle = {
  venue: 'binance',
  spell: (base, quote) => `${base}${quote}`.toUpperCase(),
  mainQuote: 'usdt',
  otherQuotes: [
    { quote: 'usdc', largest: 40 },
    { quote: 'eur', largest: 15 },
    { quote: 'btc', largest: 30 },
  ],
  stablePairs: [['usdc', 'usdt']],
  minDecimals: 2,
  maxDecimals: 8,
  volumeShare: 0.2,
};

const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 60_000;
const STREAMS = 1024;
/** Of a minute; a request weighs 2 unless it is told here. */
const WEIGHT = 6000;
const WEIGHTS = [
  [/\/(ping|time)$/, 1],
  [/\/exchangeInfo$/, 20],
  [/\/trades$/, 25],
  [/\/aggTrades$/, 4],
  [/./, 2],
] as const;
const KINDS: Readonly<Record<string, string>> = {
  trade: 'trade',
  aggTrade: 'aggTrade',
  ticker: 'ticker',
  miniTicker: 'miniTicker',
};
const eight = (value: number): string => value.toFixed(8);

/** Binance spot streams: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */
export class BinanceVenue extends StreamVenue {
  protected readonly kinds = { trade: {}, aggTrade: {}, ticker: { periodMs: 1000 }, miniTicker: { periodMs: 1000 } };
  protected readonly routes: readonly Route[] = binanceRoutes(this);
  /** Stream names a connection holds, unlisted ones too. */
  private readonly streams = new WeakMap<Connection, Set<string>>();

  private readonly bans = new Bans();

  constructor(setting: Setting) {
    super(
      BINANCE,
      setting,
      { count: WEIGHT, windowMs: 60_000, costs: WEIGHTS },
      {
        connects: { count: 300, windowMs: 300_000 },
        messages: { count: 5, windowMs: 1000 },
        maxAgeMs: 24 * 3_600_000,
      },
    );
  }

  override answer(request: VenueRequest): VenueAnswer | undefined {
    const [now, { remote }] = [this.setting.now(), request];
    const until = this.bans.bannedUntil(remote, now);
    if (until !== undefined) {
      const msg = `Way too many requests; IP banned until ${until}. Please use the websocket for live updates to avoid bans.`;
      return {
        ...json({ code: -1003, msg }, 418),
        headers: { 'retry-after': String(Math.ceil((until - now) / 1000)) },
      };
    }
    const answer = super.answer(request);
    if (this.bans.answered(remote, answer?.status, now)) this.violation('ban', 'went on asking after 429');
    return answer;
  }

  override heal(kind?: FaultKind): void {
    super.heal(kind);
    if (kind === undefined || kind === 'rate-limit') this.bans.lift();
  }

  protected opened(connection: Connection): void {
    const { pathname, searchParams } = connection.url;
    connection.combined = pathname.includes('/stream');
    connection.micros = searchParams.get('timeUnit')?.toUpperCase() === 'MICROSECOND';
    this.streams.set(connection, new Set());
    const path = /\/ws\/(.+)$/.exec(pathname)?.[1];
    const named = connection.combined ? searchParams.get('streams')?.split('/') : path?.split('/');
    if (named !== undefined) this.join(connection, named.map(decodeURIComponent));
  }

  protected tend(connection: Connection, now: number): void {
    if (now - connection.lastPingAt >= PING_EVERY_MS) {
      connection.lastPingAt = now;
      this.ping(connection, String(Math.floor(now)));
    }
    if (now - connection.lastPongAt > PONG_WITHIN_MS) {
      this.break(connection, 'keep-alive', 'no pong within a minute');
    }
  }

  protected received(connection: Connection, text: string): void {
    let request: { method?: unknown; params?: unknown; id?: unknown };
    try {
      request = JSON.parse(text) as typeof request;
    } catch {
      return this.fail(connection, 3, 'Invalid JSON: expected value at line 1 column 1', null);
    }
    const { method, params, id = null } = request ?? {};
    const names = Array.isArray(params) && params.every((name) => typeof name === 'string') ? params : undefined;
    switch (method) {
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE':
        if (names === undefined)
          return this.fail(connection, 2, 'Invalid request: params must be an array of strings', id);
        if (method === 'UNSUBSCRIBE') names.forEach((name) => this.leave(connection, name));
        else if (!this.join(connection, names)) return;
        return this.send(connection, JSON.stringify({ result: null, id }));
      case 'LIST_SUBSCRIPTIONS':
        return this.send(connection, JSON.stringify({ result: [...(this.streams.get(connection) ?? [])], id }));
      case 'GET_PROPERTY':
        return this.send(connection, JSON.stringify({ result: connection.combined, id }));
      case 'SET_PROPERTY': {
        const [property, value] = Array.isArray(params) ? (params as unknown[]) : [];
        if (property !== 'combined') return this.fail(connection, 0, 'Unknown property', id);
        if (typeof value !== 'boolean') return this.fail(connection, 1, 'Invalid value type: expected Boolean', id);
        const held = [...(this.streams.get(connection) ?? [])];
        held.forEach((name) => this.leave(connection, name));
        connection.combined = value;
        this.join(connection, held);
        return this.send(connection, JSON.stringify({ result: null, id }));
      }
      default:
        return this.fail(connection, 2, `Invalid request: unknown variant \`${String(method)}\``, id);
    }
  }

  /** Unlisted symbols and streams are accepted and never send. False when the client was cut for too many. */
  private join(connection: Connection, names: readonly string[]): boolean {
    const held = this.streams.get(connection) ?? new Set();
    for (const name of names) {
      held.add(name);
      if (held.size > STREAMS) {
        this.break(connection, 'streams', `more than ${STREAMS} streams on one connection`);
        return false;
      }
      const [symbol = '', stream = ''] = name.split('@');
      const kind = KINDS[stream];
      const pair = symbol === symbol.toLowerCase() ? this.online(symbol.toUpperCase()) : undefined;
      // ccxt connects to `/ws/0` and subscribes later: what does not look like a stream is not meant as one.
      if (pair === undefined && stream !== '')
        this.violation('unlisted', `stream ${name}: no such symbol, it will never send`);
      else if (pair !== undefined && kind !== undefined)
        this.subscribe(connection, this.key(connection, name), kind, pair);
    }
    return true;
  }

  private leave(connection: Connection, name: string): void {
    this.streams.get(connection)?.delete(name);
    this.unsubscribe(connection, this.key(connection, name));
  }

  /** Connections that want another envelope or other timestamps have channels of their own. */
  private key(connection: Connection, name: string): string {
    return `${connection.combined ? 'c' : 'r'}${connection.micros ? 'u' : 'm'}|${name}`;
  }

  private fail(connection: Connection, code: number, msg: string, id: unknown): void {
    this.violation('invalid-request', msg);
    this.send(connection, JSON.stringify({ error: { code, msg }, id }));
  }

  protected override announceShutdown(): void {
    for (const connection of this.connections) {
      this.send(connection, JSON.stringify({ e: 'serverShutdown', E: Math.floor(this.clock()) }));
      connection.flush(this.setting.now());
    }
  }

  protected spellTrades({ key, kind, pair }: Channel, trades: readonly Trade[]): string[] {
    const micros = key[1] === 'u';
    const event = stamp(this.clock(), micros);
    return trades.map((trade) => {
      const price = eight(trade.price);
      const size = eight(trade.size);
      const numbers = kind === 'trade' ? `"t":${trade.id},` : `"a":${trade.id},`;
      const range = kind === 'trade' ? '' : `"f":${trade.id},"l":${trade.id},`;
      return this.envelope(
        key,
        `{"e":"${kind}","E":${event},"s":"${pair.id}",${numbers}"p":"${price}","q":"${size}",${range}` +
          `"T":${stamp(trade.time, micros)},"m":${!trade.takerBuys},"M":true}`,
      );
    });
  }

  protected spellPeriodic({ key, kind, pair }: Channel): string {
    const event = stamp(this.clock(), key[1] === 'u');
    return this.envelope(key, kind === 'ticker' ? this.spellTicker(pair, event) : this.spellMini(pair, event));
  }

  private spellTicker(pair: VenuePair, event: string): string {
    const day = this.day(pair);
    const last = this.last(pair);
    const { bid, ask, bidSize, askSize } = this.book(pair);
    const change = last.price - day.open;
    return (
      `{"e":"24hrTicker","E":${event},"s":"${pair.id}","p":"${eight(change)}","P":"${((change / day.open) * 100).toFixed(3)}",` +
      `"w":"${eight(day.quoteVolume / day.volume)}","x":"${eight(day.open)}","c":"${eight(last.price)}","Q":"${eight(last.size)}",` +
      `"b":"${eight(Number(bid))}","B":"${eight(Number(bidSize))}","a":"${eight(Number(ask))}","A":"${eight(Number(askSize))}",` +
      `"o":"${eight(day.open)}","h":"${eight(day.high)}","l":"${eight(day.low)}","v":"${eight(day.volume)}",` +
      `"q":"${eight(day.quoteVolume)}","O":${Number(event) - 86_400_000},"C":${event},"F":${last.id - day.count},"L":${last.id},"n":${day.count + 1}}`
    );
  }

  private spellMini(pair: VenuePair, event: string): string {
    const day = this.day(pair);
    return (
      `{"e":"24hrMiniTicker","E":${event},"s":"${pair.id}","c":"${eight(this.last(pair).price)}","o":"${eight(day.open)}",` +
      `"h":"${eight(day.high)}","l":"${eight(day.low)}","v":"${eight(day.volume)}","q":"${eight(day.quoteVolume)}"}`
    );
  }

  private envelope(key: string, payload: string): string {
    return key[0] === 'c' ? `{"stream":"${key.slice(3)}","data":${payload}}` : payload;
  }

  protected notFound(): VenueAnswer {
    return { status: 404, body: '', type: 'text/plain' };
  }

  protected tooOften(): VenueAnswer {
    return json(
      { code: -1003, msg: `Too much request weight used; current limit is ${WEIGHT} request weight per 1 MINUTE.` },
      429,
    );
  }
}

/** Epoch ms, or microseconds where the client asked for them. */
function stamp(time: number, micros: boolean): string {
  return String(micros ? Math.floor(time * 1000) : Math.floor(time));
}
