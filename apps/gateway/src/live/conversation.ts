import { ERROR_BUDGET, type LiveErrorCode, type Timeframe } from '@haunt/contracts';
import type { AssetSymbol } from '@haunt/domain';
import { Allowance } from './allowance.js';
import type { Fanout } from './fanout.js';
import { errorOf } from './frames.js';
import type { MoversFeed } from './movers-feed.js';
import { type Command, RequestError } from './requests.js';
import type { LiveClient } from './roster.js';

export interface ConversationRules {
  readonly assetsPerClient: number;
  /** Assets a client may add at once, on top of which it gains `newAssetsPerSecond`: a snapshot costs, a repetition does not. */
  readonly newAssetsBurst: number;
  readonly newAssetsPerSecond: number;
  /** Refused messages within `errorsMs` that end the connection. */
  readonly errors: number;
  readonly errorsMs: number;
}

export function conversationRules(assetsPerClient: number): ConversationRules {
  return {
    assetsPerClient,
    newAssetsBurst: Math.max(1_000, 4 * assetsPerClient),
    newAssetsPerSecond: Math.max(100, assetsPerClient / 5),
    ...ERROR_BUDGET,
  };
}

/** Called with what the client is answered, before anything else is sent to it. */
export type Acknowledged = (body: object) => void;

const nobody: Acknowledged = () => undefined;

/** What one client says, and what it is told: the rules of the contract that do not depend on the transport. */
export class Conversation {
  private readonly newAssets: Allowance;
  private readonly errors: Allowance;

  constructor(
    private readonly client: LiveClient,
    private readonly fanout: Fanout,
    private readonly movers: MoversFeed,
    private readonly rules: ConversationRules,
    /** Epoch ms. */
    private readonly wallClock: () => number,
    /** Called when something may have been put out, or is to be sent later. */
    private readonly settle: () => void,
    /** Tells what else there is to know, behind what answers a subscription: of newly watched assets and of the market. */
    private readonly greet: (symbols: readonly AssetSymbol[]) => void = () => undefined,
  ) {
    this.newAssets = new Allowance(rules.newAssetsBurst, rules.newAssetsPerSecond / 1000);
    this.errors = new Allowance(rules.errors, rules.errors / rules.errorsMs);
  }

  /** Does what was asked for and answers. `read` may throw a RequestError, which becomes the answer. */
  hear(read: () => Command, now: number, acknowledged: Acknowledged = nobody): void {
    if (this.client.gone) return;
    this.client.hasSpoken = true;
    try {
      this.obey(read(), now, acknowledged);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      this.refuse(error.code, error.message, now, acknowledged);
    }
    this.settle();
  }

  private refuse(code: LiveErrorCode, message: string, now: number, acknowledged: Acknowledged): void {
    this.answer('error', errorOf(code, message), now, acknowledged);
    if (this.client.gone || this.errors.take(1, now)) return;
    const { errors, errorsMs } = this.rules;
    const last = `more than ${errors} messages were refused within ${errorsMs / 1000} s; this connection is being closed`;
    this.client.answer('error', errorOf('too_many_errors', last));
    this.fanout.disconnect(this.client);
    this.movers.leave(this.client);
    this.client.wire.close(1008, 'too many errors');
  }

  private obey(command: Command, now: number, acknowledged: Acknowledged): void {
    switch (command.type) {
      case 'subscribe':
        return this.subscribe(command.symbols, command.batch, now, acknowledged);
      case 'unsubscribe':
        return this.unsubscribe(command.symbols, now, acknowledged);
      case 'set_throttle':
        this.fanout.throttle(this.client, command.throttleMs, now);
        return this.answer('throttle_set', { throttle_ms: command.throttleMs }, now, acknowledged);
      case 'ping':
        return this.answer('pong', { timestamp: this.wallClock() }, now, acknowledged);
      case 'subscribe_movers':
        return this.subscribeMovers(command.timeframe, command.limit, now, acknowledged);
      case 'unsubscribe_movers': {
        const timeframes = this.movers.unsubscribe(this.client, command.timeframe);
        return this.answer('unsubscribed_movers', { timeframes }, now, acknowledged);
      }
    }
  }

  private subscribeMovers(timeframe: Timeframe, limit: number, now: number, acknowledged: Acknowledged): void {
    const isNew = this.movers.subscribe(this.client, timeframe, limit);
    this.answer('subscribed_movers', { timeframe, limit }, now, acknowledged);
    if (isNew) this.movers.greet(this.client, timeframe);
    this.greet([]);
  }

  private subscribe(symbols: readonly AssetSymbol[], batch: boolean, now: number, acknowledged: Acknowledged): void {
    const { client, fanout, rules } = this;
    const added = symbols.filter((symbol) => !client.watches(symbol));
    if (client.watched + added.length > rules.assetsPerClient) {
      throw new RequestError(
        'too_many_assets',
        `one client may subscribe to ${rules.assetsPerClient} assets; it has ${client.watched} and asked for ${added.length} more`,
      );
    }
    if (added.length > 0 && !this.newAssets.take(added.length, now)) {
      throw new RequestError(
        'too_many_new_assets',
        `new assets are limited to ${rules.newAssetsPerSecond} a second after the first ${rules.newAssetsBurst}; try again in a few seconds`,
      );
    }
    for (const symbol of symbols) {
      if (batch) fanout.watchBatched(client, symbol, now);
      else fanout.watch(client, symbol, now);
    }
    fanout.regroup(client, now);
    this.answer('subscribed', { assets: added }, now, acknowledged);
    fanout.snapshot(client, added, now);
    if (added.length > 0) this.greet(added);
  }

  private unsubscribe(wanted: readonly AssetSymbol[] | undefined, now: number, acknowledged: Acknowledged): void {
    const { client, fanout } = this;
    const symbols = wanted ?? [...client.singles.keys(), ...client.batched.keys()];
    const removed = symbols.filter((symbol) => fanout.unwatch(client, symbol));
    fanout.regroup(client, now);
    this.answer('unsubscribed', { assets: removed }, now, acknowledged);
  }

  private answer(type: string, body: object, now: number, acknowledged: Acknowledged): void {
    // What was put out before must not come after the answer that says it has ended.
    this.client.flush();
    acknowledged(body);
    this.fanout.answer(this.client, type, body, now);
  }
}
