import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  Optional,
} from '@nestjs/common';
import { AssetDirectory, Clock, CONFIG, type Config, Log, Metrics, noTracing, Tracing } from '@haunt/platform';
import { performance } from 'node:perf_hooks';
import { type ClientAddresses, clientAddresses } from '../client-address.js';
import { MarketBoard } from '../market-board.js';
import { MoversBoard } from '../movers-board.js';
import { SeedBoard } from '../seed-board.js';
import { LatestPrices, livePrice, type ShownPrice } from '../latest-prices.js';
import { ConnectionLimits } from './connection-limits.js';
import { Conversation, type ConversationRules, conversationRules } from './conversation.js';
import { Dismissal } from './dismissal.js';
import { Fanout } from './fanout.js';
import type { Frame } from './frames.js';
import { LiveMetrics } from './live-metrics.js';
import { MarketFeed } from './market-feed.js';
import { MoversFeed } from './movers-feed.js';
import { LiveClient, type Wire } from './roster.js';
import { SeedingFeed } from './seeding-feed.js';

const ADVANCE_MS = 5;
const HOUSEKEEPING_MS = 1_000;
/** How long clients get to take their leave when the server ends. */
const FAREWELL_MS = 1_500;

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
  private readonly dismissal: Dismissal;
  private readonly rules: ConversationRules;
  private readonly clients = new Set<LiveClient>();
  private readonly seeding: SeedingFeed;
  private readonly movers: MoversFeed;
  private readonly market: MarketFeed;
  private advancing: NodeJS.Timeout | undefined;
  private housekeeping: NodeJS.Timeout | undefined;
  private flushing: NodeJS.Immediate | undefined;
  private leaving: (() => void) | undefined;
  private closing = false;
  /** Over how long clients may be sent away: the other half of the time to end is for whatever else there is to do. */
  private readonly dismissMs: number;
  private readonly measured: LiveMetrics;

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
    @Optional() tracing: Tracing = noTracing,
  ) {
    this.limits = new ConnectionLimits(config.connectionsMax, config.connectionsPerAddress);
    this.addresses = clientAddresses(config.trustedProxies);
    this.rules = conversationRules(config.assetsPerClient);
    this.dismissMs = config.shutdownMs / 2;
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
    this.dismissal = new Dismissal(this.fanout, this.movers, () => this.now());
    this.seeding = new SeedingFeed(
      outlet,
      (symbol) => seeds.latest(symbol),
      (symbol) => seeds.running(symbol),
      directory,
    );
    this.market = new MarketFeed(outlet, () => market.update);
    market.onChange(() => this.market.hear());
    seeds.onChange((progress) => this.seeding.hear(progress));
    this.measured = new LiveMetrics({ metrics, clients: this.clients, fanout: this.fanout, clock, log, tracing });
    const refused = metrics.counter('gateway_connections_refused_total');
    this.limits.onRefusal = () => refused.inc();
  }

  onApplicationBootstrap(): void {
    this.housekeeping = setInterval(() => {
      const now = this.now();
      this.fanout.cutTheSlow(now);
      this.measured.tally(now);
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
        (symbols) => {
          this.seeding.greet(client, symbols);
          this.market.greet(client);
        },
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

  /** Sends everybody away, one after the other, and waits a moment for the last ones to go. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    const { size } = this.clients;
    if (size > 0) {
      this.log.info({ clients: size }, `closing ${size} live connections`);
      const gone = new Promise<void>((resolve) => (this.leaving = resolve));
      await this.dismissal.of(this.clients, this.dismissMs);
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
    if (this.fanout.isDirty) this.measured.changed(price.arrival, now);
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
    this.measured.written(this.now());
    this.settle();
  }
}
