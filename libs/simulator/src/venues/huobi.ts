import { constants, gzipSync } from 'node:zlib';
import type { Connection } from '../connection.js';
import { binaryFrame } from '../frame.js';
import { javaDouble } from '../spelling.js';
import type { Channel } from '../publisher.js';
import { StreamVenue } from '../stream-venue.js';
import type { Trade } from '../tape.js';
import { json, type Route, type Setting, type VenueAnswer } from '../venue.js';
import type { ListingStyle, VenuePair } from '../venue-pair.js';
import { huobiRoutes } from './huobi.rest.js';
import { huobiPush, tickId } from './huobi.trade.js';

export const HUOBI: ListingStyle = {
  venue: 'huobi',
  spell: (base, quote) => `${base}${quote}`,
  mainQuote: 'usdt',
  otherQuotes: [{ quote: 'btc', largest: 20 }],
  stablePairs: [['usdc', 'usdt']],
  minDecimals: 2,
  maxDecimals: 10,
  volumeShare: 0.03,
};

const PING_EVERY_MS = 5000;
const MISSED_PONGS = 2;
const TOPIC = /^market\.([^.]+)\.(trade\.detail|detail|ticker)$/;
/** A window small enough for these messages: the default one costs 256 kB per call. */
const GZIP = { level: constants.Z_BEST_SPEED, windowBits: 11, memLevel: 4 };

/** HTX, once Huobi: https://www.htx.com/en-us/opend/newApiPages/ . Every frame to the client is gzip. */
export class HuobiVenue extends StreamVenue {
  protected readonly kinds = { 'trade.detail': {}, detail: { periodMs: 1000 }, ticker: { periodMs: 1000 } };
  protected readonly routes: readonly Route[] = huobiRoutes(this);

  constructor(setting: Setting) {
    super(
      HUOBI,
      setting,
      { count: 800, windowMs: 1000 },
      {
        connects: { count: 20, windowMs: 1000 },
        messages: { count: 100, windowMs: 1000 },
      },
    );
  }

  protected override wire(text: string): Buffer {
    return binaryFrame(gzipSync(text, GZIP));
  }

  protected opened(): void {}

  protected tend(connection: Connection, now: number): void {
    if (now - connection.lastPingAt < PING_EVERY_MS || connection.closing) return;
    if (connection.unanswered.length >= MISSED_PONGS) {
      return this.break(connection, 'keep-alive', `${MISSED_PONGS} pings without a pong`, 1003);
    }
    connection.lastPingAt = now;
    const ping = Math.floor(this.clock());
    connection.unanswered.push(ping);
    this.send(connection, `{"ping":${ping}}`);
  }

  protected received(connection: Connection, text: string): void {
    let message: Readonly<Record<string, unknown>>;
    try {
      message = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return this.fail(connection, undefined, 'invalid-request', 'invalid json');
    }
    const { id, pong, ping } = message ?? {};
    if (pong !== undefined) {
      // A pong for something else is no answer.
      if (connection.unanswered.includes(Number(pong))) connection.unanswered = [];
      return;
    }
    if (ping !== undefined) return this.send(connection, JSON.stringify({ pong: ping }));
    const order = ['sub', 'unsub'].find((name) => message[name] !== undefined);
    if (order === undefined) return this.fail(connection, id, 'bad-request', 'invalid command');
    const topic = String(message[order]);
    const [, symbol = '', kind = ''] = TOPIC.exec(topic) ?? [];
    if (kind === '') return this.fail(connection, id, 'bad-request', `invalid topic ${topic}`);
    const pair = this.online(symbol);
    if (pair === undefined) return this.fail(connection, id, 'bad-request', `invalid symbol ${symbol}`);
    const answer = { id, status: 'ok', [order === 'sub' ? 'subbed' : 'unsubbed']: topic, ts: Math.floor(this.clock()) };
    if (order === 'unsub') this.unsubscribe(connection, topic);
    const fresh = order === 'sub' && this.subscribe(connection, topic, kind, pair);
    this.send(connection, JSON.stringify(answer));
    if (fresh)
      this.sendData(
        connection,
        pair,
        kind === 'trade.detail' ? huobiPush([this.lastPublished(pair)]) : this.spellDay(kind, pair),
      );
  }

  private fail(connection: Connection, id: unknown, code: string, message: string): void {
    this.violation(message.startsWith('invalid symbol') ? 'unlisted' : 'invalid-request', message);
    const ts = Math.floor(this.clock());
    this.send(connection, JSON.stringify({ status: 'error', ts, id, 'err-code': code, 'err-msg': message }));
  }

  protected spellTrades(_channel: Channel, trades: readonly Trade[]): string[] {
    // One push carries what traded since the last, but not without bounds.
    const texts: string[] = [];
    for (let from = 0; from < trades.length; from += 50) texts.push(huobiPush(trades.slice(from, from + 50)));
    return texts;
  }

  protected spellPeriodic({ kind, pair }: Channel): string {
    return this.spellDay(kind, pair);
  }

  private spellDay(kind: string, pair: VenuePair): string {
    const day = this.day(pair);
    const last = this.last(pair);
    const id = tickId(last);
    const plain = `"low":${javaDouble(day.low)},"high":${javaDouble(day.high)},"open":${javaDouble(day.open)},"close":${javaDouble(last.price)},`;
    const sums = `"vol":${javaDouble(day.quoteVolume)},"amount":${javaDouble(day.volume)},"count":${day.count}`;
    const { bid, ask, bidSize, askSize } = this.book(pair);
    const tick =
      kind === 'detail'
        ? `{"id":${id},${plain}${sums},"version":${id}}`
        : `{${plain}${sums},"bid":${bid},"bidSize":${bidSize},"ask":${ask},"askSize":${askSize},` +
          `"lastPrice":${javaDouble(last.price)},"lastSize":${javaDouble(last.size)}}`;
    return `{"ch":"market.${pair.id}.${kind}","ts":${Math.floor(this.clock())},"tick":${tick}}`;
  }

  protected notFound(): VenueAnswer {
    return json({ status: 'error', 'err-code': 'invalid-parameter', 'err-msg': 'not found' }, 404);
  }

  protected tooOften(): VenueAnswer {
    return json({ status: 'error', 'err-code': 'too-many-requests', 'err-msg': 'too many requests' }, 429);
  }
}
