import type { EventBus } from '@haunt/bus';
import type { KeptRegistry, MarketNews, MarketSubject, Told } from '@haunt/contracts';
import {
  type AssetListing,
  BUILT_IN,
  type FearGreed,
  type GlobalFigures,
  linkListing,
  mergeListing,
  type Registry,
} from '@haunt/domain';
import { fearGreed } from '@haunt/sources';
import { KEYS, type KeyValueStore } from '@haunt/storage';
import { randomUUID } from 'node:crypto';
import { Candidates } from './candidates.js';
import { messageOf } from './failure.js';
import { Keeper } from './keeper.js';
import { MarketUpstreams, type UpstreamParts } from './market-upstreams.js';
import { Rounds } from './rounds.js';

const LEASE_MS = 45_000;
const EVERY_MS = 5 * 60_000;
/** A listing of another API than the one whose figures are shown, for its ids and the line of the week. */
const LINK_EVERY_MS = 60 * 60_000;
/** The first rounds do not begin in the same millisecond. */
const FIRST_MS = 500;

export interface MarketPollerParts extends UpstreamParts {
  readonly bus: Pick<EventBus, 'publish'>;
  readonly store: Pick<KeyValueStore, 'get' | 'set' | 'acquire' | 'release'>;
  /** Gives [0, 1); default Math.random. */
  readonly random?: () => number;
}

/**
 * Keeps the registry of assets, the state of the market and its mood up to date in the store, and says when they have
 * changed. Of several of them, the one that holds the lease does it. What fails leaves what there is, with its age.
 */
export class MarketPoller {
  private readonly owner = randomUUID();
  private readonly random: () => number;
  private readonly abort = new AbortController();
  private readonly upstreams: MarketUpstreams;
  private readonly listings: Candidates<AssetListing>;
  private readonly globals: Candidates<GlobalFigures>;
  private readonly moods: Candidates<FearGreed>;
  private readonly rounds: Readonly<Record<MarketSubject, Rounds>>;
  private readonly keepers: Readonly<Record<'registry' | 'market', Keeper>>;
  private registry: Registry = BUILT_IN;
  private market: MarketNews = { troubles: {} };
  private linkedAt = -Infinity;
  private isLeader = false;
  private isCampaigning = false;
  private campaign: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;

  constructor(private readonly parts: MarketPollerParts) {
    const { log, config, clock, random = Math.random } = parts;
    this.random = random;
    this.upstreams = new MarketUpstreams(parts, this.abort.signal);
    const now = (): number => clock.now();
    const failed = (name: string, error: unknown): void => {
      if (!this.abort.signal.aborted) log.warn({ upstream: name, error: messageOf(error) }, `${name} did not answer`);
    };
    this.listings = new Candidates(this.upstreams.listings, now, failed);
    this.globals = new Candidates(this.upstreams.globals, now, failed);
    this.moods = new Candidates(this.upstreams.moods, now, failed);
    this.rounds = {
      listings: this.roundsOf('listings', EVERY_MS, () => this.list()),
      global: this.roundsOf('global', EVERY_MS, () => this.askGlobal()),
      fearGreed: this.roundsOf('fearGreed', fearGreed.everyMs, () => this.askMood()),
    };
    this.keepers = {
      registry: new Keeper(
        () => this.keepRegistry(),
        (error) => log.warn({ error: messageOf(error) }, 'the list of assets could not be kept; trying again'),
      ),
      market: new Keeper(
        () => this.keepMarket(),
        (error) => log.warn({ error: messageOf(error) }, 'the state of the market could not be kept; trying again'),
      ),
    };
    if (this.upstreams.listings.length === 0) {
      log.info({ sources: config.sources }, 'no source lists assets: the built-in list is used');
    }
  }

  start(): void {
    void this.lead();
    this.campaign = setInterval(() => void this.lead(), LEASE_MS / 3);
  }

  /** Gives the lease back, so that another one can go on at once. Idempotent. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  /** Nest calls it when every module is made. */
  onApplicationBootstrap(): void {
    this.start();
  }

  /** Nest calls it first on the way down, while bus and store still work. */
  onModuleDestroy(): Promise<void> {
    return this.stop();
  }

  private async end(): Promise<void> {
    clearInterval(this.campaign);
    this.abort.abort(new Error('the process ends'));
    this.rest();
    await Promise.all([this.keepers.registry.stop(), this.keepers.market.stop()]);
    if (this.isLeader) await this.parts.store.release(KEYS.marketLease().name, this.owner).catch(() => undefined);
  }

