import type { AssetSymbol } from '@haunt/domain';
import type { HttpClient, Log } from '@haunt/platform';
import type { ListedPair, StreamSource } from '@haunt/sources';
import type { KeyValueStore } from '@haunt/storage';
import { Complaints } from './complaints.js';
import { ProductList } from './product-list.js';
import { SendQueue } from './send-queue.js';
import type { SourceHealth } from './source-health.js';
import { StreamSession, type DataMessage } from './stream-session.js';
import { StreamSlot } from './stream-slot.js';
import { type AliasesOf, desiredPairs, reshard, type Shard } from './subscription-plan.js';
import type { TickWriter } from './tick-writer.js';
import { RecentIds } from './trade-dedupe.js';

/** Subscribed and without any message for this long, a symbol is called silent. */
const SILENT_MS = 5 * 60_000;
/** Pairs that are remembered; more than any venue lists, so only made-up spellings reach it. */
const TRACKED_MAX = 20_000;

export interface RunnerParts {
  readonly http: Pick<HttpClient, 'request'>;
  readonly store: Pick<KeyValueStore, 'get' | 'set'>;
  readonly clock: { now(): number };
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly writer: Pick<TickWriter, 'tick' | 'ticker'>;
  readonly health: SourceHealth;
  /** Overrides of the source's own addresses. */
  readonly addresses: { readonly ws?: string | undefined; readonly rest?: string | undefined };
  readonly aliasesOf?: AliasesOf;
  /** A frame of a pair that nobody can place. */
  readonly onUnresolved?: () => void;
}

/** What is known of one spelling: whose trades they are, when they last came, which ones came already. */
interface Track {
  readonly symbol: string;
  readonly quote: string;
  readonly recent: RecentIds;
  heardAt: number;
}

/**
 * Runs one venue's feed: asks what it lists, spreads the wanted pairs over sockets, keeps desired and actual
 * subscriptions equal while both change, and turns what comes into ticks and tickers, every trade once.
 */
export class StreamRunner {
  private readonly list: ProductList;
  private readonly connects: SendQueue<() => void>;
  private readonly tracks = new Map<string, Track>();
  /** Pair to the venue's reason. Left alone until the next product list. */
  private readonly refusals = new Map<string, { readonly pair: ListedPair; readonly message: string }>();
  private readonly badFrames: Complaints;
  private readonly unresolved: Complaints;
  private symbols: readonly AssetSymbol[] = [];
  private shards: readonly Shard[] = [];
  private slots: (StreamSlot | undefined)[] = [];
  private stopped = false;

  constructor(
    private readonly source: StreamSource,
    private readonly parts: RunnerParts,
  ) {
    const { health } = parts;
    this.connects = new SendQueue<() => void>(source.limits.connects, (connect) => connect(), 0);
    this.badFrames = new Complaints(parts.log, `${source.id} sent a frame that cannot be read`, { source: source.id });
    this.unresolved = new Complaints(parts.log, `${source.id} sent a pair that it does not list`, {
      source: source.id,
    });
    this.list = new ProductList(
      { ...parts, source: source.id, listing: source.listing, rest: parts.addresses.rest ?? source.addresses.rest },
      {
        changed: (fresh) => this.listed(fresh),
        failed: (message, at) => this.lost(message, false, at),
        simulated: () => health.simulated(),
      },
    );
    health.silent = () => this.silentSymbols();
  }

  start(symbols: readonly AssetSymbol[]): void {
    this.symbols = symbols;
    this.list.start();
  }

  /** From now on these assets, without touching the subscriptions that stay. */
  setSymbols(symbols: readonly AssetSymbol[]): void {
    this.symbols = symbols;
    this.reconcile();
  }

  stop(): void {
    this.stopped = true;
    this.list.stop();
    this.connects.close();
    for (const slot of this.slots) slot?.close();
  }

  private listed(fresh: boolean): void {
    // A pair may have been refused because it was not open yet.
    if (fresh) this.refusals.clear();
    this.reconcile();
  }

  private reconcile(): void {
    const { health, clock } = this.parts;
    const { pairs } = this.list;
    if (pairs === undefined || this.stopped) return;
    const open = this.refusals.size === 0 ? pairs : pairs.filter(({ pair }) => !this.refusals.has(pair));
    const desired = desiredPairs(this.symbols, open, this.parts.aliasesOf);
    const refused = [...this.refusals.values()].map(({ pair, message }) => ({ symbol: pair.symbol, message }));
    const refusedSymbols = new Set(refused.map(({ symbol }) => symbol));
    health.refused = refused;
    health.unlisted = desired.unlisted.filter((symbol) => !refusedSymbols.has(symbol));
    health.symbols = new Set(this.symbols).size - desired.unlisted.length;
    const before = new Set(this.shards.flat().map(({ pair }) => pair));
    for (const pair of desired.pairs) {
      const track = this.track(pair, clock.now());
      if (!before.has(pair.pair)) track.heardAt = clock.now();
    }
    this.shards = reshard(this.shards, desired.pairs, this.source.limits.pairsPerSocket);
    for (const [index, shard] of this.shards.entries()) this.fill(index, shard);
    health.disable(desired.pairs.length === 0 ? 'it lists none of the assets asked for' : undefined);
    this.judge();
  }

