import { Clock } from './clock.js';

export interface HttpInput {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole answer, its body included; default 10 s. */
  readonly timeoutMs?: number;
  /** Of the body as it is after decompression; default 32 MB. */
  readonly maxBytes?: number;
  /** Ends the request early: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  /** 2xx: others are failures. */
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; undefined when the body was empty. */
  readonly body: unknown;
  /** Our clock when the body was complete, epoch ms. */
  readonly receivedAt: number;
}

export type HttpFailureKind = 'timeout' | 'network' | 'status' | 'body';

/** A request that gave nothing to work with. `message` names the host and what happened, never a query or a key. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  constructor(
    readonly kind: HttpFailureKind,
    message: string,
    readonly status?: number,
    /** How long the other side wants to be left alone, from its Retry-After. */
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 32 * 1024 * 1024;
const EXCERPT = 160;

/** JSON over HTTP. Asks once: when to ask again is the caller's business. */
export class HttpClient {
  constructor(private readonly clock: Clock) {}

  /** @throws HttpFailure, or the reason of `input.signal`. */
  async request(input: HttpInput): Promise<HttpAnswer> {
    const { host } = new URL(input.url);
    const timeoutMs = input.timeoutMs ?? TIMEOUT_MS;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = input.signal === undefined ? timeout : AbortSignal.any([timeout, input.signal]);
    try {
      const response = await fetch(input.url, {
        method: input.method ?? 'GET',
        headers: { accept: 'application/json', 'user-agent': 'haunt', ...input.headers },
        signal,
      });
      const text = await readText(response, input.maxBytes ?? MAX_BYTES, host);
      if (!response.ok) throw this.refused(input, host, response, text);
      return {
        status: response.status,
        headers: response.headers,
        body: parse(text, host, response),
        receivedAt: this.clock.now(),
      };
    } catch (error) {
      if (error instanceof HttpFailure) throw error;
      if (input.signal?.aborted === true) throw input.signal.reason;
      if (timeout.aborted) {
        throw new HttpFailure('timeout', `${host} did not answer within ${timeoutMs} ms`, undefined, undefined, {
          cause: error,
        });
      }
      throw new HttpFailure('network', `${host}: ${networkReason(error as Fault)}`, undefined, undefined, {
        cause: error,
      });
    }
  }

  private refused(input: HttpInput, host: string, response: Response, text: string): HttpFailure {
    const wait = retryAfterMs(response.headers.get('retry-after'), this.clock.now());
    const said = excerpt(text, secretsOf(input));
    const parts = [
      `${host} answered ${response.status}${response.statusText === '' ? '' : ` ${response.statusText}`}`,
      wait === undefined ? '' : `, asks to wait ${Math.ceil(wait / 1000)} s`,
      said === '' ? '' : `: ${said}`,
    ];
    return new HttpFailure('status', parts.join(''), response.status, wait);
  }
}

/** Delay-seconds or an HTTP date (RFC 9110, 10.2.3), as ms from `now`; undefined when it is neither. */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Reads no further than `maxBytes`: a body without end must not become memory without end. */
async function readText(response: Response, maxBytes: number, host: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new HttpFailure('body', `${host} answered with more than ${maxBytes} bytes`, response.status);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string, host: string, response: Response): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const type = response.headers.get('content-type') ?? 'something';
    const message = `${host} answered ${response.status} with ${type} that is not JSON: ${excerpt(text, [])}`;
    throw new HttpFailure('body', message, response.status, undefined, { cause: error });
  }
}

/** What was sent that might be a key: an answer may repeat it, and a message must not. */
function secretsOf(input: HttpInput): readonly string[] {
  const values = [...Object.values(input.headers ?? {}), ...new URL(input.url).searchParams.values()];
  return values.filter((value) => value.length >= 8);
}

function excerpt(text: string, secrets: readonly string[]): string {
  const clean = secrets.reduce((line, secret) => line.replaceAll(secret, '***'), text.slice(0, 2_000));
  const line = clean
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}...` : line;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name not found (no name server answers)',
  ENETUNREACH: 'network unreachable',
  EHOSTUNREACH: 'host unreachable',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  UND_ERR_SOCKET: 'connection closed before the answer was complete',
};

/** As much of an error as is known about somebody else's. */
interface Fault {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: Fault;
  readonly errors?: readonly Fault[];
}

/** fetch says "fetch failed" and keeps the reason in `cause`; where several addresses were tried, in `cause.errors`. */
function networkReason(error: Fault): string {
  const cause = error.cause ?? error;
  const { code, message } = cause.errors?.[0] ?? cause;
  const known = typeof code === 'string' ? REASONS[code] : undefined;
  if (known !== undefined) return `${known} (${String(code)})`;
  return typeof message === 'string' && message !== '' ? message : 'the request failed';
}
