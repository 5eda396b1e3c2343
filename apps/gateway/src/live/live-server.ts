import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { MarketUpdate } from '@haunt/contracts';
import { AssetDirectory, Clock, CONFIG, type Config, Log, Metrics } from '@haunt/platform';
import { performance } from 'node:perf_hooks';
import type { Counter } from 'prom-client';
import { type ClientAddresses, clientAddresses } from '../client-address.js';
import { MarketBoard } from '../market-board.js';
import { MoversBoard } from '../movers-board.js';
import { SeedBoard } from '../seed-board.js';
import { LatestPrices, livePrice, type ShownPrice } from '../latest-prices.js';
import { ConnectionLimits } from './connection-limits.js';
import { Conversation, type ConversationRules, conversationRules } from './conversation.js';
import type { FanoutCounts } from './deliveries.js';
import { Fanout } from './fanout.js';
import { dataFrame, type Format, type Frame } from './frames.js';
import { MoversFeed } from './movers-feed.js';
import { LiveClient, type Wire } from './roster.js';
import { SeedingFeed } from './seeding-feed.js';

const ADVANCE_MS = 5;
const HOUSEKEEPING_MS = 1_000;
/** How long clients get to take their leave when the server ends. */
const FAREWELL_MS = 1_500;

const TRANSPORT: Readonly<Record<Format, string>> = { ws: 'ws', io: 'socket.io' };
const FORMATS = Object.keys(TRANSPORT) as readonly Format[];

/** A connected client, for its transport. */
export interface Connection {
  readonly conversation: Conversation;
  /** The transport has taken everything that was written. */
  readonly drained: () => void;
  /** The connection has ended; idempotent. */
  readonly ended: () => void;
}

