import { AsyncLocalStorage } from 'node:async_hooks';
import { hostname } from 'node:os';
import { inspect } from 'node:util';
import {
  type Attributes,
  ROOT_CONTEXT,
  type Span as OtelSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  type NodeTracerConfig,
} from '@opentelemetry/sdk-trace-node';
import { isSampled, type Span, type SpanFields, type SpanOptions, Tracing } from './tracing.js';
import { version } from './version.js';

/** A collector that is away or slow costs no more than this: spans are dropped when the queue is full. */
const QUEUE = { maxQueueSize: 2_048, maxExportBatchSize: 512, scheduledDelayMillis: 1_000, exportTimeoutMillis: 5_000 };
const CLOSE_WITHIN_MS = 1_000;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

type Resource = NonNullable<NodeTracerConfig['resource']>;

/**
 * Spans by the OpenTelemetry SDK, sent as JSON over HTTP. It has a provider of its own and sets nothing up for the whole
 * process, so that several apps in one process can be told apart. Whether a new trace is made is decided here, before the SDK is asked: most
 * batches cost a random number.
 */
export class OtelTracing extends Tracing {
  override readonly isOn = true;
  private readonly provider: NodeTracerProvider;
  private readonly tracer;
  private readonly around = new AsyncLocalStorage<Span | undefined>();

  /** @param share of new traces, 0..1 */
  constructor(
    name: string,
    endpoint: string,
    private readonly share: number,
    private readonly random: () => number = Math.random,
  ) {
    super();
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: QUEUE.exportTimeoutMillis });
    this.provider = new NodeTracerProvider({
      resource: resourceOf({
        'service.name': name,
        'service.version': version,
        'service.instance.id': `${hostname()}:${process.pid}`,
      }),
      sampler: new AlwaysOnSampler(),
      spanProcessors: [new BatchSpanProcessor(exporter, QUEUE)],
    });
    this.tracer = this.provider.getTracer('haunt', version);
  }

  override start(name: string, { parent, links = [], kind, at, fields = {} }: SpanOptions = {}): Span | undefined {
    const above = parent === undefined ? undefined : contextOf(parent);
    // A parent that is no traceparent decides nothing.
    if (above === undefined ? this.random() >= this.share : !isSampled(parent!)) return undefined;
    const span = this.tracer.startSpan(
      name,
      {
        attributes: attributesOf(fields),
        links: links.flatMap((link) => contextOf(link) ?? []).map((context) => ({ context })),
        ...(kind && { kind: KINDS[kind] }),
        ...(at !== undefined && { startTime: at }),
      },
      above === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, above),
    );
    return new SentSpan(span);
  }

  override get current(): Span | undefined {
    return this.around.getStore();
  }

  override within<T>(span: Span | undefined, task: () => T): T {
    return this.around.run(span, task);
  }

  /** Whether the collector took it or not: an end of the process must not wait for it. */
  override async close(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      late = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([this.provider.shutdown().catch(() => undefined), enough]);
    clearTimeout(late);
  }
}

class SentSpan implements Span {
  readonly traceparent: string;

  constructor(private readonly span: OtelSpan) {
    const { traceId, spanId } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-01`;
  }

  end(fields: SpanFields = {}, error?: unknown): void {
    this.span.setAttributes(attributesOf(fields));
    if (error !== undefined) {
      const message = error instanceof Error ? error.message : inspect(error);
      this.span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    this.span.end();
  }
}

/** @returns undefined for what is no traceparent */
function contextOf(traceparent: string): SpanContext | undefined {
  const sampled = isSampled(traceparent);
  if (sampled === undefined) return undefined;
  const [, traceId, spanId] = traceparent.split('-') as [string, string, string];
  return { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true };
}

function attributesOf(fields: SpanFields): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) attributes[key] = value;
  return attributes;
}

/** What the SDK wants to know of who we are, and nothing that it would find out about the machine. */
function resourceOf(attributes: Attributes): Resource {
  const resource: Resource = {
    attributes,
    merge: () => resource,
    getRawAttributes: () => Object.entries(attributes),
  };
  return resource;
}
