/** Values that an OpenTelemetry attribute may have; those that are undefined are left out. */
export type SpanFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** W3C traceparent of what it follows from; absent: it begins a trace, if chance picks it. */
  readonly parent?: string | undefined;
  /** Further ones it follows from. */
  readonly links?: readonly string[];
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
  /** When it began, epoch ms; default now. */
  readonly at?: number;
  readonly fields?: SpanFields;
}

/** A stretch of work that is being traced. */
export interface Span {
  /** To be handed to whoever goes on with it. */
  readonly traceparent: string;
  /** `error`: what it failed with. */
  end(fields?: SpanFields, error?: unknown): void;
}

/**
 * Traces of single batches, requests and jobs through the processes. Nothing waits for it and nothing fails with it. This
 * class is also the Nest token.
 */
export abstract class Tracing {
  /** False: no span is ever made, and nothing need be prepared for one. */
  abstract readonly isOn: boolean;

  /** Undefined when it is not traced: because chance, or whoever began it, decided so. */
  abstract start(name: string, options?: SpanOptions): Span | undefined;

  /** The span that `within` was called with around the caller, also across `await`. */
  abstract get current(): Span | undefined;

  abstract within<T>(span: Span | undefined, task: () => T): T;

  /** Sends what there is, for a moment. */
  abstract close(): Promise<void>;

  /** Runs `task` in a span of its own below the current one; without one in a new trace, if chance picks it. */
  async follow<T>(name: string, options: SpanOptions, task: () => Promise<T>): Promise<T> {
    const span = this.isOn ? this.start(name, { parent: this.current?.traceparent, ...options }) : undefined;
    if (span === undefined) return task();
    try {
      const result = await this.within(span, task);
      span.end();
      return result;
    } catch (error) {
      span.end({}, error);
      throw error;
    }
  }
}

class NoTracing extends Tracing {
  override readonly isOn = false;
  override start(): undefined {
    return undefined;
  }
  override get current(): undefined {
    return undefined;
  }
  override within<T>(_span: undefined, task: () => T): T {
    return task();
  }
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

/** For whoever does not trace. */
export const noTracing: Tracing = new NoTracing();

/** Whether a W3C traceparent says that what it belongs to is traced; undefined for what is none. */
export function isSampled(traceparent: string): boolean | undefined {
  const match = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})/.exec(traceparent);
  if (match === null || traceparent.startsWith('ff')) return undefined;
  return (Number.parseInt(match[1]!, 16) & 1) === 1;
}
