import type { Connection } from './connection.js';
import { garbage, withNulls } from './damage.js';
import { textFrame } from './frame.js';
import { unit } from './noise.js';
import type { Trade } from './tape.js';
import { Exchange } from './exchange.js';
import type { VenuePair } from './venue-pair.js';

/** Trades of one pair made in one round at most: a loop that stood still does not make up for hours. */
const ROUND_TRADES = 20_000;

export interface Channel {
  readonly key: string;
  readonly kind: string;
  readonly pair: VenuePair;
  readonly subscribers: Set<Connection>;
  dueAt: number;
  /** A frame that has to wait for its successor (reordering). */
  held: string | undefined;
}

/** A channel that speaks every `periodMs`, or (without) with every trade. `life`: goes on when data is silenced. */
export interface ChannelKind {
  readonly periodMs?: number;
  readonly life?: boolean;
}

interface Feed {
  readonly pair: VenuePair;
  readonly channels: Set<Channel>;
  slot: number;
  nextAt: number;
}

/**
 * Who gets what: channels and their subscribers. Trades are made for pairs that somebody listens to, spelled once per
 * channel, and their bytes are shared by all subscribers.
 */
export abstract class Publisher extends Exchange {
  protected abstract readonly kinds: Readonly<Record<string, ChannelKind>>;
  private readonly channels = new Map<string, Channel>();
  private readonly feeds = new Map<number, Feed>();
  private readonly extraIds = new Map<number, number>();
  private counter = 0;

  protected abstract spellTrades(channel: Channel, trades: readonly Trade[]): string[];
  protected abstract spellPeriodic(channel: Channel): string;

  protected wire(text: string): Buffer {
    return textFrame(text);
  }

  /** Makes and sends what is due. */
  protected publishDue(now: number): void {
    for (const feed of this.feeds.values()) if (feed.nextAt <= now) this.trade(feed, now);
    for (const channel of this.channels.values()) {
      const { periodMs } = this.kinds[channel.kind] ?? {};
      if (periodMs === undefined || channel.dueAt > now) continue;
      channel.dueAt = now + periodMs;
      this.publish(channel, [this.spellPeriodic(channel)], now);
    }
  }

  /** False when it was subscribed already. */
  protected subscribe(connection: Connection, key: string, kind: string, pair: VenuePair): boolean {
    if (connection.subscriptions.has(key)) return false;
    connection.subscriptions.add(key);
    let channel = this.channels.get(key);
    if (channel === undefined) {
      const { periodMs } = this.kinds[kind] ?? {};
      // Spread over the period, so that not every pair speaks in the same round.
      const dueAt = this.setting.now() + (periodMs ?? 0) * unit(pair.seed, 99);
      channel = { key, kind, pair, subscribers: new Set(), dueAt, held: undefined };
      this.channels.set(key, channel);
      if (periodMs === undefined) this.feed(pair).channels.add(channel);
    }
    channel.subscribers.add(connection);
    return true;
  }

  protected unsubscribe(connection: Connection, key: string): boolean {
    if (!connection.subscriptions.delete(key)) return false;
    const channel = this.channels.get(key);
    channel?.subscribers.delete(connection);
    if (channel?.subscribers.size === 0) {
      this.channels.delete(key);
      const feed = this.feeds.get(channel.pair.index);
      feed?.channels.delete(channel);
      if (feed?.channels.size === 0) this.feeds.delete(channel.pair.index);
    }
    return true;
  }

  /**
   * The last trade that subscribers of this pair were told: what a new one is told first. The next round goes on behind
   * it, so that nobody gets a trade twice or misses one.
   */
  protected lastPublished(pair: VenuePair): Trade {
    const feed = this.feeds.get(pair.index);
    return feed === undefined ? this.last(pair) : this.traded(pair, feed.slot - 1);
  }

  protected push(connection: Connection, bytes: Buffer, now: number): void {
    if (this.faults.get('half-open') !== undefined) return;
    this.stats.framesOut++;
    this.stats.bytesOut += bytes.length;
    connection.push(bytes, now, this.faults.get('slow')?.delayMs ?? 0);
  }

  private feed(pair: VenuePair): Feed {
    let feed = this.feeds.get(pair.index);
    if (feed === undefined) {
      const slot = this.tape.lastSlot(pair, this.setting.now()) + 1;
      feed = { pair, channels: new Set(), slot, nextAt: this.tape.timeOf(pair, slot) };
      this.feeds.set(pair.index, feed);
    }
    return feed;
  }

  private trade(feed: Feed, now: number): void {
    const { pair } = feed;
    const times = this.faults.get('flood')?.times ?? 1;
    const last = this.tape.lastSlot(pair, now);
    feed.slot = Math.max(feed.slot, last - Math.floor(ROUND_TRADES / times));
    let extra = this.extraIds.get(pair.index) ?? 0;
    const trades: Trade[] = [];
    for (; feed.slot <= last; feed.slot++) {
      for (let twin = 0; twin < times; twin++) {
        if (twin > 0) extra++;
        const trade = this.traded(pair, feed.slot, twin);
        trades.push(extra === 0 ? trade : { ...trade, id: trade.id + extra });
      }
    }
    if (extra > 0) this.extraIds.set(pair.index, extra);
    feed.nextAt = this.tape.timeOf(pair, feed.slot);
    if (trades.length === 0) return;
    this.stats.trades += trades.length;
    for (const channel of feed.channels) this.publish(channel, this.spellTrades(channel, trades), now);
  }

  private publish(channel: Channel, texts: readonly string[], now: number): void {
    const { faults } = this;
    if (this.muted(channel)) return;
    // Also when healed meanwhile: what was held back still has to come.
    for (const text of faults.any || channel.held !== undefined ? this.damaged(channel, texts) : texts) {
      const bytes = this.wire(text);
      for (const connection of channel.subscribers) this.push(connection, bytes, now);
    }
  }

  private muted(channel: Channel): boolean {
    const silence = this.faults.get('silence');
    if (silence === undefined) return false;
    if (this.kinds[channel.kind]?.life === true) return silence.pings === false;
    return this.faults.concerns('silence', channel.pair.base);
  }

  /** Frames as a venue in trouble sends them: twice, late, broken, with rubbish between. */
  private damaged(channel: Channel, texts: readonly string[]): string[] {
    const { faults } = this;
    const twice = faults.get('duplicates');
    const swap = faults.get('reorder');
    const rubbish = faults.get('garbage');
    const nulls = faults.get('nulls');
    const out: string[] = [];
    for (const text of texts) {
      const counter = this.counter++;
      if (swap !== undefined && channel.held === undefined && unit(channel.pair.seed, counter) < (swap.share ?? 0.2)) {
        channel.held = text;
        continue;
      }
      out.push(nulls === undefined ? text : withNulls(text, nulls.share ?? 0.2));
      if (channel.held !== undefined) out.push(channel.held);
      channel.held = undefined;
      if (twice !== undefined && unit(channel.pair.seed ^ 0xd0b, counter) < (twice.share ?? 0.2)) out.push(text);
      const share = rubbish === undefined ? 0 : (rubbish.share ?? 0.2);
      const pieces = Math.floor(share) + (unit(channel.pair.seed ^ 0x6a2, counter) < share % 1 ? 1 : 0);
      for (let piece = 0; piece < pieces; piece++) out.push(garbage(counter + piece));
    }
    return out;
  }
}
