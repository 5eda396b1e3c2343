import { Injectable, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Consumption, EventBus } from '@haunt/bus';
import type { KeptRegistry } from '@haunt/contracts';
import {
  type AssetIndex,
  type AssetSymbol,
  BUILT_IN,
  indexAssets,
  type RegisteredAsset,
  type Registry,
} from '@haunt/domain';
import { KEYS, KeyValueStore } from '@haunt/storage';
import { Log } from './log.js';

const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 30_000;
/** A start does not wait longer for what an earlier run knew. */
const RESTORE_MS = 1_000;

/**
 * Who is who, for whoever wants to know: the built-in catalogue until the store has something better, and again whenever a
 * listing has changed it.
 */
@Injectable()
export class AssetDirectory implements OnModuleInit, OnModuleDestroy {
  private current: Registry = BUILT_IN;
  private index: AssetIndex<RegisteredAsset> = indexAssets(BUILT_IN.assets);
  private names = namesOf(BUILT_IN);
  private readonly listeners: (() => void)[] = [];
  private news: Consumption | undefined;
  private reading: Promise<void> | undefined;
  private isOutdated = false;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;
  private changes = 0;
  private madeUp = false;

  constructor(
    private readonly bus: EventBus,
    private readonly store: KeyValueStore,
    private readonly log: Log,
  ) {}

  /** Another one after every change; treat as read-only. */
  get registry(): Registry {
    return this.current;
  }

  /** Grows with every change. */
  get revision(): number {
    return this.changes;
  }

  /** The last listing came from a source that makes its figures up. */
  get isSimulated(): boolean {
    return this.madeUp;
  }

  /** The asset with this id, symbol or former symbol, in any case. */
  find(idOrSymbol: string): RegisteredAsset | undefined {
    return this.index.find(idOrSymbol);
  }

  /** The asset that is kept under exactly this symbol. */
  kept(symbol: AssetSymbol): RegisteredAsset | undefined {
    return this.names.get(symbol);
  }

  /** `listener` is called after every change. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Listens first and reads then, so nothing falls between. */
  async onModuleInit(): Promise<void> {
    this.news = this.bus.consume('assets', () => this.read(), { from: { at: 'now' }, onGap: () => this.read() });
    this.read();
    let waiting: NodeJS.Timeout | undefined;
    await Promise.race([this.reading, new Promise((resolve) => (waiting = setTimeout(resolve, RESTORE_MS)))]);
    clearTimeout(waiting);
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.news?.close();
  }

  /** Reads the store, once more if it changes meanwhile. */
  private read(): void {
    this.isOutdated = true;
    this.reading ??= this.readUntilCurrent().finally(() => (this.reading = undefined));
  }

  private async readUntilCurrent(): Promise<void> {
    clearTimeout(this.retry);
    try {
      while (this.isOutdated && !this.closed) {
        this.isOutdated = false;
        const kept = await this.store.get(KEYS.registry().name);
        if (kept !== undefined) this.take(JSON.parse(kept.toString('utf8')) as KeptRegistry);
      }
    } catch (error) {
      this.log.warn({ err: error }, 'the list of assets cannot be read: the one before stays');
      this.tryAgain(RETRY_FIRST_MS);
    }
  }

  private tryAgain(waitMs: number): void {
    if (this.closed) return;
    this.retry = setTimeout(() => {
      this.store.get(KEYS.registry().name).then(
        () => this.read(),
        () => this.tryAgain(Math.min(2 * waitMs, RETRY_MOST_MS)),
      );
    }, waitMs);
  }

  private take({ shape, registry, simulated }: KeptRegistry): void {
    if (shape !== 1) return;
    this.current = registry;
    this.index = indexAssets(registry.assets);
    this.names = namesOf(registry);
    this.madeUp = simulated === true;
    this.changes++;
    for (const listener of this.listeners) listener();
  }
}

function namesOf({ assets }: Registry): ReadonlyMap<AssetSymbol, RegisteredAsset> {
  return new Map(assets.map((asset) => [asset.symbol, asset]));
}

/** One directory for all features of a process. */
@Module({ providers: [AssetDirectory], exports: [AssetDirectory] })
export class AssetsModule {}