  private fill(index: number, shard: Shard): void {
    const slot = this.slots[index];
    if (shard.length === 0) {
      slot?.close();
      this.slots[index] = undefined;
    } else if (slot) slot.setPairs(shard);
    else {
      const fresh = this.slot(shard);
      this.slots[index] = fresh;
      fresh.start();
    }
  }

  private slot(shard: Shard): StreamSlot {
    const { source, parts } = this;
    const { http, clock, random, addresses, health } = parts;
    let wasLive = false;
    const rest = addresses.rest ?? source.addresses.rest;
    return new StreamSlot(
      {
        source,
        clock,
        random,
        connects: this.connects,
        open: (pairs, listener) => new StreamSession({ source, http, clock, rest, ws: addresses.ws }, pairs, listener),
      },
      shard,
      {
        data: (message) => this.take(message),
        refused: (pair, message) => this.refuse(pair, message),
        complaint: (message) => health.trouble(`the venue complains: ${message}`),
        badFrame: (problem, sample) => this.bad(problem, sample),
        simulated: () => health.simulated(),
        changed: () => {
          if (wasLive) health.reconnects++;
          wasLive = true;
          this.judge();
        },
        lost: (message, broke, nextAttemptAt) => this.lost(message, broke, nextAttemptAt),
        replacing: (reason) => parts.log.info({ source: source.id, reason }, `${source.id}: opening a new connection`),
      },
    );
  }

  /** Hot: once per trade and ticker. */
  private take(message: DataMessage): void {
    const { writer, health, clock } = this.parts;
    const now = clock.now();
    const track = this.tracks.get(message.pair) ?? this.discover(message.pair, now);
    if (track === undefined) return;
    const { price, time } = message;
    const { symbol, quote } = track;
    if (!(price > 0 && price < Infinity && Number.isFinite(time))) {
      this.bad(`price ${price} at ${time}`, message.pair);
      return;
    }
    track.heardAt = now;
    health.data(now);
    if (message.type === 'ticker') {
      const { open24h, volume24h } = message;
      writer.ticker({
        symbol,
        quote,
        price,
        time,
        ...(open24h !== undefined && { open24h }),
        ...(volume24h !== undefined && { volume24h }),
      });
      health.tickers++;
      return;
    }
    const { size, id } = message;
    if (!(size > 0 && size < Infinity)) this.bad(`trade of ${size}`, message.pair);
    else if (track.recent.add(id)) {
      writer.tick({ symbol, quote, price, size, time, id });
      health.ticks++;
    } else health.duplicates++;
  }

  private track(pair: ListedPair, now: number): Track {
    const known = this.tracks.get(pair.pair);
    if (known?.symbol === pair.symbol && known.quote === pair.quote) return known;
    if (this.tracks.size >= TRACKED_MAX) this.tracks.delete(this.tracks.keys().next().value!);
    const track = { symbol: pair.symbol, quote: pair.quote, recent: new RecentIds(), heardAt: now };
    this.tracks.set(pair.pair, track);
    return track;
  }

  /** A pair that we did not subscribe to; its trades are good all the same. */
  private discover(spelling: string, now: number): Track | undefined {
    const pair = this.list.resolve(spelling);
    if (pair) return this.track(pair, now);
    this.unresolved.say('unknown pair', spelling);
    this.parts.onUnresolved?.();
    return undefined;
  }

  private bad(problem: string, sample: Buffer | string): void {
    this.parts.health.badFrames++;
    this.badFrames.say(problem, sample);
  }

  private refuse(pair: ListedPair, message: string): void {
    const { health, log } = this.parts;
    this.refusals.set(pair.pair, { pair, message });
    health.trouble(`${pair.pair} refused: ${message}`);
    log.warn({ source: this.source.id, pair: pair.pair, message }, `${this.source.id} refuses ${pair.pair}`);
    this.reconcile();
  }

  private get isLive(): boolean {
    return this.slots.some((slot) => slot?.live === true);
  }

  private judge(): void {
    if (this.isLive) this.parts.health.live(this.slots.every((slot) => slot === undefined || slot.live));
  }

  /** One slot's trouble is the source's only when no other slot works. */
  private lost(message: string, wasLive: boolean, nextAttemptAt: number | undefined): void {
    const { health } = this.parts;
    if (this.isLive) health.trouble(message, nextAttemptAt);
    else if (wasLive) health.broken(message, nextAttemptAt);
    else health.attemptFailed(message, nextAttemptAt);
  }

  private silentSymbols(): AssetSymbol[] {
    const since = this.parts.clock.now() - SILENT_MS;
    const silent = this.shards
      .flat()
      .filter(({ pair }) => (this.tracks.get(pair)?.heardAt ?? 0) < since)
      .map(({ symbol }) => symbol);
    return [...new Set(silent)];
  }
}
