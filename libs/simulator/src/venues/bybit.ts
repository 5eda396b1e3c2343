import type { Connection } from '../connection.js';
import type { FaultKind } from '../faults.js';
import type { Channel } from '../publisher.js';
import { trimmed } from '../spelling.js';
import { StreamVenue } from '../stream-venue.js';
import type { Trade } from '../tape.js';
import type { Route, Setting, VenueAnswer, VenueRequest } from '../venue.js';
import type { ListingStyle, VenuePair } from '../venue-pair.js';
import { bybitAnswer, bybitDay, bybitRoutes, bybitTradeId } from './bybit.rest.js';

export const BYBIT: ListingStyle = {
  venue: 'bybit',
  spell: (base, quote) => `${base}${quote}`.toUpperCase(),
  mainQuote: 'usdt',
  otherQuotes: [
    { quote: 'usdc', largest: 30 },
    { quote: 'eur', largest: 10 },
  ],
  stablePairs: [['usdc', 'usdt']],
  minDecimals: 1,
  maxDecimals: 10,
  volumeShare: 0.05,
};

const ARGS = 10;
const ARGS_CHARACTERS = 21_000;
const TRADES_PER_PUSH = 1024;
/** Nobody said anything for this long: cut. */
const SILENCE_MS = 600_000;
/** A ping every 20 s is what clients are asked for; who leaves out two in a row is reported, and not cut. */
const PING_MS = 20_000;
const BAN_MS = 600_000;
const TOPIC = /^(publicTrade|tickers)\.([^.]+)$/;

/**
 * Bybit v5, public topics of the spot market: https://bybit-exchange.github.io/docs/v5/ws/connect and, for the limits of an
 * address, https://bybit-exchange.github.io/docs/v5/rate-limit . How refusals are worded is not in them; the words are those
 * that clients were told (https://github.com/yufuquant/rust-bybit/issues/24).
 */
export class BybitVenue extends StreamVenue {
  protected readonly kinds = { publicTrade: {}, tickers: { periodMs: 1000 } };
  protected readonly routes: readonly Route[] = bybitRoutes(this);
  private readonly bans = new Map<string, number>();
  private readonly pingless = new WeakSet<Connection>();

  constructor(setting: Setting) {
    super(
      BYBIT,
      setting,
      { count: 600, windowMs: 5000 },
      {
        connects: { count: 500, windowMs: 300_000 },
        // Not published.
        messages: { count: 1000, windowMs: 1000 },
      },
    );
  }

  /** Who asks too often is shut out for ten minutes. */
  override answer(request: VenueRequest): VenueAnswer | undefined {
    const now = this.setting.now();
    if ((this.bans.get(request.remote) ?? 0) > now) return this.tooOften();
    const answer = super.answer(request);
    if (answer?.status === 403 && this.faults.get('rate-limit') === undefined) {
      this.bans.set(request.remote, now + BAN_MS);
    }
    return answer;
  }

  override heal(kind?: FaultKind): void {
    super.heal(kind);
    if (kind === undefined || kind === 'rate-limit') this.bans.clear();
  }

  protected opened(): void {}

  protected tend(connection: Connection, now: number): void {
    if (now - Math.max(connection.lastReceivedAt, connection.lastSentAt) > SILENCE_MS) {
      this.break(connection, 'silence', 'no ping and no data for ten minutes', 1001);
    }
    if (now - connection.lastPingAt <= 2 * PING_MS || this.pingless.has(connection)) return;
    this.pingless.add(connection);
    this.violation('keep-alive', `no ping for ${2 * PING_MS} ms, one every ${PING_MS} ms is asked for`);
  }

