import type { Connection } from '../connection.js';
import type { Channel } from '../publisher.js';
import { StreamVenue } from '../stream-venue.js';
import type { Trade } from '../tape.js';
import { json, type Route, type Setting, type VenueAnswer } from '../venue.js';
import type { ListingStyle, VenuePair } from '../venue-pair.js';
import { okxRoutes, okxTicker, okxTrade } from './okx.rest.js';

export const OKX: ListingStyle = {
  venue: 'okx',
  spell: (base, quote) => `${base}-${quote}`.toUpperCase(),
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

const SILENCE_MS = 30_000;
const ARGUMENT_BYTES = 64 * 1024;
const KINDS: Readonly<Record<string, string>> = { trades: 'trades', tickers: 'tickers' };

interface Operation {
  readonly id?: unknown;
  readonly op?: unknown;
  readonly args?: unknown;
}

/** OKX v5, public channels: https://www.okx.com/docs-v5/en/#overview-websocket */
export class OkxVenue extends StreamVenue {
  protected readonly kinds = { trades: {}, tickers: { periodMs: 1000 } };
  protected readonly routes: readonly Route[] = okxRoutes(this);

  constructor(setting: Setting) {
    super(
      OKX,
      setting,
      // Of each path: 40 in 2 s of the recent candles, 20 of all else.
      {
        count: 40,
        windowMs: 2000,
        perPath: true,
        costs: [
          [/\/market\/candles$/, 1],
          [/./, 2],
        ],
      },
      {
        connects: { count: 3, windowMs: 1000 },
        // Not limited by the venue: only what subscribes is counted.
        messages: { count: 1000, windowMs: 1000 },
        ops: { count: 480, windowMs: 3_600_000 },
      },
    );
  }

  protected opened(): void {}

  protected tend(connection: Connection, now: number): void {
    if (now - Math.max(connection.lastReceivedAt, connection.lastSentAt) > SILENCE_MS) {
      this.break(connection, 'keep-alive', 'No data received in 30s.', 4004);
    }
  }

  protected received(connection: Connection, text: string): void {
    if (text === 'ping') return this.send(connection, 'pong');
    if (Buffer.byteLength(text) > ARGUMENT_BYTES) {
      return this.break(connection, 'arguments', 'the arguments of a request exceed 64 KB', 1009);
    }
    let operation: Operation;
    try {
      operation = JSON.parse(text) as Operation;
    } catch {
      return this.fail(connection, '60012', `Invalid request: ${text.slice(0, 100)}`);
    }
    const { op, args } = operation ?? {};
    if ((op !== 'subscribe' && op !== 'unsubscribe') || !Array.isArray(args)) {
      return this.fail(connection, '60012', `Invalid request: ${text.slice(0, 100)}`);
    }
    if (!connection.ops.allows(this.setting.now())) {
      this.violation('ops', 'more than 480 subscribe and unsubscribe requests in an hour');
      return this.fail(connection, '60014', 'Requests too frequent');
    }
    for (const argument of args as readonly unknown[]) this.apply(connection, op, argument);
  }

  private apply(connection: Connection, op: 'subscribe' | 'unsubscribe', argument: unknown): void {
    const { channel, instId } = (argument ?? {}) as { channel?: unknown; instId?: unknown };
    const kind = KINDS[String(channel)];
    const pair = this.online(String(instId));
    if (kind === undefined || pair === undefined) {
      this.violation('unlisted', `channel ${String(channel)}, instrument ${String(instId)} does not exist`);
      const what = `channel:${String(channel)},instId:${String(instId)}`;
      const advice = 'Please use the correct URL, channel and parameters referring to API document.';
      return this.fail(connection, '60018', `Wrong URL or ${what} doesn't exist. ${advice}`);
    }
    const key = `${kind}:${pair.id}`;
    const arg = { channel: kind, instId: pair.id };
    if (op === 'unsubscribe') this.unsubscribe(connection, key);
    const fresh = op === 'subscribe' && this.subscribe(connection, key, kind, pair);
    this.send(connection, JSON.stringify({ event: op, arg, connId: connection.id }));
    // The first push is the last known state, however old it is.
    if (fresh)
      this.sendData(
        connection,
        pair,
        kind === 'trades' ? spellTrade(this.lastPublished(pair)) : this.spellTicker(pair),
      );
  }

  private fail(connection: Connection, code: string, msg: string): void {
    if (code === '60012') this.violation('invalid-request', msg);
    this.send(connection, JSON.stringify({ event: 'error', code, msg, connId: connection.id }));
  }

  protected override announceShutdown(): void {
    const msg = 'The connection will soon be closed for a service upgrade. Please reconnect.';
    for (const connection of this.connections) {
      this.send(connection, JSON.stringify({ event: 'notice', code: '64008', msg, connId: connection.id }));
      connection.flush(this.setting.now());
    }
  }

  protected spellTrades(_channel: Channel, trades: readonly Trade[]): string[] {
    return trades.map(spellTrade);
  }

  protected spellPeriodic({ pair }: Channel): string {
    return this.spellTicker(pair);
  }

  private spellTicker(pair: VenuePair): string {
    return `{"arg":{"channel":"tickers","instId":"${pair.id}"},"data":[${JSON.stringify(okxTicker(this, pair))}]}`;
  }

  protected notFound(): VenueAnswer {
    return json({ msg: 'API endpoint does not exist', code: '404' }, 404);
  }

  protected tooOften(): VenueAnswer {
    return json({ msg: 'Too Many Requests', code: '50011' }, 429);
  }
}

function spellTrade(trade: Trade): string {
  const { instId, tradeId, px, sz, side, ts } = okxTrade(trade);
  return (
    `{"arg":{"channel":"trades","instId":"${instId}"},"data":[{"instId":"${instId}","tradeId":"${tradeId}","px":"${px}","sz":"${sz}",` +
    `"side":"${side}","ts":"${ts}","count":"1","source":"0","seqId":${trade.id * 5}}]}`
  );
}