  /** Takes or renews the lease. A store that is away gives it to nobody: whoever has it goes on. */
  private async lead(): Promise<void> {
    const { store, log } = this.parts;
    if (this.isCampaigning) return;
    this.isCampaigning = true;
    try {
      const leads = await store.acquire(KEYS.marketLease().name, this.owner, LEASE_MS);
      if (leads === this.isLeader) return;
      if (leads) await this.restore();
      this.isLeader = leads;
      if (this.abort.signal.aborted) return;
      if (leads) this.begin();
      else this.rest();
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the store does not say who asks for the listings');
    } finally {
      this.isCampaigning = false;
    }
  }

  /** What was known before this process had to know. */
  private async restore(): Promise<void> {
    const [registry, market] = await Promise.all([this.kept(KEYS.registry().name), this.kept(KEYS.market().name)]);
    const kept = registry as KeptRegistry | undefined;
    if (kept?.shape === 1) this.registry = kept.registry;
    if (market !== undefined) this.market = market as MarketNews;
  }

  private async kept(key: string): Promise<unknown> {
    const text = await this.parts.store.get(key);
    try {
      return text && JSON.parse(text.toString('utf8'));
    } catch (error) {
      this.parts.log.warn({ key, error: messageOf(error) }, 'what was kept cannot be read; it will be replaced');
      return undefined;
    }
  }

  /** What is young enough is not asked for again: a budget does not mind restarts. */
  private begin(): void {
    const { registry, market, rounds } = this;
    const dueIn = (at: number | undefined, everyMs: number): number => {
      const waitMs = at === undefined ? 0 : Math.min(everyMs, at + everyMs - this.parts.clock.now());
      return Math.max(0, waitMs) + this.random() * FIRST_MS;
    };
    rounds.listings.start(dueIn(registry.at, EVERY_MS));
    rounds.global.start(dueIn(market.global?.at, EVERY_MS));
    rounds.fearGreed.start(dueIn(market.fearGreed?.at, fearGreed.everyMs));
  }

  private rest(): void {
    for (const rounds of Object.values(this.rounds)) rounds.stop();
  }

  private roundsOf(subject: MarketSubject, everyMs: number, ask: () => Promise<void>): Rounds {
    return new Rounds({ everyMs, random: this.random, round: () => this.round(subject, ask) });
  }

  private async round(subject: MarketSubject, ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
      const { [subject]: trouble, ...troubles } = this.market.troubles;
      this.market = { ...this.market, troubles };
      if (trouble !== undefined || subject !== 'listings') this.keepers.market.keep();
    } catch (error) {
      if (this.abort.signal.aborted) throw error;
      const trouble = { message: messageOf(error), at: this.parts.clock.now() };
      this.market = { ...this.market, troubles: { ...this.market.troubles, [subject]: trouble } };
      this.keepers.market.keep();
      throw error;
    }
  }

  private async list(): Promise<void> {
    const { value, by } = await this.listings.ask();
    this.take(mergeListing(this.registry, value));
    const now = this.parts.clock.now();
    if (now - this.linkedAt < LINK_EVERY_MS) return;
    this.linkedAt = now;
    try {
      this.take(linkListing(this.registry, (await this.listings.ask(by)).value));
    } catch {
      // It has been told as every failure is, and the round has what it was for.
    }
  }

  private take(registry: Registry): void {
    const { source, assets } = registry;
    if (this.registry.source !== source) {
      this.parts.log.info({ source, assets: assets.length }, `assets as ${source} lists them`);
    }
    this.registry = registry;
    this.keepers.registry.keep();
  }

  private async askGlobal(): Promise<void> {
    const { value, by } = await this.globals.ask();
    this.market = { ...this.market, global: this.told(value, by.name) };
  }

  private async askMood(): Promise<void> {
    const { value, by } = await this.moods.ask();
    this.market = { ...this.market, fearGreed: this.told(value, by.name) };
  }

  private told<T>(value: T, source: string): Told<T> {
    return { value, source, at: this.parts.clock.now() };
  }

  private async keepRegistry(): Promise<void> {
    const { registry, upstreams, parts } = this;
    const kept: KeptRegistry = { shape: 1, registry, ...(upstreams.isSimulated && { simulated: true as const }) };
    await parts.store.set(KEYS.registry().name, JSON.stringify(kept));
    await parts.bus.publish('assets', { at: registry.at ?? 0, assets: registry.assets.length });
  }

  private async keepMarket(): Promise<void> {
    const { market, parts } = this;
    await parts.store.set(KEYS.market().name, JSON.stringify(market));
    await parts.bus.publish('market', market);
  }
}
