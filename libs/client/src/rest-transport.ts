import { HauntError } from './haunt-error.js';

export interface RequestOptions {
  /** Ends the request; what is thrown then is the signal's reason. */
  readonly signal?: AbortSignal;
  /** For this request instead of the client's own. */
  readonly timeoutMs?: number;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

type Values = Readonly<Record<string, string | number | undefined>>;

/** Asks, and turns whatever is not a success into a HauntError. */
export class RestTransport {
  constructor(
    /** Without a slash at the end. */
    private readonly base: string,
    private readonly fetch: Fetch,
    private readonly timeoutMs: number,
    private readonly token: string | undefined,
  ) {}

  /** Values that are undefined are left out. @throws HauntError */
  get<T>(path: string, values: Values, options?: RequestOptions): Promise<T> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
    const text = query.toString();
    return this.ask(text === '' ? path : `${path}?${text}`, { method: 'GET' }, options);
  }

  /** The token goes with nothing else: a header of its own would make browsers ask twice for every answer. @throws HauntError */
  post<T>(path: string, body: object, options?: RequestOptions): Promise<T> {
    const headers = {
      'content-type': 'application/json',
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
    };
    return this.ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, options);
  }

  private async ask<T>(path: string, init: RequestInit, options: RequestOptions = {}): Promise<T> {
    const { signal, timeoutMs = this.timeoutMs } = options;
    const url = `${this.base}${path}`;
    const end = new AbortController();
    const abort = (): void => end.abort(signal?.reason);
    if (signal?.aborted === true) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const timer = setTimeout(() => {
      end.abort(new HauntError(0, 'timeout', `${url} did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      const response = await this.fetch(url, { ...init, signal: end.signal });
      const text = await response.text();
      if (!response.ok) throw refusal(url, response, text);
      return parse(url, text) as T;
    } catch (error) {
      if (end.signal.aborted) throw end.signal.reason;
      if (error instanceof HauntError) throw error;
      throw new HauntError(0, 'network', `${url} could not be reached: ${reasonOf(error)}`, undefined, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HauntError(0, 'invalid_answer', `${url} answered with something that is not JSON`, undefined, {
      cause: error,
    });
  }
}

/** What the server said; a proxy in between may have said it in HTML, and then only the status is known. */
function refusal(url: string, response: Response, text: string): HauntError {
  const { status } = response;
  let problem: { readonly error?: unknown; readonly code?: unknown } = {};
  try {
    problem = (JSON.parse(text) as typeof problem | null) ?? {};
  } catch {
    // The sentence below says all there is.
  }
  const code = typeof problem.code === 'string' ? problem.code : 'invalid_answer';
  const message = typeof problem.error === 'string' ? problem.error : `${url} answered with status ${status}`;
  return new HauntError(status, code, message, retryAfterOf(response.headers.get('retry-after')));
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** Node says `fetch failed` and keeps the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}
