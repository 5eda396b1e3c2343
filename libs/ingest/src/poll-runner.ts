import type { AssetSymbol } from '@haunt/domain';
import type { HttpClient, Log } from '@haunt/platform';
import type { ListedPair, PollAnswer, PolledAsset, PollSource } from '@haunt/sources';
import type { KeyValueStore } from '@haunt/storage';
import { restAddress } from './addresses.js';
import { Backoff } from './backoff.js';
import { messageOf, retryAfterOf, SIMULATED_HEADER } from './failure.js';
import { askChunk, type ChunkOutcome } from './poll-round.js';
import { ProductList } from './product-list.js';
import { DATA_BUDGET_MS, type SourceHealth } from './source-health.js';
import { type AliasesOf, desiredPairs, inGroups } from './subscription-plan.js';
import type { TickWriter } from './tick-writer.js';

const TIMEOUT_MS = 10_000;
/** All sources of a fresh start have asked within this; not in the same millisecond. */
const FIRST_MS = 1_000;
/** Between the requests of one round, and between those that look for a bad asset; less when the budget allows it. */
const SPACING_MS = 1_000;
const ISOLATION_SPACING_MS = 5_000;
/** After a search that found nobody to blame, the API is not bothered with another one for so long. */
const NO_ISOLATION_MS = 10 * 60_000;
/** A wait that an API asks for is honoured up to a day. */
const WAIT_MAX_MS = 24 * 60 * 60_000;
/** An asset that made calls fail is left out for so long, or until the next product list. */
const LEFT_OUT_MS = 60 * 60_000;

export interface PollParts {
  readonly http: Pick<HttpClient, 'request'>;
  readonly store: Pick<KeyValueStore, 'get' | 'set'>;
  readonly clock: { now(): number };
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly writer: Pick<TickWriter, 'ticker'>;
  readonly health: SourceHealth;
  readonly addresses: { readonly rest?: string | undefined };
  readonly key: string | undefined;
  /** The environment variable that `key` comes from. */
  readonly keyVariable: string;
  readonly aliasesOf?: AliasesOf;
  /** What is known of an asset beside its symbol: the ids that APIs find it by. */
  readonly describe: (symbol: AssetSymbol) => Omit<PolledAsset, 'symbol' | 'pair' | 'quote'>;
}

interface LeftOut {
  readonly symbol: AssetSymbol;
  readonly message: string;
  readonly until: number;
}