  protected received(connection: Connection, text: string): void {
    let message: { readonly op?: unknown; readonly args?: unknown; readonly req_id?: unknown } | null;
    try {
      message = JSON.parse(text) as typeof message;
    } catch {
      return this.refuseFrame(connection, {}, 'invalid-request', 'Failed to decode incoming data: not JSON');
    }
    const { op, args, req_id: requestId } = message ?? {};
    const head = { req_id: requestId, op };
    if (op === 'ping') {
      connection.lastPingAt = this.setting.now();
      this.pingless.delete(connection);
      return this.reply(connection, head, true, 'pong');
    }
    if (op !== 'subscribe' && op !== 'unsubscribe') {
      return this.refuseFrame(connection, head, 'invalid-request', 'error:invalid op');
    }
    if (!Array.isArray(args) || !args.every((topic) => typeof topic === 'string')) {
      return this.refuseFrame(connection, head, 'invalid-request', 'Params Error');
    }
    if (args.length > ARGS) return this.refuseFrame(connection, head, 'args', `args size >${ARGS}`);
    if (op === 'subscribe') return this.join(connection, head, args);
    for (const topic of args) this.unsubscribe(connection, topic);
    this.reply(connection, head, true, '');
  }

  /** All of them or none. */
  private join(connection: Connection, head: object, topics: readonly string[]): void {
    const found = topics.map((topic) => {
      const [, kind = '', symbol = ''] = TOPIC.exec(topic) ?? [];
      return { topic, kind, pair: this.online(symbol) };
    });
    const unknown = found.find(({ kind }) => kind === '');
    if (unknown !== undefined) {
      return this.refuseFrame(connection, head, 'unlisted', `error:handler not found,topic:${unknown.topic}`);
    }
    const unlisted = found.filter(({ pair }) => pair === undefined).map(({ topic }) => topic);
    if (unlisted.length > 0) {
      return this.refuseFrame(connection, head, 'unlisted', `Invalid symbol :[${unlisted.join(',')}]`);
    }
    const held = topics.find((topic) => connection.subscriptions.has(topic));
    if (held !== undefined) return this.reply(connection, head, false, `error:already subscribed,topic:${held}`);
    if (JSON.stringify([...connection.subscriptions, ...topics]).length > ARGS_CHARACTERS) {
      return this.refuseFrame(connection, head, 'arguments', `args length >${ARGS_CHARACTERS}`);
    }
    this.reply(connection, head, true, 'subscribe');
    for (const { topic, kind, pair } of found) {
      if (pair === undefined) continue;
      this.subscribe(connection, topic, kind, pair);
      // Trades begin with the next one; of a ticker there is always a last state.
      if (kind === 'tickers') this.sendData(connection, pair, this.spellTicker(pair));
    }
  }

  private reply(connection: Connection, head: object, success: boolean, said: string): void {
    this.send(connection, JSON.stringify({ success, ret_msg: said, conn_id: connection.id, ...head }));
  }

  private refuseFrame(connection: Connection, head: object, rule: string, said: string): void {
    this.violation(rule, said);
    this.reply(connection, head, false, said);
  }

  protected spellTrades({ pair }: Channel, trades: readonly Trade[]): string[] {
    const texts: string[] = [];
    for (let from = 0; from < trades.length; from += TRADES_PER_PUSH) {
      const rows = trades
        .slice(from, from + TRADES_PER_PUSH)
        .map(spellTrade)
        .join(',');
      texts.push(
        `{"topic":"publicTrade.${pair.id}","ts":${Math.floor(this.clock())},"type":"snapshot","data":[${rows}]}`,
      );
    }
    return texts;
  }

  protected spellPeriodic({ pair }: Channel): string {
    return this.spellTicker(pair);
  }

  private spellTicker(pair: VenuePair): string {
    const head = `{"topic":"tickers.${pair.id}","ts":${Math.floor(this.clock())},"type":"snapshot"`;
    return `${head},"cs":${this.last(pair).id * 3},"data":${JSON.stringify(bybitDay(this, pair))}}`;
  }

  protected notFound(): VenueAnswer {
    return { status: 404, body: 'Cannot find path', type: 'text/plain' };
  }

  protected tooOften(): VenueAnswer {
    return { ...bybitAnswer(this, {}, 10018, 'access too frequent'), status: 403 };
  }
}

function spellTrade(trade: Trade): string {
  const { id, pair, priceText, sizeText, takerBuys, time } = trade;
  return (
    `{"i":"${bybitTradeId(trade)}","T":${Math.floor(time)},"p":"${trimmed(priceText)}","v":"${trimmed(sizeText)}",` +
    `"S":"${takerBuys ? 'Buy' : 'Sell'}","seq":${id * 3},"s":"${pair.id}","BT":false,"RPI":false}`
  );
}