/** Gives the live core its time and its prices; every transport connects its clients here. */
@Injectable()
export class LiveServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly limits: ConnectionLimits;
  readonly addresses: ClientAddresses;
  private readonly fanout: Fanout;
  private readonly rules: ConversationRules;
  private readonly clients = new Set<LiveClient>();
  private readonly seeding: SeedingFeed;
  private readonly movers: MoversFeed;
  private advancing: NodeJS.Timeout | undefined;
  private housekeeping: NodeJS.Timeout | undefined;
  private flushing: NodeJS.Immediate | undefined;
  /** When the oldest change of this turn arrived; 0 when there is none. */
  private turnStartedAt = 0;
  private leaving: (() => void) | undefined;
  private closing = false;
  private readonly observeLatency: (seconds: number) => void;
  private tallied: FanoutCounts;
  private readonly delivered: Counter<'transport'>;
  private readonly conflated: Counter;
  private readonly cut: Counter;

  constructor(
    @Inject(CONFIG) config: Config,
    prices: LatestPrices,
    seeds: SeedBoard,
    market: MarketBoard,
    movers: MoversBoard,
    private readonly directory: AssetDirectory,
    private readonly clock: Clock,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.limits = new ConnectionLimits(config.connectionsMax, config.connectionsPerAddress);
    this.addresses = clientAddresses(config.trustedProxies);
    this.rules = conversationRules(config.assetsPerClient);
    this.fanout = new Fanout((symbol) => {
      const price = prices.get(symbol);
      return price && livePrice(price, symbol);
    });
    prices.onChange((price) => this.publish(price));
    const outlet = {
      clients: this.clients,
      post: (client: LiveClient, frame: Frame) => this.fanout.post(client, frame),
      settle: () => this.settle(),
    };
    this.movers = new MoversFeed(outlet, (timeframe) => movers.get(timeframe));
    movers.onChange((timeframe) => this.movers.hear(timeframe));
    this.seeding = new SeedingFeed(
      outlet,
      (symbol) => seeds.latest(symbol),
      (symbol) => seeds.running(symbol),
      directory,
    );
    market.onChange((update) => this.tellMarket(update));
    seeds.onChange((progress) => this.seeding.hear(progress));
    this.observeLatency = this.measure(metrics);
    this.tallied = structuredClone(this.fanout.counts);
    this.delivered = metrics.counter('live_delivered_total', 'Price updates written to clients.', ['transport']);
    this.conflated = metrics.counter(
      'live_conflated_total',
      'Updates that a later one replaced before they were sent.',
    );
    this.cut = metrics.counter('live_cut_total', 'Clients cut because they did not read.');
  }

  onApplicationBootstrap(): void {
    this.housekeeping = setInterval(() => {
      this.fanout.cutTheSlow(this.now());
      this.tally();
    }, HOUSEKEEPING_MS);
  }

  /** True once the server ends: whoever comes now should come back later. */
  get isClosing(): boolean {
    return this.closing;
  }

  /** Milliseconds of a clock that does not go back. */
  now(): number {
    return performance.now();
  }

  /** A client has connected. Nothing is sent before it speaks. */
  connect(wire: Wire, address: string): Connection {
    const client = new LiveClient(wire);
    this.clients.add(client);
    this.limits.enter(address);
    return {
      conversation: new Conversation(
        client,
        this.fanout,
        this.movers,
        this.rules,
        () => this.clock.now(),
        () => this.settle(),
        (symbols) => this.seeding.greet(client, symbols),
      ),
      drained: () => {
        this.fanout.drained(client, this.now());
        this.seeding.caughtUp(client);
        this.movers.caughtUp(client);
        this.settle();
      },
      ended: () => {
        if (!this.clients.delete(client)) return;
        this.limits.leave(address);
        this.fanout.disconnect(client);
        this.movers.leave(client);
        if (this.clients.size === 0) this.leaving?.();
      },
    };
  }

  /** Tells everybody to come back later, and waits a moment for them to go. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    const { size } = this.clients;
    if (size > 0) {
      this.log.info({ clients: size }, `closing ${size} live connections`);
      const gone = new Promise<void>((resolve) => (this.leaving = resolve));
      for (const client of this.clients) client.wire.close(1001, 'restarting');
      let waiting: NodeJS.Timeout | undefined;
      await Promise.race([gone, new Promise<void>((resolve) => (waiting = setTimeout(resolve, FAREWELL_MS)))]);
      clearTimeout(waiting);
    }
    clearInterval(this.housekeeping);
    clearInterval(this.advancing);
    clearImmediate(this.flushing);
    this.seeding.close();
    this.movers.close();
  }

  private publish(price: ShownPrice): void {
    const now = this.now();
    const { symbol } = price.update;
    this.fanout.publish(livePrice(price), now);
    // Whoever asked for an asset by a former symbol gets it under that.
    for (const alias of this.directory.kept(symbol)?.aliases ?? []) this.fanout.publish(livePrice(price, alias), now);
    if (this.turnStartedAt === 0 && this.fanout.isDirty) this.turnStartedAt = now;
    this.settle();
  }

  /** To everybody; on `/ws` only to those that have said something, because clients of it rely on speaking first. */
  private tellMarket(update: MarketUpdate): void {
    const json = JSON.stringify(update);
    const frames = { ws: dataFrame('ws', 'market_update', json), io: dataFrame('io', 'market_update', json) };
    for (const client of this.clients) {
      const { format } = client.wire;
      // One that is behind does without: the figures of the whole market wait for nobody.
      if (!client.gone && (client.hasSpoken || format === 'io')) this.fanout.post(client, frames[format]);
    }
    this.settle();
  }

  /** Sees to it that what has been put out is sent at the end of the turn, and what waits is sent in time. */
  private settle(): void {
    if (this.fanout.isDirty) this.flushing ??= setImmediate(() => this.flush());
    if (this.fanout.isWaiting) this.advancing ??= setInterval(() => this.advance(), ADVANCE_MS);
  }

  private advance(): void {
    const now = this.now();
    this.fanout.advance(now);
    if (this.fanout.isDirty) this.flush();
    if (this.fanout.isWaiting) return;
    clearInterval(this.advancing);
    this.advancing = undefined;
  }

  private flush(): void {
    clearImmediate(this.flushing);
    this.flushing = undefined;
    this.fanout.flush(this.now());
    if (this.turnStartedAt > 0) this.observeLatency((this.now() - this.turnStartedAt) / 1000);
    this.turnStartedAt = 0;
    this.settle();
  }

  private measure(metrics: Metrics): (seconds: number) => void {
    metrics.gauge('live_clients', 'Connected live clients.', ['transport'], (gauge) => {
      const sizes: Record<Format, number> = { ws: 0, io: 0 };
      for (const { wire } of this.clients) sizes[wire.format]++;
      for (const format of FORMATS) gauge.set({ transport: TRANSPORT[format] }, sizes[format]);
    });
    metrics.gauge('live_assets', 'Assets that somebody watches.', [], (gauge) => gauge.set(this.fanout.watchedAssets));
    const latency = metrics.histogram(
      'live_write_seconds',
      'From the arrival of a price to its last write to a socket, per turn of the event loop.',
      [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    );
    return (seconds) => latency.observe(seconds);
  }

  /** Brings the counters up to date: not per update, which would cost as much as sending it. */
  private tally(): void {
    const { counts } = this.fanout;
    const before = this.tallied;
    for (const format of FORMATS) {
      this.delivered.inc({ transport: TRANSPORT[format] }, counts.delivered[format] - before.delivered[format]);
    }
    this.conflated.inc(counts.conflated - before.conflated);
    this.cut.inc(counts.cut - before.cut);
    this.tallied = structuredClone(counts);
  }
}