/** Asks one API again and again, within its budget, and never twice at once. Every round ends; no failure ends the rounds. */
export class PollRunner {
  private readonly backoff: Backoff;
  private readonly abort = new AbortController();
  private readonly list: ProductList | undefined;
  /** By the source's spelling of what was asked for. */
  private readonly leftOut = new Map<string, LeftOut>();
  private symbols: readonly AssetSymbol[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running = false;
  private isolateFrom = 0;

  constructor(
    private readonly source: PollSource,
    private readonly parts: PollParts,
  ) {
    const { health, addresses, key } = parts;
    const { everyMs } = source.plan(key);
    this.backoff = new Backoff(parts.random, { baseMs: 1_000, capMs: Math.max(30_000, everyMs) });
    if (!source.listing) return;
    const rest = addresses.rest ?? source.plan(key).rest ?? source.addresses.rest;
    this.list = new ProductList(
      { ...parts, source: source.id, listing: source.listing, rest },
      {
        changed: (fresh) => this.listed(fresh),
        failed: (message, nextAttemptAt) => {
          if (this.running) health.trouble(message, nextAttemptAt);
          else health.attemptFailed(message, nextAttemptAt);
        },
        simulated: () => health.simulated(),
      },
    );
  }

  start(symbols: readonly AssetSymbol[]): void {
    this.symbols = symbols;
    const { key, keyVariable, health } = this.parts;
    if (this.source.needsKey && key === undefined) health.disable(`no API key: set ${keyVariable}`);
    else if (this.list) this.list.start();
    else this.begin();
  }

  /** Asked for from the next round on. */
  setSymbols(symbols: readonly AssetSymbol[]): void {
    this.symbols = symbols;
  }

  stop(): void {
    this.abort.abort();
    this.list?.stop();
    clearTimeout(this.timer);
  }

  private listed(fresh: boolean): void {
    if (fresh) this.leftOut.clear();
    this.begin();
  }

  private begin(): void {
    if (this.running || this.abort.signal.aborted) return;
    this.running = true;
    this.after(this.parts.random() * FIRST_MS);
  }

  /** The next round begins only here, when the one before has ended. */
  private after(waitMs: number): void {
    this.timer = setTimeout(() => void this.roundAndGoOn(), waitMs);
  }

  private async roundAndGoOn(): Promise<void> {
    let waitMs: number;
    try {
      waitMs = await this.round();
    } catch (error) {
      waitMs = this.failed(error, this.backoff.next());
    }
    if (!this.abort.signal.aborted) this.after(waitMs);
  }

  /** Resolves to ms until the next round. */
  private async round(): Promise<number> {
    const startedAt = performance.now();
    const { health, key, random } = this.parts;
    const assets = this.assets();
    health.disable(assets.length === 0 ? 'it lists none of the assets asked for' : undefined);
    const { everyMs } = this.source.plan(key, Math.max(1, assets.length));
    health.budgetMs = Math.max(DATA_BUDGET_MS, everyMs * 2.5);
    if (assets.length === 0) return everyMs;

    const chunks = inGroups(assets, this.source.assetsPerRequest);
    const perRequestMs = everyMs / chunks.length;
    const answers: PollAnswer[] = [];
    let failure: unknown;
    for (const [index, chunk] of chunks.entries()) {
      if (index > 0) await this.sleep(Math.min(SPACING_MS, perRequestMs));
      const outcome = await this.chunk(chunk, Math.min(ISOLATION_SPACING_MS, perRequestMs));
      if (this.abort.signal.aborted) return 0;
      answers.push(...outcome.answers);
      failure = outcome.failure ?? failure;
      // Whoever asks to be left alone means every request.
      if (retryAfterOf(outcome.failure) !== undefined) break;
    }
    this.account(assets, answers);
    if (!answers.some(({ tickers }) => tickers.length > 0)) {
      return this.failed(failure ?? new Error(nothingIn(answers)), this.backoff.next());
    }
    this.backoff.reset();
    health.live(true);
    const pace = Math.max(0, everyMs * (1 + random() * 0.05) - (performance.now() - startedAt));
    if (failure === undefined) return pace;
    const waitMs = Math.max(pace, Math.min(retryAfterOf(failure) ?? 0, WAIT_MAX_MS));
    health.trouble(`some assets are without an answer: ${messageOf(failure)}`, this.parts.clock.now() + waitMs);
    return waitMs;
  }

  private async chunk(chunk: readonly PolledAsset[], spacingMs: number): Promise<ChunkOutcome> {
    const now = this.parts.clock.now();
    const outcome = await askChunk(
      chunk,
      (assets) => this.ask(assets),
      () => this.sleep(spacingMs),
      now >= this.isolateFrom,
    );
    if (outcome.answers.length === 0) this.isolateFrom = now + NO_ISOLATION_MS;
    for (const { asset, message } of outcome.bad) {
      const spelling = asset.pair ?? asset.symbol;
      this.leftOut.set(spelling, { symbol: asset.symbol, message, until: now + LEFT_OUT_MS });
      const { id } = this.source;
      this.parts.log.warn({ source: id, asset: spelling, message }, `${id} fails whole calls because of ${spelling}`);
    }
    return outcome;
  }

  private async ask(assets: readonly PolledAsset[]): Promise<PollAnswer> {
    const { http, key, addresses, health } = this.parts;
    const request = this.source.request(assets, key);
    const rest = addresses.rest ?? this.source.plan(key, assets.length).rest ?? this.source.addresses.rest;
    const answer = await http.request({
      url: restAddress(rest) + request.path,
      method: request.method,
      timeoutMs: TIMEOUT_MS,
      signal: this.abort.signal,
      ...(request.headers && { headers: request.headers }),
    });
    if (answer.headers.has(SIMULATED_HEADER)) health.simulated();
    const parsed = this.source.parse(answer.body, assets, answer.receivedAt);
    if (!this.abort.signal.aborted) this.take(parsed);
    return parsed;
  }

  /** As soon as it is there: the rest of a round may take a while. */
  private take(answer: PollAnswer): void {
    const { writer, health, clock } = this.parts;
    for (const { pair: _, ...ticker } of answer.tickers) {
      if (ticker.price > 0 && ticker.price < Infinity && Number.isFinite(ticker.time)) {
        writer.ticker(ticker);
        health.tickers++;
      } else health.badFrames++;
    }
    if (answer.tickers.length > 0) health.data(clock.now());
  }

  /** What to ask for: one pair per asset where the source lists pairs, else the assets themselves. */
  private assets(): PolledAsset[] {
    const { describe, clock, health } = this.parts;
    const now = clock.now();
    for (const [spelling, { until }] of this.leftOut) if (until <= now) this.leftOut.delete(spelling);
    if (!this.list) {
      const assets = [...new Set(this.symbols)].map((symbol) => ({ ...describe(symbol), symbol }));
      return assets.filter(({ symbol }) => !this.leftOut.has(symbol));
    }
    const open = (this.list.pairs ?? []).filter(({ pair }) => !this.leftOut.has(pair));
    const { pairs, unlisted } = desiredPairs(this.symbols, open, this.parts.aliasesOf);
    const blamed = new Set([...this.leftOut.values()].map(({ symbol }) => symbol));
    health.unlisted = unlisted.filter((symbol) => !blamed.has(symbol));
    return pairs.map(({ symbol, pair, quote }: ListedPair) => ({ ...describe(symbol), symbol, pair, quote }));
  }

  private account(assets: readonly PolledAsset[], answers: readonly PollAnswer[]): void {
    const { health } = this.parts;
    const refused = [...answers.flatMap((answer) => answer.refused), ...this.leftOut.values()];
    health.refused = refused.map(({ symbol, message }) => ({ symbol, message }));
    const without = new Set(refused.map(({ symbol }) => symbol));
    const wanted = new Set(this.symbols);
    health.symbols = new Set(assets.map(({ symbol }) => symbol).filter((s) => wanted.has(s) && !without.has(s))).size;
  }

  /** Tells that a round gave nothing; returns how long to wait. */
  private failed(error: unknown, backoffMs: number): number {
    const waitMs = Math.max(backoffMs, Math.min(retryAfterOf(error) ?? 0, WAIT_MAX_MS));
    this.parts.health.attemptFailed(messageOf(error), this.parts.clock.now() + waitMs);
    return waitMs;
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      const { signal } = this.abort;
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}

function nothingIn(answers: readonly PollAnswer[]): string {
  const [reason] = answers.flatMap(({ refused }) => refused);
  const why = reason ? `: ${reason.symbol}: ${reason.message}` : '';
  return `the answer has no price of any asset asked for${why}`;
}
