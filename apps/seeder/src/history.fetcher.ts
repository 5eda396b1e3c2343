import { type HttpAnswer, HttpFailure, type HttpInput, noTracing } from '@haunt/platform';
import type { HistoryAsset, HistoryResolution, HttpRequest, QuotedCandle } from '@haunt/sources';
import type { Page } from './bucket-ledger.js';
import type { Provider } from './provider.js';
import { failureOf, ProviderError } from './provider.error.js';
import { PATIENCE_MS, type ProviderPace } from './provider.pace.js';
import type { SeederParts, Urgency } from './seeder.parts.js';

/** For a page of candles. */
const TIMEOUT_MS = 6_000;
/** The list of a large venue has tens of MB. */
const LISTING_TIMEOUT_MS = 20_000;
const LISTING_MAX_BYTES = 64 * 1024 * 1024;
/** A request that failed is tried once more: more often only delays the next provider. */
const TRIES = 2;
/** How often a provider that asks for a pause may do so about one request. */
const PAUSES = 3;
const RETRY_MS = 500;
/** Where a provider asks for a pause without saying for how long; doubled from one to the next. */
const PAUSE_MS = 2_000;
/** 429, and what Binance answers to whoever did not stop at that. */
const SLOW_DOWN: readonly (number | undefined)[] = [429, 418];

type FetcherParts = Pick<SeederParts, 'http' | 'clock' | 'sleep' | 'log' | 'metrics' | 'tracing'>;

/** Asks a provider for one thing: at the provider's pace, a second time if that may help, and reads the answer. */
export class HistoryFetcher {
  private readonly requests;
  private readonly seconds;

  constructor(
    private readonly parts: FetcherParts,
    private readonly pace: ProviderPace,
  ) {
    this.requests = parts.metrics.counter('history_requests_total');
    this.seconds = parts.metrics.histogram('history_request_seconds');
  }

  /**
   * The candles of a page, in the pair's quote currency. An empty list is an answer: nothing was traded, or the asset is
   * younger.
   * @throws ProviderError; the signal's reason when it is aborted
   */
  page(
    provider: Provider,
    asset: HistoryAsset,
    resolution: HistoryResolution,
    { from, to }: Page,
    urgency: Urgency,
    signal: AbortSignal,
  ): Promise<QuotedCandle[]> {
    const { source, key, name } = provider;
    let request: HttpRequest;
    try {
      request = source.request(asset, resolution, from, to, key);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return Promise.reject(new ProviderError('unable', `${name} cannot be asked: ${message}`, { cause: error }));
    }
    const read = ({ body }: HttpAnswer): QuotedCandle[] =>
      source.parse(body, resolution, from, to, this.parts.clock.now());
    return this.ask(provider, request, { timeoutMs: TIMEOUT_MS }, read, urgency, signal);
  }

  /** What a provider has at all. @throws as `page` does */
  list<T>(
    provider: Provider,
    request: HttpRequest,
    parse: (body: unknown) => T,
    urgency: Urgency,
    signal: AbortSignal,
  ): Promise<T> {
    const limits = { timeoutMs: LISTING_TIMEOUT_MS, maxBytes: LISTING_MAX_BYTES };
    return this.ask(provider, request, limits, ({ body }) => parse(body), urgency, signal);
  }

  /** Once, measured, and traced as part of its job. */
  private async request(provider: string, request: HttpInput): Promise<HttpAnswer> {
    const { http, tracing = noTracing } = this.parts;
    const end = this.seconds.startTimer({ provider });
    try {
      if (tracing.current === undefined) return await http.request(request);
      // Without what stands behind the question mark: with some it holds a key.
      const fields = { provider, url: request.url.split('?', 1)[0] };
      return await tracing.follow('history request', { kind: 'client', fields }, () => http.request(request));
    } finally {
      end();
    }
  }

  private async ask<T>(
    provider: Provider,
    { method, path, headers }: HttpRequest,
    limits: Pick<HttpInput, 'timeoutMs' | 'maxBytes'>,
    read: (answer: HttpAnswer) => T,
    urgency: Urgency,
    signal: AbortSignal,
  ): Promise<T> {
    const { id, name, budget, rest } = provider;
    const { sleep } = this.parts;
    let failures = 0;
    let pauses = 0;
    for (;;) {
      await this.pace.slot(id, name, budget, urgency, signal);
      try {
        const result = read(
          await this.request(id, { url: rest + path, method, signal, ...limits, ...(headers && { headers }) }),
        );
        this.requests.inc({ provider: id, outcome: 'ok' });
        return result;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        const failure = failureOf(name, error);
        this.requests.inc({ provider: id, outcome: error instanceof HttpFailure ? error.kind : 'answer' });
        this.parts.log.debug({ err: error, provider: id }, 'a request for history failed');
        const wait = pauseOf(error, pauses);
        if (wait !== undefined) {
          pauses++;
          await this.pace.pause(id, wait);
          if (pauses >= PAUSES || wait > PATIENCE_MS) throw failure;
        } else {
          failures++;
          if (failures >= TRIES || !mayHelp(error)) throw failure;
          await sleep(RETRY_MS, signal);
        }
      }
    }
  }
}

/** How long the provider wants to be left alone, ms; undefined when that is not what it said. */
function pauseOf(error: unknown, before: number): number | undefined {
  if (!(error instanceof HttpFailure)) return undefined;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs;
  return SLOW_DOWN.includes(error.status) ? PAUSE_MS * 2 ** before : undefined;
}

/** Whether asking again at once may go better: not where the answer was a clear no, nor after a long silence. */
function mayHelp(error: unknown): boolean {
  if (!(error instanceof HttpFailure)) return true;
  return error.kind === 'status' ? (error.status ?? 500) >= 500 : error.kind !== 'timeout';
}
