import { effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals';
import type {
  AssetView,
  ChartView,
  ConfidenceView,
  Envelope,
  ExplanationView,
  LivePrice,
  QuotesView,
  SeedingProgress,
} from '@haunt/client';
import { Polled } from './polled.js';
import { ask, connection, onReopened, server } from './server.js';

/** An eye does not follow more than four changes a second of one number. */
const THROTTLE_MS = 250;
const EXPLAIN_MS = 1_500;
const RATE_MS = 6_000;
const CONFIDENCE_MS = 4_000;
const FACTS_MS = 20_000;
const DAY_MS = 60_000;

interface Listener {
  take(price: LivePrice): void;
  hear(progress: SeedingProgress): void;
  refresh(): void;
}

/**
 * All that is known of one asset while it is looked at. `key` is what the address calls it, a symbol or a numeric id; live prices want
 * a symbol, so for a number the server is asked for it first.
 */
export class AssetDesk {
  readonly asset: Polled<AssetView>;
  readonly quotes: Polled<QuotesView>;
  readonly explanation: Polled<ExplanationView>;
  readonly confidence: Polled<ConfidenceView>;
  /** The last 24 hours, for their high and low. */
  readonly day: Polled<ChartView>;
  /** USDT and USDC themselves: what the conversion rates come from. */
  readonly coins: Readonly<Record<'usdt' | 'usdc', Polled<ExplanationView>>>;
  readonly #price = signal<LivePrice | undefined>(undefined);
  readonly #name: Signal<string | undefined>;
  readonly #listeners = new Set<Listener>();
  readonly #ends: (() => void)[] = [];
  #frame: number | undefined;
  #newest: LivePrice | undefined;

  constructor(readonly key: string) {
    const { rest } = server;
    const of = <T>(question: (signal: AbortSignal) => Promise<Envelope<T>>, everyMs: number): Polled<T> =>
      new Polled(async (aborted) => (await ask(question(aborted))).data, everyMs);
    this.#name = signal(/^\d+$/.test(key) ? undefined : key);
    this.asset = of((aborted) => rest.asset(key, { signal: aborted }), FACTS_MS);
    this.quotes = of((aborted) => rest.quotes(key, { signal: aborted }), FACTS_MS);
    this.explanation = of((aborted) => rest.explain(key, { signal: aborted }), EXPLAIN_MS);
    this.confidence = of((aborted) => rest.confidence(this.name.value ?? key, { signal: aborted }), CONFIDENCE_MS);
    this.day = of((aborted) => rest.chart(key, '1d', { signal: aborted }), DAY_MS);
    this.coins = {
      usdt: of((aborted) => rest.explain('usdt', { signal: aborted }), RATE_MS),
      usdc: of((aborted) => rest.explain('usdc', { signal: aborted }), RATE_MS),
    };
  }

  /** The newest price, changed at most once a frame. */
  get price(): ReadonlySignal<LivePrice | undefined> {
    return this.#price;
  }

  /** What prices of it come under; undefined until that is known. */
  get name(): ReadonlySignal<string | undefined> {
    return this.#name;
  }

  /** Begins; @returns what ends it. */
  open(): () => void {
    const rest = [this.quotes, this.explanation, this.confidence, this.day];
    const polled = [this.asset, ...rest];
    this.asset.start();
    this.#ends.push(
      () => polled.forEach((one) => one.end()),
      // Not before it is known that there is such an asset.
      once(this.asset.answer, () => rest.forEach((one) => one.start())),
      effect(() => {
        const named = this.day.answer.value?.value.symbol;
        if (named !== undefined && this.#name.peek() === undefined) this.#name.value = named;
      }),
      effect(() => this.#watch(this.#name.value)),
      onReopened(() => {
        for (const one of polled) one.refresh();
        for (const listener of this.#listeners) listener.refresh();
      }),
    );
    return () => {
      for (const end of this.#ends) end();
      if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    };
  }

  /** Has every price, every step of seeding and every reconnect told. @returns what ends it */
  follow(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #watch(name: string | undefined): (() => void) | undefined {
    if (name === undefined || name.includes('#')) return undefined;
    const subscription = server.live.subscribe([name], {
      throttleMs: THROTTLE_MS,
      onPrice: (price) => this.#take(price),
      onSeeding: (progress) => {
        for (const listener of this.#listeners) listener.hear(progress);
      },
    });
    return () => subscription.close();
  }

  #take(price: LivePrice): void {
    for (const listener of this.#listeners) listener.take(price);
    this.#newest = price;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#price.value = this.#newest;
    });
  }
}

/** Calls `then` when `value` is there. @returns what ends the waiting */
function once(value: ReadonlySignal<unknown>, then: () => void): () => void {
  let isDone = false;
  return effect(() => {
    if (value.value === undefined || isDone) return;
    isDone = true;
    untracked(then);
  });
}

/** Whether prices come in now; otherwise what is shown is as old as the connection's loss. */
export function isLive(): boolean {
  return connection.value.status === 'connected';
}
